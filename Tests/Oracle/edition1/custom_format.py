"""2-log-envelopes, Envelopes: lines of a format of one's own."""

from __future__ import annotations

import re

import times

from .recognised import Recognised, level_number, text_record


class LineFormat:
    """Python's format string as in airflow.cfg."""

    def __init__(self, text: str):
        text = text.replace("%%(", "%(")
        head, mark, tail = text.partition("%(message)s")
        assert mark and not tail, "the message has to come last"
        pattern, position = "", 0
        for match in re.finditer(r"%\((\w+)\)([-0]?)(\d*)(?:\.\d+)?([sd])", head):
            pattern += re.escape(head[position : match.start()])
            name, left, width, _ = match.groups()
            one = {
                "asctime": r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?",
                "levelname": r"[A-Za-z]+|Level \S+",
                "lineno": r"\d+",
                "process": r"\d+",
                "thread": r"\d+",
                "name": r"[^\s\]]+",
                "filename": r"[^:}]*?",
            }.get(name, r".*?")
            pad = " *" if width else ""
            pattern += f"{'' if left == '-' else pad}(?P<{name}>{one}){pad if left == '-' else ''}"
            position = match.end()
        pattern += re.escape(head[position:]) + "(?P<message>.*)"
        self.regex = re.compile(pattern, re.DOTALL | re.ASCII)

    def recognise(self, text: str) -> Recognised | None:
        match = self.regex.fullmatch(text)
        if not match:
            return None
        found = match.groupdict()
        file, name, level = found.get("filename"), found.get("name"), found.get("levelname")
        if file is not None:
            record = text_record(file, level or "", times.parse(found.get("asctime")), found["message"])
        else:
            own = name is not None and name.startswith("airflow.") and name != "airflow.task"
            record = Recognised(
                [found["message"]],
                ("custom", name),
                level_number(level),
                times.parse(found.get("asctime")),
                "text",
                own=own,
                prints=True,
            )
        return record
