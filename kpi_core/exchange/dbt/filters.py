"""Conditions of dbt, `{{ Dimension('order__status') }} = 'paid'`, as SQL over the columns of one table."""

from __future__ import annotations

import ast
import re
from typing import Any

from kpi_core.exchange.carried import NotCarriedError
from kpi_core.exchange.dbt.semantic_tables import Table, is_column
from kpi_core.frozen_dataclass import frozen

_PLACE = re.compile(r"\{\{\s*(Dimension|TimeDimension|Entity|Metric)\s*\((.*?)\)\s*\}\}", re.DOTALL)
_BOUND = re.compile(r"\s*(>=|<=|>|<)\s*(-?\d+(?:\.\d+)?)\s*")
_BOUNDS = {">": "above", ">=": "at_least", "<": "below", "<=": "at_most"}
_METRIC_TIME = "metric_time"


@frozen
class Narrowed:
    """What of its rows a measure counts: those that pass `sql`, in groups of `by` whose metric is within `bounds`."""

    sql: str = ""
    metric: str = ""
    by: str = ""
    bounds: tuple[tuple[str, float], ...] = ()


def narrowed_by(templates: tuple[str, ...], table: Table) -> Narrowed:
    """All conditions together. NotCarriedError for what one table cannot say of its own rows."""
    conditions, of_metric = [], Narrowed()
    for template in templates:
        metrics = [place for place in _PLACE.finditer(template) if place[1] == "Metric"]
        if not metrics:
            conditions.append(f"({_PLACE.sub(lambda place: _sql_of(place, table), template).strip()})")
        elif of_metric.metric:
            raise NotCarriedError("it is filtered by two metrics, and one is all that can be said")
        else:
            of_metric = _by_metric(template, metrics[0])
    return Narrowed(" and ".join(conditions), of_metric.metric, of_metric.by, of_metric.bounds)


def _sql_of(result: re.Match[str], table: Table) -> str:
    name, *others = _arguments(result)
    path, _, dimension = str(name).rpartition("__")
    if dimension == _METRIC_TIME:
        dimension, path = table.time, ""
    if path not in {"", table.primary, table.name}:
        raise NotCarriedError(f"its filter reads {name}, which another table tells; make it a column of {table.table}")
    sql = table.sql_of(dimension)
    sql = sql if is_column(sql) else f"({sql})"
    if result[1] == "TimeDimension" and others:
        return f"date_trunc('{others[0]}', {sql})"
    return sql


def _by_metric(template: str, result: re.Match[str]) -> Narrowed:
    """`{{ Metric('orders', ['customer']) }} > 2` alone."""
    rest = template.replace(result[0], "", 1)
    bound = _BOUND.fullmatch(rest)
    name, *others = _arguments(result)
    groups = others[0] if others else ()
    if bound is None or not isinstance(groups, (list, tuple)) or len(groups) != 1:
        raise NotCarriedError(f"{template.strip()} is no plain bound of one metric by one entity")
    by = str(groups[0]).rpartition("__")[2]
    return Narrowed("", str(name), by, ((_BOUNDS[bound[1]], float(bound[2])),))


def _arguments(result: re.Match[str]) -> tuple[Any, ...]:
    """The arguments of a call in a template, by place or by name."""
    try:
        call = ast.parse(f"f({result[2]})", mode="eval").body
        assert isinstance(call, ast.Call)
        named = {item.arg: ast.literal_eval(item.value) for item in call.keywords}
        plain = [ast.literal_eval(item) for item in call.args]
    except (SyntaxError, ValueError, AssertionError) as error:
        raise NotCarriedError(f"{result[0]} cannot be read") from error
    path = [str(item) for item in named.pop("entity_path", None) or (plain.pop(1) if _has_path(result, plain) else ())]
    values = [*plain, *(value for value in named.values() if value is not None)]
    return ("__".join([*path, str(values[0])]), *values[1:])


def _has_path(result: re.Match[str], plain: list[Any]) -> bool:
    return result[1] in {"Dimension", "Entity"} and len(plain) > 1 and isinstance(plain[1], (list, tuple))
