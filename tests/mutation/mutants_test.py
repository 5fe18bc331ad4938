#!/usr/bin/env python3
"""Tests of mutants.py."""

import unittest

from mutants import applied, changes, mutants_of


class Changes(unittest.TestCase):
    def test_swaps_an_operator_but_no_bracket_of_a_template(self):
        self.assertEqual(list(changes("  if (a < b) std::vector<int> c;")),
                         ["  if (a <= b) std::vector<int> c;"])

    def test_leaves_texts_and_comments_alone(self):
        self.assertEqual(list(changes('  say(x, "a < 1 and more");  // 2 == 2')), [])

    def test_changes_a_number(self):
        self.assertEqual(list(changes("  limit = 1'000;")), ["  limit = 1001;", "  ;"])

    def test_takes_away_a_statement_but_no_declaration(self):
        self.assertEqual(list(changes("  entries_.clear();")), ["  ;"])
        self.assertEqual(list(changes("  Entry entry(name);")), [])
        self.assertEqual(list(changes("  return;")), [])

    def test_changes_a_word_of_a_table(self):
        self.assertEqual(list(changes('    {"end_turn", End::Stop},')),
                         ['    {"end_turnx", End::Stop},'])

    def test_leaves_what_only_the_compiler_reads_alone(self):
        for line in ("#include <a>", "  static_assert(a == b);", "template <int N = 2>"):
            self.assertEqual(list(changes(line)), [])

    def test_changes_one_line_and_no_other(self):
        text = "a\n  if (x == y) z();\nb"
        mutant = mutants_of("f.cc", text)[0]
        self.assertEqual(applied(mutant, text), "a\n  if (x != y) z();\nb")

    def test_passes_over_a_raw_text(self):
        self.assertEqual(mutants_of("f.cc", 'auto t = R"(\n  a == b\n)";'), [])


if __name__ == "__main__":
    unittest.main()
