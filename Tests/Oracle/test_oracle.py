#!/usr/bin/env python3
"""Every case for the oracle itself: run this."""

from __future__ import annotations

import unittest

import test_claims
import test_cuts
import test_envelopes
import test_faults
import test_lines


def load_tests(loader: unittest.TestLoader, tests: unittest.TestSuite, _pattern: str | None) -> unittest.TestSuite:
    for module in (test_lines, test_claims, test_cuts, test_envelopes, test_faults):
        tests.addTests(loader.loadTestsFromModule(module))
    return tests


if __name__ == "__main__":
    unittest.main()
