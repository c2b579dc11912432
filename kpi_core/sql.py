"""A Fetch becomes one aggregate query. sqlglot builds it in the warehouse's dialect; the text is kept by its shape.

A model's rows are put into numbered buckets (disjoint runs of time) and aggregated per bucket, and per group only in
the buckets whose groups the answer shows:

    SELECT kpi_bucket, CASE WHEN kpi_bucket IN (11, 12) THEN channel END AS d0, SUM(spend) AS m0
    FROM (SELECT *, CASE WHEN date < $b1 THEN 0 … END AS kpi_bucket FROM ad_performance WHERE …) AS facts
    GROUP BY kpi_bucket, d0

Rows that meet the asked days by more than one date (what holds at an end, what is spread over a month) are joined to
the runs of days instead. Bounds and filter values are bound, never written into the text: `$b0`, `$e0` … and `$f0_0` ….
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from kpi_core.calendars import Calendar
from kpi_core.metrics import PERIOD_START, Measure, Model
from kpi_core.plan import Fetch
from kpi_core.query import Filter

if TYPE_CHECKING:
    from sqlglot import exp

BUCKET = "kpi_bucket"


@dataclass(frozen=True, slots=True)
class Shape:
    """Everything the text of a query depends on; the values it is asked for are not among it."""

    dialect: str
    time: str
    measures: tuple[str, ...]
    dimensions: tuple[str, ...]
    filters: tuple[tuple[str, int, bool], ...]
    """Dimension, number of values, whether rows without a value are wanted too."""
    buckets: tuple[bool | None, ...]
    """Per run of time between two bounds: groups shown, groups not shown, or None for a gap nobody asked for."""


def statement(fetch: Fetch, model: Model, dialect: str) -> str:
    """The query's text, from the cache if one of its shape was built before."""
    filters = tuple((each.dimension, len(_texts(each)), None in each.values) for each in fetch.filters)
    runs = tuple(split for _start, _end, split in fetch.runs())
    return _text(model, Shape(dialect, fetch.time, fetch.measures, fetch.dimensions, filters, runs))


def parameters(fetch: Fetch, model: Model, calendar: Calendar) -> dict[str, object]:
    """What the query binds: bounds as dates or naive UTC instants, by the type of its time, and the filters' values."""
    runs = fetch.runs()
    by_date = model.time_type(fetch.time) == "date"

    def moment(day: date) -> date:
        return day if by_date else _instant(day, calendar)

    bound: dict[str, object] = {f"b{n}": moment(start) for n, (start, _end, _split) in enumerate(runs)}
    if _is_joined(model, fetch):
        bound |= {f"e{n}": moment(end) for n, (_start, end, _split) in enumerate(runs)}
    else:
        bound[f"b{len(runs)}"] = moment(runs[-1][1])
    for n, each in enumerate(fetch.filters):
        bound |= {f"f{n}_{k}": value for k, value in enumerate(_texts(each))}
    return bound


def _is_joined(model: Model, fetch: Fetch) -> bool:
    measure = model.measures[fetch.measures[0]]
    return measure.at is not None or measure.spread


def _texts(each: Filter) -> list[str]:
    return [value for value in each.values if value is not None]


def _instant(day: date, calendar: Calendar) -> datetime:
    return calendar.midnight(day).replace(tzinfo=None)


@lru_cache(maxsize=2048)
def _text(model: Model, shape: Shape) -> str:
    from sqlglot import exp

    measures = [model.measures[name] for name in shape.measures]
    facts = facts_of(model, shape, measures)
    groups: list[exp.Expr] = [exp.column(BUCKET)]
    groups += [exp.alias_(_shown(name, shape.buckets), f"d{n}") for n, name in enumerate(shape.dimensions)]
    aggregates = [exp.alias_(aggregate(measure), f"m{n}") for n, measure in enumerate(measures)]
    if measures[0].having is not None:
        facts = _entities(model, measures[0], groups, facts)
        groups = [exp.column(BUCKET), *(exp.column(f"d{n}") for n in range(len(shape.dimensions)))]
        aggregates = [exp.alias_(exp.Count(this=exp.Star()), "m0")]
    query = exp.select(*groups, *aggregates).from_(facts.subquery("facts"))
    if None in shape.buckets:
        query = query.where(exp.column(BUCKET).is_(exp.null()).not_())
    keys = [exp.Literal.number(n + 1) for n in range(1 + len(shape.dimensions))]
    return query.group_by(*keys).sql(dialect=shape.dialect)


def facts_of(model: Model, shape: Shape, measures: Sequence[Measure]) -> exp.Select:
    """The rows of the asked days, each with the number of its bucket."""
    from kpi_core import joined_sql

    first = measures[0]
    if first.at is not None:
        return joined_sql.standing(model, shape, first)
    if first.spread:
        return joined_sql.spread(model, shape, first)
    facts = _facts(model, shape, measures)
    if first.last_per is not None:
        return _last_rows(model, shape, first, facts)
    if any(measure.reads_period_start for measure in measures):
        return _with_period_start(model, shape, facts)
    return facts


def aggregate(measure: Measure) -> exp.Expr:
    """The aggregate of a measure. A filter inside it is a CASE: every dialect knows that."""
    from sqlglot import exp

    value = fragment(measure.expr) if measure.expr else exp.Literal.number(1)
    if measure.filter:
        value = exp.Case().when(fragment(measure.filter), value)
    elif measure.agg == "count" and not measure.expr:
        return exp.Count(this=exp.Star())
    if measure.agg == "count_distinct":
        return exp.Count(this=exp.Distinct(expressions=[value]))
    kinds: dict[str, type[exp.Func]] = {
        "count": exp.Count,
        "sum": exp.Sum,
        "min": exp.Min,
        "max": exp.Max,
        "median": exp.Median,
    }
    return kinds[measure.agg](this=value)


def distinct_values(table: str, dimension: str, dialect: str, most: int = 10_000) -> str:
    """The query for the values of a dimension, at most so many."""
    from sqlglot import exp

    query = exp.select(exp.column(dimension)).distinct().from_(exp.to_table(table))
    return query.limit(most).sql(dialect=dialect)


def reach_query(model: Model, dialect: str) -> str:
    """The query for a table's first and last moment."""
    from sqlglot import exp

    time = exp.column(model.time)
    query = exp.select(exp.Min(this=time), exp.Max(this=time.copy())).from_(exp.to_table(model.name))
    return query.sql(dialect=dialect)


def fragment(sql: str) -> exp.Expr:
    """A piece of SQL from a definition, parsed. Definitions are written in DuckDB's dialect."""
    import sqlglot

    return sqlglot.parse_one(sql, dialect="duckdb")


def columns_of(sql: str) -> frozenset[str]:
    """The columns a piece of SQL reads."""
    from sqlglot import exp

    return frozenset(column.name for column in fragment(sql).find_all(exp.Column))


def _facts(model: Model, shape: Shape, measures: Sequence[Measure]) -> exp.Select:
    """The model's rows of the asked time that pass the filters, each with its bucket."""
    from sqlglot import exp

    time = fragment(model.times.get(shape.time, shape.time))
    last = len(shape.buckets)
    bucket = exp.alias_(_bucket(time, shape.buckets, 0, last), BUCKET)
    query = exp.select(exp.Star(), bucket).from_(relation_of(model, measures, shape.time))
    query = query.where(exp.GTE(this=time, expression=_bound("b0")), exp.LT(this=time, expression=_bound(f"b{last}")))
    return kept(query, shape)


def kept(query: exp.Select, shape: Shape, table: str | None = None) -> exp.Select:
    """The query with the filters of the question."""
    for n, (dimension, count, with_null) in enumerate(shape.filters):
        query = query.where(_kept(dimension, n, count, with_null, table))
    return query


def relation_of(model: Model, measures: Sequence[Measure], time: str = "") -> exp.Expr:
    """The model's table, or the SQL that makes its rows, with the computed columns that the measures read."""
    from sqlglot import exp

    read: set[str] = set(columns_of(model.times.get(time, "null")))
    for measure in measures:
        for sql in (measure.expr, measure.filter):
            read |= columns_of(sql) if sql else set()
    table = fragment(model.relation).subquery(model.name) if model.relation else exp.to_table(model.name)  # type: ignore[attr-defined]
    for names in _by_need(model, read):
        computed = [exp.alias_(fragment(model.computed[name]), name) for name in names]
        table = exp.select(exp.Star(), *computed).from_(table).subquery(model.name)
    return table


def _by_need(model: Model, read: set[str]) -> list[list[str]]:
    """The computed columns to add, those that others read first."""
    layers: list[list[str]] = []
    wanted = [name for name in model.computed if name in read]
    while wanted:
        layers.insert(0, [name for name in wanted if not any(name in layer for layer in layers)])
        below = {column for name in wanted for column in columns_of(model.computed[name])}
        wanted = [name for name in model.computed if name in below and name not in wanted]
    return layers


def _bucket(time: exp.Expr, buckets: tuple[bool | None, ...], first: int, end: int) -> exp.Expr:
    """The number of a row's bucket: a tree of comparisons, so that 16 buckets cost 4 of them."""
    from sqlglot import exp

    if end - first == 1:
        return exp.null() if buckets[first] is None else exp.Literal.number(first)
    middle = (first + end) // 2
    earlier = exp.LT(this=time.copy(), expression=_bound(f"b{middle}"))
    lower, upper = _bucket(time, buckets, first, middle), _bucket(time, buckets, middle, end)
    return exp.Case().when(earlier, lower).else_(upper)


def _last_rows(model: Model, shape: Shape, measure: Measure, facts: exp.Select) -> exp.Select:
    """Of each bucket only the rows of its last day that has any, for each value of the columns `last_per`."""
    from sqlglot import exp

    assert measure.last_per is not None
    keys = [exp.column(BUCKET), *(exp.column(name) for name in measure.last_per)]
    newest_first = exp.Order(expressions=[exp.Ordered(this=exp.column(shape.time), desc=True)])
    rank = exp.Window(this=exp.Rank(), partition_by=keys, order=newest_first)
    ranked = exp.select(exp.Star(), exp.alias_(rank, "kpi_rank")).from_(facts.subquery(model.name))
    one = exp.Literal.number(1)
    return exp.select(exp.Star()).from_(ranked.subquery("ranked")).where(exp.column("kpi_rank").eq(one))


def _with_period_start(model: Model, shape: Shape, facts: exp.Select) -> exp.Select:
    """The rows with one more column: the first moment of their bucket."""
    from sqlglot import exp

    start = exp.Case()
    for n, split in enumerate(shape.buckets):
        if split is not None:
            start = start.when(exp.column(BUCKET).eq(exp.Literal.number(n)), moment(f"b{n}", model, shape.time))
    return exp.select(exp.Star(), exp.alias_(start, PERIOD_START)).from_(facts.subquery(model.name))


def _shown(dimension: str, buckets: tuple[bool | None, ...]) -> exp.Expr:
    """The dimension's column, in the buckets whose groups are shown."""
    from sqlglot import exp

    shown = [n for n, split in enumerate(buckets) if split]
    if len(shown) == sum(split is not None for split in buckets):
        return exp.column(dimension)
    numbers = [exp.Literal.number(n) for n in shown]
    return exp.Case().when(exp.column(BUCKET).isin(*numbers), exp.column(dimension))


def _kept(dimension: str, number: int, count: int, with_null: bool, table: str | None) -> exp.Expr:
    from sqlglot import exp

    column = exp.column(dimension, table)
    kept: list[exp.Expr] = [exp.In(this=column, expressions=list(_bounds(number, count)))] if count else []
    if with_null:
        kept.append(column.copy().is_(exp.null()))
    return exp.or_(*kept)


def _entities(model: Model, measure: Measure, groups: Sequence[exp.Expr], facts: exp.Select) -> exp.Select:
    """One row an entity that has rows enough in its bucket and group."""
    from sqlglot import exp

    assert measure.having is not None
    entity = exp.column(model.entities[measure.having.per])
    kept = exp.GTE(this=aggregate(measure), expression=exp.Literal.number(measure.having.at_least))
    keys = [exp.Literal.number(n + 1) for n in range(len(groups) + 1)]
    query = exp.select(*groups, exp.alias_(entity, "entity")).from_(facts.subquery("facts"))
    return query.where(entity.copy().is_(exp.null()).not_()).group_by(*keys).having(kept)


def moment(name: str, model: Model, time: str) -> exp.Expr:
    """A bound date or instant where no column beside it says which it is."""
    from sqlglot import exp

    return exp.cast(_bound(name), "DATE" if model.time_type(time) == "date" else "TIMESTAMP")


def _bound(name: str) -> exp.Expr:
    """A bound value; written the same in every dialect, the warehouse turns it into what its driver expects."""
    from sqlglot import exp

    return exp.Var(this=f"${name}")


def _bounds(number: int, count: int) -> Iterable[exp.Expr]:
    return (_bound(f"f{number}_{k}") for k in range(count))
