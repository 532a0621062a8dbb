#!/usr/bin/env python3
"""The script people write: every field of every CORRELATION DATA block of gzipped logs, text or JSON, a line of JSON each.

peer.py [--isal] LOG…

--isal inflates by ISA-L's bindings (the package isal), as corrparse inflates by ISA-L; without it by Python's own gzip.
"""

import gzip
import json
import re
import sys

HEADER = re.compile(r"=== CORRELATION DATA ===")
END = re.compile(r"=== END CORRELATION DATA ===")
PREFIX = re.compile(r"^\[[^\]]*\] \{[^}]*\} [A-Z]+ - ")
FIELD = re.compile(r"(\w+)=(\S+)")

names = sys.argv[1:]
if names[:1] == ["--isal"]:
    from isal import igzip

    unzip = igzip.open
    names = names[1:]
else:
    unzip = gzip.open

for name in names:
    with unzip(name, "rt", encoding="utf-8", errors="replace") as log:
        block = None
        for line in log:
            if HEADER.search(line):
                block = {}
            elif END.search(line):
                print(json.dumps(block))
                block = None
            elif block is not None:
                block.update(FIELD.findall(json.loads(line)["event"] if line.startswith("{") else PREFIX.sub("", line)))
