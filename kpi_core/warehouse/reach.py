"""What the tables of a warehouse hold: how far they reach, and which values a dimension has."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from kpi_core.dates.calendars import Calendar
from kpi_core.metrics import Catalog, Model
from kpi_core.sql.places import place_of, placed
from kpi_core.sql.statement import distinct_values, reach_query, wall_clocks
from kpi_core.warehouse.coverage import Coverage
from kpi_core.warehouse.door import Warehouse
from kpi_core.warehouse.rollups import LIST, READ, Listed

COVERED = "kpi_covered"
"""The table in which loads list the days that services answered for: a day without rows among them is a true 0."""
_COVERED_DAYS = placed(
    f"SELECT min(first_day), max(last_day) FROM {COVERED} WHERE table_name = {place_of('model')}"  # noqa: S608 - own name
)


def read_coverage(model: Model, catalog: Catalog, warehouse: Warehouse, calendar: Calendar) -> Coverage:
    """The first and last day of a model's own time in the warehouse.

    A model made of others begins with the first of them and ends with the earliest to end; sparse ones hold up nobody.
    Each of the others must be there, if only empty.
    """
    if model.relation:
        bases = [read_coverage(catalog.models[name], catalog, warehouse, calendar) for name in model.reads]
        deciding = next((base for base in bases if base.missing), bases[0])
        ends = [base.last for base in bases if base.last is not None and not base.sparse]
        last = min(ends, default=deciding.last) if deciding.last else None
        return replace(deciding, model=model.name, last=last, sparse=model.sparse)
    if not warehouse.columns(model.name):
        return Coverage(model.name, model.name, missing=True, sparse=model.sparse)
    ((first, *lasts),) = warehouse.rows(reach_query(model, warehouse.dialect), {})
    begins, ends = [first], list(lasts)
    if warehouse.columns(COVERED):
        ((first, last),) = warehouse.rows(_COVERED_DAYS, {"model": model.name})
        begins, ends = [*begins, first], [*ends, last]
    firsts, lasts = (
        [day for moment in moments if (day := _local(moment, calendar)) is not None] for moments in (begins, ends)
    )
    first_day, last_day = min(firsts, default=None), max(lasts, default=None)
    return Coverage(model.name, model.name, first_day, last_day, sparse=model.sparse)


def read_members(dimension: str, catalog: Catalog, warehouse: Warehouse) -> tuple[str | None, ...]:
    """Every value of a dimension in the tables that are there, sorted, rows without one last."""
    found: set[str | None] = set()
    for model in catalog.models.values():
        if dimension in model.dimensions and not model.relation and dimension in warehouse.columns(model.name):
            sql = distinct_values(model.name, dimension, warehouse.dialect)
            found |= {value for (value,) in warehouse.rows(sql, {})}
    return tuple(sorted(found, key=lambda value: (value is None, value or "")))


def read_rollups(warehouse: Warehouse) -> list[Listed]:
    """The rollups that a load has put beside the facts; only our own snapshots have any."""
    if warehouse.dialect != "duckdb" or not warehouse.columns(LIST):
        return []
    return list(warehouse.rows(READ, {}))


def other_clock(warehouse: Warehouse, calendar: Calendar, now: datetime) -> datetime | None:
    """The first instant, of two years back to one ahead, at which the warehouse's clock of the zone is not ours.

    What definitions ask of it is cut by its own; `docs/decisions/zones.md`.
    """
    ticks = [now.astimezone(UTC).replace(microsecond=0) + timedelta(days=day) for day in range(-730, 366, 14)]
    sql = wall_clocks([tick.replace(tzinfo=None) for tick in ticks], calendar, warehouse.dialect)
    (walls,) = warehouse.rows(sql, {})
    ours = (tick.astimezone(calendar.zone).replace(tzinfo=None) for tick in ticks)
    return next((tick for tick, our, wall in zip(ticks, ours, walls, strict=True) if our != wall), None)


def _local(moment: object, calendar: Calendar) -> date | None:
    """The local day of a UTC instant, or the date itself."""
    if isinstance(moment, datetime):
        instant = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo("UTC"))
        return calendar.today(instant)
    return moment if isinstance(moment, date) else None
