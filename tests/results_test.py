#!/usr/bin/env python3
"""Tests of results.py, on results as ctest and GoogleTest write them."""

import pathlib
import tempfile
import unittest

import results

SUITES = '<testsuites>{}</testsuites>'
PASSED = '<testcase name="Holds" status="run" result="completed" classname="A" />'
SKIPPED = ('<testcase name="Skips" status="run" result="skipped" classname="A">'
           '<skipped message="why" /></testcase>')
FAILED = ('<testcase name="Breaks" status="run" result="completed" classname="A">'
          '<failure message="m">expected 1</failure></testcase>')
DISABLED = '<testcase name="Off" status="notrun" result="suppressed" classname="A" />'


class Counting(unittest.TestCase):
    def of(self, failed, written, output=""):
        """What is counted for one process that ended so, and wrote these results."""
        with tempfile.TemporaryDirectory() as folder:
            build = pathlib.Path(folder)
            (build / "results").mkdir()
            if written is not None:
                (build / "results" / "t.1.xml").write_text(written)
            junit = build / "junit.xml"
            status = "fail" if failed else "run"
            junit.write_text(f'<testsuite><testcase name="t.1" status="{status}">'
                             f'<system-out>{output}</system-out></testcase></testsuite>')
            return [(name, outcome) for name, outcome, _ in results.count(build, junit)]

    def test_counts_each_test_of_a_process(self):
        self.assertEqual(self.of(True, SUITES.format(PASSED + SKIPPED + FAILED + DISABLED)),
                         [("A.Holds", "passed"), ("A.Skips", "skipped"), ("A.Breaks", "failed")])

    def test_counts_a_process_that_writes_no_results_as_one(self):
        self.assertEqual(self.of(False, None), [("t.1", "passed")])

    def test_names_the_test_in_which_a_process_crashed(self):
        output = "[ RUN      ] A.Holds\n[       OK ] A.Holds (0 ms)\n[ RUN      ] A.Dies\n"
        self.assertEqual(self.of(True, None, output), [("t.1 in A.Dies", "failed")])

    def test_takes_half_a_result_for_a_crash(self):
        self.assertEqual(self.of(True, "<testsuites><testcase "), [("t.1", "failed")])

    def test_counts_what_a_sanitizer_says_after_the_last_test(self):
        self.assertEqual(self.of(True, SUITES.format(PASSED)),
                         [("A.Holds", "passed"), ("t.1", "failed")])


if __name__ == "__main__":
    unittest.main()
