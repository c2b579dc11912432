"""The words of a catalogue, which take long to work out: cached until the definitions or the grammar change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from kpi_core.cache import cached
from kpi_core.metrics import Catalog
from kpi_core.questions.vocabulary import Values, Vocabulary, build_vocabulary


def load_vocabulary(
    catalog: Catalog, values: Values, dimensions_of: Callable[[str], Sequence[str]], currency: str = ""
) -> Vocabulary:
    """The vocabulary of a catalogue; `values` gives the members of a dimension, `dimensions_of` those of a KPI."""
    names = [
        (metric.id, metric.names, metric.aliases, metric.variant_of, metric.cadence, metric.split, metric.unit)
        for metric in catalog.metrics.values()
    ]
    key = f"{names} {catalog.dimensions}"
    words = cached("vocabulary", key, lambda: build_vocabulary(catalog, _no_values))
    return replace(words, values=values, dimensions_of=dimensions_of, currency=currency)


def _no_values(_dimension: str) -> tuple[str | None, ...]:
    return ()
