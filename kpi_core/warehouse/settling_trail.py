"""Reads the trail that services leave when they restate their days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, timedelta
from typing import Any

from kpi_core.dates.calendars import Calendar
from kpi_core.health.facts import Health, SourceFacts
from kpi_core.health.open_measures import OpenMeasure, Reading, open_measure
from kpi_core.warehouse.door import Warehouse

TRAIL = "kpi_restatements"
LEARNED = timedelta(days=200)
"""How far back days teach what is usual: tools change."""


def read_open_measures(warehouse: Warehouse, health: Health, calendar: Calendar) -> tuple[OpenMeasure, ...]:
    """The columns of all sources whose youngest days still move; none where no service is read."""
    sources = {facts.source: facts for facts in health.sources if facts.last_day is not None}
    if not sources or not warehouse.columns(TRAIL):
        return ()
    readings: dict[tuple[str, str], list[Reading]] = {}
    for source, column, account, day, read_at, value in _lines(warehouse):
        if source in sources:
            read = calendar.today(read_at.replace(tzinfo=UTC))
            readings.setdefault((source, column), []).append((account, day, read, float(value)))
    measures = (_of_column(sources[source], column, lines, calendar) for (source, column), lines in readings.items())
    return tuple(measure for measure in measures if measure is not None)


def _lines(warehouse: Warehouse) -> Sequence[tuple[Any, ...]]:
    ((newest,),) = warehouse.rows(f"SELECT max(day) FROM {TRAIL}", {})  # noqa: S608 - a name of our own
    if newest is None:
        return ()
    sql = f"""
        SELECT source, measure, account, day, read_at, value FROM {TRAIL} WHERE day >= DATE '{newest - LEARNED}'
        ORDER BY source, measure, read_at, account, day"""  # noqa: S608 - names and a date of our own
    return warehouse.rows(sql, {})


def _of_column(facts: SourceFacts, column: str, lines: Sequence[Reading], calendar: Calendar) -> OpenMeasure | None:
    loaded_on = calendar.today(facts.loaded_at) if facts.loaded_at is not None else max(line[2] for line in lines)
    return open_measure(facts.source, facts.table, column, lines, loaded_on)
