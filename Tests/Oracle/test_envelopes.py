"""Envelopes, records written twice, identity, files. Every expectation is derived by hand."""

from __future__ import annotations

import gzip
import json
import unittest

import contents
import identity
import oracle
from test_lines import E, H, kinds, run

T = "[2026-03-28T02:14:07.123+0000] {a.py:1} INFO - "
Z = "2026-03-28T02:14:07.5Z "
BLOCK = [H, "crypto=SOL", "sl=1", E]
WHOLE = {"crypto": "SOL", "sl": 1}


def of(lines: list[str]) -> list[tuple]:
    return [(line["record"], line["end"], kinds(line)) for line in run("\n".join(lines) + "\n") if "record" in line]


class Envelopes(unittest.TestCase):
    def whole(self, lines: list[str]) -> None:
        self.assertEqual(of(lines), [(WHOLE, "explicit", [])])

    def test_pasted(self):
        self.whole([f"[2026-03-28, 02:14:07 UTC] {{a.py:1}} INFO - {x}" for x in BLOCK])
        lines = run("".join(f"[2026-03-28, 03:14:07 +0100] {{a.py:1}} INFO - {x}\n" for x in BLOCK))
        self.assertEqual(lines[0]["observed_at"], "2026-03-28T02:14:07Z")
        lines = run("".join(f"[2026-03-28, 03:14:07 CET] {{a.py:1}} INFO - {x}\n" for x in BLOCK))
        self.assertNotIn("observed_at", lines[0])

    def test_timestamps(self):
        self.whole([Z + x for x in BLOCK])
        self.whole([Z + T + x for x in BLOCK])
        self.assertEqual(
            run(f"{Z}{T}{H}\n{Z}{T}sl=1\n")[0]["observed_at"], "2026-03-28T02:14:07.123Z", "only where the line has none"
        )
        self.assertEqual(of([Z + H, Z + "sl=1", Z + "prose here", Z + E])[0][1], "explicit", "before every line of the log")

    def test_prefixes(self):
        self.whole([f"[pod/step-1/base] {x}" for x in BLOCK])
        self.whole([f"step-1  | {x}" for x in BLOCK])
        self.whole([f"[pod/step-1/base] {Z}{x}" for x in BLOCK])
        two = [f"{name} | {x}" for x in BLOCK for name in ("a", "b")]
        self.assertEqual(of(two), [(WHOLE, "explicit", [])] * 2)
        self.assertEqual(of([f"sl | {x}" for x in BLOCK]), [], "no known key is a NAME")

    def test_pod_manager(self):
        pod = "[2026-03-28T02:14:07.123+0000] {pod_manager.py:431} INFO - "
        self.whole([f"{pod}[base] {x}" for x in BLOCK])
        self.whole([f"{pod}[base] {T}{x}" for x in BLOCK])
        self.whole([f"{pod}[base] {BLOCK[0]}", *BLOCK[1:]])
        event = {"timestamp": "2026-03-28T02:14:07Z", "level": "info", "logger": "airflow.utils.pod_manager.PodManager"}
        self.whole([json.dumps({**event, "event": f"[base] {x}"}) for x in BLOCK])
        self.assertEqual(of([f"{T}[base] {x}" for x in BLOCK]), [])

    def test_json_export(self):
        self.whole([json.dumps({"textPayload": x, "timestamp": Z.strip()}) for x in BLOCK])
        self.whole([json.dumps({"_source": {"message": T + x}}) for x in BLOCK])
        self.whole([json.dumps({"log": "\n".join(BLOCK) + "\n", "pod": "a"})])
        self.assertEqual(of([json.dumps({"message": x, "msg": x}) for x in BLOCK]), [], "exactly one text value")
        self.assertEqual(
            of([H, json.dumps({"message": "x", "sl": 1}), E]), [({"sl": 1}, "explicit", [])], "a known key at its top"
        )
        self.assertEqual(run(json.dumps({"line": H, "time": Z.strip()}) + "\n")[0]["observed_at"], "2026-03-28T02:14:07.5Z")

    def test_docker_has_no_other_members(self):
        self.whole([json.dumps({"log": x + "\n", "stream": "stdout", "time": Z.strip(), "attrs": {}}) for x in BLOCK])
        half = [json.dumps({"log": x, "stream": "stdout", "kubernetes": {"pod_name": "a"}}) for x in BLOCK]
        self.whole(half)

    def test_byte_order_mark(self):
        self.whole(["\ufeff" + BLOCK[0], *BLOCK[1:]])

    def test_group_markers_and_carriage_returns(self):
        self.whole([T + "::group::" + BLOCK[0], *(T + x for x in BLOCK[1:3]), T + "::endgroup::" + E])
        self.whole([T + " 45%|##\r 50%|##\r" + x for x in BLOCK])
        self.assertEqual(of([T + H, T + "sl=1", T + "45%\r50%", T + E])[0][1], "explicit")

    def test_an_answer_that_stops(self):
        elements = [json.dumps({"timestamp": Z.strip(), "event": x, "level": "info"}) for x in BLOCK]
        lines = run('{"content":[' + ",".join(elements[:3]) + ',{"timestamp":"2026')
        self.assertEqual((lines[0]["record"], kinds(lines[0])), (WHOLE, [("incomplete_block", None)]))


class WrittenTwice(unittest.TestCase):
    def test_every_line_twice(self):
        self.assertEqual(of([T + x for x in BLOCK for _ in (1, 2)]), [(WHOLE, "explicit", [])])

    def test_header_passed_over_only_with_its_next_record(self):
        lines = [T + H, T + H, T + "crypto=SOL", T + E]
        self.assertEqual([end for _, end, _ in of(lines)], ["implicit:new_header", "explicit"])

    def test_records_without_a_time(self):
        self.assertEqual(len(of([H, H, "sl=1", E])), 2)

    def test_a_record_with_header_and_body_is_a_replay(self):
        record = [T + H, "sl=1", E]
        self.assertEqual(len(of(record * 2)), 1)


class Identity(unittest.TestCase):
    path = "dag_id=d/run_id=manual__2026-03-28T02:00:00+00:00/task_id=g.t/map_index=3/attempt=2.log"

    def test_paths(self):
        want = {"dag_id": "d", "run_id": "manual__2026-03-28T02:00:00+00:00", "task_id": "g.t", "map_index": 3, "try_number": 2}
        self.assertEqual(identity.of_path(f"logs/{self.path}.gz"), want)
        older = {"dag_id": "d", "run_id": "2026-03-28T02:00:00+00:00", "task_id": "t", "map_index": 5, "try_number": 2}
        self.assertEqual(identity.of_path("d/t/2026-03-28T02:00:00+00:00/5_2.log"), older)
        self.assertEqual(identity.of_path("d/t/2026-03-28T02%3A00%3A00%2B00%3A00/5_2.log", bucket=True), older)

    def test_conflict(self):
        def conflict(path: str, **named) -> list:
            event = json.dumps({"timestamp": Z.strip(), "event": "x", "level": "info", **named})
            return [kinds(line) for line in run(event + "\n", path)]

        self.assertEqual(conflict(self.path, dag_id="d", try_number=2, map_index=3), [])
        self.assertEqual(conflict(self.path, dag_id="d", try_number=1), [[("identity_conflict", "try_number")]])
        older = "d/t/2026-03-28T02:00:00+00:00/2.log"
        self.assertEqual(conflict(older, run_id="scheduled__2026-03-28T02:00:00+00:00"), [], "with that instant in its run_id")

    def test_lines_where_the_path_names_none(self):
        named = {"dag_id": "d", "run_id": "r", "task_id": "t", "map_index": -1, "try_number": 2}
        want = {"dag_id": "d", "run_id": "r", "task_id": "t", "try_number": 2}

        def lines(stamp: str = Z.strip(), **keys) -> str:
            return "".join(json.dumps({"timestamp": stamp, "event": x, "level": "info", **keys}) + "\n" for x in BLOCK)

        self.assertEqual([line["task"] for line in run(lines(**named))], [want])
        two = run(lines(**named) + lines("2026-03-28T02:14:08Z", **{**named, "task_id": "u", "map_index": 4}))
        self.assertEqual([line["task"] for line in two], [want, {**want, "task_id": "u", "map_index": 4, "try_number": 2}])
        self.assertNotIn("task", run(lines(dag_id="d"))[0])


class Content(unittest.TestCase):
    def test_no_log(self):
        text = "sl=1\n" * 40
        for data in (
            b"\x28\xb5\x2f\xfdx",
            b"PK\x03\x04",
            b"BZh9",
            text.encode("utf-16"),
            text.encode("utf-16-be"),
            text.encode("utf-32-le"),
        ):
            self.assertTrue(contents.is_no_log(data), data[:8])
        for data in (text.encode(), text.encode() + b"\0" * 500, b"sl=1\0\0\0\0tp=2\n", b""):
            self.assertFalse(contents.is_no_log(data), data[:8])

    def test_a_lone_byte_behind_a_member(self):
        data = gzip.compress(f"{H}\nsl=1\n{E}\n".encode()) + b"\x1f"
        self.assertEqual(oracle.parse_bytes("x.log", data)[-1], {"source": "x.log", "status": "truncated", "issues": []})


if __name__ == "__main__":
    unittest.main()
