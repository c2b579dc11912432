"""A short fingerprint of everything a number's meaning depends on: the receipt of its definition."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict
from functools import lru_cache

from kpi_core.evaluation import leaves
from kpi_core.metrics import Catalog, Metric


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
    text = json.dumps(list(_meaning(held.metric, held.catalog)), sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _meaning(metric: Metric, catalog: Catalog) -> Iterator[object]:
    yield metric.formula
    for each in metric.inputs.values():
        yield [each.name, each.expression, asdict(each.where) if each.where else None]
    for leaf in leaves(metric, catalog):
        model = catalog.models[leaf.model]
        measure = asdict(model.measures[leaf.measure])
        measure.pop("description")
        yield [
            leaf.model,
            model.time_of(model.measures[leaf.measure]),
            dict(model.times),
            dict(model.computed),
            measure,
        ]
