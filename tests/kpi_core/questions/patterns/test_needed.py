"""A pattern that is passed over unread could not have matched."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_core.questions import period_words
from kpi_core.questions import words as question_words
from kpi_core.questions.number_words import WORDS
from kpi_core.questions.patterns import possible
from kpi_core.questions.patterns.needed import needed
from kpi_core.questions.period_words.clock import compiled
from kpi_core.questions.period_words.unit_rules import LANGUAGES, UNITS
from kpi_core.questions.wording import plain

PATTERNS = (*(rule.pattern for rule in period_words._rules()), *question_words._ALL_PATTERNS)
WORDS_OF_TIME = sorted(
    {
        *UNITS,
        *WORDS,
        *(word for tables in LANGUAGES for word in (*tables.months, *tables.weekdays, *tables.count_units)),
        *(
            "last",
            "q3",
            "fy26",
            "2026",
            "10월",
            "3분기",
            "第三季",
            "week 12",
            "ago",
            "전",
            "前",
            "top 5",
            "2026-03",
            "~",
        ),
    }
)


@given(st.lists(st.sampled_from(WORDS_OF_TIME), min_size=1, max_size=4), st.sampled_from(("", " ", ", ")))
def test_no_match_is_missed(words: list[str], between: str) -> None:
    """Whatever words of time stand side by side, every pattern that matches them is among the possible ones."""
    text = plain(between.join(words))
    may = set(possible("test", PATTERNS, text))
    missed = [pattern for pattern in PATTERNS if pattern not in may and compiled(pattern).search(text)]
    assert missed == []


@pytest.mark.parametrize(
    ("pattern", "needs"),
    [
        ("abc", [{"abc"}]),
        ("a?bc+", [{"b"}, {"c"}]),
        ("one|two", [{"one", "two"}]),
        ("one|x*", []),
        ("[a-c]", [{"a", "b", "c"}]),
        ("[^a]", []),
        (r"(?:last|next) week(?!day)", [{"last", "next"}, {" week"}]),
        (r"\d{2}일", [{"\0digit"}, {"일"}]),
    ],
)
def test_what_a_pattern_needs(pattern: str, needs: list[set[str]]) -> None:
    """A pattern needs its letters in a row, one of its alternatives, nothing of what may be left out."""
    assert [set(each) for each in needed(pattern)] == needs


def test_few_patterns_are_compiled_for_a_question() -> None:
    """An everyday question leaves nine patterns in ten unread."""
    assert len(possible("test", PATTERNS, plain("cac last-month by channel"))) < len(PATTERNS) / 8
    assert re.search(r"\d", plain("last 4 weeks"))
