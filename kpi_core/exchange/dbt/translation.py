"""Metrics of dbt as KPIs of ours, down to measures of tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from kpi_core.exchange.built_in import called, free_words
from kpi_core.exchange.carried import NotCarriedError, Written
from kpi_core.exchange.dbt.arithmetic import formula_of_sql
from kpi_core.exchange.dbt.filters import Narrowed, narrowed_by
from kpi_core.exchange.dbt.semantic_tables import Table, is_column, meta_of, table_from
from kpi_core.exchange.dbt.written_forms import Project, filters_of, reference
from kpi_core.formula import divisor_of, parse_formula
from kpi_core.frozen_dataclass import frozen
from kpi_core.metrics import LANGUAGES

_AGGREGATIONS = {"avg": "average", "sum": "sum", "min": "min", "max": "max", "count": "count", "median": "median"}
_AGGREGATIONS |= {name: name for name in ("average", "sum_boolean", "count_distinct", "percentile")}
_VALUE = "value"


@dataclass(slots=True)
class Translation:
    """Tables and metrics of a project, and the measures of ours that its metrics came to need."""

    project: Project
    tables: dict[str, Table] = field(default_factory=dict)
    """By the name of the semantic model."""
    metrics: dict[str, Written] = field(default_factory=dict)
    measures: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    """By the name of the semantic model: measures of ours."""

    def __post_init__(self) -> None:
        for item in self.project.models:
            table = table_from(item, self.project.types)
            self.tables[table.name] = table
        self.metrics = {str(item.value.get("name")): item for item in self.project.metrics}
        for name, measure in ((n, m) for table in self.tables.values() for n, m in table.measures.items()):
            if measure.get("create_metric") and name not in self.metrics:
                owner = next(table for table in self.tables.values() if name in table.measures)
                value = {"name": name, "type": "simple", "type_params": {"measure": name}}
                self.metrics[name] = Written(owner.written.document, owner.written.place, value)

    def kpi(self, name: str) -> dict[str, Any]:
        """The KPI that a metric is. NotCarriedError where none means the same."""
        metric = self.metrics[name].value
        return _definition(metric, self._parts(metric, ()))

    def kpis(self) -> Iterator[str]:
        """The metrics that people ask for: all but those that an export of ours needed for its parts."""
        return (name for name, metric in self.metrics.items() if not meta_of(metric.value).get("helper"))

    def _parts(self, metric: Mapping[str, Any], outer: tuple[str, ...]) -> _Parts:
        """The formula of a metric and its inputs; `outer` are conditions from where it is used."""
        own = (*filters_of(metric.get("filter")), *outer)
        params = metric.get("type_params") or {}
        kind = str(metric.get("type") or "simple").lower()
        if kind == "simple":
            return _Parts(_VALUE, {_VALUE: self._counted(reference(params.get("measure")), own)})
        if kind == "cumulative":
            return _Parts(_VALUE, {_VALUE: self._cumulative(params, own)})
        if kind == "ratio":
            sides = {side: reference(params.get(side)) for side in ("numerator", "denominator")}
            return _Parts("numerator / denominator", {side: self._input(item, own) for side, item in sides.items()})
        if kind == "derived":
            return self._derived(params, own)
        if kind == "conversion":
            raise NotCarriedError("it follows people from one event to another: make the pairs a table, with a flag")
        raise NotCarriedError(f"there is no type {kind}")

    def _derived(self, params: Mapping[str, Any], own: tuple[str, ...]) -> _Parts:
        inputs, names = {}, {}
        for item in map(reference, params.get("metrics") or ()):
            alias = str(item.get("alias") or item["name"])
            names[alias] = alias
            inputs[alias] = self._input(item, own)
        if not params.get("expr"):
            raise NotCarriedError("a derived metric needs expr")
        formula = formula_of_sql(str(params["expr"]), names)
        return _Parts(formula, {name: part for name, part in inputs.items() if name in formula})

    def _input(self, used: Mapping[str, Any], own: tuple[str, ...]) -> dict[str, Any]:
        """A metric inside another one: by its id, or where it is narrowed down to its measure."""
        name = str(used["name"])
        if name not in self.metrics:
            raise NotCarriedError(f"there is no metric {name}")
        conditions = (*filters_of(used.get("filter")), *own)
        part: dict[str, Any] = {"is": called(name)}
        if conditions or meta_of(self.metrics[name].value).get("helper"):
            inner = self._parts(self.metrics[name].value, conditions)
            if inner.formula != _VALUE:
                raise NotCarriedError(f"it narrows {name}, which is made of several; narrow each of them")
            part = dict(inner.inputs[_VALUE])
        for key in ("offset_window", "offset_to_grain"):
            if key in used:
                if key in part or ("where" in part and conditions):
                    raise NotCarriedError(f"{name} is moved and narrowed at once")
                part[key] = _length(used[key]) if key == "offset_window" else str(used[key])
        return part

    def _cumulative(self, params: Mapping[str, Any], own: tuple[str, ...]) -> dict[str, Any]:
        over = params.get("cumulative_type_params") or {}
        window, to_date = (over.get(key) or params.get(key) for key in ("window", "grain_to_date"))
        agg = over.get("period_agg") or params.get("period_agg") or "first"
        if agg not in {"first", "last"}:
            raise NotCarriedError(f"period_agg: {agg} is a mean of running totals; first and last are carried")
        inner = reference(params.get("measure") or params.get("metric") or over.get("metric"))
        part = self._counted(inner, own) if params.get("measure") else self._input(inner, own)
        if "where" in part:
            raise NotCarriedError("a running total is not narrowed by another metric")
        length = {"grain_to_date": str(to_date)} if to_date else {"window": _length(window) if window else "all"}
        return part | length | ({} if agg == "last" else {"period_agg": agg})

    def _counted(self, used: Mapping[str, Any], own: tuple[str, ...]) -> dict[str, Any]:
        """A measure as an input of ours, narrowed by conditions."""
        name = str(used["name"])
        table = next((item for item in self.tables.values() if name in item.measures), None)
        if table is None:
            raise NotCarriedError(f"there is no measure {name}")
        narrowed = narrowed_by((*filters_of(used.get("filter")), *own), table)
        measure = _measure(table.measures[name], table, narrowed, fill=used.get("fill_nulls_with"))
        part: dict[str, Any] = {"is": f"{table.table}.{self._named(table, name, measure)}"}
        if used.get("fill_nulls_with") is not None and "without_values" in measure:
            part["fill_nulls_with"] = used["fill_nulls_with"]
        if narrowed.metric:
            part |= {"where": {"metric": self._other(narrowed.metric), **dict(narrowed.bounds)}, "by": narrowed.by}
        return part

    def _other(self, name: str) -> str:
        """The metric that a filter goes by: its id, or the measure that it is."""
        if name not in self.metrics:
            raise NotCarriedError(f"there is no metric {name}")
        if not meta_of(self.metrics[name].value).get("helper"):
            return called(name)
        return str(self._parts(self.metrics[name].value, ()).inputs[_VALUE]["is"])

    def _named(self, table: Table, name: str, measure: dict[str, Any]) -> str:
        """What the measure is called among those of its table: another one for each of its narrowings."""
        own = self.measures.setdefault(table.name, {})
        base = str(meta_of(table.measures[name]).get("measure") or name)
        for free in (base, *(f"{base}_{number}" for number in range(2, 1_000))):
            if own.setdefault(free, measure) == measure:
                return free
        raise NotCarriedError(f"{name} is narrowed in too many ways")


@frozen
class _Parts:
    formula: str
    inputs: Mapping[str, Mapping[str, Any]]


def _measure(measure: Mapping[str, Any], table: Table, narrowed: Narrowed, fill: object) -> dict[str, Any]:
    """A measure of dbt with the conditions on it. Without rows it is no data there, unless something is filled in."""
    meta = meta_of(measure)
    agg = _AGGREGATIONS.get(str(measure.get("agg") or "").lower())
    if agg is None:
        raise NotCarriedError(f"there is no agg {measure.get('agg')}")
    own: dict[str, Any] = {"agg": agg, "expr": str(measure.get("expr") or measure["name"])}
    if narrowed.sql:
        own["filter"] = narrowed.sql
    time = str(measure.get("agg_time_dimension") or table.time)
    if not time:
        raise NotCarriedError(f"{table.name} says no agg_time_dimension")
    if time != table.time:
        own["time"] = table.sql_of(time) if is_column(table.sql_of(time)) else time
    if agg == "percentile":
        params = measure.get("agg_params") or {}
        own["agg_params"] = {"percentile": float(params.get("percentile", 0.5))}
        if params.get("use_discrete_percentile"):
            own["agg_params"]["use_discrete_percentile"] = True
    if edge := measure.get("non_additive_dimension"):
        own["non_additive_dimension"] = _edge(edge, table, time)
    zero = meta.get("without_values") == "zero" or agg in {"min", "max", "average", "median", "percentile"}
    del fill
    return own | dict(meta.get("keys") or {}) if zero else own | {"without_values": "none"}


def _edge(edge: Mapping[str, Any], table: Table, time: str) -> dict[str, Any]:
    if str(edge.get("name") or time).rpartition("__")[2] != time:
        raise NotCarriedError(f"its non_additive_dimension {edge['name']} is not what dates it")
    columns = [table.sql_of(str(name)) for name in edge.get("window_groupings") or ()]
    if not all(map(is_column, columns)):
        raise NotCarriedError("its window_groupings are computed; make them columns")
    return {"window_choice": edge.get("window_choice") or "min"} | ({"window_groupings": columns} if columns else {})


def _length(written: object) -> str:
    """`7 days`, as dbt writes it, or as its count and granularity."""
    if isinstance(written, Mapping):
        return f"{written.get('count')} {written.get('granularity')}"
    return str(written)


def _definition(metric: Mapping[str, Any], parts: _Parts) -> dict[str, Any]:
    """A KPI's file; what dbt does not say is neutral, and what an export of ours has added is as it was."""
    name = called(str(metric["name"]))
    words = free_words(str(metric.get("label") or str(metric["name"]).replace("_", " ")), name)
    description = str(metric.get("description") or words).strip()
    plain = {
        "id": name,
        "names": dict.fromkeys(LANGUAGES, words),
        "description": dict.fromkeys(LANGUAGES, description),
        "type": kind_of(parts.formula, parts.inputs),
        "formula": parts.formula,
        "inputs": {key: dict(part) if set(part) != {"is"} else part["is"] for key, part in parts.inputs.items()},
        "unit": "ratio" if kind_of(parts.formula, parts.inputs) == "ratio" else "count",
        "direction": "neutral",
        "stage": "all",
        "cadence": "monthly",
        "indicator": "lagging",
        "audiences": [],
        "reading": {"en": f"As dbt defines {name}."},
    }
    return plain | dict(meta_of(metric))


def kind_of(formula: str, inputs: Mapping[str, Mapping[str, Any]]) -> str:
    """The type of a KPI with this formula over these inputs."""
    if formula in inputs:
        moved = {"window", "grain_to_date", "offset_to_grain"} & set(inputs[formula])
        return "cumulative" if moved else "simple"
    parsed = parse_formula(formula)
    divisor = divisor_of(parsed)
    once = divisor is not None and re.findall(r"[\w.]+", parsed.text).count(divisor) == 1
    return "ratio" if once and len(parsed.names) == 2 else "derived"
