"""Definitions of ours as dbt's semantic models and metrics, in the form that dbt 1.6 and all later ones read.

A KPI that dbt would answer otherwise is refused. What dbt has no words for and no number depends on (names in three
languages, direction, unit) lies under `config: {meta: {kpi_bot: …}}`, from where an import takes it.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kpi_core.errors import Problem
from kpi_core.exchange.carried import META, Carried, NotCarriedError
from kpi_core.exchange.dbt.exported_tables import measure_of, model_name, semantic_model
from kpi_core.formula import formula_of
from kpi_core.frozen_dataclass import frozen
from kpi_core.metrics import NO_TABLES, Catalog, Input, Measure, Metric, MetricFilter, Model, Taken, Window

FILE = "kpi_bot.yml"
_SAID = (
    "names", "aliases", "description", "unit", "duration_unit", "ratio_of", "percent_in", "direction", "stage",
    "cadence", "indicator", "vanity", "audiences", "reading", "playbook", "traps", "disputes", "split",
)  # fmt: skip
_HINT = "Say it in dbt by hand, or leave it to KPI Bot."
_GRAINS = frozenset({"week", "month", "quarter", "year"})
_SIGNS: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*"}


@dataclass(slots=True)
class _Project:
    """What has been written so far."""

    catalog: Catalog
    metrics: dict[str, dict[str, Any]] = field(default_factory=dict)
    measures: dict[str, set[str]] = field(default_factory=dict)
    """By model, the measures that metrics use."""


def to_dbt(catalog: Catalog, metrics: Mapping[str, Metric]) -> Carried:
    """These KPIs and all that they are made of, as one file; each that dbt cannot say is refused with the reason."""
    project, refused = _Project(catalog), []
    for metric in metrics.values():
        trial = _Project(catalog, dict(project.metrics), {name: set(own) for name, own in project.measures.items()})
        try:
            _write_kpi(metric, trial)
            models = [semantic_model(catalog.models[name], own) for name, own in trial.measures.items()]
        except NotCarriedError as error:
            refused.append(Problem(metric.file, 0, 0, f"{metric.id}: {error}", _HINT))
            continue
        del models
        project = trial
    written = [semantic_model(catalog.models[name], own) for name, own in sorted(project.measures.items())]
    types = [_types(catalog.models[name]) for name in sorted(project.measures)]
    document = {"version": 2, "models": types, "semantic_models": written, "metrics": list(project.metrics.values())}
    return Carried({FILE: document} if written else {}, tuple(refused))


def metric_name(metric_id: str) -> str:
    """A KPI's id as dbt allows it: `cac@paid` is `cac_paid`."""
    return metric_id.replace("@", "_")


def _write_kpi(metric: Metric, project: _Project) -> str:
    """The name of the metric that a KPI is; it and its parts are written."""
    name = metric_name(metric.id)
    if name in project.metrics:
        return name
    parts = {part.name: _expression(part, metric, project) for part in metric.inputs.values()}
    inputs: dict[str, dict[str, Any]] = {}
    for part in parts.values():
        inputs |= part.inputs
    expression = spoken(formula_of(metric.formula).tree, {key: part.sql for key, part in parts.items()})
    plain = {"name": name, "label": metric.names["en"], "description": metric.description["en"]}
    only = next(iter(inputs.values())) if len(inputs) == 1 else None
    if only is not None and expression == next(iter(inputs)) and set(only) == {"name"} and "@" in only["name"]:
        raise NotCarriedError("its parts have no name of their own")
    params = {"expr": expression, "metrics": [part | {"alias": alias} for alias, part in inputs.items()]}
    meta = said_of(metric, project.catalog)
    project.metrics[name] = plain | {"type": "derived", "type_params": params, "config": {"meta": {META: meta}}}
    return name


def said_of(metric: Metric, catalog: Catalog) -> dict[str, Any]:
    """What people are told of a KPI, in the keys of its file."""
    extra = {key: _plain(getattr(metric, key)) for key in _SAID if getattr(metric, key)}
    others = {word for other in catalog.kpis() if other.id != metric.id for word in other.aliases}
    shared = [word for word in metric.aliases if word in others]
    if shared:
        extra |= {"aliases": [word for word in metric.aliases if word not in others], "shared_aliases": shared}
    return extra


@frozen
class _Spoken:
    sql: str
    inputs: Mapping[str, dict[str, Any]]
    """By their alias, the metrics that the SQL reads."""


def _expression(part: Input, metric: Metric, project: _Project) -> _Spoken:
    """An input as SQL over metrics."""
    if part.offset or any(other.offset for other in metric.inputs.values()):
        raise NotCarriedError("it compares with the period before, whose length goes by what is asked")
    formula = formula_of(part.expression)
    alone = formula.text == (formula.names or ("",))[0]
    special = part.where or part.taken or part.trailing_months or part.fill_nulls_with is not None
    if special and not alone:
        raise NotCarriedError(f"{part.name} moves, narrows or fills a sum of several")
    inputs: dict[str, dict[str, Any]] = {}
    names: dict[str, str] = {}
    for name in formula.names:
        own = _named(name, part, project)
        alias = own["name"] if set(own) == {"name"} else f"{own['name']}_in_{part.name}"
        inputs[alias], names[name] = own, alias
    return _Spoken(spoken(formula.tree, names), inputs)


def _named(name: str, part: Input, project: _Project) -> dict[str, Any]:
    """The metric that a name of an expression is, with what the input adds to it."""
    model, dot, measure = name.partition(".")
    if dot and model in NO_TABLES:
        raise NotCarriedError(f"{name} is no number of a table")
    taken = _taken_of(part)
    if not dot:
        if part.where or part.fill_nulls_with is not None or taken.cumulative:
            raise NotCarriedError(f"{part.name} adds up, narrows or fills another KPI")
        own = {"name": _write_kpi(project.catalog.metrics[name], project)}
    else:
        table = project.catalog.models[model]
        own = {"name": _write_measure(table, table.measures[measure], part, taken, project)}
    if taken.offset_window is not None:
        own["offset_window"] = _length(taken.offset_window)
    if taken.offset_to_grain is not None:
        own["offset_to_grain"] = _grain(taken.offset_to_grain)
    return own


def _taken_of(part: Input) -> Taken:
    if part.trailing_months:
        return Taken(window=Window(months=part.trailing_months))
    return part.taken or Taken()


def _write_measure(table: Model, measure: Measure, part: Input, taken: Taken, project: _Project) -> str:
    """The metric that a measure is, a running total of it, or what of it is narrowed."""
    fill = part.fill_nulls_with
    name = model_name(table.name, measure.name)
    measured: dict[str, Any] = {"name": name}
    zero = measure_of(measure, table)["config"]["meta"][META].get("without_values") == "zero"
    if zero or fill is not None:
        measured |= {"fill_nulls_with": 0 if fill is None else fill, "join_to_timespine": True}
    filters = {}
    called = name if fill is None else f"{name}_or_{fill:g}".replace("-", "minus").replace(".", "_")
    if part.where is not None:
        filters = {"filter": _metric_filter(part.where, table, project)}
        called = f"{called}_narrowed_for_{part.name}_{len(project.metrics)}"
    project.measures.setdefault(table.name, set()).add(measure.name)
    params: dict[str, Any] = {"measure": measured}
    kind = "simple"
    if taken.window is not None or taken.grain_to_date is not None:
        kind = "cumulative"
        own: dict[str, str] = {"period_agg": taken.period_agg}
        if taken.grain_to_date is not None:
            own["grain_to_date"] = _grain(taken.grain_to_date)
        elif taken.window is not None and not taken.window.all_time:
            own["window"] = _length(taken.window)
        params["cumulative_type_params"] = own
        length = "_".join(str(value).replace(" ", "_") for value in own.values())
        called = f"{called}_{length}"
    meta = {"helper": True}
    project.metrics[called] = {
        "name": called, "label": called.replace("_", " "), "type": kind, "type_params": params, **filters,
        "config": {"meta": {META: meta}},
    }  # fmt: skip
    return called


def _metric_filter(where: MetricFilter, table: Model, project: _Project) -> str:
    signs = {"above": ">", "at_least": ">=", "below": "<", "at_most": "<="}
    bounds = [(sign, value) for key, sign in signs.items() if (value := getattr(where, key)) is not None]
    if where.lenient:
        raise NotCarriedError("it counts groups whose other number is above 0, also on days without data of that")
    if where.by not in table.entities or len(bounds) != 1:
        raise NotCarriedError(f"dbt filters by one bound of a metric, by an entity; this is by {where.by}")
    model, dot, name = where.metric.partition(".")
    if dot:
        other = project.catalog.models[model]
        called = _write_measure(other, other.measures[name], Input("n", where.metric), Taken(), project)
    else:
        called = _write_kpi(project.catalog.metrics[where.metric], project)
    ((sign, value),) = bounds
    return f"{{{{ Metric('{called}', ['{where.by}']) }}}} {sign} {value:g}"


def _length(window: Window) -> str:
    return f"{window.months} months" if window.months else f"{window.days} days"


def _grain(unit: str) -> str:
    if unit not in _GRAINS:
        raise NotCarriedError(f"dbt knows no {unit}")
    return unit


def spoken(node: ast.expr, names: Mapping[str, str]) -> str:
    """A formula as SQL: whole numbers divide into fractions, and by 0 into nothing."""
    match node:
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return f"CAST({spoken(left, names)} AS DOUBLE) / NULLIF({spoken(right, names)}, 0)"
        case ast.BinOp(left=left, op=op, right=right):
            return f"({spoken(left, names)} {_SIGNS[type(op)]} {spoken(right, names)})"
        case ast.UnaryOp(operand=operand):
            return f"-({spoken(operand, names)})"
        case ast.Constant(value=value):
            return f"{value!r}"
        case ast.Attribute(value=ast.Name(id=model), attr=measure):
            return names[f"{model}.{measure}"]
        case ast.Name(id=name):
            return names[name]
    raise NotCarriedError("its formula cannot be written as SQL")


def _types(model: Model) -> dict[str, Any]:
    """The columns of a table with their types, as dbt keeps them beside its models."""
    columns = [{"name": column.name, "data_type": column.type} for column in model.columns.values()]
    return {"name": model.name, "columns": columns}


def _plain(value: object) -> object:
    """A value as YAML has it."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value
