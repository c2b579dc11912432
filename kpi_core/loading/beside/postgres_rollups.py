# ruff: noqa: S608  (SQL is put together from quoted names and definitions)
"""Day rollups in the firm's Postgres: tables in a schema of their own, changed in the transaction of the load.

They are those of a DuckDB snapshot (`warehouse/rollup_tables.py`), and are listed likewise in `kpi_rollups`. But a
table is not written anew with each load: where only days of one source came or went, just these days are replaced.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from kpi_core.dates.calendars import Calendar
from kpi_core.errors import ServiceError
from kpi_core.frozen_dataclass import frozen
from kpi_core.loading.covering import inside
from kpi_core.metrics import Measure, Model
from kpi_core.sql.dialects import fragment_spoken, spoken
from kpi_core.sql.fragments import fragment
from kpi_core.sql.quoting import literal, quoted
from kpi_core.sql.rows import relation_of
from kpi_core.sql.statement import aggregate
from kpi_core.warehouse import rollup_tables
from kpi_core.warehouse.rollup_tables import day_of_moment, summed_by_time
from kpi_core.warehouse.rollups import LIST, digest_of, measure_column, plain_dimensions

Run = Callable[[str], list[Any]]
"""Runs a statement; its rows."""
_COLUMNS = """model text, time text, digest text, table_name text, dimensions text[], measures text[], facts text,
    named text"""
_EXACT = {"numeric", "bigint", "integer"}
_NEAR = timedelta(days=7)
"""Changed days with no longer gap between them are replaced as one range."""
_FINEST = "pg_temp.kpi_finest"


@frozen
class RollupSchema:
    """Where rollups lie: the schema of their own, and in the schema of the load the list of them."""

    run: Run
    at: Callable[[str], str]
    """A table or view of the load, in SQL."""
    schema: str
    calendar: Calendar

    @property
    def listing(self) -> str:
        return self.at(LIST)


@frozen
class _Listed:
    """A rollup as it stands in the list."""

    time: str
    table: str
    dimensions: Sequence[str]
    measures: Sequence[str]


def refuse_schema(run: Run, schema: str) -> None:
    """ServiceError where rollups cannot be kept in a schema: it is not there, or not for this user."""
    rights = (f"has_schema_privilege(oid, '{right}')" for right in ("USAGE", "CREATE"))
    lines = run(f"SELECT {' AND '.join(rights)} FROM pg_namespace WHERE nspname = {literal(schema)}")
    if not lines:
        hint = f"CREATE SCHEMA {quoted(schema)} in the warehouse, or leave out rollups: in kpi.yaml."
        raise ServiceError(f"The warehouse has no schema {schema} for rollups.", code="load_rollups", hint=hint)
    if not lines[0][0]:
        message = f"The warehouse's user may not write into the schema {schema}."
        hint = f"GRANT CREATE, USAGE ON SCHEMA {schema} to that user, and let it own the tables that kpi load made."
        raise ServiceError(message, code="load_rights", hint=hint)


def prepare_rollups(run: Run, listing: str) -> None:
    """Make the list of rollups, where there is none."""
    run(f"CREATE TABLE IF NOT EXISTS {listing} ({_COLUMNS})")


def forget_rollups(run: Run, listing: str, model: str | None = None) -> None:
    """Remove the rollups of a model, or of all; one that somebody else owns by now is at least listed no more."""
    condition = f"model = {literal(model)}" if model is not None else "true"
    for (table,) in run(f"SELECT table_name FROM {listing} WHERE {condition} AND table_name IS NOT NULL"):
        run("SAVEPOINT forgotten")
        try:
            run(f"DROP TABLE IF EXISTS {table}")
        except ServiceError:
            run("ROLLBACK TO SAVEPOINT forgotten")
    run(f"DELETE FROM {listing} WHERE {condition}")


def roll_up(place: RollupSchema, model: Model, changed: frozenset[date] | None) -> None:
    """Bring a model's rollups in step with its rows: the days that changed alone, or all where that is not known.

    What windows work out, such as a customer's first order, may differ on other days than those that came: it is
    worked out anew.
    """
    digest = digest_of(model, place.calendar)
    lines = place.run(
        f"SELECT time, table_name, dimensions, measures FROM {place.listing} "
        f"WHERE model = {literal(model.name)} AND digest = '{digest}' "
        f"AND starts_with(table_name, {literal(f'{quoted(place.schema)}.')}) ORDER BY cardinality(dimensions) DESC"
    )
    standing = [_Listed(*line) for line in lines]
    if changed is not None and not changed and (standing or _is_weighed(place, model, digest)):
        return
    if standing and all(_refreshed(place, model, time, standing, changed) for time in {each.time for each in standing}):
        return
    forget_rollups(place.run, place.listing, model.name)
    # A line of its own even if no rollup turns out to be worth it: else every load would weigh it anew.
    weighed = ", ".join((literal(model.name), "NULL", literal(digest), *["NULL"] * 5))
    place.run(f"INSERT INTO {place.listing} VALUES ({weighed})")
    for time, measures in summed_by_time(model).items():
        _build(_Plan(place, model, time, digest), measures)


def _is_weighed(place: RollupSchema, model: Model, digest: str) -> bool:
    sql = f"SELECT 1 FROM {place.listing} WHERE model = {literal(model.name)} AND digest = {literal(digest)}"
    return bool(place.run(sql))


@frozen
class _Plan:
    """The rollups of one time of a model while they are written."""

    place: RollupSchema
    model: Model
    time: str
    digest: str

    def relation(self, measures: Sequence[Measure] = ()) -> str:
        """The rows in Postgres's words, with what the measures read and the moment that puts a row into its day."""
        from sqlglot import exp

        moment = fragment(self.model.times.get(self.time, quoted(self.time)))
        rows = exp.select(exp.Star(), exp.alias_(moment, "kpi_moment"))
        return f"({spoken(rows.from_(relation_of(self.model, measures, self.time)), 'postgres')}) AS facts"

    def reach(self) -> tuple[int, str | None]:
        """How many rows have a moment, and the day of one in SQL; None where it cannot be told by our clock."""
        sql = f"SELECT count(kpi_moment), min(kpi_moment), max(kpi_moment) FROM {self.relation()}"
        ((count, first, last),) = self.place.run(sql)
        dated = self.model.time_type(self.time) == "date"
        if dated is isinstance(first, datetime):
            return count, None
        day = day_of_moment(_naive(first), _naive(last), self.place.calendar, "CAST(kpi_moment AS timestamp)")
        return count, "kpi_moment" if dated and day is not None else day


def _naive(moment: Any) -> Any:
    return moment.astimezone(UTC).replace(tzinfo=None) if isinstance(moment, datetime) and moment.tzinfo else moment


def _build(plan: _Plan, measures: Sequence[Measure]) -> None:
    """Weigh which dimensions have room, and write the rollup, with a smaller one beside it where that is worth it."""
    run, worth = plan.place.run, rollup_tables.WORTH
    exact, (count, day) = _exact(plan, measures), plan.reach()
    if not exact or day is None or count < worth.facts:
        return
    names = plain_dimensions(plan.model)
    run(f"DROP TABLE IF EXISTS {_FINEST}")
    run(f"CREATE TEMP TABLE kpi_finest ON COMMIT DROP AS {_selected(plan, day, names, exact)}")
    members = [f"count(DISTINCT {quoted(name)})" for name in names]
    ((finest, *sizes),) = run(f"SELECT {', '.join(('count(*)', *members))} FROM {_FINEST}")
    by_size = [name for _number, name in sorted(zip(sizes, names, strict=True))]
    most = min(count // worth.times_smaller, worth.rows)
    whole = _fitting(plan, by_size, finest, most)
    if whole is None:
        return
    again = ", ".join(f"SUM({measure_column(each.name)}) AS {measure_column(each.name)}" for each in exact)
    few = _fitting(plan, whole, finest, min(most, worth.few))
    for dimensions in [whole, *([few] if few is not None and len(few) < len(whole) else [])]:
        columns = [quoted(name) for name in (plan.time, *dimensions)]
        _create(plan, dimensions, exact, f"SELECT {', '.join((*columns, again))} FROM {_FINEST} {_grouped(columns)}")
    run(f"DROP TABLE {_FINEST}")


def _create(plan: _Plan, dimensions: Sequence[str], measures: Sequence[Measure], rows: str) -> None:
    place, names = plan.place, [measure.name for measure in measures]
    table = f"{quoted(place.schema)}.{quoted(_table_name(plan, dimensions, names))}"
    place.run(f"DROP TABLE IF EXISTS {table}")
    place.run(f"CREATE TABLE {table} AS {rows}")
    place.run(f"CREATE INDEX ON {table} ({quoted(plan.time)})")
    place.run(f"ANALYZE {table}")
    facts = place.at(plan.model.name)
    values = ", ".join(map(literal, (plan.model.name, plan.time, plan.digest, table)))
    lists = ", ".join(f"ARRAY[{', '.join(map(literal, texts))}]::text[]" for texts in (dimensions, names))
    named = literal(quoted(plan.model.name))
    place.run(f"INSERT INTO {place.listing} VALUES ({values}, {lists}, {literal(facts)}, {named})")


def _refreshed(
    place: RollupSchema, model: Model, time: str, standing: Sequence[_Listed], changed: frozenset[date] | None
) -> bool:
    """Write the rows of a time's rollups again, of the changed days or all; False where they are to be weighed anew."""
    plan = _Plan(place, model, time, digest_of(model, place.calendar))
    rollups = [each for each in standing if each.time == time]
    largest, measures = rollups[0], [model.measures[name] for name in rollups[0].measures]
    count, day = plan.reach()
    if day is None or {*measures} - {*_exact(plan, measures)}:
        return False
    ranges = _ranges(changed) if changed is not None and time == model.time and not model.computed else None
    source = _selected(plan, day, largest.dimensions, measures, _within(plan, ranges))
    for rollup in rollups:
        place.run(f"DELETE FROM {rollup.table} WHERE {_between(quoted(time), ranges)}")
        if rollup is not largest:
            columns = [quoted(name) for name in (time, *rollup.dimensions)]
            sums = (f"SUM({measure_column(name)})" for name in rollup.measures)
            rows = f"FROM {largest.table} WHERE {_between(quoted(time), ranges)}"
            source = f"SELECT {', '.join((*columns, *sums))} {rows} {_grouped(columns)}"
        place.run(f"INSERT INTO {rollup.table} {source}")
        place.run(f"ANALYZE {rollup.table}")
    worth = rollup_tables.WORTH
    ((rows,),) = place.run(f"SELECT count(*) FROM {largest.table}")
    # Room to grow, so that one row more does not have everything weighed again.
    return bool(count >= worth.facts and rows <= 2 * min(count // worth.times_smaller, worth.rows))


def _selected(plan: _Plan, day: str, dimensions: Sequence[str], measures: Sequence[Measure], within: str = "") -> str:
    """The query for a rollup's rows out of the facts."""
    columns = [f"{day} AS {quoted(plan.time)}", *map(quoted, dimensions)]
    sums = (f"{fragment_spoken(aggregate(each), 'postgres')} AS {measure_column(each.name)}" for each in measures)
    rows = f"{plan.relation(measures)} WHERE kpi_moment IS NOT NULL{within}"
    return f"SELECT {', '.join((*columns, *sums))} FROM {rows} {_grouped(columns)}"


def _grouped(columns: Sequence[str]) -> str:
    keys = ", ".join(str(number + 1) for number in range(len(columns)))
    return f"GROUP BY {keys} ORDER BY {keys}"


def _exact(plan: _Plan, measures: Sequence[Measure]) -> list[Measure]:
    """Those whose sums do not depend on the order of adding."""
    kinds = ", ".join(f"pg_typeof({fragment_spoken(aggregate(each), 'postgres')})::text" for each in measures)
    (types,) = plan.place.run(f"SELECT {kinds} FROM (SELECT * FROM {plan.relation(measures)} LIMIT 0) AS facts")
    return [measure for measure, kind in zip(measures, types, strict=True) if kind in _EXACT]


def _fitting(plan: _Plan, by_size: Sequence[str], finest: int, most: int) -> Sequence[str] | None:
    """As many dimensions, the small ones first, as leave so many rows; None when even the days are more."""
    if finest <= most and len(by_size) == len(plain_dimensions(plan.model)):
        return by_size
    for number in range(len(by_size), -1, -1):
        columns = ", ".join(map(quoted, (plan.time, *by_size[:number])))
        ((rows,),) = plan.place.run(f"SELECT count(*) FROM (SELECT DISTINCT {columns} FROM {_FINEST}) AS groups")
        if rows <= most:
            return by_size[:number]
    return None


def _table_name(plan: _Plan, dimensions: Sequence[str], measures: Sequence[str]) -> str:
    """One that says what is in it, and that another shape of rollup never has."""
    shape = hashlib.sha256(repr((plan.model.name, plan.time, plan.digest, dimensions, measures)).encode()).hexdigest()
    plain = "".join(sign if sign.isascii() and sign.isalnum() else "_" for sign in plan.model.name)
    return f"{plain[:40]}__{shape[:16]}"


def _ranges(days: frozenset[date]) -> list[tuple[date, date]]:
    """Days as ranges from a first to a last, those that lie near each other together."""
    ranges: list[tuple[date, date]] = []
    for day in sorted(days):
        if ranges and day - ranges[-1][1] <= _NEAR:
            ranges[-1] = ranges[-1][0], day
        else:
            ranges.append((day, day))
    return ranges


def _within(plan: _Plan, ranges: Sequence[tuple[date, date]] | None) -> str:
    """That a row of the facts falls on such a day, as bounds of its time, so that an index on it is used."""
    if ranges is None:
        return ""
    spans = (inside(plan.model, first, last, plan.place.calendar, "postgres") for first, last in ranges)
    return f" AND ({' OR '.join(spans)})"


def _between(column: str, ranges: Sequence[tuple[date, date]] | None) -> str:
    if ranges is None:
        return "true"
    return " OR ".join(f"{column} BETWEEN DATE '{first}' AND DATE '{last}'" for first, last in ranges)


def changed_models(
    changed: Mapping[str, frozenset[date] | None], fillings: Mapping[str, int]
) -> Iterator[tuple[str, frozenset[date] | None]]:
    """The tables whose rows a load has changed, each with its days; None where other days may have changed, too.

    Where several sources fill a table, a row that goes lets another one's of its key show again, on whatever day.
    """
    for table, days in changed.items():
        yield table, days if fillings.get(table, 0) == 1 else None
