"""Definitions of ours as an Open Semantic Interchange file (Apache Ossie, core specification 0.2): datasets,
relationships from facts to look-ups, and each KPI as one SQL expression over them.

The interchange knows aggregates and arithmetic alone: no other days, no filters by other numbers, no days that count
for a balance. A KPI with such a part is refused. https://github.com/apache/ossie
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from kpi_core.errors import Problem
from kpi_core.exchange.carried import META, Carried, NotCarriedError
from kpi_core.exchange.dbt.exported_tables import measure_of
from kpi_core.exchange.dbt.to_dbt import said_of, spoken
from kpi_core.formula import formula_of
from kpi_core.metrics import NO_TABLES, Catalog, ColumnType, Measure, Metric, Model

FILE = "kpi_bot.osi.yaml"
DIALECT = "ANSI_SQL"
DATATYPES: Mapping[ColumnType, str] = {
    "text": "String",
    "integer": "Integer",
    "decimal": "Decimal",
    "boolean": "Boolean",
    "date": "Date",
    "timestamp": "DateTimeTz",
}
_HINT = "Say it there by hand, or leave it to KPI Bot."
_AGGREGATES = {"sum": "SUM", "count": "COUNT", "min": "MIN", "max": "MAX", "average": "AVG"}


def to_osi(catalog: Catalog, metrics: Mapping[str, Metric]) -> Carried:
    """These KPIs as one semantic model; each that its SQL cannot say is refused with the reason."""
    written, refused, tables = [], [], set()
    for metric in metrics.values():
        try:
            expression, read = _expression(metric, catalog)
        except NotCarriedError as error:
            refused.append(Problem(metric.file, 0, 0, f"{metric.id}: {error}", _HINT))
            continue
        tables |= read
        written.append(_metric(metric, expression, catalog))
    if not written:
        return Carried({}, tuple(refused))
    names = _with_lookups(tables, catalog)
    model = {
        "name": META,
        "datasets": [_dataset(catalog.models[name]) for name in names],
        "relationships": [item for name in names for item in _relationships(catalog.models[name], names, catalog)],
        "metrics": written,
    }
    return Carried({FILE: {"version": "0.2.0", "semantic_model": [model]}}, tuple(refused))


def _metric(metric: Metric, expression: str, catalog: Catalog) -> dict[str, Any]:
    extra = said_of(metric, catalog)
    return {
        "name": metric.id.replace("@", "_"),
        "expression": {"dialects": [{"dialect": DIALECT, "expression": expression}]},
        "description": metric.description["en"],
        "ai_context": {"synonyms": [*dict.fromkeys((*metric.names.values(), *metric.aliases))]},
        "custom_extensions": [{"vendor_name": META.upper(), "data": json.dumps(extra, ensure_ascii=False)}],
    }


def _expression(metric: Metric, catalog: Catalog) -> tuple[str, set[str]]:
    """A KPI as SQL over columns of tables, and the tables."""
    parts: dict[str, str] = {}
    tables: set[str] = set()
    for part in metric.inputs.values():
        moved = part.offset or part.taken or part.trailing_months
        if moved or part.where is not None or part.fill_nulls_with is not None:
            raise NotCarriedError(f"{part.name} is of other days, narrowed by another number, or filled")
        names: dict[str, str] = {}
        formula = formula_of(part.expression)
        for name in formula.names:
            model, dot, measure = name.partition(".")
            if dot and model in NO_TABLES:
                raise NotCarriedError(f"{name} is no number of a table")
            if dot:
                names[name] = _aggregate(catalog.models[model].measures[measure], catalog.models[model])
                tables.add(model)
            else:
                inner, read = _expression(catalog.metrics[name], catalog)
                names[name] = f"({inner})"
                tables |= read
        parts[part.name] = f"({spoken(formula.tree, names)})"
    return spoken(formula_of(metric.formula).tree, parts), tables


def _aggregate(measure: Measure, model: Model) -> str:
    """A measure as an aggregate of SQL; one without rows that counts is 0, as ours."""
    if model.relation:
        raise NotCarriedError(f"the rows of {model.name} are worked out from other tables: make a view of its SQL")
    if measure.non_additive_dimension is not None or measure.time:
        raise NotCarriedError(f"{model.name}.{measure.name} has days of its own, for which there is no word")
    plain = measure_of(measure, model)["expr"]
    # A row of a period has a time: counting those says of which table the rows are.
    value = _qualified(model.time if plain == "1" and measure.agg == "count" else plain, model)
    zero = measure.without_values == "zero"
    if measure.agg == "count_distinct":
        return f"COUNT(DISTINCT {value})"
    if measure.agg == "sum_boolean":
        summed = f"SUM(CASE WHEN {value} THEN 1 ELSE 0 END)"
    elif measure.agg_params is not None or measure.agg == "median":
        discrete = measure.agg_params is not None and measure.agg_params.use_discrete_percentile
        share = measure.agg_params.percentile if measure.agg_params else 0.5
        kind = "PERCENTILE_DISC" if discrete else "PERCENTILE_CONT"
        return f"{kind}({share!r}) WITHIN GROUP (ORDER BY {value})"
    else:
        summed = f"{_AGGREGATES[measure.agg]}({value})"
    return f"COALESCE({summed}, 0)" if zero and measure.agg in {"sum", "sum_boolean"} else summed


def _qualified(sql: str, model: Model) -> str:
    from sqlglot import exp

    from kpi_core.sql.fragments import fragment

    tree = fragment(sql)
    for column in tree.find_all(exp.Column):
        column.set("table", exp.to_identifier(model.name))
    return tree.sql()


def _with_lookups(tables: set[str], catalog: Catalog) -> list[str]:
    """The tables, and the lists that they lead to."""
    result = set(tables)
    for name in tables:
        result |= {table for lookup in catalog.models[name].lookups.values() for table in lookup.tables()}
    return sorted(result)


def _dataset(model: Model) -> dict[str, Any]:
    fields: list[dict[str, Any]] = []
    for column in model.columns.values():
        dimension = column.name in model.dimensions or column.type in {"date", "timestamp"}
        one = {
            "name": column.name,
            "expression": {"dialects": [{"dialect": DIALECT, "expression": column.name}]},
            "datatype": DATATYPES[column.type],
        }
        time = {"dimension": {"is_time": column.type in {"date", "timestamp"}}} if dimension else {}
        fields.append(one | time | ({"description": column.description} if column.description else {}))
    extra = {"time": model.time} | {key: True for key in ("sparse", "plan", "lumpy") if getattr(model, key)}
    extension = {"vendor_name": META.upper(), "data": json.dumps(extra)}
    key = {"primary_key": list(model.key)} if model.key else {}
    return {
        "name": model.name, "source": model.name, **key, "description": model.description, "fields": fields,
        "custom_extensions": [extension],
    }  # fmt: skip


def _relationships(model: Model, names: list[str], catalog: Catalog) -> Iterator[dict[str, Any]]:
    """From a table to the lists that tell of what its rows belong to; spans of time have no word there."""
    for other in (catalog.models[name] for name in names):
        column = model.entities.get(other.primary_entity) if other.primary_entity else None
        if column is not None and other is not model and other.valid is None:
            yield {
                "name": f"{model.name}_to_{other.name}",
                "from": model.name,
                "to": other.name,
                "from_columns": [column],
                "to_columns": [other.key[0]],
            }
