"""A model without the rows that lie ahead: an instant counts when it has come, a date when its day has begun."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from kpi_core.frozen_dataclass import frozen
from kpi_core.metrics import Model
from kpi_core.sql.dialects import spoken
from kpi_core.sql.fragments import fragment
from kpi_core.sql.relations import with_rows

if TYPE_CHECKING:
    from sqlglot import exp


@frozen
class Clock:
    """Now, as an aware instant and as the local day."""

    now: datetime
    today: date

    def has_come(self, moment: object) -> bool:
        """Whether a date or an instant of a table (naive ones are UTC) lies not ahead."""
        if isinstance(moment, datetime):
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) <= self.now
        return not isinstance(moment, date) or moment <= self.today


def until_now(model: Model, models: Mapping[str, Model], clock: Clock, time: str) -> Model:
    """The model as of now, of which a query by `time` takes rows: its tables lack what lies ahead, but for plans."""
    if model.relation is None:
        relation = _rows(model, clock, (model.time, time)).sql(dialect="duckdb")
    else:
        bases = [models[name] for name in model.reads if not models[name].plan]
        relation = with_rows(model.relation, {base.name: _rows(base, clock, (base.time,)) for base in bases})
        if time and model.valid is None and not model.plan:
            # Its own time may be another one of those tables: a lead that has come is won on a day ahead.
            come = _come(model, clock, time).sql("duckdb")
            relation = f"SELECT * FROM ({relation}) AS {model.name} WHERE {come}"  # noqa: S608  (our own SQL)
    return replace(model, relation=relation, reads=model.reads or (model.name,))


def newest_query(model: Model, clock: Clock, dialect: str) -> str:
    """The query for the last moment of a table that has come, by each of its times."""
    from sqlglot import exp

    newest = [
        exp.Max(this=exp.Case().when(_condition(model, name, clock), time))
        for name, time in zip(model.all_times(), _times(model), strict=True)
    ]
    return spoken(exp.select(*newest).from_(exp.to_table(model.name)), dialect)


def ahead_query(model: Model, clock: Clock, end: Clock, dialect: str) -> str:
    """The query for the rows that lie ahead, up to an end: how many, and from when to when by each of the times."""
    from sqlglot import exp

    ahead = [
        exp.and_(exp.not_(_condition(model, name, clock)), _condition(model, name, end)) for name in model.all_times()
    ]
    cases = [exp.Case().when(each.copy(), time) for each, time in zip(ahead, _times(model), strict=True)]
    columns = [exp.Count(this=exp.Case().when(exp.or_(*ahead), exp.Literal.number(1)))]
    reach = [kind(this=case.copy()) for case in cases for kind in (exp.Min, exp.Max)]
    return spoken(exp.select(*columns, *reach).from_(exp.to_table(model.name)), dialect)


def halves_query(model: Model, clock: Clock, dialect: str) -> str:
    """The query for what lies up to a moment, the count and the last by the model's own time, and after it, the same
    with the first.
    """
    from sqlglot import exp

    before, time = _condition(model, model.time, clock), fragment(model.times.get(model.time, model.time))
    after = exp.not_(before.copy())

    def of(condition: exp.Expr, value: exp.Expr) -> exp.Expr:
        return exp.Case().when(condition.copy(), value.copy())

    one = exp.Literal.number(1)
    earlier = [exp.Count(this=of(before, one)), exp.Max(this=of(before, time))]
    later = [exp.Count(this=of(after, one)), exp.Min(this=of(after, time))]
    return spoken(exp.select(*earlier, *later).from_(exp.to_table(model.name)), dialect)


def _rows(model: Model, clock: Clock, times: Sequence[str]) -> exp.Select:
    from sqlglot import exp

    rows = exp.select(exp.Star()).from_(exp.to_table(model.name))
    for name in dict.fromkeys(times):
        rows = rows.where(_come(model, clock, name))
    return rows


def _come(model: Model, clock: Clock, name: str) -> exp.Expr:
    """Whether a time of a row has come, or is not known."""
    from sqlglot import exp

    return exp.or_(_condition(model, name, clock), fragment(model.times.get(name, name)).is_(exp.null()))


def _times(model: Model) -> list[exp.Expr]:
    return [fragment(model.times.get(name, name)) for name in model.all_times()]


def _condition(model: Model, name: str, clock: Clock) -> exp.Expr:
    """Whether a time of a row has come."""
    from sqlglot import exp

    by_date = model.time_type(name) == "date"
    now = f"{clock.now.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"
    moment = exp.cast(
        exp.Literal.string(clock.today.isoformat() if by_date else now), "DATE" if by_date else "TIMESTAMP"
    )
    return exp.LTE(this=fragment(model.times.get(name, name)), expression=moment)
