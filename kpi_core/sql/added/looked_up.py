"""Rows with what look-ups tell of them: one row a key is joined, so that no row of facts comes twice.

    SELECT facts.*, kpi_1.region AS region
    FROM orders AS facts LEFT JOIN
      (SELECT customer_id AS kpi_key, MIN(region) AS region FROM customer_list GROUP BY customer_id) AS kpi_1
      ON facts.customer_id = kpi_1.kpi_key

Where a table has a row for each span of time, a row of it ends where the next one of its key begins, whatever its own
end says: of two that overlap the later one holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kpi_core.metrics import WEEKDAY, ColumnType, Lookup, Model
from kpi_core.sql.fragments import as_text, called, fragment
from kpi_core.sql.quoting import literal

if TYPE_CHECKING:
    from sqlglot import exp

_FACTS, _KEY, _FROM, _UNTIL, _NEXT = "facts", "kpi_key", "kpi_from", "kpi_until", "kpi_next"
_SINCE_EVER = {"date": "1000-01-01", "timestamp": "1000-01-01 00:00:00"}


def looked_up(model: Model, table: exp.Expr, names: Sequence[str], time: str) -> exp.Subquery:
    """The rows of a model, here dated by `time`, with dimensions that look-ups tell, as texts."""
    from sqlglot import exp

    joined = _Joined(model, time, exp.select(f"{_FACTS}.*").from_(called(table, _FACTS)))
    members = [exp.alias_(joined.told(name), name) for name in names]
    return joined.query.select(*members).subquery(model.name)


@dataclass(slots=True)
class _Joined:
    """A query that grows by a join for each look-up on the way to a dimension."""

    model: Model
    time: str
    query: exp.Select
    aliases: dict[tuple[Lookup, bool], str] = field(default_factory=dict)

    def told(self, name: str) -> exp.Expr:
        """What a dimension is of a row, as text."""
        lookup = self.model.lookups.get(name) or self.model.calendars.get(name)
        if lookup is not None:
            return self.member(lookup, as_texts=True)
        from kpi_core.sql.added.clock_columns import hour_of, weekday_of

        if name == WEEKDAY:
            return weekday_of(self._moment("date"))
        return hour_of(self._moment("timestamp"), self.model.timezone)

    def member(self, lookup: Lookup, *, as_texts: bool) -> exp.Column:
        """Where the query has what a look-up tells."""
        from sqlglot import exp

        key = lookup, as_texts
        if key not in self.aliases:
            own = self._own(lookup)
            alias = self.aliases[key] = f"kpi_{len(self.aliases) + 1}"
            on = [_equal(own, exp.column(_KEY, alias), alike=lookup.alike)]
            if lookup.valid is not None:
                on += _holding(self._moment(lookup.valid[2]), alias)
            rows = _one_a_span(lookup, as_texts=as_texts) if lookup.valid else _one_a_key(lookup, as_texts=as_texts)
            self.query = self.query.join(rows.subquery(alias), on=exp.and_(*on), join_type="left")
        return exp.column("member", self.aliases[key])

    def _own(self, lookup: Lookup) -> exp.Expr:
        """The key that a row has, itself or by another look-up."""
        from sqlglot import exp

        if lookup.via is not None:
            return self.member(lookup.via, as_texts=False)
        if lookup.of_day:
            return self._moment("date")
        return exp.column(lookup.entity_column, _FACTS)

    def _moment(self, kind: ColumnType) -> exp.Expr:
        """The time of a row, as the date or the instant that the spans of the look-up are told by."""
        from sqlglot import exp

        time = fragment(self.model.times.get(self.time, self.time))
        for column in time.find_all(exp.Column):
            column.set("table", exp.to_identifier(_FACTS))
        own = self.model.time_type(self.time)
        if own == kind:
            return time
        zone, text = literal(self.model.timezone), time.sql(dialect="duckdb")
        if kind == "date":
            return fragment(f"cast(timezone({zone}, timezone('UTC', {text})) as date)")
        return fragment(f"timezone('UTC', timezone({zone}, cast({text} as timestamp)))")


def _equal(own: exp.Expr, other: exp.Expr, *, alike: bool) -> exp.Expr:
    from sqlglot import exp

    if not alike:
        own, other = exp.cast(own, "VARCHAR"), exp.cast(other, "VARCHAR")
    return own.eq(other)


def _holding(moment: exp.Expr, alias: str) -> list[exp.Expr]:
    """Whether a span holds at a moment: `[start, end)`, and no later one of its key has begun."""
    from sqlglot import exp

    def ends_later(name: str) -> exp.Expr:
        end = exp.column(name, alias)
        return exp.or_(end.is_(exp.null()), exp.LT(this=moment.copy(), expression=end.copy()))

    return [exp.GTE(this=moment.copy(), expression=exp.column(_FROM, alias)), ends_later(_UNTIL), ends_later(_NEXT)]


def _member(lookup: Lookup, *, as_texts: bool) -> exp.Expr:
    """Of several rows with one key the smallest value."""
    from sqlglot import exp

    column = exp.column(lookup.column)
    if lookup.expr:
        value: exp.Expr = exp.cast(fragment(lookup.expr), "VARCHAR")
    else:
        value = as_text(column, lookup.type) if as_texts else column
    return exp.alias_(exp.Min(this=value), "member")


def _one_a_key(lookup: Lookup, *, as_texts: bool) -> exp.Select:
    from sqlglot import exp

    key = exp.column(lookup.key)
    columns = exp.alias_(key, _KEY), _member(lookup, as_texts=as_texts)
    return exp.select(*columns).from_(exp.to_table(lookup.table)).group_by(key.copy())


def _one_a_span(lookup: Lookup, *, as_texts: bool) -> exp.Select:
    """One row a key and start, each with the start of the next one of its key."""
    from sqlglot import exp

    assert lookup.valid is not None
    start_name, end_name, kind = lookup.valid
    key, end = exp.column(lookup.key), exp.column(end_name)
    ever = exp.cast(exp.Literal.string(_SINCE_EVER[kind]), "DATE" if kind == "date" else "TIMESTAMP")
    start = exp.Coalesce(this=exp.column(start_name), expressions=[ever])
    endless = exp.LT(this=exp.Count(this=end.copy()), expression=exp.Count(this=exp.Star()))
    until = exp.Case().when(endless, exp.null()).else_(exp.Max(this=end.copy()))
    columns = (
        exp.alias_(key, _KEY),
        exp.alias_(start, _FROM),
        exp.alias_(until, _UNTIL),
        _member(lookup, as_texts=as_texts),
    )
    spans = exp.select(*columns).from_(exp.to_table(lookup.table)).group_by(key.copy(), start.copy())
    # As the least of those that follow: not every warehouse has LEAD, or NULL at its end.
    following = exp.Window(
        this=exp.Min(this=exp.column(_FROM)),
        partition_by=[exp.column(_KEY)],
        order=exp.Order(expressions=[exp.Ordered(this=exp.column(_FROM))]),
        spec=exp.WindowSpec(
            kind="ROWS", start=exp.Literal.number(1), start_side="FOLLOWING", end="UNBOUNDED", end_side="FOLLOWING"
        ),
    )
    return exp.select("*", exp.alias_(following, _NEXT)).from_(spans.subquery("spans"))
