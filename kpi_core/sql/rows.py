"""The rows a query aggregates: a model's rows of the asked days, each with the number of its bucket."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

from kpi_core.frozen_dataclass import frozen
from kpi_core.metrics import PERIOD_START, Measure, Model
from kpi_core.sql.added.looked_up import looked_up
from kpi_core.sql.dialects import fragment_spoken
from kpi_core.sql.fragments import as_text, fragment
from kpi_core.sql.places import place_of, placed

if TYPE_CHECKING:
    from sqlglot import exp

BUCKET = "kpi_bucket"
REST = "kpi_rest"
"""Whether a row is of the groups that are not chosen."""


@frozen
class Shape:
    """Everything the text of a query depends on; the values it is asked for are not among it."""

    dialect: str
    time: str
    measures: tuple[str, ...]
    dimensions: tuple[str, ...]
    filters: tuple[tuple[str, int, bool, bool], ...]
    """Dimension, number of values, whether rows without a value are meant too, whether all these are left out."""
    buckets: tuple[bool | None, ...]
    """Per run of time between two bounds: groups shown, groups not shown, or None for a gap nobody asked for."""
    chosen: tuple[tuple[bool, ...], ...] | None = None
    """Of each group that stands apart: in which dimensions it has a value."""
    most: int | None = None
    """How many rows are read at the most."""


def dated_rows(model: Model, shape: Shape, measures: Sequence[Measure]) -> exp.Select:
    """The model's rows of the asked time that pass the filters, each with its bucket."""
    from sqlglot import exp

    time = fragment(model.times.get(shape.time, shape.time))
    last = len(shape.buckets)
    first_bound, last_bound = (_day_bound(f"b{n}", model, shape) for n in (0, last))
    bucket = exp.alias_(exp.Var(this=_bucket(_earlier(time, model, shape), shape.buckets, 0, last)), BUCKET, copy=False)
    relation = relation_of(model, measures, shape.time, dimensions_read(shape))
    # Nothing else holds these trees: sqlglot would copy the whole of them at each step.
    query = exp.select(exp.Star(), bucket, copy=False).from_(relation, copy=False)
    within = exp.GTE(this=time, expression=first_bound), exp.LT(this=time, expression=last_bound)
    query = query.where(*within, copy=False)
    return filtered(query, shape, model)


def with_period_start(model: Model, shape: Shape, facts: exp.Select) -> exp.Select:
    """The rows with one more column: the first moment of their bucket."""
    from sqlglot import exp

    start = exp.Case()
    for n, split in enumerate(shape.buckets):
        if split is not None:
            start = start.when(exp.column(BUCKET).eq(exp.Literal.number(n)), moment(f"b{n}", model, shape.time))
    return exp.select(exp.Star(), exp.alias_(start, PERIOD_START)).from_(facts.subquery(model.name))


def _earlier(time: exp.Expr, model: Model, shape: Shape) -> tuple[str, str]:
    """That a row is earlier than a bound, as text of the dialect: what stands before the name of the bound, and after.

    A year of days has hundreds of such comparisons; each as a tree would cost more than the query itself.
    """
    from sqlglot import exp

    comparison = exp.LT(this=time.copy(), expression=_day_bound("b", model, shape))
    before, _name, after = placed(fragment_spoken(comparison, shape.dialect)).pieces
    return before, after


def _bucket(earlier: tuple[str, str], buckets: tuple[bool | None, ...], first: int, end: int) -> str:
    """The number of a row's bucket: a tree of comparisons, so that 16 buckets cost 4 of them."""
    if end - first == 1:
        return "NULL" if buckets[first] is None else str(first)
    middle = (first + end) // 2
    lower, upper = (_bucket(earlier, buckets, *part) for part in ((first, middle), (middle, end)))
    before, after = earlier
    return f"CASE WHEN {before}{place_of(f'b{middle}')}{after} THEN {lower} ELSE {upper} END"


def group_of(model: Model, dimension: str, table: str | None = None) -> exp.Expr:
    """A dimension's value as text, also of a column that is yes or no, or a number: groups have names."""
    from sqlglot import exp

    if model.is_computed(dimension):
        return exp.cast(exp.column(dimension, table), "VARCHAR")
    kind = model.columns[dimension].type if dimension in model.columns else "text"
    return as_text(exp.column(dimension, table), kind)


def filtered(query: exp.Select, shape: Shape, model: Model, table: str | None = None) -> exp.Select:
    """The query with the filters of the question."""
    for n, (dimension, count, with_null, excludes) in enumerate(shape.filters):
        clause = _without if excludes else _among
        query = query.where(clause(group_of(model, dimension, table), list(_bounds(n, count)), with_null), copy=False)
    return query


def _among(column: exp.Expr, values: list[exp.Expr], with_null: bool) -> exp.Expr:
    from sqlglot import exp

    clauses: list[exp.Expr] = [exp.In(this=column, expressions=values)] if values else []
    if with_null:
        clauses.append(column.copy().is_(exp.null()))
    return exp.or_(*clauses)


def _without(column: exp.Expr, values: list[exp.Expr], with_null: bool) -> exp.Expr:
    """All other rows: those without a value too, unless they are left out as well."""
    from sqlglot import exp

    null = column.copy().is_(exp.null())
    others = exp.In(this=column, expressions=values).not_() if values else None
    if with_null:
        return exp.and_(*([others] if others else []), null.not_())
    return exp.or_(*([others] if others else []), null)


def relation_of(
    model: Model, measures: Sequence[Measure], time: str = "", dimensions: Collection[str] = ()
) -> exp.Expr:
    """The model's table, or the SQL that makes its rows, with what is computed for measures and what is looked up."""
    from sqlglot import exp

    read: set[str] = set(columns_of(model.times.get(time, "null")))
    read.update(name for name in dimensions if model.is_computed(name))
    for measure in measures:
        for sql in (measure.expr, measure.filter):
            read |= columns_of(sql) if sql else set()
    table = fragment(model.relation).subquery(model.name, copy=False) if model.relation else exp.to_table(model.name)  # type: ignore[attr-defined]
    for names in _by_need(model, read):
        computed = [exp.alias_(fragment(model.computed[name]), name) for name in names]
        table = exp.select(exp.Star(), *computed, copy=False).from_(table, copy=False).subquery(model.name, copy=False)
    names = [name for name in sorted(dimensions) if name in model.lookups or model.told_by_time(name)]
    if not names:
        return table
    return looked_up(model, table, names, time or model.time)


def dimensions_read(shape: Shape) -> frozenset[str]:
    """The dimensions that a query splits or filters by."""
    return frozenset((*shape.dimensions, *(clause[0] for clause in shape.filters)))


def _by_need(model: Model, read: set[str]) -> list[list[str]]:
    """The computed columns to add, those that others read first."""
    layers: list[list[str]] = []
    names = [name for name in model.computed if name in read]
    while names:
        layers.insert(0, [name for name in names if not any(name in layer for layer in layers)])
        below = {column for name in names for column in columns_of(model.computed[name])}
        names = [name for name in model.computed if name in below and name not in names]
    return layers


def columns_of(sql: str) -> frozenset[str]:
    """The columns a piece of SQL reads."""
    from sqlglot import exp

    return frozenset(column.name for column in fragment(sql).find_all(exp.Column))


def columns_behind(model: Model, name: str) -> frozenset[str]:
    """The columns of its table that a column, a computed one or a named time of a model comes from."""
    sql = model.computed.get(name) or model.times.get(name)
    if name in model.columns or sql is None:
        return frozenset((name,))
    return frozenset(column for other in columns_of(sql) for column in columns_behind(model, other))


def moment(name: str, model: Model, time: str) -> exp.Expr:
    """A bound date or instant to compare with a time of the model."""
    return bound(name, model.time_type(time))


def _day_bound(name: str, model: Model, shape: Shape) -> exp.Expr:
    """A bound that rows are compared with. DuckDB knows the type of what is bound; casts cost a tenth of a query."""
    return bound_value(name) if shape.dialect == "duckdb" else moment(name, model, shape.time)


def bound(name: str, kind: str) -> exp.Expr:
    """A bound value of a type: not every driver and dialect finds it out by what stands beside it."""
    from sqlglot import exp

    return exp.cast(bound_value(name), "DATE" if kind == "date" else "TIMESTAMP")


def bound_value(name: str) -> exp.Expr:
    """A bound value; no dialect has a word for it, the warehouse writes what its driver expects."""
    from sqlglot import exp

    return exp.Var(this=place_of(name))


def _bounds(number: int, count: int) -> Iterable[exp.Expr]:
    return (bound_value(f"f{number}_{k}") for k in range(count))
