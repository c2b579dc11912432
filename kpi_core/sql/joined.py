"""Rows that meet the asked days by more than one date: what holds at a start or an end, what was last counted up to
it, what is spread over a month.

The runs of days become a small table of bound values, which the model's rows are joined to:

    FROM (SELECT 0 AS kpi_bucket, $b0 AS kpi_start, $e0 AS kpi_end UNION ALL …) AS runs
    CROSS JOIN subscription_states AS held
    WHERE held.valid_from < kpi_end AND (held.valid_until IS NULL OR held.valid_until >= kpi_end)

(Not every warehouse joins on inequalities alone; those that do plan this the same.)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kpi_core.metrics import AT_END, SHARE, Measure, Model, NonAdditive
from kpi_core.sql.fragments import called, fragment
from kpi_core.sql.quoting import literal
from kpi_core.sql.rows import BUCKET, Shape, bound, dimensions_read, filtered, moment, relation_of

if TYPE_CHECKING:
    from sqlglot import exp

_START, _END = "kpi_start", "kpi_end"
_ENTITY, _SINCE, _UNTIL = "kpi_entity", "kpi_since", "kpi_until"
"""Of the row that holds at the end: whose it is, from when and until when."""
_OTHER = "_other"
"""Behind the names of bounds: as a date where the model's own time is an instant, or the other way round."""


def standing(model: Model, shape: Shape, measure: Measure) -> exp.Select:
    """The rows that hold at the start or the end of each run.

    `both`: the rows of the start, each with the columns of its entity's row at the end as `end_<column>` (empty where
    it holds no more).
    """
    from sqlglot import exp

    assert model.valid is not None
    relation = relation_of(model, [measure], dimensions=dimensions_read(shape))
    at = _END if measure.at == "end" else _START
    query = exp.select("held.*", exp.column(BUCKET)).from_(_runs(model, shape))
    begins, ends = (exp.column(name, "held") for name in (model.valid.start, model.valid.end))
    query = query.join(called(relation, "held"), join_type="cross").where(_holds(model, begins, ends, at))
    if measure.at == "both":
        at_end = _at_end(model, measure)
        same = exp.column(_ENTITY, "later").eq(exp.column(model.valid.entity, "held"))
        on = exp.and_(same, _holds(model, exp.column(_SINCE, "later"), exp.column(_UNTIL, "later"), _END))
        query = query.join(_later(model, relation, at_end), on=on, join_type="left")
        query = query.select(*(exp.column(f"{AT_END}{name}", "later") for name in at_end))
    return filtered(query, shape, model, "held")


def _at_end(model: Model, measure: Measure) -> list[str]:
    """The columns whose value at the end a measure reads: a table need not have every column of its model."""
    read = " ".join(filter(None, (measure.expr, measure.filter)))
    return [name for name in model.columns if f"{AT_END}{name}" in read]


def _later(model: Model, relation: exp.Expr, at_end: Sequence[str]) -> exp.Subquery:
    """The same rows under names of their own: of names that two tables share not every warehouse makes `held.*`."""
    from sqlglot import exp

    assert model.valid is not None
    named = {_ENTITY: model.valid.entity, _SINCE: model.valid.start, _UNTIL: model.valid.end}
    named |= {f"{AT_END}{name}": name for name in at_end}
    columns = [exp.alias_(exp.column(name), alias) for alias, name in named.items()]
    return exp.select(*columns).from_(called(relation.copy(), "states")).subquery("later")


def snapshots(model: Model, shape: Shape, measure: Measure) -> exp.Select:
    """The rows of each run; of a balance only those of the last day that has a value, for each of its members.

    Days of a column of instants are cut by bound midnights: each run is given as its days.
    """
    from sqlglot import exp

    by_day = measure.last_per is not None and model.time_type(shape.time) != "date"
    runs = _days_of_runs(shape, measure) if by_day else _asked_runs(shape)
    time = _qualified(fragment(model.times.get(shape.time, shape.time)), "held")
    query = exp.select("held.*", exp.column(BUCKET)).from_(_table(model, shape, runs))
    query = query.join(
        called(relation_of(model, [measure], shape.time, dimensions_read(shape)), "held"), join_type="cross"
    ).where(
        # What no run can hold is left out before the rows meet the runs.
        exp.GTE(this=time.copy(), expression=moment(runs[0][1], model, shape.time)),
        exp.LT(this=time.copy(), expression=moment(runs[-1][2], model, shape.time)),
        exp.GTE(this=time.copy(), expression=exp.column(_START)),
        exp.LT(this=time.copy(), expression=exp.column(_END)),
    )
    query = filtered(query, shape, model, "held")
    if measure.last_per is None:
        return query
    if measure.expr:
        query = query.where(_qualified(fragment(measure.expr), "held").is_(exp.null()).not_())
    keys = [exp.column(BUCKET), *(exp.column(name, "held") for name in measure.last_per)]
    newest = exp.Ordered(this=exp.column(_START) if by_day else time, desc=True)
    rank = exp.Window(this=exp.Rank(), partition_by=keys, order=exp.Order(expressions=[newest]))
    ranked = query.select(exp.alias_(rank, "kpi_rank"))
    one = exp.Literal.number(1)
    return exp.select(exp.Star()).from_(ranked.subquery("ranked")).where(exp.column("kpi_rank").eq(one))


def of_edge_days(model: Model, shape: Shape, measure: Measure, edge: NonAdditive) -> exp.Select:
    """The rows of each run that are of its first or last day with any: of all rows, or of each grouping's own.

    What the measure leaves out by its filter is left out first, as what a question leaves out is.
    """
    from sqlglot import exp

    time = _qualified(fragment(model.times.get(shape.time, shape.time)), "held")
    relation = relation_of(model, [measure], shape.time, dimensions_read(shape))
    query = exp.select("held.*", exp.column(BUCKET)).from_(_runs(model, shape))
    query = query.join(called(relation, "held"), join_type="cross").where(
        exp.GTE(this=time.copy(), expression=exp.column(_START)),
        exp.LT(this=time.copy(), expression=exp.column(_END)),
    )
    if measure.filter:
        query = query.where(_qualified(fragment(measure.filter), "held"))
    query = filtered(query, shape, model, "held")
    keys = [exp.column(BUCKET), *(exp.column(name, "held") for name in edge.window_groupings)]
    if model.time_type(shape.time) != "date":
        time = fragment(
            f"cast(timezone({literal(model.timezone)}, timezone('UTC', {time.sql(dialect='duckdb')})) as date)"
        )
    order = exp.Order(expressions=[exp.Ordered(this=time, desc=edge.window_choice == "max")])
    ranked = query.select(exp.alias_(exp.Window(this=exp.Rank(), partition_by=keys, order=order), "kpi_rank"))
    return exp.select(exp.Star()).from_(ranked.subquery("ranked")).where(exp.column("kpi_rank").eq(1))


def _qualified(tree: exp.Expr, table: str) -> exp.Expr:
    """An expression over the columns of a table in a join."""
    from sqlglot import exp

    for column in tree.find_all(exp.Column):
        if not column.table:
            column.set("table", exp.to_identifier(table))
    return tree


def spread(model: Model, shape: Shape, measure: Measure) -> exp.Select:
    """The months that touch each run, with `kpi_share`: the part of the month's days that lies in the run.

    A row stands for the month of its date.
    """
    from sqlglot import exp

    month = _qualified(fragment(f"cast(date_trunc('month', {shape.time}) as date)"), "held")
    one_month = exp.Interval(this=exp.Literal.string("1"), unit=exp.var("MONTH"))
    after = exp.cast(exp.Add(this=month.copy(), expression=one_month), "DATE")
    begins = exp.Greatest(this=month.copy(), expressions=[exp.column(_START)])
    ends = exp.Least(this=after.copy(), expressions=[exp.column(_END)])
    days = _days_between(begins, ends)
    length = _days_between(month.copy(), after.copy())
    share = exp.Div(this=exp.cast(days, "DOUBLE"), expression=length)
    query = exp.select("held.*", exp.column(BUCKET), exp.alias_(share, SHARE)).from_(_runs(model, shape))
    query = query.join(
        called(relation_of(model, [measure], dimensions=dimensions_read(shape)), "held"), join_type="cross"
    ).where(
        exp.LT(this=month.copy(), expression=exp.column(_END)),
        exp.GT(this=after.copy(), expression=exp.column(_START)),
    )
    return filtered(query, shape, model, "held")


def _days_between(start: exp.Expr, end: exp.Expr) -> exp.Expr:
    from sqlglot import exp

    return exp.DateDiff(this=end, expression=start, unit=exp.var("DAY"), date_part_boundary=True)


def _runs(model: Model, shape: Shape) -> exp.Subquery:
    """The asked runs of days as rows."""
    return _table(model, shape, _asked_runs(shape))


_Run = tuple[int, str, str]
"""The number of a bucket, and the names of the bound values of a start and an end."""


def _asked_runs(shape: Shape) -> list[_Run]:
    return [(n, f"b{n}", f"e{n}") for n, split in enumerate(shape.buckets) if split is not None]


def _days_of_runs(shape: Shape, measure: Measure) -> list[_Run]:
    assert measure.carried_days is not None
    days = range(measure.carried_days + 1)
    return [(n, f"b{n}_{day}", f"b{n}_{day + 1}") for n, _start, _end in _asked_runs(shape) for day in days]


def _table(model: Model, shape: Shape, runs: Sequence[_Run]) -> exp.Subquery:
    """Runs of days as rows."""
    from sqlglot import exp

    kinds = [("", model.time_type(shape.time))]
    if model.holds_by_both:
        kinds.append((_OTHER, "timestamp" if model.time_type(shape.time) == "date" else "date"))
    rows = [
        exp.select(
            exp.alias_(exp.Literal.number(n), BUCKET),
            *(
                exp.alias_(bound(f"{name}{suffix}", kind), f"{column}{suffix}")
                for suffix, kind in kinds
                for name, column in ((start, _START), (end, _END))
            ),
        )
        for n, start, end in runs
    ]
    table = exp.union(*rows, distinct=False, copy=False) if len(rows) > 1 else rows[0]
    return table.subquery("runs")


def _holds(model: Model, begins: exp.Expr, ends: exp.Expr, at: str) -> exp.Expr:
    """Whether a row holds just before the moment `at`: it began before and has not ended before."""
    from sqlglot import exp

    assert model.valid is not None

    def edge(name: str) -> exp.Column:
        alike = model.columns[name].type == model.time_type(model.time)
        return exp.column(at if alike else f"{at}{_OTHER}")

    began = exp.LT(this=begins, expression=edge(model.valid.start))
    going_on = exp.or_(ends.is_(exp.null()), exp.GTE(this=ends.copy(), expression=edge(model.valid.end)))
    return exp.and_(began, going_on)
