"""Lines, objects and values. Every expectation is derived by hand from the sentence or heading named with it."""

from __future__ import annotations

import unittest
from decimal import Decimal

import markers
import oracle
from objects import read_object

H, E = "=== CORRELATION DATA ===", "=== END CORRELATION DATA ==="


def run(text: str, source: str = "x.log") -> list[dict]:
    return oracle.parse_bytes(source, text.encode())


def bare(*lines: str) -> dict:
    return run("\n".join([H, *lines, E]) + "\n")[0]


def kinds(line: dict) -> list[tuple]:
    return sorted((i["kind"], i.get("key")) for i in line["issues"])


def pairs(text: str):
    body = markers.parse_line(text)
    return None if body is None else [(p.key, p.text) for p in body.pairs]


class Bullets(unittest.TestCase):
    def test_signs(self):
        for sign in "-*•·–>→":  # noqa: RUF001 - the page's list
            self.assertEqual(pairs(f"{sign} note=1"), [("note", "1")])
            self.assertEqual(pairs(f"{sign}sl: 2"), [("sl", "2")], "the blanks may be missing before a known key")
            self.assertIsNone(pairs(f"{sign}note=1"), "… only")

    def test_numbers_and_levels(self):
        self.assertEqual(pairs("12) sl=2"), [("sl", "2")])
        self.assertEqual(pairs("3. sl: 2"), [("sl", "2")])
        self.assertIsNone(pairs("3.sl=2"))
        self.assertEqual(pairs("[warn] note=2"), [("note", "2")])
        self.assertIsNone(pairs("[TRACE] note=2"))
        self.assertIsNone(pairs("- - sl=2"), "one a line")

    def test_ordinary_line_behind_a_bullet(self):
        self.assertIsNone(pairs("- level=info sl=2"))
        self.assertEqual(pairs("level: info"), [("level", "info")], "not for colon-pairs")
        self.assertEqual(pairs("note=1 event=correlation_data"), [("note", "1")], "wherever it stands in a line")


class Sections(unittest.TestCase):
    def test_section(self):
        for text in ("[ml]", "---", "-- ml --", "[Note: x]"):
            self.assertTrue(markers.is_section(text), text)
        for text in ("[]", "[it's]", "[a=b]", "[a, b]", "[f1_buy: 0.55]", "-- ml"):
            self.assertFalse(markers.is_section(text), text)

    def test_read_without_brackets_or_dashes(self):
        self.assertEqual(pairs("[f1_buy=0.55]"), [("f1_buy", "0.55")])
        self.assertEqual(pairs("[f1_buy: 0.55]"), [("f1_buy", "0.55")])
        self.assertEqual(pairs("-- k=v --"), [("k", "v")])
        self.assertIsNone(pairs("['sl=1']"))

    def test_only_sections_are_an_empty_block(self):
        self.assertEqual(kinds(bare("[ml]", "---")), [("empty_block", None)])
        self.assertEqual(kinds(bare("{}")), [])


class Objects(unittest.TestCase):
    def object(self, *lines: str):
        found = read_object(list(lines))
        return [(p.key, p.text, p.line) for p in found.pairs] if found else "none"

    def test_python(self):
        text = "{'crypto': 'SOL', 'f1_buy': np.float64(0.55), 'note': None, 'x': True, 'y': nan}"
        want = [("crypto", "SOL"), ("f1_buy", "np.float64(0.55)"), ("note", "None"), ("x", "True"), ("y", "nan")]
        self.assertEqual(self.object(text), [(k, v, 0) for k, v in want])

    def test_lines(self):
        self.assertEqual(self.object("{", '"sl": 1,', '"m": {"tp":', "2}", "}"), [("sl", "1", 1), ("tp", "2", 2)])
        self.assertEqual(self.object("{'sl': 1,", "'tp': 2"), "none")

    def test_what_is_none(self):
        for text in (
            '{"a": [1]}',
            '{"a": {"b": {"c": 1}}}',
            '{"a": 1,}',
            '{"m": {"gates": {"f1": "pass"}}}',
            "[1, 2]",
            '{"a": 1} x',
        ):
            self.assertEqual(self.object(text), "none", text)

    def test_arrays(self):
        self.assertEqual(self.object('[{"sl": 1}]'), [("sl", "1", 0)])
        line = bare('[{"sl": 1}, {"sl": 2}]')
        self.assertEqual((line["record"], kinds(line), line["end"]), ({}, [("malformed_pair", None)], "explicit"))

    def test_over_the_records_of_a_line_stream(self):
        line = bare("{'sl': 1.5,", " 'tp': 2}")
        self.assertEqual((line["record"], kinds(line)), ({"sl": Decimal("1.5"), "tp": 2}, []))
        # A log record of a file is no line stream: the lines are foreign, the marker claims.
        prefix = "[2026-03-28T02:14:07.123+0000] {a.py:1} INFO - "
        line = run("".join(f"{prefix}{x}\n" for x in (H, "{'sl': 1.5,", "'tp': 2}", E)))[0]
        self.assertEqual((line["record"], kinds(line)), ({}, [("empty_block", None), ("interrupted", None)]))

    def test_values(self):
        line = bare('{"sl": NaN, "tp": Infinity, "gates": {"f1": "pass", "x": false}}')
        self.assertEqual(
            (line["gates"], kinds(line)), ({"f1": "pass", "x": "fail"}, [("missing_value", "sl"), ("non_finite", "tp")])
        )

    def test_a_last_brace_without_line_feed_is_not_cut(self):
        self.assertEqual(run(f'{H}\n{{"sl":\n1}}')[0]["record"], {"sl": 1})


class Values(unittest.TestCase):
    def value(self, key: str, text: str):
        line = bare(f"{key}={text}")
        return line["record"].get(key) if not line["issues"] else line["issues"][0]["kind"]

    def test_printed_numbers(self):
        self.assertEqual(self.value("theta", "np.float64(0.55)"), Decimal("0.55"))
        self.assertEqual(self.value("theta", "Decimal('0.55')"), Decimal("0.55"))
        self.assertEqual(self.value("n_trades", "np.uint16(7)"), 7)
        self.assertEqual(self.value("theta", "np.float64(nan)"), "missing_value")
        self.assertEqual(self.value("theta", "np.float64(inf)"), "non_finite")
        for text in ("tensor(0.5)", "np.float64(0.5)%", "numpy.float64(0.5)", "Decimal(0.5)", "np.float64(nan)%", "1_000"):
            self.assertEqual(self.value("theta", text), "malformed_number", text)

    def test_names(self):
        self.assertEqual(self.value("crypto", "'SOL'"), "SOL")
        self.assertEqual(self.value("crypto", "'None'"), "missing_value")
        for text in ("np.str_('SOL')", "b's1'", "`x`", "‘x’", "<E.A: 'a'>", "''x''"):  # noqa: RUF001 - the page's list
            self.assertEqual(self.value("crypto", text), "malformed_pair", text)
        self.assertEqual(self.value("horizon", "'H4'"), "out_of_range", "the quotes are taken off texts only")


class NearMisses(unittest.TestCase):
    def test_near(self):
        for text in (
            "### CORRELATION DATA ###",
            "==== CORRELATION DATA ====",
            "=== Correlation Data ===",
            "[correlation_data v2]",
            "=== START CORRELATION DATA ===",
            "=== CORRELATION DATA: SOL ===",
            "=CORRELATION DATA and more",
            "=== END CORRELATION DATA",
        ):
            self.assertTrue(markers.is_near_miss(text), text)
        for text in (H, E, f"{H} sl=1", "=== CORRELATIONS DATA ===", "=== DATA CORRELATION ===", "my CORRELATION DATA", "==="):
            self.assertFalse(markers.is_near_miss(text), text)

    def test_ends_a_block_without_a_look_behind(self):
        first, source = run(f"{H}\nsl=1\n### CORRELATION DATA ###\ntp=2\n{E}\n")
        self.assertEqual((first["record"], first["end"], kinds(first)), ({"sl": 1}, "implicit:other_line", []))
        self.assertEqual(kinds(source), [("orphan_end", None), ("unrecognised_header", None)])

    def test_unread_header(self):
        self.assertEqual(kinds(run(f"step: {H}\nsl=1\nstep: {E}\n")[0]), [("unread_header", None)])
        self.assertEqual(kinds(run("### CORRELATION DATA ###\n")[0]), [("unrecognised_header", None)])
        self.assertEqual(len(run(f"x {H}\n{H}\nsl=1\n{E}\n")), 1, "a log that gives a block")
        self.assertEqual(run("correlation of data\n"), [])

    def test_words_that_a_line_end_cuts(self):
        for place in range(1, len(H)):
            found = kinds(run(f"{H[:place]}\n{H[place:]}\n")[0])
            self.assertTrue(found in ([("unread_header", None)], [("unrecognised_header", None)]), f"{place}: {found}")
        for title in (
            "=== CORRELATION ===\n",
            "=== VALIDATION DATA ===\n",
            "=== RELATION DATA ===\n",
            "CORRELATION\nDATA\n",
            "=== CORRELAT",
        ):
            self.assertEqual(run(title), [], title)


class GluedTexts(unittest.TestCase):
    def test_line_with_two_texts(self):
        for text in (f"sortino=1.2{H}", f"done{E}", f"{E} next line", f'note="{H}"', f"{H} sl=1{H}", E + E):
            self.assertTrue(markers.glued(text), text)
        for text in (H, E, f"{H} sl=1", "=== CORRELATION", "sl=1"):
            self.assertFalse(markers.glued(text), text)
        self.assertEqual(markers.end_and_header(f"{E} \t{H} sl=1"), [E, f"{H} sl=1"])
        self.assertEqual(markers.end_and_header(f"{E}{E}"), [E + E], "no header")

    def test_keys_before_the_text_are_lost(self):
        line = run(f"{H}\ntheta=0.4\nsl=1 theta=0.5{H}\ncrypto=SOL\n{E}\n")[0]
        self.assertEqual((line["end"], line["record"]), ("implicit:other_line", {}))
        self.assertEqual(kinds(line), [("incomplete_block", "sl"), ("incomplete_block", "theta")])

    def test_end_marker_and_header(self):
        lines = run(f"{H}\ntheta=0.4\n{E}{H}\nsl=1\n{E}\n")
        self.assertEqual([line["record"] for line in lines], [{"theta": Decimal("0.4")}, {"sl": Decimal(1)}])


if __name__ == "__main__":
    unittest.main()
