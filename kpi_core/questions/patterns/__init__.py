"""What each pattern asks of a text, and which words a list spells out: cached until the grammar changes."""

from __future__ import annotations

from functools import cache

from kpi_core.cache import cached
from kpi_core.questions.patterns.needed import Index, Needs, index_of, needed, unopposed
from kpi_core.questions.patterns.spelled_out import spelled_out


def possible(name: str, patterns: tuple[str, ...], text: str) -> list[str]:
    """Those of the patterns (of the grammar `name`) that may match somewhere in a plain text."""
    return unopposed(_index(name, patterns), text)


def spelt_words(name: str, patterns: tuple[str, ...]) -> frozenset[str]:
    """All words that the patterns (of the list `name`) spell out."""
    return cached("spelt", name, lambda: frozenset(word for pattern in patterns for word in spelled_out(pattern)))


@cache
def _index(name: str, patterns: tuple[str, ...]) -> Index:
    return index_of(cached("needed", name, lambda: _needs(patterns)))


def _needs(patterns: tuple[str, ...]) -> dict[str, Needs]:
    return {pattern: needed(pattern) for pattern in patterns}
