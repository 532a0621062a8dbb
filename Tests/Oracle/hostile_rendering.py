"""How those calls look in a log: the envelopes."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from hostile_calls import Calls, Rec
from hostile_values import HEADER


class Rendering(Calls):
    def tick(self) -> datetime:
        self.clock += timedelta(microseconds=self.r.choice([0, 1, 250, 1000, 40000]))
        return self.clock

    def render(self, records: list[Rec]) -> bytes:
        out = bytearray()
        for record in records:
            way = self.envelope if self.envelope != "mixed" else self.r.choice(["text", "json", "bare"])
            out += {
                "text": self.text,
                "json": self.json,
                "bare": self.bare,
                "es": self.es,
                "api": self.json,
                "console": self.console,
            }[way](record)
        data = bytes(out)
        if self.envelope == "api":
            elements = [line for line in data.split(b"\n") if line.strip()]
            data = b'{"content":[' + b",".join(elements) + b'],"continuation_token":null}\n'
        if self.wrap:
            data = b"".join(self.contain(line) for line in data.splitlines(keepends=True) if line.strip())
        return data

    def contain(self, line: bytes) -> bytes:
        """A line as containerd or docker keeps it, long ones in pieces."""
        line = line.rstrip(b"\r\n")
        stamp = self.clock.strftime("%Y-%m-%dT%H:%M:%S.%f").rstrip("0").rstrip(".") + "Z"
        stream = "stderr" if self.chance(0.02) else "stdout"
        size = self.r.choice([16384, 40]) if self.chance(0.05) else 16384
        pieces = [line[i : i + size] for i in range(0, len(line), size)] or [b""]
        out = b""
        for number, piece in enumerate(pieces):
            last = number == len(pieces) - 1
            if self.wrap == "cri":
                out += f"{stamp} {stream} {'F' if last else 'P'} ".encode() + piece + b"\n"
            else:
                log = piece.decode("utf-8", "replace") + ("\n" if last else "")
                out += json.dumps({"log": log, "stream": stream, "time": stamp}, ensure_ascii=self.chance(0.3)).encode() + b"\n"
        return out

    def es(self, record: Rec) -> bytes:
        """airflow2-json."""
        text = self.text(record).decode("utf-8", "surrogatepass")
        if not text:
            return b""
        head, message = text.rstrip("\r\n").split(" - ", 1)
        file, level = head.split("{", 1)[1].split("} ", 1)
        name, number = file.rsplit(":", 1)
        event = {
            "asctime": head[1 : head.index("]")],
            "filename": name,
            "lineno": int(number),
            "levelname": level,
            "message": message,
            "offset": 1795414842066995200,
            "dag_id": "launch__discovery",
            "task_id": "test_step",
            "try_number": "1",
            "log_id": f"launch__discovery-test_step-{record.task or 1}",
        }
        return json.dumps(event).encode() + b"\n"

    def console(self, record: Rec) -> bytes:
        """airflow3-console: the context behind the padded text, at the end of a message's last line."""
        out = b""
        for line in self.json(record).decode("utf-8", "surrogatepass").split("\n"):
            if not line.strip():
                continue
            event = json.loads(line)
            stamp, level, text = event.pop("timestamp"), event.pop("level"), event.pop("event")
            logger, name, number = event.pop("logger"), event.pop("filename", None), event.pop("lineno", 1)
            event.pop("chan", None)
            if name:
                event["loc"] = f"{name}:{number}"
            if "\n" in text:
                event.setdefault("loc", "x.py:1")
            context = "".join(f" {k}={self.python(v)}" for k, v in sorted(event.items()))
            stamp = stamp.replace("T", " ").replace("Z", "+00:00") if self.chance(0.5) else stamp
            out += f"{stamp} [{level:<9}] {text:<30} [{logger}]{context}\n".encode("utf-8", "surrogatepass")
        return out

    def python(self, value) -> str:
        text = str(value)
        plain = isinstance(value, str) and text and not any(c in text for c in " \t='\"[]{}<>\\\n") and text.isprintable()
        return text if plain or not isinstance(value, str) else repr(value)

    def eol(self) -> str:
        return "\r\n" if self.chance(0.03) else "\n"

    def paint(self, text: str) -> str:
        if not self.chance(0.02) or not text:
            return text
        at = self.r.randrange(len(text) + 1)
        return "\x1b[1;36m" + text[:at] + "\x1b[0m" + text[at:] + self.r.choice(["\x1b[0m", "", "\x1b[K"])

    def text(self, record: Rec) -> bytes:
        now = (
            self.tick().strftime("%Y-%m-%dT%H:%M:%S.")
            + f"{self.clock.microsecond // 1000:03d}"
            + self.r.choice(["+0000"] * 4 + ["-0500", "+01:00", "Z"] * self.ambiguous)
        )
        if record.own:
            own = record.own if len(record.own) == 3 else ("taskinstance.py", record.own[2].upper(), record.own[3])
            file, level, message = own
        else:
            file = {"log": "launch_discovery.py", "log2": "<string>", "print": "logging_mixin.py", "stderr": "logging_mixin.py"}[
                record.source
            ]
            level = "INFO" if record.source == "print" else "WARNING" if record.source == "stderr" else record.level
            message = record.message
        if record.source in ("print", "stderr") and not message.strip():
            return b""
        lines = [self.paint(x) + self.eol() for x in message.split("\n")]
        return (f"[{now}] {{{file}:{self.r.randint(1, 400)}}} {level} - " + "".join(lines)).encode("utf-8", "surrogatepass")

    def json(self, record: Rec) -> bytes:
        stamp = self.tick().strftime("%Y-%m-%dT%H:%M:%S.%f") + ("" if self.flavour == "3.0" else "Z")
        channel = record.source in ("print", "stderr")
        event: dict = {"timestamp": stamp, "level": record.level.lower()}
        extra: dict = {}
        if record.own:
            own = (
                record.own
                if len(record.own) == 5
                else ("task", "task_runner.py", record.own[1].lower(), record.own[2].split("\n")[0], {})
            )
            logger, filename, event["level"], event["event"], extra = own
            event["logger"] = logger
            if filename and self.flavour != "3.0":
                event["filename"] = filename
        elif channel:
            name = "stdout" if record.source == "print" else "stderr"
            event["level"] = "info" if name == "stdout" else "error"
            out = b""
            for line in record.message.split("\n"):
                one = dict(event, event=line)
                one |= {"chan": name, "logger": "task"} if self.flavour == "3.0" else {"logger": f"task.{name}"}
                out += self.dump(one)
            return out
        else:
            event["event"] = self.paint(record.message)
            event["logger"] = {"log": "root", "log2": "discovery.steps"}[record.source]
            if self.flavour != "3.0":
                event |= {"filename": "launch_discovery.py", "lineno": self.r.randint(1, 400)}
            if record.task:
                extra = {
                    "ti_id": f"01a206fb-{record.task:04d}",
                    "dag_id": "launch__other" if self.ambiguous and self.chance(0.02) else "launch__discovery",
                }
            for key, value in ((key, value.strip('"')) for key, value in record.keys):
                extra[key] = value if self.r.random() < 0.5 else self.scalar(value)
            if not record.keys and self.chance(0.03) and record.message.strip() != HEADER:
                extra["n_trades"] = 7
        rest = list(extra.items())
        self.r.shuffle(rest)
        return self.dump({**event, **dict(rest)})

    def scalar(self, value: str):
        try:
            loaded = json.loads(value)
            return (
                loaded
                if isinstance(loaded, (int, str, bool)) or loaded is None or (isinstance(loaded, float) and abs(loaded) < 1e300)
                else value
            )
        except ValueError:
            return value

    def dump(self, event: dict) -> bytes:
        spaced = self.chance(0.1)
        text = json.dumps(event, ensure_ascii=self.chance(0.3), separators=None if spaced else (",", ":"))
        return text.encode("utf-8", "surrogatepass") + self.eol().encode()

    def bare(self, record: Rec) -> bytes:
        message = record.own[-1] if record.own and len(record.own) == 3 else record.own[3] if record.own else record.message
        return "".join(self.paint(x) + self.eol() for x in message.split("\n")).encode("utf-8", "surrogatepass")
