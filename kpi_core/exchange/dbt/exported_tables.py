"""A table of ours as a semantic model of dbt."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from kpi_core.exchange.carried import META, NotCarriedError
from kpi_core.metrics import Measure, Model

_WITHOUT_ROWS = frozenset({"sum", "sum_boolean", "count", "count_distinct"})


def model_name(model: str, measure: str) -> str:
    """What a measure is called among all of a project: theirs are of one room."""
    return f"{model}_{measure}"


def semantic_model(model: Model, measures: Collection[str]) -> dict[str, Any]:
    """A table with those of its measures. NotCarriedError for one whose rows dbt would not see."""
    if model.relation:
        raise NotCarriedError(f"the rows of {model.name} are worked out from other tables: make a dbt model of its SQL")
    chosen = [model.measures[name] for name in sorted(measures)]
    written = [measure_of(measure, model) for measure in chosen]
    entities = {name: {"name": name, "type": "foreign", "expr": column} for name, column in model.entities.items()}
    for measure in chosen:
        for column in measure.non_additive_dimension.window_groupings if measure.non_additive_dimension else ():
            if column not in model.entities.values():
                entities[column] = {"name": column, "type": "foreign", "expr": column}
    meta = {key: True for key in ("sparse", "plan", "lumpy") if getattr(model, key)}
    return {
        "name": model.name,
        "description": model.description,
        "model": f"ref('{model.name}')",
        "defaults": {"agg_time_dimension": model.time},
        "primary_entity": f"{model.name}_row",
        "entities": list(entities.values()),
        "dimensions": [*_dimensions(model), *_times(model, chosen)],
        "measures": written,
        "config": {"meta": {META: {"model": meta}}},
    }


def measure_of(measure: Measure, model: Model) -> dict[str, Any]:
    """A measure of dbt. NotCarriedError for one that means more than an aggregate of rows by their date."""
    others = {
        "having": "counts those with so many rows",
        "last_per": "is a balance that is carried over days without a row",
        "at": "is of rows that hold at a moment",
        "matures": "leaves out what is too young to be known",
    }
    for key, says in others.items():
        if getattr(measure, key) is not None:
            raise NotCarriedError(f"{model.name}.{measure.name} {says}")
    if measure.spread or measure.reads_period_start:
        raise NotCarriedError(f"{model.name}.{measure.name} depends on the asked period, not on its rows alone")
    value = _inlined(measure.expr or "1", model)
    if measure.filter:
        value = f"case when {_inlined(measure.filter, model)} then {value} end"
    zero = measure.agg in _WITHOUT_ROWS and measure.without_values == "zero" and not measure.non_additive_dimension
    meta = {"measure": measure.name, "without_values": "zero" if zero else "none"}
    written: dict[str, Any] = {
        "name": model_name(model.name, measure.name),
        "agg": measure.agg,
        "expr": value,
        "agg_time_dimension": model.time_of(measure),
    }
    if measure.agg_params is not None:
        written["agg_params"] = {"percentile": measure.agg_params.percentile}
        if measure.agg_params.use_discrete_percentile:
            written["agg_params"]["use_discrete_percentile"] = True
    if measure.non_additive_dimension is not None:
        edge = measure.non_additive_dimension
        names = {column: name for name, column in model.entities.items()}
        written["non_additive_dimension"] = {
            "name": model.time_of(measure),
            "window_choice": edge.window_choice,
            "window_groupings": [names.get(column, column) for column in edge.window_groupings],
        }
    return written | {"config": {"meta": {META: meta}}}


def _inlined(sql: str, model: Model) -> str:
    """SQL over the columns of the table alone. NotCarriedError where it reads what several rows tell."""
    from sqlglot import exp

    from kpi_core.sql.fragments import fragment

    tree = fragment(sql)
    for _round in range(len(model.computed) + 1):
        columns = [column for column in tree.find_all(exp.Column) if column.name in model.computed]
        if not columns:
            return tree.sql(dialect="duckdb")
        for column in columns:
            inner = exp.paren(fragment(model.computed[column.name]))
            if inner.find(exp.Window):
                hint = "make it a column of a dbt model"
                raise NotCarriedError(f"{model.name}.{column.name} is told by several rows: {hint}")
            if column is tree:
                tree = inner
            else:
                column.replace(inner)
    raise NotCarriedError(f"{sql} is computed from itself")


def _dimensions(model: Model) -> list[dict[str, Any]]:
    """What splits: columns, and what is computed from those of the same row. A look-up tells its own."""
    result: list[dict[str, Any]] = []
    for name in model.dimensions:
        if name in model.lookups:
            continue
        if model.is_computed(name):
            if model.tells_by_itself(name):
                result.append({"name": name, "type": "categorical", "expr": model.computed[name]})
        else:
            result.append({"name": name, "type": "categorical"})
    return result


def _times(model: Model, measures: Collection[Measure]) -> list[dict[str, Any]]:
    times = dict.fromkeys((model.time, *(model.time_of(measure) for measure in measures)))
    return [
        {
            "name": time,
            "type": "time",
            **({"expr": _inlined(model.times[time], model)} if time in model.times else {}),
            "type_params": {"time_granularity": "day" if model.time_type(time) == "date" else "second"},
        }
        for time in times
    ]
