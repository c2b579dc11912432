"""What each pattern of the grammar asks of a text, which takes long to work out: cached until the grammar changes."""

from __future__ import annotations

from functools import cache

from kpi_core.cache import cached
from kpi_core.questions.needed import Needs, needed, unopposed


def possible(name: str, patterns: tuple[str, ...], text: str) -> list[str]:
    """Those of the patterns (of the grammar `name`) that may match somewhere in a plain text."""
    return unopposed(_needs(name, patterns), text)


@cache
def _needs(name: str, patterns: tuple[str, ...]) -> dict[str, Needs]:
    return cached("needed", name, lambda: {pattern: needed(pattern) for pattern in patterns})
