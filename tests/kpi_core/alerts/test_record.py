"""What of an incident is remembered, held against what its rules say today."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from answer_examples import CATALOG

from bot.cards.alert import Reader, ending_text
from kpi_core.alerts.incident import Trace
from kpi_core.alerts.record import Record, goes_on_in, record_json, record_of, with_trace, without_second_thoughts
from kpi_core.metrics import LANGUAGES
from kpi_core.phrases import say

OVER = date(2026, 12, 3)
MISSED = Trace(
    "rule", "cac", (), "", date(2026, 10, 31), date(2026, 10, 1), OVER, frozenset(), (), frozenset(), missing=False,
    ending="back",
)  # fmt: skip
RECORD = Record((MISSED,), "CAC", 0.5, urgent=False)


@pytest.mark.parametrize(("days", "over"), [(-3, OVER), (0, OVER), (1, None), (20, None)])
def test_what_is_over_comes_back_by_something_newer_alone(days: int, over: date | None) -> None:
    """A month that was missed before it was over says nothing new; one that is missed after that does."""
    again = without_second_thoughts(RECORD, replace(MISSED, over=None, ending=""), OVER + timedelta(days=days))
    assert again.over == over
    assert again.ending == ("back" if over else "")


def test_what_goes_on_is_left_as_it_is() -> None:
    """One that was never over, or is over now, is what its rule says."""
    open_record = with_trace(RECORD, replace(MISSED, over=None, ending=""))
    for trace in (replace(MISSED, over=None), MISSED):
        assert without_second_thoughts(open_record, trace, OVER) == trace
    assert without_second_thoughts(RECORD, replace(MISSED, over=OVER + timedelta(days=9)), OVER).over != OVER


def test_a_record_comes_back_whole() -> None:
    """Through JSON and back."""
    assert record_of(record_json(RECORD)) == RECORD


@pytest.mark.parametrize(
    ("on", "over", "same"),
    [
        (date(2026, 11, 28), None, True),
        (date(2026, 10, 20), date(2026, 11, 10), False),
        (date(2026, 11, 28), date(2026, 12, 1), True),
    ],
)
def test_an_earlier_one_ends_nothing(on: date, over: date | None, same: bool) -> None:
    """An episode of the same rule that was over before this one began is none of it."""
    record = Record((replace(MISSED, on=date(2026, 11, 28), over=None, ending=""),), "ROAS", 0.5, urgent=False)
    assert goes_on_in(record, replace(MISSED, on=on, over=over), 3) is same


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_nobody_sees_any_more_is_over_for_its_reason(language: str) -> None:
    """A KPI that is gone is named; where the KPI is there, its data, its goal or its rule has changed."""
    gone, reader = replace(MISSED, ending="gone"), Reader(language, CATALOG, "USD")
    assert ending_text(replace(gone, kpi="own_kpi"), reader) == say(language, "alert.kpi_gone", kpi="own_kpi")
    assert ending_text(gone, reader) == say(language, "alert.restated")
