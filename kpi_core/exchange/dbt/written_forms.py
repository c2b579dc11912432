"""dbt's two forms of semantic models and metrics, read into one: the older one, with measures and `type_params`.

Older: `semantic_models:` and `metrics:` at the top of a file (dbt 1.6 on). Newer: `semantic_model:`, `columns:` and
`metrics:` inside `models:` (dbt 1.12 and Fusion), where a simple metric is its own measure.
https://docs.getdbt.com/docs/build/latest-metrics-spec
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from kpi_core.documents.yaml_file import Document
from kpi_core.exchange.carried import Written, items_of
from kpi_core.frozen_dataclass import frozen

_REF = re.compile(r"""(?:ref|source)\(\s*['"]([^'"]+)['"]\s*(?:,\s*['"]([^'"]+)['"]\s*)?\)""")
_INPUT_KEYS = ("filter", "alias", "offset_window", "offset_to_grain", "fill_nulls_with", "join_to_timespine")


@frozen
class Project:
    """The semantic models and metrics of a project, all in the older form, and the types of tables' columns."""

    models: tuple[Written, ...]
    metrics: tuple[Written, ...]
    types: Mapping[str, Mapping[str, str]]
    """Table -> column -> `data_type`, as far as the project says them."""


def project_of(documents: Sequence[Document]) -> Project:
    """All that the documents define."""
    models: list[Written] = []
    metrics: list[Written] = []
    types: dict[str, dict[str, str]] = {}
    for document in documents:
        models += items_of(document, "semantic_models")
        metrics += (replace(item, value=_older_metric(item.value)) for item in items_of(document, "metrics"))
        for item in (*items_of(document, "models"), *items_of(document, "sources")):
            table = str(item.value.get("name"))
            for column in items_of(document, *item.place, "columns"):
                if isinstance(column.value.get("data_type"), str):
                    types.setdefault(table, {})[str(column.value.get("name"))] = column.value["data_type"]
        for item in items_of(document, "models"):
            if _is_semantic(item.value):
                models.append(replace(item, value=_older_model(item.value)))
                metrics += (
                    replace(metric, value=_older_metric(metric.value))
                    for metric in items_of(document, *item.place, "metrics")
                )
    return Project(tuple(models), tuple(metrics), types)


def table_of(model: Mapping[str, Any]) -> str:
    """The name of the table behind a semantic model: of `ref('orders')`, or its `node_relation`."""
    relation = model.get("node_relation")
    if isinstance(relation, Mapping):
        return str(relation.get("alias") or relation.get("relation_name"))
    result = _REF.search(str(model.get("model") or ""))
    return (result[2] or result[1]) if result else str(model.get("model") or model.get("name"))


def _is_semantic(model: Mapping[str, Any]) -> bool:
    written = model.get("semantic_model")
    return written is True or (isinstance(written, Mapping) and written.get("enabled") is not False)


def _older_model(model: Mapping[str, Any]) -> dict[str, Any]:
    """A model of the newer form as a semantic model of the older one."""
    written = model["semantic_model"] if isinstance(model["semantic_model"], Mapping) else {}
    columns = [item for item in model.get("columns") or () if isinstance(item, Mapping)]
    derived = model.get("derived_semantics") or {}
    simple = [item for item in model.get("metrics") or () if isinstance(item, Mapping) and "agg" in item]
    return {
        "name": written.get("name") or model["name"],
        "description": model.get("description") or "",
        "model": f"ref('{model['name']}')",
        "defaults": {"agg_time_dimension": model.get("agg_time_dimension")},
        "primary_entity": model.get("primary_entity"),
        "entities": [*_parts(columns, "entity"), *(derived.get("entities") or ())],
        "dimensions": [*_parts(columns, "dimension"), *(derived.get("dimensions") or ())],
        "measures": [_measure_of(item) for item in simple],
    }


def _parts(columns: Sequence[Mapping[str, Any]], kind: str) -> Iterator[dict[str, Any]]:
    """The entities or dimensions that columns are."""
    for column in columns:
        part = column.get(kind)
        if part is not None:
            own = dict(part) if isinstance(part, Mapping) else {"type": part}
            grain = {"time_granularity": column["granularity"]} if "granularity" in column else {}
            valid = {"validity_params": own["validity_params"]} if "validity_params" in own else {}
            yield {"name": column["name"], "expr": column["name"]} | own | {"type_params": grain | valid}


def _measure_of(metric: Mapping[str, Any]) -> dict[str, Any]:
    """The measure that a simple metric of the newer form is."""
    keys_taken = ("name", "agg", "expr", "agg_time_dimension", "non_additive_dimension", "config")
    measure = {key: metric[key] for key in keys_taken if key in metric}
    if "percentile" in metric:
        share = float(metric["percentile"])
        measure["agg_params"] = {
            "percentile": share / 100 if share > 1 else share,
            "use_discrete_percentile": metric.get("percentile_type") == "discrete",
        }
    return measure


def _older_metric(metric: Mapping[str, Any]) -> Mapping[str, Any]:
    """A metric of the newer form in the older one; of the older form as it is."""
    if "type_params" in metric:
        return metric
    kind = metric.get("type") or "simple"
    plain = {key: metric[key] for key in ("name", "label", "description", "filter", "config") if key in metric}
    own: dict[str, Any] = {}
    if kind == "simple":
        beside = {key: metric[key] for key in ("fill_nulls_with", "join_to_timespine") if key in metric}
        own = {"measure": {"name": metric.get("name"), **beside}}
    elif kind == "derived":
        own = {"expr": metric.get("expr"), "metrics": metric.get("input_metrics") or []}
    elif kind == "ratio":
        own = {side: metric.get(side) for side in ("numerator", "denominator")}
    elif kind == "cumulative":
        keys = ("window", "grain_to_date", "period_agg")
        own = {
            "metric": metric.get("input_metric"),
            "cumulative_type_params": {key: metric[key] for key in keys if key in metric},
        }
    return plain | {"type": kind, "type_params": own}


def reference(value: object) -> dict[str, Any]:
    """A measure or metric as an input names it: a word, or a mapping with its name."""
    if isinstance(value, Mapping):
        return {"name": value.get("name")} | {key: value[key] for key in _INPUT_KEYS if value.get(key) is not None}
    return {"name": value}


def filters_of(value: object) -> tuple[str, ...]:
    """The conditions that a `filter:` holds: a text, a list of texts, or `where_filters`."""
    if isinstance(value, Mapping):
        inner = value.get("where_filters") or []
        return tuple(str(item.get("where_sql_template")) for item in inner if isinstance(item, Mapping))
    if isinstance(value, list):
        return tuple(text for item in value for text in filters_of(item))
    return (str(value),) if value else ()
