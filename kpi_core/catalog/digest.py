"""Everything a number's meaning depends on, and a short fingerprint of it: the receipt of its definition."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from functools import lru_cache

from kpi_core.formula import formula_of
from kpi_core.metrics import Catalog, Metric, Model, Validity

MODEL_PARTS = ("times", "computed", "relation", "reads", "valid")
"""What of a model, beside the measure itself, a number may depend on."""


def definition_version(metric: Metric, catalog: Catalog) -> str:
    """Twelve hexadecimal digits; another formula, input, measure or computed column gives others, new words do not."""
    return _version(_Held(metric, catalog))


class _Held:
    """Catalogues are big and do not change: they are told apart by identity."""

    def __init__(self, metric: Metric, catalog: Catalog) -> None:
        self.metric = metric
        self.catalog = catalog

    def __hash__(self) -> int:
        return hash((id(self.catalog), self.metric.id))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and self.catalog is other.catalog and self.metric.id == other.metric.id


@lru_cache(maxsize=1024)
def _version(held: _Held) -> str:
    text = json.dumps(meaning_of(held.metric, held.catalog), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def meaning_of(metric: Metric, catalog: Catalog) -> dict[str, str]:
    """What the number depends on, each part by where it is written: `formula`, `inputs.spend`, `orders.revenue.filter`.

    The parts of another KPI inside the formula begin with its id.
    """
    return dict(_meaning(metric, catalog, ""))


def _meaning(metric: Metric, catalog: Catalog, prefix: str) -> Iterator[tuple[str, str]]:
    yield f"{prefix}formula", metric.formula
    for each in metric.inputs.values():
        given = asdict(each)
        place = f"{prefix}inputs.{given.pop('name')}"
        yield place, given.pop("expression")
        for word in ("names", "unit"):
            del given[word]
        yield from flat(place, given)
        referred = [*formula_of(each.expression).names, *([each.where.above_zero] if each.where else [])]
        for name in referred:
            model, dot, measure = name.partition(".")
            if not dot:
                yield from _meaning(catalog.metrics[name], catalog, f"{name}.")
            elif model in catalog.models:
                yield from _measure(catalog.models[model], measure)


def _measure(model: Model, name: str) -> Iterator[tuple[str, str]]:
    measure = model.measures[name]
    given = asdict(measure)
    for word in ("name", "description"):
        del given[word]
    yield from flat(f"{model.name}.{name}", given | {"time": model.time_of(measure)})
    for part in MODEL_PARTS:
        value = getattr(model, part) or None
        yield from flat(f"{model.name}.{part}", asdict(value) if isinstance(value, Validity) else value)


def flat(place: str, value: object) -> Iterator[tuple[str, str]]:
    """A value as plain texts, each with its place; nothing for what is not given."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from flat(f"{place}.{key}", item)
    elif isinstance(value, list | tuple):
        texts = (each if isinstance(each, str) else json.dumps(each, ensure_ascii=False) for each in value)
        yield place, ", ".join(texts) or "[]"
    elif value not in (None, "", False):
        yield place, str(value)
