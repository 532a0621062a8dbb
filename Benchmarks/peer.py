#!/usr/bin/env python3
"""The script people write: every field of every CORRELATION DATA block of gzipped text logs, a line of JSON each."""

import gzip
import json
import re
import sys

HEADER = re.compile(r"=== CORRELATION DATA ===")
END = re.compile(r"=== END CORRELATION DATA ===")
PREFIX = re.compile(r"^\[[^\]]*\] \{[^}]*\} [A-Z]+ - ")
FIELD = re.compile(r"(\w+)=(\S+)")

for name in sys.argv[1:]:
    with gzip.open(name, "rt", encoding="utf-8", errors="replace") as log:
        block = None
        for line in log:
            if HEADER.search(line):
                block = {}
            elif END.search(line):
                print(json.dumps(block))
                block = None
            elif block is not None:
                block.update(FIELD.findall(PREFIX.sub("", line)))
