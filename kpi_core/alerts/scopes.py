"""What rules may read: a workspace's numbers through the door of those who will hear."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time

from kpi_core.access.doorway import Door
from kpi_core.alerts.episode import Scope
from kpi_core.answers import Answer
from kpi_core.query import MetricQuery

MORNING = time(9)


def scope_of(door: Door, since: date, now: datetime) -> Scope:
    """What the rules of a door's readers may read. A day of the past is asked as of its morning."""
    zone, today = door.settings.calendar.zone, door.today(now)

    def ask(queries: Sequence[MetricQuery], day: date) -> Sequence[Answer]:
        return door.answers(queries, now if day == today else datetime.combine(day, MORNING, zone))

    return Scope(
        ask, door.catalog, door.settings.calendar, door.goals(), door.health(), door.coverage(now), since, today
    )
