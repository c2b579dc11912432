"""Sources that bring nothing new for longer than they ever did: the owner is told once, until new rows have come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.workspace import Workspace
from kpi_core.access.audiences import Person
from kpi_core.dates.schedule import Fire
from kpi_core.deliveries.messages import Message
from kpi_core.deliveries.to_owner import Trouble, tell_owner, trouble_over
from kpi_core.formats.periods import date_text
from kpi_core.health.facts import Finding
from kpi_core.phrases import say
from kpi_core.state.trouble_rows import open_troubles
from kpi_core.warehouse.coverage import stale_sources

EVERY = "day 09:30"
SILENT = "silent:"
"""How these troubles begin."""
GRACE = timedelta(days=1)
"""Yesterday's rows may come in the course of today."""


def tell_of_silent_sources(workspace: Workspace, now: datetime, _fire: Fire) -> Sequence[Message]:
    """Tell of each source without new rows, unless its load fails, which is told, or an alert tells of all sources."""
    settings, store = workspace.settings, workspace.store
    if not settings.owner or any(rule.when == "stale" and not rule.kpi for rule in settings.alerts):
        return ()
    silent = {SILENT + finding.source: finding for finding in _silent(workspace, now)}
    with store.reading() as transaction:
        before = [row["name"] for row in open_troubles(transaction)]
    for name in before:
        if name.startswith(SILENT) and name not in silent:
            trouble_over(store, name)
    for name, finding in silent.items():
        if f"job:load:{finding.source}" not in before and finding.days is not None:
            # The last day that it has rows of, as everywhere else.
            day = date_text(finding.days[0] - timedelta(days=1), settings.locale)
            text = say(settings.locale, "trouble.silent", source=finding.source, day=day)
            tell_owner(store, settings.owner, Trouble(name, text, "silent"), now)
    return ()


def _silent(workspace: Workspace, now: datetime) -> list[Finding]:
    health = workspace.door(Person(workspace.settings.owner)).health()
    today = workspace.settings.calendar.today(now) - GRACE
    tables = dict.fromkeys(source.table for source in health.sources)
    return [finding for table in tables for finding in stale_sources(health.of_table(table), today)]
