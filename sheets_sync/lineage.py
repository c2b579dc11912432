"""Where a KPI's numbers come from: the models behind its formula, and the dimensions that all of them share."""

from __future__ import annotations

from collections.abc import Iterator

from kpi_core.formula import parse_formula
from kpi_core.metrics import Catalog, Metric


def models_of(metric: Metric, catalog: Catalog) -> tuple[str, ...]:
    """Names of the fact tables that the KPI reads, in the order of its formula."""
    return tuple(dict.fromkeys(_models(metric, catalog, set())))


def dimensions_of(metric: Metric, catalog: Catalog) -> frozenset[str]:
    """Dimensions by which every part of the KPI can be split."""
    shared = [
        frozenset(catalog.models[name].dimensions) for name in models_of(metric, catalog) if name in catalog.models
    ]
    return frozenset.intersection(*shared) if shared else frozenset()


def _models(metric: Metric, catalog: Catalog, seen: set[str]) -> Iterator[str]:
    seen.add(metric.id)
    texts = [given.expression for given in metric.inputs.values()] or [metric.formula]
    for name in (name for text in texts for name in parse_formula(text).names):
        model, dot, _measure = name.partition(".")
        if dot:
            yield model
        elif name in catalog.metrics and name not in seen:
            yield from _models(catalog.metrics[name], catalog, seen)
