"""Whether a number is normal: its newest day beside its band, in words and drawn."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from demo_side import shared_demo

from bot.cards.reasons.band import band_card, band_lines
from bot.sandbox.slack.block_rules.problems import problems
from kpi_core.access.operator import OPERATOR
from kpi_core.alerts.scopes import scope_of
from kpi_core.alerts.usual_band import Band, since_of, usual_band
from kpi_core.metrics import LANGUAGES

NOW = datetime(2026, 11, 20, 14, tzinfo=UTC)


def band_of(words: str) -> Band:
    door = shared_demo().door(OPERATOR)
    query = door.question(words, NOW)
    since = min(query.period.end, door.today(NOW)) - since_of(query)
    return usual_band(query, scope_of(door, since, NOW))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_week_of_broken_tracking_is_unusual(language: str) -> None:
    """Most of its days lie far below their bands; the chart has the value and both bounds."""
    band = band_of("website traffic 2026-10-19..2026-10-22")
    assert all(day.value < day.low for day in band.days[-4:])
    card = band_card(band, language)
    assert problems(card.blocks) == []
    series = card.blocks[-1]["chart"]["series"]
    assert [len(line["data"]) for line in series] == [20, 20, 20]
    assert "4" in band_lines(band, language)[-1] or "4" in band_lines(band, language)[2]


def test_what_is_kept_by_the_month_is_judged_by_the_month() -> None:
    """CAC has bills that come once a month: its month has bounds, no day has."""
    band = band_of("cac last month")
    assert band.days == ()
    assert any(change.usual for change in band.answer.comparisons)
    assert len(band_lines(band, "en")) >= 3
