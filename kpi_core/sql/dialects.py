"""One query in the words of each warehouse: what sqlglot alone does not say alike everywhere.

Definitions and queries are DuckDB's SQL. Each rule here replaces nodes of the tree where another dialect would refuse
them or, worse, mean something else by them: instants and zones, division, medians, empty sides of a join.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kpi_core.sql.dialect_rules import clickhouse_words

if TYPE_CHECKING:
    from sqlglot import exp

_UTC = "UTC"
_INSTANTS_HAVE_A_ZONE = frozenset({"bigquery", "spark", "databricks"})
_NUMBERED_INTERVALS = frozenset({"bigquery", "clickhouse", "spark", "databricks"})
_WORDS = (
    "all analyse analyze and any array as asc authorization between both by case cast check collate column "
    "constraint create cross current current_date current_time current_timestamp current_user default desc distinct "
    "do else end except exists false fetch following for foreign from full grant group grouping groups having hash if "
    "in initially inner intersect interval into is isnull join lateral leading left like limit localtime "
    "localtimestamp natural new not notnull null nulls of off offset old on only or order outer over overlaps "
    "partition placing preceding primary proto qualify range references returning right rows select session_user set "
    "similar some start struct table tablesample then to trailing treat true unbounded union unique unnest user using "
    "values variadic when where window with within"
)
_RESERVED = frozenset(_WORDS.split())
"""Words that a column may be called, but that mean something else to at least one warehouse unless quoted."""


def spoken(query: exp.Expr, dialect: str) -> str:
    """The text of a query in a dialect. `query` may be changed."""
    if dialect == "clickhouse":
        clickhouse_words.with_settings(query)
    return fragment_spoken(query, dialect)


def fragment_spoken(piece: exp.Expr, dialect: str) -> str:
    """The text of a query, or of a piece of one, in a dialect. `piece` may be changed."""
    if dialect != "duckdb":
        rules = _rules(dialect)
        for node in reversed(list(piece.walk())):  # what lies inside comes before what is around it
            rule = rules.get(type(node))
            if rule is not None and (other := rule(node)) is not None:
                node.replace(other)
    return piece.sql(dialect=dialect, comments=False, copy=False)


def _rules(dialect: str) -> dict[type, Callable[[Any], exp.Expr | None]]:
    """What becomes of nodes of a kind; a rule that gives None leaves its node, perhaps changed, in place."""
    from sqlglot import exp

    rules: dict[type, Callable[[Any], exp.Expr | None]] = {
        exp.Identifier: lambda node: _quoted(node, dialect),
        exp.Anonymous: lambda node: _in_zone(node, dialect),
    }
    if dialect != "postgres":  # where sqlglot itself divides as DuckDB does
        rules[exp.Div] = _divided
    if dialect in _INSTANTS_HAVE_A_ZONE:
        rules[exp.Cast] = _instant
    if dialect in _NUMBERED_INTERVALS:
        rules[exp.Interval] = _numbered
    if dialect == "bigquery":
        rules[exp.DateDiff] = _difference
        rules[exp.TimestampTrunc] = _truncated
        rules[exp.Median] = _median_of_window
        rules[exp.PercentileCont] = rules[exp.PercentileDisc] = _percentile_of_window
    if dialect == "clickhouse":
        rules |= clickhouse_words.rules()
    if dialect in {"postgres", "snowflake"}:
        rules[exp.PercentileCont] = rules[exp.PercentileDisc] = _percentile_within_group
    if dialect in {"spark", "databricks"}:
        rules[exp.PercentileCont] = rules[exp.PercentileDisc] = _percentile_of_spark
    return rules


def _quoted(name: exp.Identifier, dialect: str) -> None:
    if not name.quoted and name.name.lower() in _RESERVED:
        name.set("quoted", True)
        if dialect == "snowflake":  # which keeps plain names in capitals
            name.set("this", name.name.upper())


def _in_zone(call: exp.Anonymous, dialect: str) -> exp.Expr | None:
    """`timezone(to, timezone(from, x))`: the wall clock of one zone as that of another, by the name it has there."""
    from sqlglot import exp

    def is_zone(node: exp.Expr | None) -> bool:
        return isinstance(node, exp.Anonymous) and node.name.lower() == "timezone"

    if not is_zone(call) or not is_zone(inner := call.expressions[1]):
        return None
    to, (source, clock) = call.expressions[0], inner.expressions
    if dialect in {"spark", "databricks"}:
        return _from_or_to_utc(source, to, clock, "FROM_UTC_TIMESTAMP", "TO_UTC_TIMESTAMP")
    if dialect == "clickhouse":
        return clickhouse_words.local_clock(source, to, clock)
    if dialect == "bigquery":
        return _in_zone_of_bigquery(source, to, clock)
    naive = exp.cast(clock, "TIMESTAMPNTZ" if dialect == "snowflake" else "TIMESTAMP")
    if dialect == "snowflake":
        return exp.ConvertTimezone(source_tz=source, target_tz=to, timestamp=naive)
    return exp.AtTimeZone(this=exp.AtTimeZone(this=naive, zone=source), zone=to)


def _from_or_to_utc(source: exp.Expr, to: exp.Expr, clock: exp.Expr, leaving: str, coming: str) -> exp.Expr:
    from sqlglot import exp

    if source.name == _UTC:
        return exp.Anonymous(this=leaving, expressions=[clock, to])
    return exp.Anonymous(this=coming, expressions=[clock, source])


def _in_zone_of_bigquery(source: exp.Expr, to: exp.Expr, clock: exp.Expr) -> exp.Expr:
    """There an instant is a TIMESTAMP and a wall clock a DATETIME; a column of instants may be either."""
    from sqlglot import exp

    if source.name == _UTC:
        instant = exp.Anonymous(this="TIMESTAMP", expressions=[clock])
        return exp.Anonymous(this="DATETIME", expressions=[instant, to])
    wall = clock.this if isinstance(clock, exp.Cast) else clock
    naive = exp.Anonymous(this="DATETIME", expressions=[wall])
    return exp.Anonymous(this="TIMESTAMP", expressions=[naive, source])


def _divided(division: exp.Div) -> None:
    """DuckDB divides in floating point; others would cut decimals after a few digits."""
    from sqlglot import exp

    division.set("this", exp.cast(division.this.copy(), "DOUBLE"))


def _instant(cast: exp.Cast) -> None:
    """An instant is what the dialect compares with a column of instants."""
    from sqlglot import exp

    if cast.to.this in {exp.DType.TIMESTAMP, exp.DType.TIMESTAMPNTZ}:
        cast.set("to", exp.DataType.build("TIMESTAMPTZ"))


def _numbered(interval: exp.Interval) -> None:
    """INTERVAL 30 DAY, where a number in quotes is not known."""
    from sqlglot import exp

    if isinstance(interval.this, exp.Literal):
        interval.set("this", exp.Literal.number(interval.this.name))
    interval.set("unit", exp.var(interval.args["unit"].name.upper().removesuffix("S")))


def _truncated(truncation: exp.TimestampTrunc) -> exp.Expr:
    """BigQuery's DATE_TRUNC takes dates, instants and wall clocks alike."""
    from sqlglot import exp

    return exp.Anonymous(this="DATE_TRUNC", expressions=[truncation.this, exp.var(truncation.args["unit"].name)])


def _difference(difference: exp.DateDiff) -> exp.Expr | None:
    """BigQuery counts hours, minutes and seconds between instants, not between dates."""
    from sqlglot import exp

    unit = difference.args["unit"]
    if unit.name.upper() not in {"HOUR", "MINUTE", "SECOND"}:
        return None
    return exp.TimestampDiff(this=difference.this, expression=difference.expression, unit=unit)


def _percentile_within_group(percentile: exp.PercentileCont | exp.PercentileDisc) -> exp.Expr | None:
    """As standard SQL writes it: the share first, then the values in their order."""
    from sqlglot import exp

    if percentile.args.get("expression") is None:
        return None
    ordered = exp.Order(expressions=[exp.Ordered(this=percentile.this.copy())])
    return exp.WithinGroup(this=type(percentile)(this=percentile.expression.copy()), expression=ordered)


def _percentile_of_spark(percentile: exp.PercentileCont | exp.PercentileDisc) -> exp.Expr:
    """Under the names that Spark has for exact ones: sqlglot would write an estimate."""
    from sqlglot import exp

    value, share = percentile.this.copy(), percentile.expression.copy()
    if isinstance(percentile, exp.PercentileCont):
        return exp.Anonymous(this="PERCENTILE", expressions=[value, share])
    ordered = exp.Order(expressions=[exp.Ordered(this=value)])
    return exp.WithinGroup(this=exp.Anonymous(this="PERCENTILE_DISC", expressions=[share]), expression=ordered)


def _median_of_window(median: exp.Median) -> exp.Expr:
    from sqlglot import exp

    return _of_window(median, exp.PercentileCont(this=median.this.copy(), expression=exp.Literal.number("0.5")))


def _percentile_of_window(percentile: exp.PercentileCont | exp.PercentileDisc) -> exp.Expr | None:
    from sqlglot import exp

    # That of a window is what becomes of one.
    return None if isinstance(percentile.parent, exp.Window) else _of_window(percentile, percentile.copy())


def _of_window(aggregate: exp.Expr, percentile: exp.Expr) -> exp.Expr:
    """BigQuery has no aggregate for it: each row first learns that of its group, which the aggregate then picks."""
    from sqlglot import exp

    select = aggregate.parent_select
    assert select is not None
    name = f"kpi_median_{sum(1 for _ in select.find_all(exp.Window))}"
    keys = [expression.unalias().copy() for expression in select.expressions[: len(select.args["group"].expressions)]]
    window = exp.alias_(exp.Window(this=percentile, partition_by=keys), name)
    source = next(subquery for subquery in select.find_all(exp.Subquery) if isinstance(subquery.parent, exp.From))
    source.replace(exp.select(exp.Star(), window).from_(source.copy()).subquery("facts"))
    return exp.Max(this=exp.column(name))
