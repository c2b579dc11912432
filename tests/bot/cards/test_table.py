"""Figures beside a number are shown only where they mean something."""

from __future__ import annotations

from dataclasses import replace

import pytest
from answer_examples import CAC_BY_CHANNEL, NOVEMBER, OCTOBER, REVENUE, REVENUE_BY_CAMPAIGN, SEPTEMBER, answer, change

from bot.cards.lines import title
from bot.cards.table import breakdown_table
from kpi_core.answers import BreakdownRow
from kpi_core.dates.periods import Period, add_months


def row(name: str, value: float, before: float) -> BreakdownRow:
    return BreakdownRow((name,), value, {}, (change("previous_period", SEPTEMBER, before, value, None),))


def headings(*rows: BreakdownRow) -> tuple[str, ...]:
    """Those of a table whose rows add up to its total."""
    now = sum(each.value or 0 for each in rows)
    before = sum(each.comparisons[0].value or 0 for each in rows)
    whole = change("previous_period", SEPTEMBER, before, now, None)
    table = breakdown_table(replace(REVENUE_BY_CAMPAIGN, value=now, comparisons=(whole,), breakdown=rows), "en")
    assert table is not None
    return tuple(table.headings)


def test_changes_that_cancel_each_other_out_have_no_share() -> None:
    """Search -70, social +80 make +10: 800 % of it says nothing; +30 and -10 make +20: 150 % and -50 % do."""
    assert "Share of change" not in headings(row("search", 30, 100), row("social", 180, 100))
    assert "Share of change" in headings(row("search", 130, 100), row("social", 90, 100))


def test_what_has_not_begun_is_not_so_far() -> None:
    """With data through 21 November, November is unfinished; December has nothing yet that could be so far."""
    december = Period(NOVEMBER.end, add_months(NOVEMBER.end, 1), "month")
    titles = [title(answer(REVENUE, each, complete=each == OCTOBER), "en") for each in (OCTOBER, NOVEMBER, december)]
    assert ["so far" in each for each in titles] == [False, True, False]


@pytest.mark.parametrize(("language", "day"), [("en", "Monday"), ("ko", "월요일"), ("zh-TW", "星期一")])
def test_days_of_the_week_are_in_the_reader_s_language(language: str, day: str) -> None:
    """The clock has named them, not the data; a campaign called monday stays as it is."""
    rows = (row("monday", 100, 90),)
    by_day = replace(REVENUE_BY_CAMPAIGN, query=replace(REVENUE_BY_CAMPAIGN.query, dimensions=("weekday",)))
    for shown, first in ((by_day, day), (REVENUE_BY_CAMPAIGN, "monday")):
        table = breakdown_table(replace(shown, breakdown=rows), language)
        assert table is not None
        assert table.rows[0][0].text == first


@pytest.mark.parametrize(("language", "words"), [("en", "no cost"), ("ko", "비용 없음"), ("zh-TW", "無成本")])
def test_a_channel_that_costs_nothing_is_not_the_cheapest(language: str, words: str) -> None:
    """66 customers for nothing: "no cost" in a cell that sorts as 0; a channel without revenue has a revenue of 0."""
    free = BreakdownRow(("direct",), 0.0, {"acquisition_cost": 0.0, "new_customers": 66.0}, ())
    for whole, text in ((CAC_BY_CHANNEL, words), (REVENUE_BY_CAMPAIGN, None)):
        table = breakdown_table(replace(whole, breakdown=(free,)), language)
        assert table is not None
        assert table.rows[0][1].number == 0
        assert (table.rows[0][1].text == words) is (text == words)
