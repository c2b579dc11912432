"""The questions behind buttons."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from answer_examples import CATALOG, NOVEMBER, OCTOBER, WEEK

from kpi_core.dates.calendars import Calendar
from kpi_core.dates.periods import Period
from kpi_core.query import Filter, MetricQuery
from kpi_core.questions.parse import build_vocabulary, parse_question
from kpi_core.questions.spelled import can_be_asked, question_of

TODAY = date(2026, 11, 23)
VALUES = ("search", "kr", "Summer Sale, 10 % off", None, "<!channel>", "추석 기획전")


@pytest.mark.parametrize(
    "period",
    [
        OCTOBER,
        NOVEMBER,
        WEEK,
        Period(date(2026, 11, 22), date(2026, 11, 23), "day"),
        Period(date(2026, 7, 1), date(2026, 10, 1), "quarter"),
        Period(date(2026, 1, 1), date(2026, 7, 1), "half"),
        Period(date(2025, 1, 1), date(2026, 1, 1), "year"),
        Period(date(2026, 10, 25), date(2026, 11, 22)),
        Period(date(2026, 8, 1), date(2026, 11, 1)),
        Period(date(2026, 11, 1), date(2026, 11, 24), "month", to_date=True),
    ],
)
def test_a_button_asks_what_its_card_answered(period: Period) -> None:
    """Read by the parser, the words of a button are the card's own question with another split."""
    vocabulary = build_vocabulary(CATALOG, lambda _dimension: VALUES)
    filters = (
        Filter("campaign", ("Summer Sale, 10 % off", None)),
        Filter("region", ("kr",)),
        Filter("campaign", ("추석 기획전", None), excludes=True),
    )
    for query in (MetricQuery("cac", period), MetricQuery("cac", period, filters=filters)):
        found = parse_question(question_of(query, by="channel"), vocabulary, Calendar(), TODAY)
        assert replace(found, question="") == replace(query, dimensions=("channel",))


@pytest.mark.parametrize(
    "words",
    ["cac 去年同期本月累計", "cac 上月同期", "cac month to date last year", "cac ytd 2025"],
)
@pytest.mark.parametrize("calendar", [Calendar(), Calendar(fiscal_starts=4)])
def test_a_part_to_date_that_is_over_stays_where_it_was(words: str, calendar: Calendar) -> None:
    """Behind a button a year-ago month to date is that one, days later too, and no month of today."""
    vocabulary = build_vocabulary(CATALOG, lambda _dimension: VALUES)
    query = parse_question(words, vocabulary, calendar, TODAY)
    assert query.period.to_date
    spelled = question_of(query, by="channel", over=True)
    found = parse_question(spelled, vocabulary, calendar, TODAY + timedelta(days=9))
    assert (found.period, found.dimensions) == (query.period, ("channel",))


@pytest.mark.parametrize("words", ["fytd", "fiscal quarter to date", "last fiscal quarter to date"])
def test_a_fiscal_part_to_date_is_no_calendar_one(words: str) -> None:
    """The fiscal year began in April: its part to date is not that of the year."""
    vocabulary, calendar = build_vocabulary(CATALOG, lambda _dimension: VALUES), Calendar(fiscal_starts=4)
    query = parse_question(f"cac {words}", vocabulary, calendar, TODAY)
    over = query.period.end <= TODAY
    assert parse_question(question_of(query, over=over), vocabulary, calendar, TODAY).period == query.period


def test_a_name_that_cannot_be_quoted_makes_no_button() -> None:
    """A value with quotation marks in it has no words that lead back to it."""
    assert can_be_asked(MetricQuery("cac", OCTOBER, filters=(Filter("campaign", ("Summer", None)),)))
    assert not can_be_asked(MetricQuery("cac", OCTOBER, filters=(Filter("campaign", ('12" vinyl',)),)))
