"""Parts of a fiscal year are headed as they were asked for: the fiscal quarter, with its months."""

from __future__ import annotations

from datetime import date

import pytest

from kpi_core.dates.calendars import Calendar
from kpi_core.dates.periods import pair, period_from, period_values, previous, trend_periods, year_ago
from kpi_core.formats.periods import axis_label, period_label
from kpi_core.questions.lexicon import load_vocabulary
from kpi_core.questions.parse import parse_question

from tables import CATALOG

TODAY = date(2027, 2, 2)
APRIL = Calendar(fiscal_starts=4)
WORDS = load_vocabulary(CATALOG, lambda _dimension: (), lambda _metric: ())


@pytest.mark.parametrize("starts", [2, 4, 7, 10])
@pytest.mark.parametrize("named_by", ["start", "end"])
@pytest.mark.parametrize(("part", "count"), [("q", 4), ("h", 2)])
def test_the_name_of_a_fiscal_part_is_read_and_said_alike(starts: int, named_by: str, part: str, count: int) -> None:
    """A question about "fiscal q3 2026" is headed "Q3 FY2026", whatever month the year begins with."""
    calendar = Calendar(fiscal_starts=starts, fiscal_named_by=named_by)  # type: ignore[arg-type]
    for number in range(1, count + 1):
        for words in (f"fiscal {part}{number} 2026", f"{part}{number} fy2026", f"fy2026 {part}{number}"):
            period = parse_question(f"revenue {words}", WORDS, calendar, TODAY).period
            assert period_label(period, "en").startswith(f"{part.upper()}{number} FY2026 · "), words
            assert period.start.month == (starts - 1 + (number - 1) * 12 // count) % 12 + 1


@pytest.mark.parametrize(
    ("language", "label", "axis"),
    [
        ("en", "Q3 FY2027 · October-December 2026", "Q3 FY2027"),
        ("ko", "2027 회계연도 3분기 · 2026년 10월~12월", None),
        ("zh-TW", "2027 會計年度第 3 季 · 2026年10月至12月", None),
    ],
)
def test_a_fiscal_quarter_is_headed_with_its_months(language: str, label: str, axis: str | None) -> None:
    """Also where it lies under a chart, beside the quarter before, a year ago, and after a way through JSON."""
    period = parse_question("revenue fiscal q3 2027", WORDS, APRIL, TODAY).period
    assert period_label(period, language).replace(" ", "") == label.replace(" ", "")
    if axis:
        assert axis_label(period, language) == axis
        assert period_label(previous(period, APRIL), "en") == "Q2 FY2027 · July-September 2026"
        assert period_label(year_ago(period, APRIL), "en") == "Q3 FY2026 · October-December 2025"
        assert [axis_label(each, "en") for each in trend_periods(period, APRIL)][-2:] == ["Q2 FY2027", "Q3 FY2027"]
    assert period_from(period_values(period)) == period


def test_calendar_quarters_keep_their_own_names() -> None:
    """Q4 2026 is asked for by its own name, and to-date periods are said by their days."""
    assert period_label(parse_question("revenue q4 2026", WORDS, APRIL, TODAY).period, "en") == "Q4 2026"
    running = parse_question("revenue fiscal quarter to date", WORDS, APRIL, TODAY).period
    assert period_label(running, "en") == "1 January - 2 February 2027"
    pairing = pair(running, previous(running, APRIL), date(2027, 2, 1))
    assert pairing is not None
    assert str(pairing.other.last_day) == "2026-11-01"
