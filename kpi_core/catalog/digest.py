"""Everything a number's meaning depends on, and a short fingerprint of it: the receipt of its definition."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from functools import lru_cache

from kpi_core.formula import formula_of
from kpi_core.metrics import Catalog, Metric, MetricFilter, Model, Validity

MODEL_PARTS = ("times", "computed", "relation", "reads", "valid")
"""What of a model, beside the measure itself, a number may depend on."""


def definition_version(metric: Metric, catalog: Catalog) -> str:
    """Twelve hexadecimal digits; another formula, input, measure or computed column gives others, new words do not."""
    return _version(_VersionKey(metric, catalog))


class _VersionKey:
    """Catalogues are big and do not change: they are told apart by identity."""

    def __init__(self, metric: Metric, catalog: Catalog) -> None:
        self.metric = metric
        self.catalog = catalog

    def __hash__(self) -> int:
        # The key holds on to its catalogue, so no later one can come to lie at the same address.
        return hash((id(self.catalog), self.metric.id))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _VersionKey) and self.catalog is other.catalog and self.metric.id == other.metric.id


@lru_cache(maxsize=1024)
def _version(key: _VersionKey) -> str:
    text = json.dumps(meaning_of(key.metric, key.catalog), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def meaning_of(metric: Metric, catalog: Catalog) -> dict[str, str]:
    """What the number depends on, each part by where it is written: `formula`, `inputs.spend`, `orders.revenue.filter`.

    The parts of another KPI inside the formula begin with its id.
    """
    return dict(_meaning(metric, catalog, ""))


def _meaning(metric: Metric, catalog: Catalog, prefix: str) -> Iterator[tuple[str, str]]:
    yield f"{prefix}formula", metric.formula
    for metric_input in metric.inputs.values():
        fields = asdict(metric_input)
        place = f"{prefix}inputs.{fields.pop('name')}"
        yield place, fields.pop("expression")
        # What a part is called and how it is written change no number.
        for word in ("names", "unit"):
            del fields[word]
        filled = fields.pop("fill_nulls_with")
        fields["where"] = _filter(metric_input.where)
        yield from flat(place, fields)
        yield from flat(f"{place}.fill_nulls_with", None if filled is None else f"{filled:g}")
        referred = [
            *formula_of(metric_input.expression).names,
            *([metric_input.where.metric] if metric_input.where else []),
        ]
        for name in referred:
            model, dot, measure = name.partition(".")
            if not dot:
                yield from _meaning(catalog.metrics[name], catalog, f"{name}.")
            elif model in catalog.models:
                yield from _measure(catalog.models[model], measure)


def _filter(where: MetricFilter | None) -> Mapping[str, str] | None:
    """A filter by another number; a bound of 0 is one, too."""
    if where is None:
        return None
    bounds = {name: getattr(where, name) for name in ("above", "at_least", "below", "at_most")}
    if where.lenient and bounds == dict.fromkeys(bounds) | {"above": 0.0}:
        return {"above_zero": where.metric, "by": where.by}
    written = {name: f"{bound!r}" for name, bound in bounds.items() if bound is not None}
    return {"metric": where.metric, "by": where.by, "lenient": str(where.lenient), **written}


def _measure(model: Model, name: str) -> Iterator[tuple[str, str]]:
    measure = model.measures[name]
    fields = asdict(measure)
    # What it reads follows from its SQL.
    for word in ("name", "description", "reveals", "reads"):
        del fields[word]
    if measure.having:
        # The entity is named, and what the name stands for is written elsewhere.
        fields["having"]["column"] = model.entities.get(measure.having.per)
    yield from flat(f"{model.name}.{name}", fields | {"time": model.time_of(measure)})
    for part in MODEL_PARTS:
        value = getattr(model, part) or None
        yield from flat(f"{model.name}.{part}", asdict(value) if isinstance(value, Validity) else value)


def flat(place: str, value: object) -> Iterator[tuple[str, str]]:
    """A value as plain texts, each with its place; nothing for what is not given."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from flat(f"{place}.{key}", item)
    elif isinstance(value, list | tuple):
        texts = (element if isinstance(element, str) else json.dumps(element, ensure_ascii=False) for element in value)
        yield place, ", ".join(texts) or "[]"
    elif value not in (None, "", False):
        yield place, str(value)
