"""Which tabs a KPI may stand in: the dimensions that all of its tables share."""

from __future__ import annotations

from kpi_core.answering.layout import models_of
from kpi_core.metrics import Catalog, Metric


def dimensions_of(metric: Metric, catalog: Catalog) -> frozenset[str]:
    """Dimensions by which every part of the KPI can be split."""
    shared = [frozenset(catalog.models[name].dimensions) for name in models_of(metric, catalog)]
    return frozenset.intersection(*shared) if shared else frozenset()
