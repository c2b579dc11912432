"""What the tables of a warehouse hold: how far they reach, and which values a dimension has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta

from kpi_core.dates.calendars import Calendar
from kpi_core.dates.periods import Days
from kpi_core.health.days import SILENCE, is_few
from kpi_core.health.facts import Health
from kpi_core.metrics import HOUR, WEEKDAY, WEEKDAYS, Catalog, Model
from kpi_core.sql.quoting import literal
from kpi_core.sql.rows import columns_behind
from kpi_core.sql.statement import distinct_values, key_counts, reach_query, wall_clocks
from kpi_core.sql.until_now import Clock, ahead_query, halves_query, newest_query
from kpi_core.warehouse.coverage import Coverage, by_months, by_sources
from kpi_core.warehouse.door import Warehouse
from kpi_core.warehouse.rollups import LIST, READ, READ_IN_POSTGRES, Listed

_SOON = timedelta(days=3 * 366)
_END = Clock(datetime.max.replace(tzinfo=UTC), date.max)
_MOST_STRAYS = 5
"""Wrong dates on either side of which there are years of silence."""
COVERED = "kpi_covered"
"""The table in which loads list the days that services answered for: a day without rows among them is a true 0."""
RESTATED = "kpi_restatements"
"""The table in which loads write down what services said of a day, each time that it was something else."""
Answered = Mapping[str, tuple[date, date]]
"""Of a table that services fill: the first and the last day for which one answered."""


_MEMBERS_OF_CLOCK: dict[str, tuple[str, ...]] = {WEEKDAY: WEEKDAYS, HOUR: tuple(f"{hour:02}:00" for hour in range(24))}


def read_answered(warehouse: Warehouse) -> Answered:
    """How far services have answered, by the table they fill; empty where no load has listed anything."""
    if not warehouse.columns(COVERED):
        return {}
    sql = f"SELECT table_name, min(first_day), max(last_day) FROM {COVERED} GROUP BY table_name"  # noqa: S608 - own name
    return {table: (first, last) for table, first, last in warehouse.rows(sql, {})}


def last_restated(warehouse: Warehouse, source: str) -> datetime | None:
    """When a service said for the last time something else of a day than before; None where it never did."""
    if not warehouse.columns(RESTATED):
        return None
    sql = f"""
        SELECT max(read_at) FROM (
            SELECT read_at, row_number() OVER (PARTITION BY account, day, measure ORDER BY read_at) AS number
            FROM {RESTATED} WHERE source = {literal(source)}) AS told WHERE number > 1"""  # noqa: S608 - own name, quoted
    ((moment,),) = warehouse.rows(sql, {})
    return moment.replace(tzinfo=UTC) if isinstance(moment, datetime) else None


def read_coverage(
    model: Model, warehouse: Warehouse, calendar: Calendar, answered: Callable[[], Answered], health: Health
) -> Coverage:
    """The first and last day of a table's own time in the warehouse, or for which a service answered.

    Where loads filled the table, it reaches as far as its sources do.
    """
    if not warehouse.columns(model.name):
        return Coverage(model.name, model.name, missing=True, sparse=model.sparse)
    (moments,) = warehouse.rows(reach_query(model, warehouse.dialect), {})
    firsts, lasts = [calendar.day_of(moments[0])], [calendar.day_of(moment) for moment in moments[1:]]
    if days := answered().get(model.name):
        firsts.append(days[0])
        lasts.append(days[1])
    first = min((day for day in firsts if day is not None), default=None)
    last = max((day for day in lasts if day is not None), default=None)
    strays: tuple[tuple[date, int], ...] = ()
    if first is not None and last is not None and not health.of_table(model.name) and model.time:
        first, strays = _sound_first(model, warehouse, calendar, first, last)
    newest = tuple(moment for moment in moments[1:] if isinstance(moment, date))
    coverage = Coverage(
        model.name, model.name, first, last, sparse=model.sparse, plan=model.plan, newest=newest, strays=strays
    )
    coverage = by_sources(coverage, health.of_table(model.name))
    return by_months(coverage) if any(measure.spread for measure in model.measures.values()) else coverage


def _sound_first(
    model: Model, warehouse: Warehouse, calendar: Calendar, first: date, last: date
) -> tuple[date, tuple[tuple[date, int], ...]]:
    """The first day of a table that no load has looked at, without a few rows dated years before all others.

    Those with it: their days, each with how many rows are dated around it.
    """
    strays: list[tuple[date, int]] = []
    for _stray in range(_MOST_STRAYS):
        if last - first <= 2 * SILENCE:
            break
        end = first + SILENCE
        clock = Clock(calendar.midnight(end + timedelta(days=1)) - timedelta(microseconds=1), end)
        ((early, newest, late, oldest),) = warehouse.rows(halves_query(model, clock, warehouse.dialect), {})
        before, after = calendar.day_of(newest), calendar.day_of(oldest)
        if before is None or after is None or after - before <= SILENCE or not is_few(early, early + late):
            break
        strays.append((first, early))
        first = after
    return first, tuple(strays)


def read_newest(model: Model, warehouse: Warehouse, calendar: Calendar, clock: Clock) -> date | None:
    """The last day of a table with rows ahead that has come."""
    (moments,) = warehouse.rows(newest_query(model, clock, warehouse.dialect), {})
    return max((day for moment in moments if (day := calendar.day_of(moment)) is not None), default=None)


def read_ahead(model: Model, warehouse: Warehouse, calendar: Calendar, clock: Clock) -> tuple[int, Days] | None:
    """How many rows of a table lie ahead, and from which day to which; those years ahead are misdated, not planned."""
    return _read_ahead(model, warehouse, calendar, (clock, _years_after(clock)))


def read_years_ahead(model: Model, warehouse: Warehouse, calendar: Calendar, clock: Clock) -> tuple[int, Days] | None:
    """How many rows of a table are dated years ahead, and from which day to which."""
    return _read_ahead(model, warehouse, calendar, (_years_after(clock), _END))


def _years_after(clock: Clock) -> Clock:
    return Clock(clock.now + _SOON, clock.today + _SOON)


def _read_ahead(
    model: Model, warehouse: Warehouse, calendar: Calendar, between: tuple[Clock, Clock]
) -> tuple[int, Days] | None:
    clock, end = between
    ((count, *moments),) = warehouse.rows(ahead_query(model, clock, end, warehouse.dialect), {})
    days = [day for moment in moments if (day := calendar.day_of(moment)) is not None]
    if not days:
        return None
    last = max(days)
    return count, (min(days), last + timedelta(days=1) if last < date.max else last)


def read_members(dimension: str, catalog: Catalog, warehouse: Warehouse) -> tuple[str | None, ...]:
    """Every value of a dimension in the tables that are there, sorted, rows without one last."""
    if (every := _MEMBERS_OF_CLOCK.get(dimension)) and not any(dimension in m.columns for m in catalog.models.values()):
        return every
    members: set[str | None] = set()
    for model in catalog.models.values():
        lookup = model.lookups.get(dimension) or model.calendars.get(dimension)
        owner, column = (catalog.models[lookup.table], lookup.column) if lookup else (model, dimension)
        if (
            (dimension in model.dimensions or dimension in model.calendars)
            and not owner.relation
            and columns_behind(owner, column) <= warehouse.columns(owner.name)
        ):
            sql = distinct_values(owner, column, warehouse.dialect)
            members |= {value for (value,) in warehouse.rows(sql, {})}
    return tuple(sorted(members, key=lambda value: (value is None, value or "")))


def doubled_keys(catalog: Catalog, warehouse: Warehouse) -> list[tuple[str, str, int]]:
    """The look-ups in which keys stand more than once: their names, their keys, and in how many rows too many.

    Loads keep one row a key; a table that is filled outside may hold anything.
    """
    found = []
    for model in catalog.models.values():
        if model.primary_entity and warehouse.columns(model.name):
            ((rows, keys),) = warehouse.rows(key_counts(model, warehouse.dialect), {})
            if rows > keys:
                found.append((model.name, model.key[0], rows - keys))
    return found


def read_rollups(warehouse: Warehouse) -> list[Listed]:
    """The rollups that a load has put beside the facts: in our own snapshots, and in a warehouse that asks for them."""
    sql = {"duckdb": READ, "clickhouse": READ, "postgres": READ_IN_POSTGRES}.get(warehouse.dialect)
    if sql is None or not warehouse.columns(LIST):
        return []
    return list(warehouse.rows(sql, {}))


def other_clock(warehouse: Warehouse, calendar: Calendar, now: datetime) -> datetime | None:
    """The first instant, of two years back to one ahead, at which the warehouse's clock of the zone is not ours.

    What definitions ask of it is cut by its own; `docs/decisions/zones.md`.
    """
    ticks = [now.astimezone(UTC).replace(microsecond=0) + timedelta(days=day) for day in range(-730, 366, 14)]
    sql = wall_clocks([tick.replace(tzinfo=None) for tick in ticks], calendar, warehouse.dialect)
    (walls,) = warehouse.rows(sql, {})
    ours = (tick.astimezone(calendar.zone).replace(tzinfo=None) for tick in ticks)
    return next((tick for tick, our, wall in zip(ticks, ours, walls, strict=True) if our != wall), None)
