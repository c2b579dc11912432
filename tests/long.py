"""The long forms of promises: `make test` tries a few cases of each, `make long` as many as were meant.

`KPI_LONG` is the share of the long forms that runs (`make long SHARE=0.1`); where it is unset, the short forms run. A
promise of the long run is a property under `examples`, or a test under `pytest.mark.long` that asks `times` how often
and says with `ran` what it did. `make long` ends with what was run in all.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any, TypeVar

import pytest
from hypothesis import settings

SHARE = "KPI_LONG"
Count = tuple[str, dict[str, int]]
"""What was run, and how often; under "times" first, then whatever else a test counts."""
Test = TypeVar("Test", bound=Callable[..., Any])
_counts: list[Count] = []


def share() -> float | None:
    """The share of the long forms that is asked for; None where the short ones run."""
    written = os.environ.get(SHARE)
    return float(written) if written else None


def times(short: int, long: int) -> int:
    """How many cases to try: `short` in `make test`, the share of `long` in `make long`, at least one."""
    part = share()
    return short if part is None else max(1, math.ceil(long * part - 1e-9))


def step(short: int) -> int:
    """Of cases that are counted out, every how many-th is tried: each `short`-th in `make test`, all in `make long`."""
    part = share()
    return short if part is None else max(1, round(1 / part))


def ran(what: str, count: int = 1, **counts: int) -> None:
    """Count what was run, as `ran("kills on Postgres", 6, lost=0, doubled=0)`; calls for one `what` add up."""
    _counts.append((what, {"times": count, **counts}))


def examples(what: str, short: int, long: int, **more: Any) -> Callable[[Test], Test]:
    """A hypothesis property with a long form: stands above `@given`, takes what else `settings` takes, and counts."""

    def decorate(test: Test) -> Test:
        inner = test.hypothesis.inner_test  # type: ignore[attr-defined]

        @wraps(inner)
        def counting(*args: Any, **values: Any) -> None:
            inner(*args, **values)
            ran(what)

        test.hypothesis.inner_test = counting  # type: ignore[attr-defined]
        return pytest.mark.long(settings(max_examples=times(short, long), **more)(test))

    return decorate


def taken() -> list[Count]:
    """What was counted since this was last asked."""
    counts = _counts.copy()
    _counts.clear()
    return counts


def lines(counts: Iterable[Count]) -> list[str]:
    """One line for each promise: `kills on Postgres: 60, lost 0, doubled 0`."""
    sums: dict[str, dict[str, int]] = {}
    for what, numbers in counts:
        total = sums.setdefault(what, {})
        for name, number in numbers.items():
            total[name] = total.get(name, 0) + number
    return [f"{what}: {_line(sums[what])}" for what in sorted(sums)]


def _line(numbers: Mapping[str, int]) -> str:
    return ", ".join(f"{number:,}" if name == "times" else f"{name} {number:,}" for name, number in numbers.items())
