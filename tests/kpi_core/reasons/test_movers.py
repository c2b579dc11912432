"""What changed in a period: the KPIs that moved beyond their usual swing, and nothing else."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest
from demo_side import shared_demo

from bot.cards.reasons.movers import MOST, changes_card, changes_lines
from kpi_core.access.operator import OPERATOR
from kpi_core.dates.periods import Period
from kpi_core.formats.why_json import changes_json
from kpi_core.metrics import LANGUAGES
from kpi_core.reasons.movers import Changes, what_changed

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
WEEK = Period(date(2026, 11, 9), date(2026, 11, 16), "week")


@pytest.fixture(scope="module")
def changes() -> Changes:
    door = shared_demo().door(OPERATOR)
    return what_changed(lambda queries: door.answers(queries, NOW), door.catalog, door.unavailable_kpis(), WEEK)


def test_only_what_left_its_usual_swing_is_told(changes: Changes) -> None:
    """Each mover lies outside what is usual, the furthest first; the others are counted."""
    assert 0 < len(changes.movers) < changes.compared
    swings = [mover.swings for mover in changes.movers]
    assert swings == sorted(swings, reverse=True)
    for mover in changes.movers:
        assert mover.change.usual is not None
        low, high = mover.change.usual
        assert mover.change.current is not None
        assert not low <= mover.change.current <= high, mover.answer.metric.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_mover_has_its_line(changes: Changes, language: str) -> None:
    """A title, a line for each of the first ones with its name, and how many stayed; the card says the same."""
    title, *lines = changes_lines(changes, language)
    for line, mover in zip(lines, changes.movers[:MOST], strict=False):
        assert line.startswith(mover.answer.metric.name(language))
    assert str(changes.compared - len(changes.movers)) in " ".join(lines)
    assert title.split(" · ")[0] in changes_card(changes, language).text


def test_a_program_gets_full_numbers(changes: Changes) -> None:
    """Values, the ones before, and how it was read, as JSON."""
    document = json.loads(json.dumps(changes_json(changes, "what changed last week", "en")))
    assert document["reading"] == {
        "intent": "changes",
        "kpi": None,
        "period": {"start": "2026-11-09", "end": "2026-11-16"},
    }
    assert [change["metric"] for change in document["changes"]] == [mover.answer.metric.id for mover in changes.movers]
    for change in document["changes"]:
        assert change["value"] - change["before"] == pytest.approx(change["change"])
