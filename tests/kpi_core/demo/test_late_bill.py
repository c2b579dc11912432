"""A bill that is entered late changes a month that is over, and the product says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from bot.cards.alert import alert_words
from bot.running.telling.alerting import reader_of, rules_of
from bot.sandbox.local_product import grow_demo
from bot.workspace import Workspace, settings_of
from kpi_core.access.audiences import Channel
from kpi_core.access.operator import OPERATOR
from kpi_core.alerts.all_rules import incidents
from kpi_core.alerts.incident import Incident
from kpi_core.alerts.scopes import scope_of
from kpi_core.answers import Answer
from kpi_core.dates.periods import Days
from kpi_core.demo.business.ads import LATE_BILL
from kpi_core.demo.kpi_yaml import CHANNEL
from kpi_core.demo.planted_facts import planted_facts
from kpi_core.formats.answer_json import answer_json

ARRIVES = date(2026, 12, 9)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """An empty demo workspace of the tables that CAC is made of."""
    from kpi_core.demo.kpi_yaml import demo_kpi_yaml

    (tmp_path / "kpi.yaml").write_text(demo_kpi_yaml(tmp_path / "tables", None, ARRIVES), "utf-8")
    settings = settings_of(tmp_path / "kpi.yaml")
    of_cac = tuple(source for source in settings.sources if source.table in {"ad_performance", "costs", "orders"})
    return Workspace(replace(settings, sources=of_cac, folder=tmp_path), {}, is_demo=True)


def november(workspace: Workspace, day: date) -> Answer:
    now = datetime.combine(day, time(15), UTC)
    return workspace.door(OPERATOR).answer(workspace.question("cac 2026-11", now), now)


def test_a_late_bill_changes_a_month_that_is_over_and_says_so(workspace: Workspace) -> None:
    """November costs as much as the agency's bill more when the clock passes the 9th.

    For a week that is said beside the number, and the channel has one incident of it, with its reason.
    """
    before, later = ARRIVES - timedelta(days=1), ARRIVES + timedelta(days=8)
    grow_demo(workspace, workspace.settings.folder, before - timedelta(days=70), before)
    cheap = november(workspace, before)
    assert of_costs(workspace, before) == []
    grow_demo(workspace, workspace.settings.folder, before, ARRIVES)
    whole = november(workspace, ARRIVES)
    assert cheap.value is not None
    assert whole.value is not None
    assert cheap.parts["new_customers"] == whole.parts["new_customers"]
    assert (whole.parts["acquisition_cost"] or 0.0) - (cheap.parts["acquisition_cost"] or 0.0) == LATE_BILL.amount
    assert added(cheap) == []
    (incident,) = of_costs(workspace, ARRIVES)
    words = alert_words(incident, reader_of(workspace.door(Channel(CHANNEL))))
    assert "1 more row for 25 Nov" in words.lines[0], words.lines
    assert added(whole) == [(date(2026, 11, 25), date(2026, 11, 26))]
    assert any("1 more row for 25 Nov" in each["message"] for each in answer_json(whole, "en")["health"])
    grow_demo(workspace, workspace.settings.folder, ARRIVES, later)
    assert added(november(workspace, later)) == []
    assert of_costs(workspace, later) == []
    assert november(workspace, later).value == whole.value
    workspace.close()


def of_costs(workspace: Workspace, day: date) -> list[Incident]:
    """The incidents of the table of costs that the channel would hear of on the afternoon of a day."""
    door = workspace.door(Channel(CHANNEL))
    now = datetime.combine(day, time(15), UTC)
    scope = scope_of(door, day - timedelta(days=7), now)
    every = incidents(rules_of(door, CHANNEL), scope, door.vocabulary().splits_of)
    return [one for one in every if one.lead.episode.source == "costs"]


def added(answer: Answer) -> list[Days | None]:
    return [note.finding.days for note in answer.health if note.finding.code == "rows_added"]


def test_the_fact_is_seen_when_the_bill_is_there() -> None:
    """Planted on fixed dates: dated the 25th, entered on the 9th of the month after."""
    assert "late_bill" not in planted_facts(ARRIVES - timedelta(days=1))
    fact = planted_facts(ARRIVES)["late_bill"]
    assert (fact.start, fact.end) == (date(2026, 11, 25), ARRIVES)
    assert planted_facts(date(2027, 6, 9))["late_bill"].start == date(2027, 5, 25)
