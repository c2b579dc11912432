"""ClickHouse: short calendars, texts of bytes, no NULL where there is nothing, estimates where others count.

Each rule takes a node of DuckDB's SQL and gives the one that means the same there; one that gives None has changed its
node in place. What ClickHouse cannot say is refused, never said otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kpi_core.errors import ServiceError

if TYPE_CHECKING:
    from sqlglot import exp

SETTINGS = {
    "join_use_nulls": "1",
    "aggregate_functions_null_for_empty": "1",
    "prefer_column_name_to_alias": "1",
    "enable_extended_results_for_datetime_functions": "1",
    "count_distinct_implementation": "uniqExact",
    "formatdatetime_parsedatetime_m_is_month_name": "0",
    "transform_null_in": "0",
    "session_timezone": "UTC",
}
"""Else the empty side of a join is 0, the sum of nothing too, an alias hides a column, a date before 1970 is one after
it; and whatever the profile of a user has set."""
_INSTANT = "DateTime64(6)"
_DATE = "Date32"


def rules() -> dict[type, Callable[[Any], exp.Expr | None]]:
    """The rules by the kind of node."""
    from sqlglot import exp

    by_signs = {
        exp.Lower: "lowerUTF8",
        exp.Upper: "upperUTF8",
        exp.Reverse: "reverseUTF8",
        exp.Left: "leftUTF8",
        exp.Right: "rightUTF8",
        exp.Substring: "substringUTF8",
        exp.StrPosition: "positionUTF8",
    }
    by_name: dict[type, Callable[[Any], exp.Expr | None]] = {kind: _by_signs(name) for kind, name in by_signs.items()}
    return by_name | {
        exp.Cast: _cast,
        exp.TryCast: _tried_cast,
        exp.DateDiff: _named_unit,
        exp.Median: lambda median: _exact_quantile(median.this, "0.5"),
        exp.PercentileCont: _exact_percentile,
        exp.PercentileDisc: _exact_percentile,
        exp.Lead: _or_nothing,
        exp.Lag: _or_nothing,
        exp.Like: _plain_backslash,
        exp.ILike: _plain_backslash,
        exp.Round: _half_up,
    }


def local_clock(source: exp.Expr, to: exp.Expr, clock: exp.Expr) -> exp.Expr:
    """The wall clock of one zone as that of another, one of them UTC."""
    from sqlglot import exp

    if source.name == "UTC":
        return exp.Anonymous(this="fromUTCTimestamp", expressions=[_naive(clock), to])
    return exp.Anonymous(this="toUTCTimestamp", expressions=[_naive(clock), source])


def with_settings(query: exp.Expr) -> None:
    """Put the settings behind a query on which its numbers depend."""
    from sqlglot import exp

    def written(value: str) -> exp.Expr:
        return exp.Literal.number(value) if value.isdecimal() else exp.Literal.string(value)

    query.set("settings", [exp.EQ(this=exp.var(name), expression=written(value)) for name, value in SETTINGS.items()])


def _naive(clock: exp.Expr) -> exp.Expr:
    """A time without the zone that its column may have: functions of zones take no other."""
    from sqlglot import exp

    cast = exp.Cast(this=clock, to=_type(_INSTANT))
    ticks = exp.Anonymous(this="toUnixTimestamp64Micro", expressions=[cast])
    return exp.Anonymous(this="fromUnixTimestamp64Micro", expressions=[ticks])


def _type(name: str) -> exp.DataType:
    from sqlglot import exp

    return exp.DataType.build(f"Nullable({name})", dialect="clickhouse")


def _cast(cast: exp.Cast) -> exp.Expr | None:
    from sqlglot import exp

    kind = cast.to.this
    if kind == exp.DType.DATE:
        cast.set("to", _type(_DATE))
    elif kind in {exp.DType.TIMESTAMP, exp.DType.TIMESTAMPNTZ}:
        cast.set("to", _type(_INSTANT))
    elif kind in exp.DataType.SIGNED_INTEGER_TYPES:
        # Rounded as DuckDB does, decimals up and floats to even, not cut off.
        return exp.Cast(this=exp.Anonymous(this="round", expressions=[cast.this]), to=cast.to)
    return None


def _tried_cast(_cast: exp.TryCast) -> exp.Expr:
    """In the place of what does not fit ClickHouse would put a value of its own."""
    raise ServiceError(
        "ClickHouse has no try_cast", code="dialect", hint="Write what a value must look like as a case."
    )


def _by_signs(name: str) -> Callable[[exp.Func], exp.Expr]:
    """The function that counts signs, where the usual one counts bytes."""

    def renamed(call: exp.Func) -> exp.Expr:
        from sqlglot import exp

        arguments = [call.args.get(key) for key in call.arg_types]
        return exp.Anonymous(this=name, expressions=[argument for argument in arguments if argument is not None])

    return renamed


def _or_nothing(neighbour: exp.Lead | exp.Lag) -> None:
    """Past the last row there is nothing, not the first day of 1970."""
    from sqlglot import exp

    neighbour.set("this", exp.Anonymous(this="toNullable", expressions=[neighbour.this]))


def _plain_backslash(like: exp.Like | exp.ILike) -> None:
    from sqlglot import exp

    if isinstance(like.expression, exp.Literal):
        like.set("expression", exp.Literal.string(like.expression.name.replace("\\", "\\\\")))


def _half_up(rounding: exp.Round) -> exp.Expr:
    """Halves away from zero; ClickHouse takes the even neighbour."""
    from sqlglot import exp

    def whole(value: exp.Expr) -> exp.Expr:
        up = exp.Add(this=exp.Abs(this=value.copy()), expression=exp.Literal.number("0.5"))
        return exp.Mul(this=exp.Anonymous(this="sign", expressions=[value]), expression=exp.Floor(this=up))

    number, digits = exp.cast(rounding.this, "DOUBLE"), rounding.args.get("decimals")
    if digits is None:
        return exp.paren(whole(number), copy=False)
    scale = exp.Anonymous(this="exp10", expressions=[digits])
    scaled = exp.Mul(this=number, expression=scale)
    return exp.paren(exp.Div(this=whole(exp.paren(scaled)), expression=scale.copy()), copy=False)


def _exact_percentile(percentile: exp.PercentileCont | exp.PercentileDisc) -> exp.Expr:
    """ClickHouse has the line between two values, exactly; of the values themselves it takes one by another rule."""
    from sqlglot import exp

    if isinstance(percentile, exp.PercentileDisc):
        raise ServiceError(
            "ClickHouse has no discrete percentile",
            code="dialect",
            hint="Leave out use_discrete_percentile: of the measure.",
        )
    return _exact_quantile(percentile.this, percentile.expression.name)


def _exact_quantile(value: exp.Expr, share: str) -> exp.Expr:
    """The usual one is an estimate from a sample, and this one knows no decimals."""
    from sqlglot import exp

    level, number = exp.Literal.number(share), exp.cast(value, "DOUBLE")
    return exp.ParameterizedAgg(this="quantileExactInclusive", expressions=[level], params=[number])


def _named_unit(difference: exp.DateDiff) -> exp.Expr:
    """The unit is a text."""
    from sqlglot import exp

    unit = exp.Literal.string(difference.args["unit"].name.lower())
    return exp.Anonymous(this="dateDiff", expressions=[unit, difference.expression, difference.this])
