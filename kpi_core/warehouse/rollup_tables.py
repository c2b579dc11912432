# ruff: noqa: S608  (SQL is put together from quoted names and definitions)
"""Day rollups built: which are worth their place, and the tables that hold them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

from kpi_core.cache import cached, package_key
from kpi_core.dates.calendars import Calendar
from kpi_core.frozen_dataclass import frozen
from kpi_core.metrics import Measure, Model
from kpi_core.sql.fragments import fragment
from kpi_core.sql.quoting import literal, quoted
from kpi_core.sql.rows import relation_of
from kpi_core.sql.statement import aggregate
from kpi_core.sql.zones import local_sql, offsets_between
from kpi_core.warehouse.rollups import LIST, digest_of, measure_column, plain_dimensions

Run = Callable[[str], list[Any]]
"""Runs DuckDB SQL; the rows."""
_MADE = f"""
    CREATE TABLE IF NOT EXISTS {LIST} (
        model VARCHAR, time VARCHAR, digest VARCHAR, table_name VARCHAR, dimensions VARCHAR[], measures VARCHAR[])"""
# A stray instant of the year 9999 would cost thousands of clock changes; facts of a century are none.
_LONGEST = timedelta(days=36525)
_EXACT = ("DECIMAL", "HUGEINT", "BIGINT")
_CHANGES_BY_ITSELF = ("current_", "now(", "today(", "localtime", "transaction_timestamp", "age(", "random(", "uuid(")


@frozen
class Worth:
    """When a rollup is worth its place: of so many facts, so many times smaller, and small by itself.

    Beside one of at most `rows` stands another of at most `few`, for most questions split by little: it stays as small
    however many campaigns there are.
    """

    facts: int = 1000
    times_smaller: int = 3
    rows: int = 1_000_000
    few: int = 20_000


WORTH = Worth()


class RollupList:
    """The list of a warehouse's rollups, read once and written once; `run` runs DuckDB SQL.

    What is forgotten or built stands in the list after `write`.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        run(_MADE)
        self._lines: dict[str, list[tuple[str, str | None]]] = {}
        for model, digest, table in run(f"SELECT model, digest, table_name FROM {LIST}"):
            self._lines.setdefault(model, []).append((digest, table))
        self._gone: set[str] = set()
        self._built: list[str] = []

    def is_built(self, model: Model, calendar: Calendar) -> bool:
        """Whether the model's rollups, if only to find that none are worth it, were built from these definitions."""
        own = digest_of(model, calendar)
        return any(digest == own for digest, _table in self._lines.get(model.name, ()))

    def forget(self, model: str) -> None:
        """Remove a model's rollups."""
        for _digest, table in self._lines.pop(model, ()):
            self._gone.add(model)
            if table is not None:
                self.run(f"DROP TABLE {table}")

    def build(self, model: Model, calendar: Calendar) -> None:
        """Put a model's rollups in the place of its old ones; none where they would not be worth it."""
        self.forget(model.name)
        digest = digest_of(model, calendar)
        # A line of its own even if no rollup turns out to be worth it: else every load would weigh it anew.
        self._lines[model.name] = [(digest, None)]
        self._built.append(f"({literal(model.name)}, NULL, '{digest}', NULL, NULL, NULL)")
        for time, measures in summed_by_time(model).items():
            self._built += _build(_Plan(model, time, digest, self.run), measures, calendar)

    def write(self) -> None:
        if self._gone:
            self.run(f"DELETE FROM {LIST} WHERE model IN ({', '.join(map(literal, sorted(self._gone)))})")
        if self._built:
            self.run(f"INSERT INTO {LIST} VALUES {', '.join(self._built)}")
        self._gone, self._built = set(), []


def build_rollups(model: Model, calendar: Calendar, run: Run) -> None:
    """Put one model's rollups in the place of its old ones; none where they would not be worth it."""
    run("CREATE SCHEMA IF NOT EXISTS rollups")
    listed = RollupList(run)
    listed.build(model, calendar)
    listed.write()


def forget_rollups(model: str, run: Run) -> None:
    """Remove one model's rollups."""
    listed = RollupList(run)
    listed.forget(model)
    listed.write()


@frozen
class _Plan:
    """One rollup while it is built."""

    model: Model
    time: str
    digest: str
    run: Run

    def relation(self, measures: Sequence[Measure] = ()) -> str:
        """The rows, with the columns that the measures read."""
        rows = relation_of(self.model, measures, self.time).sql(dialect="duckdb")
        return f"(SELECT *, {self._moment()} AS kpi_moment FROM {rows}) AS facts"

    def _moment(self) -> str:
        """When a row falls into its period."""
        sql = self.model.times.get(self.time)
        return fragment(sql).sql(dialect="duckdb") if sql else quoted(self.time)


def summed_by_time(model: Model) -> dict[str, list[Measure]]:
    """The measures that can be rolled up, by the time that puts their rows into a period."""
    by_time: dict[str, list[Measure]] = {}
    if model.relation is None:
        for measure in model.measures.values():
            if measure.additive and not _changes_by_itself(model, measure):
                by_time.setdefault(model.time_of(measure), []).append(measure)
    return by_time


def _changes_by_itself(model: Model, measure: Measure) -> bool:
    """Whether anything behind a measure reads the clock or draws lots: then a sum of yesterday says nothing today."""
    sql = " ".join((*model.computed.values(), *model.times.values(), measure.expr or "", measure.filter or "")).lower()
    return any(word in sql for word in _CHANGES_BY_ITSELF)


@frozen
class _Texts:
    """The SQL of a rollup: its rows, those with the columns that its measures read, and the sum of each measure."""

    facts: str
    rows: str
    sums: Mapping[str, str]


def _texts_of(plan: _Plan, measures: Sequence[Measure]) -> _Texts:
    def written() -> _Texts:
        sums = {measure.name: aggregate(measure).sql(dialect="duckdb") for measure in measures}
        return _Texts(plan.relation(), plan.relation(measures), sums)

    # The digest names all that they depend on but who writes them.
    key = f"{package_key('sqlglot')} {plan.model.name} {plan.digest} {plan.time}"
    return cached("rollup", key, written)


def _build(plan: _Plan, measures: Sequence[Measure], calendar: Calendar) -> Iterator[str]:
    """The rollups of one time; yields their lines of the list."""
    texts = _texts_of(plan, measures)
    facts, sums, rows = texts.facts, texts.sums, texts.rows
    count, first, last, *members = plan.run(_statistics(plan, facts))[0]
    if count < WORTH.facts or (plan.model.time_type(plan.time) == "date") is isinstance(first, datetime):
        # Where the column is of another type than its definition says, days might be cut otherwise than by a question.
        return
    day = day_of_moment(first, last, calendar)
    exact = _exact(plan, sums, rows) if day is not None else {}
    if not exact or day is None:
        return
    if len(exact) < len(sums):
        rows = plan.relation([measure for measure in measures if measure.name in exact])
    # The small dimensions first, so that as many as possible find room.
    by_size = [name for _number, name in sorted(zip(members, plain_dimensions(plan.model), strict=True))]
    most = min(count // WORTH.times_smaller, WORTH.rows)
    sizes = _sizes(plan, facts, day, by_size)
    dimensions = _fitting(by_size, sizes, most)
    if dimensions is None:
        return
    columns = [f"{day} AS {quoted(plan.time)}", *map(quoted, dimensions)]
    whole, line = _write(plan, "", columns, exact, f"{rows} WHERE kpi_moment IS NOT NULL", dimensions)
    yield line
    few = _fitting(by_size, sizes, min(most, WORTH.few))
    if few is not None and len(few) < len(dimensions):
        # Summed from the larger rollup: the facts need not be read a second time.
        again = {name: f"SUM({measure_column(name)})" for name in exact}
        yield _write(plan, "__few", [quoted(name) for name in (plan.time, *few)], again, whole, few)[1]


def _write(  # noqa: PLR0913, PLR0917 - a table is made of all of these
    plan: _Plan, suffix: str, columns: Sequence[str], sums: Mapping[str, str], rows: str, dimensions: Sequence[str]
) -> tuple[str, str]:
    """One rollup as a table; its name, and its line of the list."""
    table = f"rollups.{quoted(f'{plan.model.name}__{plan.time}__{plan.digest}{suffix}')}"
    summed = [f"{sql} AS {measure_column(name)}" for name, sql in sums.items()]
    keys = ", ".join(str(number + 1) for number in range(len(columns)))
    select_list = ", ".join([*columns, *summed])
    # In the order of days, so that DuckDB passes over the blocks of all others.
    plan.run(f"CREATE TABLE {table} AS SELECT {select_list} FROM {rows} GROUP BY {keys} ORDER BY {keys}")
    names = (_texts(dimensions), _texts(list(sums)))
    values = (literal(plan.model.name), literal(plan.time), literal(plan.digest), literal(table), *names)
    return table, f"({', '.join(values)})"


def _exact(plan: _Plan, sums: Mapping[str, str], rows: str) -> dict[str, str]:
    """Those whose sums do not depend on the order of adding."""
    kinds = [kind for _name, kind, *_ in plan.run(f"DESCRIBE SELECT {', '.join(sums.values())} FROM {rows}")]
    return {name: sums[name] for name, kind in zip(sums, kinds, strict=True) if kind.startswith(_EXACT)}


def _statistics(plan: _Plan, facts: str) -> str:
    """How many facts, from when to when, and about how many members each dimension has."""
    members = (f"approx_count_distinct({quoted(name)})" for name in plain_dimensions(plan.model))
    columns = ", ".join(("count(kpi_moment)", "min(kpi_moment)", "max(kpi_moment)", *members))
    return f"SELECT {columns} FROM {facts}"


def _sizes(plan: _Plan, facts: str, day: str, by_size: Sequence[str]) -> Sequence[int]:
    """About how many rows a rollup has with the first 0, 1, 2 … of the dimensions."""
    keys = (", ".join([day, *map(quoted, by_size[:number])]) for number in range(len(by_size) + 1))
    counts = ", ".join(f"approx_count_distinct(hash({key}))" for key in keys)
    (estimates,) = plan.run(f"SELECT {counts} FROM {facts} WHERE kpi_moment IS NOT NULL")
    sizes: Sequence[int] = estimates
    return sizes


def _fitting(by_size: Sequence[str], sizes: Sequence[int], most: int) -> Sequence[str] | None:
    """As many dimensions, the small ones first, as leave about so many rows; None when even the days are more."""
    fitting = [number for number, rows in enumerate(sizes) if rows <= most]
    return by_size[: fitting[-1]] if fitting else None


def day_of_moment(first: date | None, last: date | None, calendar: Calendar, naive: str | None = None) -> str | None:
    """SQL for the local day of a moment; None where the zone's clock once went back over midnight.

    `naive` is how a Postgres says the moment in UTC; without it the SQL is DuckDB's.
    """
    if first is None or last is None:
        return None
    if not isinstance(first, datetime) or not isinstance(last, datetime):
        return "kpi_moment"
    if last - first > _LONGEST:
        return None
    offsets = list(offsets_between(first.replace(tzinfo=UTC), last.replace(tzinfo=UTC), calendar.zone))
    for (_since, before), (since, after) in pairwise(offsets):
        if (since + after).date() < (since - timedelta(microseconds=1) + before).date():
            return None
    local = local_sql(naive, offsets, "postgres") if naive else local_sql("kpi_moment", offsets)
    return f"CAST({local} AS DATE)"


def _texts(values: Sequence[str]) -> str:
    return f"[{', '.join(map(literal, values))}]::VARCHAR[]"
