"""What reading a question needs and takes long to work out: a catalogue's words, and what each pattern asks of a text.

Both are cached until the definitions or the grammar change.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from kpi_core.cache import cached
from kpi_core.metrics import Catalog
from kpi_core.questions.needed import Needs, needed, unopposed
from kpi_core.questions.vocabulary import Values, Vocabulary, build_vocabulary


def load_vocabulary(catalog: Catalog, values: Values) -> Vocabulary:
    """The vocabulary of a catalogue; `values` gives the members of a dimension when a question names it."""
    words = [
        (metric.id, metric.names, metric.aliases, metric.variant_of, metric.cadence, metric.split)
        for metric in catalog.metrics.values()
    ]
    key = f"{words} {catalog.dimensions}"
    return replace(cached("vocabulary", key, lambda: build_vocabulary(catalog, _no_values)), values=values)


def possible(name: str, patterns: tuple[str, ...], text: str) -> list[str]:
    """Those of the patterns (of the grammar `name`) that may match somewhere in a plain text."""
    return unopposed(_needs(name, patterns), text)


@cache
def _needs(name: str, patterns: tuple[str, ...]) -> dict[str, Needs]:
    return cached("needed", name, lambda: {pattern: needed(pattern) for pattern in patterns})


def _no_values(_dimension: str) -> tuple[str | None, ...]:
    return ()
