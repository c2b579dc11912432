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

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from kpi_core.dates.calendars import Calendar
from kpi_core.metrics import Measure, Model
from kpi_core.query import Filter
from kpi_core.sql.dialects import spoken
from kpi_core.sql.fragments import fragment
from kpi_core.sql.joined import of_edge_days, snapshots, spread, standing
from kpi_core.sql.places import Sql, placed
from kpi_core.sql.plan import Fetch
from kpi_core.sql.quoting import literal
from kpi_core.sql.rows import BUCKET, REST, Shape, bound_value, dated_rows, group_of, relation_of, with_period_start

if TYPE_CHECKING:
    from sqlglot import exp


def statement(fetch: Fetch, model: Model, dialect: str) -> Sql:
    """The query that a fetch needs."""
    return sql_of(shape_of(fetch, dialect), model)


def shape_of(fetch: Fetch, dialect: str) -> Shape:
    """What the query's text depends on beside its model; other days and other values of a filter have the same."""
    filters = tuple(
        (clause.dimension, len(_texts(clause)), None in clause.values, clause.excludes) for clause in fetch.filters
    )
    runs = tuple(split for _start, _end, split in fetch.runs())
    shape = Shape(dialect, fetch.time, fetch.measures, fetch.dimensions, filters, runs)
    if fetch.chosen is None:
        return shape
    return replace(shape, chosen=tuple(tuple(name is not None for name in group) for group in fetch.chosen))


def parameters(fetch: Fetch, model: Model, calendar: Calendar) -> dict[str, object]:
    """What the query binds: bounds as dates or naive UTC instants, by the type of its time, and the filters' values."""
    runs = fetch.runs()
    by_date = model.time_type(fetch.time) == "date"

    def moment(day: date, *, as_date: bool = by_date) -> date:
        return day if as_date else _instant(day, calendar)

    measure = model.measures[fetch.measures[0]]
    if measure.joined:
        days = dict(_joined_days(measure, runs, by_date=by_date))
    else:
        days = {f"b{n}": start for n, (start, _end, _split) in enumerate(runs)} | {f"b{len(runs)}": runs[-1][1]}
    bound: dict[str, object] = {name: moment(day) for name, day in days.items()}
    if measure.joined and model.holds_by_both:
        bound |= {f"{name}_other": moment(day, as_date=not by_date) for name, day in days.items()}
    for n, clause in enumerate(fetch.filters):
        bound |= {f"f{n}_{k}": value for k, value in enumerate(_texts(clause))}
    for n, group in enumerate(fetch.chosen or ()):
        bound |= {f"g{n}_{k}": name for k, name in enumerate(group) if name is not None}
    return bound


def _joined_days(
    measure: Measure, runs: Sequence[tuple[date, date, bool | None]], *, by_date: bool
) -> Iterator[tuple[str, date]]:
    """The days that a joined query binds: those of the asked runs, not of the gaps between them."""
    for n, (start, end, split) in enumerate(runs):
        if split is None:
            continue
        if measure.last_per is not None and not by_date:
            days = (end - start).days
            yield from ((f"b{n}_{day}", start + timedelta(days=day)) for day in range(days + 1))
        else:
            yield f"b{n}", start
            yield f"e{n}", end


def _texts(clause: Filter) -> list[str]:
    return [value for value in clause.values if value is not None]


def _instant(day: date, calendar: Calendar) -> datetime:
    return calendar.midnight(day).replace(tzinfo=None)


def sql_of(shape: Shape, model: Model) -> Sql:
    """Every query of a shape over a model."""
    return placed(spoken(query_of(shape, model), shape.dialect))


def query_of(shape: Shape, model: Model) -> exp.Select:
    """The tree of every query of a shape: `kpi_bucket`, `kpi_rest` where groups are chosen, `d0` …, `m0` …."""
    from sqlglot import exp

    measures = [model.measures[name] for name in shape.measures]
    facts = _facts(model, shape, measures)
    groups: list[exp.Expr] = [exp.column(BUCKET)]
    groups += _groups(shape, model)
    aggregates = [exp.alias_(aggregate(measure), f"m{n}") for n, measure in enumerate(measures)]
    if measures[0].having is not None:
        facts = _entities(model, measures[0], groups, facts)
        groups = [exp.column(group.alias_or_name) for group in groups]
        aggregates = [exp.alias_(exp.Count(this=exp.Star()), "m0")]
    query = exp.select(*groups, *aggregates).from_(facts.subquery("facts", copy=False), copy=False)
    if None in shape.buckets:
        query = query.where(exp.column(BUCKET).is_(exp.null()).not_(), copy=False)
    # By place: the name of a group may be that of a column beneath it, and warehouses do not agree on which is meant.
    query = query.group_by(*(exp.Literal.number(n + 1) for n in range(len(groups))), copy=False)
    return query if shape.most is None else query.limit(shape.most, copy=False)


def _facts(model: Model, shape: Shape, measures: Sequence[Measure]) -> exp.Select:
    """The rows of the asked days, each with the number of its bucket."""
    first = measures[0]
    if first.at is not None:
        return standing(model, shape, first)
    if first.spread:
        return spread(model, shape, first)
    if first.carried_days is not None:
        return snapshots(model, shape, first)
    if first.non_additive_dimension is not None:
        return of_edge_days(model, shape, first, first.non_additive_dimension)
    facts = dated_rows(model, shape, measures)
    if any(measure.reads_period_start for measure in measures):
        return with_period_start(model, shape, facts)
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
    if measure.agg == "sum_boolean":
        one, zero = exp.Literal.number(1), exp.Literal.number(0)
        return exp.Sum(this=exp.Case().when(value, one).when(exp.not_(value.copy()), zero))
    if measure.agg_params is not None:
        kind = exp.PercentileDisc if measure.agg_params.use_discrete_percentile else exp.PercentileCont
        return kind(this=value, expression=exp.Literal.number(f"{measure.agg_params.percentile!r}"))
    kinds: dict[str, type[exp.Func]] = {
        "count": exp.Count,
        "sum": exp.Sum,
        "min": exp.Min,
        "max": exp.Max,
        "average": exp.Avg,
        "median": exp.Median,
    }
    return kinds[measure.agg](this=value)


def distinct_values(model: Model, dimension: str, dialect: str, most: int = 10_000) -> str:
    """The query for the values of a dimension, at most so many."""
    from sqlglot import exp

    rows = relation_of(model, (), dimensions=(dimension,)) if model.is_computed(dimension) else exp.to_table(model.name)
    query = exp.select(exp.alias_(group_of(model, dimension), "member")).distinct().from_(rows)
    return spoken(query.limit(most), dialect)


def key_counts(model: Model, dialect: str) -> str:
    """The query for how many rows of a look-up have a key, and how many keys there are."""
    from sqlglot import exp

    if model.valid is not None:
        names = [exp.column(name) for name in model.key]
        spans = exp.select(exp.alias_(exp.Count(this=exp.Star()), "n")).from_(exp.to_table(model.name)).group_by(*names)
        counted = exp.Coalesce(this=exp.Sum(this=exp.column("n")), expressions=[exp.Literal.number(0)])
        return spoken(exp.select(counted, exp.Count(this=exp.Star())).from_(spans.subquery("spans")), dialect)
    key = exp.column(model.key[0])
    counts = exp.Count(this=key), exp.Count(this=exp.Distinct(expressions=[key.copy()]))
    return spoken(exp.select(*counts).from_(exp.to_table(model.name)), dialect)


def reach_query(model: Model, dialect: str) -> str:
    """The query for a table's first moment by its own time, and its last by each of its times.

    Plain names need no sqlglot, which takes long to import.
    """
    times = [model.times.get(name, name) for name in model.all_times()]
    if all(name.isascii() and name.isidentifier() for name in (*times, model.name)):
        lasts = ", ".join(f"MAX({time})" for time in times)
        return f"SELECT MIN({times[0]}), {lasts} FROM {model.name}"  # noqa: S608 - checked just above
    from sqlglot import exp

    columns = [fragment(time) for time in times]
    query = exp.select(exp.Min(this=columns[0].copy()), *(exp.Max(this=column) for column in columns))
    return spoken(query.from_(exp.to_table(model.name)), dialect)


def wall_clocks(instants: Sequence[datetime], calendar: Calendar, dialect: str) -> str:
    """The query for what the warehouse's own clock shows in the calendar's zone at naive UTC instants: one row."""
    from sqlglot import exp

    zone = literal(calendar.timezone)
    clocks = [f"timezone({zone}, timezone('UTC', TIMESTAMP '{moment:%Y-%m-%d %H:%M:%S}'))" for moment in instants]
    return spoken(exp.select(*(exp.alias_(fragment(clock), f"c{n}") for n, clock in enumerate(clocks))), dialect)


def _groups(shape: Shape, model: Model) -> list[exp.Expr]:
    """The dimensions; where groups are chosen, after whether a row is of the others, which have no names then."""
    from sqlglot import exp

    columns: list[exp.Expr] = [group_of(model, name) for name in shape.dimensions]
    names = [f"d{n}" for n in range(len(columns))]
    if shape.chosen is not None:
        is_chosen = _is_chosen(columns, shape.chosen)
        zero, one = exp.Literal.number(0), exp.Literal.number(1)
        rest = exp.Case().when(is_chosen, zero).else_(one)
        columns = [rest, *(exp.Case().when(is_chosen.copy(), column) for column in columns)]
        names.insert(0, REST)
    return [exp.alias_(_shown(column, shape.buckets), name) for column, name in zip(columns, names, strict=True)]


def _is_chosen(columns: Sequence[exp.Expr], chosen: Sequence[Sequence[bool]]) -> exp.Expr:
    from sqlglot import exp

    def is_named(column: exp.Expr, place: str, *, named: bool) -> exp.Expr:
        return column.copy().eq(bound_value(place)) if named else column.copy().is_(exp.null())

    if len(columns) == 1:
        # A list is looked up at once, however long; comparisons are tried one after another.
        named = [bound_value(f"g{n}_0") for n, (is_named_one,) in enumerate(chosen) if is_named_one]
        clauses: list[exp.Expr] = [exp.In(this=columns[0].copy(), expressions=named)] if named else []
        clauses += [columns[0].copy().is_(exp.null())] if (False,) in chosen else []
        return exp.or_(*clauses)
    return exp.or_(
        *(
            exp.and_(*(is_named(column, f"g{n}_{k}", named=group[k]) for k, column in enumerate(columns)))
            for n, group in enumerate(chosen)
        )
    )


def _shown(column: exp.Expr, buckets: tuple[bool | None, ...]) -> exp.Expr:
    """A column, in the buckets whose groups are shown."""
    from sqlglot import exp

    split_buckets = [n for n, split in enumerate(buckets) if split]
    if len(split_buckets) == sum(split is not None for split in buckets):
        return column
    numbers = [exp.Literal.number(n) for n in split_buckets]
    return exp.Case().when(exp.column(BUCKET).isin(*numbers), column)


def _entities(model: Model, measure: Measure, groups: Sequence[exp.Expr], facts: exp.Select) -> exp.Select:
    """One row an entity that has rows enough in its bucket and group."""
    from sqlglot import exp

    assert measure.having is not None
    entity = exp.column(model.entities[measure.having.per])
    enough = exp.GTE(this=aggregate(measure), expression=exp.Literal.number(measure.having.at_least))
    keys = [exp.Literal.number(n + 1) for n in range(len(groups) + 1)]
    query = exp.select(*groups, exp.alias_(entity, "entity")).from_(facts.subquery("facts"))
    return query.where(entity.copy().is_(exp.null()).not_()).group_by(*keys).having(enough)
