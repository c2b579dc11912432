"""The terminal: the same card in 100 columns."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from answer_examples import CAC, CAC_OCTOBER, CATALOG, EXAMPLES, REVENUE_BY_CAMPAIGN, SUMMARY
from hypothesis import given
from hypothesis import strategies as st
from wcwidth import wcswidth

from bot.terminal.card import (
    sparkline,
    terminal_card,
    terminal_error,
    terminal_explain,
    terminal_list,
    terminal_summary,
)
from bot.terminal.text import columns_of, wrapped
from kpi_core.answers import BreakdownRow
from kpi_core.errors import QuestionError
from kpi_core.metrics import LANGUAGES, WorkedExample
from kpi_core.phrases import Notice

from golden import matches_golden

LINES = "orders：歷史資料自「2026年9月1日」開始，此數字缺少更早的紀錄（見說明）。若有更早的資料，請載入。"
EXAMPLE = WorkedExample(
    tables={
        "ad_performance": ({"date": date(2026, 10, 3), "channel": "검색", "spend": 600}, {"spend": 300}),
        "orders": ({"order_id": "a", "customer_id": "kim", "revenue": 50},),
    },
    ask="cac 2026-10",
    value=900,
    says="Spend without a channel counts, too.",
)
MISSING = {"ad_spend": Notice("warning.table_missing", {"table": "ad_performance"})}


def widest(text: str) -> int:
    return max(wcswidth(line) for line in text.split("\n"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_answer_reads_as_reviewed(name: str, language: str) -> None:
    """What an answer looks like in a terminal changes only when somebody has looked at it."""
    text = terminal_card(EXAMPLES[name], language, catalog=CATALOG)
    assert widest(text) <= 100
    matches_golden(f"terminal/{name}.{language}.txt", text + "\n")


@pytest.mark.parametrize("language", LANGUAGES)
def test_lists_definitions_and_summaries_read_as_reviewed(language: str) -> None:
    """So do the list, a definition and a summary."""
    texts = {
        "list": terminal_list(CATALOG, MISSING, language),
        "explain": terminal_explain(replace(CAC, examples=(EXAMPLE,)), CATALOG, language, ("SELECT 1",)),
        "summary": terminal_summary(SUMMARY, language),
    }
    for name, text in texts.items():
        assert widest(text) <= 100
        matches_golden(f"terminal/{name}.{language}.txt", text + "\n")


def test_colour_only_where_asked() -> None:
    """Without colour there is no escape sequence; with it, the words stay the same."""
    plain, coloured = terminal_card(CAC_OCTOBER, "en"), terminal_card(CAC_OCTOBER, "en", colour=True)
    assert "\x1b" not in plain
    assert "\x1b[31m▲ 5.5% (worse)" in coloured
    for code in ("\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[32m", "\x1b[0m"):
        coloured = coloured.replace(code, "")
    assert coloured == plain


def test_each_movement_has_the_colour_of_its_own_verdict() -> None:
    """Also after two comparisons that say the same, which are one line."""
    worse, *_others = CAC_OCTOBER.comparisons
    better = replace(worse, value=50.0, change=-8.73, change_ratio=-0.1746, verdict="better")
    answer = replace(CAC_OCTOBER, comparisons=(worse, worse, better))
    lines = terminal_card(answer, "en", colour=True).splitlines()
    assert [line.count("\x1b[32m") for line in lines if "(better)" in line] == [1]
    assert not [line for line in lines if "(better)" in line and "\x1b[31m" in line]


@given(st.text(max_size=200), st.sampled_from(LANGUAGES), st.integers(60, 100))
def test_any_name_keeps_the_table_straight(name: str, language: str, width: int) -> None:
    """A campaign's name, whatever is in it, neither widens the card nor reaches the terminal as a command."""
    rows = (BreakdownRow((name,), 1.0, {"revenue": 1.0}, ()),)
    text = terminal_card(_with_rows(rows), language, width=width)
    assert widest(text) <= width
    assert "\x1b" not in text


def _with_rows(rows: tuple[BreakdownRow, ...]) -> object:
    return replace(REVENUE_BY_CAMPAIGN, breakdown=rows)


def test_a_sparkline_shows_gaps() -> None:
    """A period without data is a gap, not the lowest bar; a single value draws no line."""
    assert sparkline([1, None, 8]) == "▁ █"
    assert sparkline([2, 2, 2]) == "▄▄▄"
    assert sparkline([None, 3]) == ""


def test_an_error_shows_commands_that_work() -> None:
    """An error ends with questions that can be typed as they stand."""
    error = QuestionError(
        "No KPI called cacc.", code="no such phrase", hint="Did you mean one of these?", suggestions=("cac",)
    )
    assert terminal_error(error, "en") == 'No KPI called cacc.\nDid you mean one of these?\n  kpi ask "cac"'


@pytest.mark.parametrize("width", range(8, 110))
def test_no_line_begins_with_what_closes(width: int) -> None:
    """A full stop or a closing bracket stays with the letter before it, an opening one with the letter after it."""
    lines = wrapped(LINES, width)
    assert "".join(lines) == LINES
    assert all(columns_of(line) <= width for line in lines)
    assert not any(line[0] in "，。、」）" or line[-1] in "「（" for line in lines)
