"""Rows that meet the asked days by more than one date: what holds at a start or an end, what is spread over a month.

The runs of days become a small table of bound values, which the model's rows are joined to:

    FROM (SELECT 0 AS kpi_bucket, $b0 AS kpi_start, $e0 AS kpi_end UNION ALL …) AS runs
    CROSS JOIN subscription_states AS held
    WHERE held.valid_from < kpi_end AND (held.valid_until IS NULL OR held.valid_until >= kpi_end)

(Not every warehouse joins on inequalities alone; those that do plan this the same.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpi_core.metrics import AT_END, SHARE, Measure, Model
from kpi_core.sql.rows import BUCKET, Shape, filtered, moment, relation_of

if TYPE_CHECKING:
    from sqlglot import exp

_START, _END = "kpi_start", "kpi_end"


def standing(model: Model, shape: Shape, measure: Measure) -> exp.Select:
    """The rows that hold at the start or the end of each run.

    `both`: the rows of the start, each with the columns of its entity's row at the end as `end_<column>` (empty where
    it holds no more).
    """
    from sqlglot import exp

    assert model.valid is not None
    relation = relation_of(model, [measure])
    at = _END if measure.at == "end" else _START
    query = exp.select("held.*", exp.column(BUCKET)).from_(_runs(model, shape))
    query = query.join(_named(relation, "held"), join_type="cross").where(_holds(model, "held", at))
    if measure.at == "both":
        same = exp.column(model.valid.entity, "later").eq(exp.column(model.valid.entity, "held"))
        on = exp.and_(same, _holds(model, "later", _END))
        query = query.join(_named(relation.copy(), "later"), on=on, join_type="left")
        columns = [exp.alias_(exp.column(name, "later"), f"{AT_END}{name}") for name in model.columns]
        query = query.select(*columns)
    return filtered(query, shape, "held")


def spread(model: Model, shape: Shape, measure: Measure) -> exp.Select:
    """The months that touch each run, with `kpi_share`: the part of the month's days that lies in the run."""
    from sqlglot import exp

    month = exp.column(shape.time, "held")
    one_month = exp.Interval(this=exp.Literal.string("1"), unit=exp.var("MONTH"))
    after = exp.cast(exp.Add(this=month.copy(), expression=one_month), "DATE")
    begins = exp.Greatest(this=month.copy(), expressions=[exp.column(_START)])
    ends = exp.Least(this=after.copy(), expressions=[exp.column(_END)])
    days = _days_between(begins, ends)
    length = _days_between(month.copy(), after.copy())
    share = exp.Div(this=exp.cast(days, "DOUBLE"), expression=length)
    query = exp.select("held.*", exp.column(BUCKET), exp.alias_(share, SHARE)).from_(_runs(model, shape))
    query = query.join(_named(relation_of(model, [measure]), "held"), join_type="cross").where(
        exp.LT(this=month.copy(), expression=exp.column(_END)),
        exp.GT(this=after.copy(), expression=exp.column(_START)),
    )
    return filtered(query, shape, "held")


def _days_between(start: exp.Expr, end: exp.Expr) -> exp.Expr:
    from sqlglot import exp

    return exp.DateDiff(this=end, expression=start, unit=exp.var("DAY"), date_part_boundary=True)


def _runs(model: Model, shape: Shape) -> exp.Subquery:
    """The asked runs of days as rows."""
    from sqlglot import exp

    rows = [
        exp.select(
            exp.alias_(exp.Literal.number(n), BUCKET),
            exp.alias_(moment(f"b{n}", model, shape.time), _START),
            exp.alias_(moment(f"e{n}", model, shape.time), _END),
        )
        for n in range(len(shape.buckets))
    ]
    table: exp.Query = rows[0]
    for row in rows[1:]:
        table = table.union(row, distinct=False)
    return table.subquery("runs")


def _named(relation: exp.Expr, name: str) -> exp.Expr:
    """The relation under another name."""
    from sqlglot import exp

    if isinstance(relation, exp.Subquery):
        query: exp.Query = relation.this
        return query.subquery(name)
    return exp.alias_(relation, name, table=True)


def _holds(model: Model, table: str, at: str) -> exp.Expr:
    """Whether a row holds just before the moment `at`: it began before and has not ended before."""
    from sqlglot import exp

    assert model.valid is not None
    began = exp.LT(this=exp.column(model.valid.start, table), expression=exp.column(at))
    until = exp.column(model.valid.end, table)
    going_on = exp.or_(until.is_(exp.null()), exp.GTE(this=until.copy(), expression=exp.column(at)))
    return exp.and_(began, going_on)
