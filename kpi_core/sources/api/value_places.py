"""Where a value stands in an answer: `error.code`, `actions[action_type=purchase|lead].value`, `rows[].cells[0]`. Pure.

A name steps into a mapping, `*` into all of its values, `[]` into all items of a list, `[2]` into one, `[key=a|b]` into
the first item whose key is a, else b.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

_STEP = re.compile(r"([^.\[\]]+)|\[([^\]]*)\]")


@cache
def _steps(place: str) -> tuple[tuple[str, str | None], ...]:
    """Names, and what stands in brackets, in order."""
    return tuple((match[1] or "", match[2]) for match in _STEP.finditer(place))


def values_at(document: Any, place: str) -> list[Any]:
    """All values at a place, in order; none where nothing stands there."""
    values = [document]
    for name, bracket in _steps(place):
        values = [inner for value in values for inner in _step(value, name, bracket)]
    return values


def value_at(document: Any, place: str) -> Any:
    """The first value at a place; None where nothing stands there."""
    return next(iter(values_at(document, place)), None)


def _step(value: Any, name: str, bracket: str | None) -> Iterator[Any]:
    if bracket is None:
        if isinstance(value, dict):
            yield from value.values() if name == "*" else [value[name]] if name in value else []
    elif isinstance(value, list):
        if not bracket:
            yield from value
        elif bracket.isdigit():
            yield from value[int(bracket) : int(bracket) + 1]
        else:
            key, _, words = bracket.partition("=")
            matches = (item for word in words.split("|") for item in value if _is(item, key, word))
            yield from list(matches)[:1]


def _is(item: Any, key: str, word: str) -> bool:
    return isinstance(item, dict) and str(item.get(key)) == word
