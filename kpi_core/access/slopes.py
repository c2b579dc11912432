"""How a KPI's value and its parts move with the measures they are made of: exact slopes, out of the formulas alone.

A reader who knows every other number can work a measure out from a value exactly where the value moves with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple, cast
from zlib import crc32

from kpi_core.formula import Value, formula_of
from kpi_core.frozen_dataclass import frozen
from kpi_core.metrics import NO_TABLES, Catalog, Input, Metric


class Symbol(NamedTuple):
    """A measure as formulas read it: `offset` is empty, or names the other period it is taken of."""

    model: str
    measure: str
    offset: str = ""


Slopes = Mapping[Symbol, Fraction]


@frozen(eq=False)
class Sloped:
    """A number with its slope along each symbol that it depends on."""

    number: Fraction
    slopes: Slopes

    def __add__(self, other: Sloped | float) -> Sloped:
        return _combined(self, _sloped(other), lambda _one, _other: (1, 1), lambda one, two: one + two)

    def __sub__(self, other: Sloped | float) -> Sloped:
        return _combined(self, _sloped(other), lambda _one, _other: (1, -1), lambda one, two: one - two)

    def __mul__(self, other: Sloped | float) -> Sloped:
        return _combined(self, _sloped(other), lambda one, two: (two, one), lambda one, two: one * two)

    def __truediv__(self, other: Sloped | float) -> Sloped:
        return _combined(
            self, _sloped(other), lambda one, two: (1 / two, -one / (two * two)), lambda one, two: one / two
        )

    def __radd__(self, other: float) -> Sloped:
        return _sloped(other) + self

    def __rsub__(self, other: float) -> Sloped:
        return _sloped(other) - self

    def __rmul__(self, other: float) -> Sloped:
        return _sloped(other) * self

    def __rtruediv__(self, other: float) -> Sloped:
        return _sloped(other) / self

    def __neg__(self) -> Sloped:
        return _sloped(0) - self

    def __eq__(self, other: object) -> bool:
        """Formulas hold a divisor against 0."""
        return self.number == other

    __hash__ = None  # type: ignore[assignment]  # a number on its way is no key


@frozen
class Display:
    """What an answer shows: its value and the inputs of its formula; None where a divisor is 0."""

    value: Sloped | None
    parts: Mapping[str, Sloped | None]


Along = Callable[[Symbol], Sloped]
"""The number that stands for a measure."""


def alone(symbol: Symbol) -> Sloped:
    """A measure as a number of its own, with slope 1 along itself."""
    return Sloped(any_number(symbol), {symbol: Fraction(1)})


def any_number(name: object) -> Fraction:
    """Some number for a name, always the same; those of different names have nothing to do with each other."""
    # Small, so that fractions of many stay short; of CRC, which is the same in every process, as hash() is not.
    return Fraction(crc32(repr(name).encode()) % 99_991 + 2)


def display_of(metric: Metric, catalog: Catalog, along: Along = alone, offset: str = "") -> Display:
    """What the metric shows where `along` gives the number of each measure."""
    parts = {name: _part(part, catalog, along, offset) for name, part in metric.inputs.items()}
    return Display(_evaluated(metric.formula, parts.__getitem__), parts)


def _part(part: Input, catalog: Catalog, along: Along, offset: str) -> Sloped | None:
    taken = offset or part.offset or ""
    if part.taken is not None:
        taken = f"{taken} {part.taken}"

    def term(name: str) -> Sloped | None:
        model, dot, measure = name.partition(".")
        if not dot:
            return display_of(catalog.metrics[name], catalog, along, taken).value
        return _sloped(any_number(name)) if model in NO_TABLES else along(Symbol(model, measure, taken))

    return _evaluated(part.expression, term)


def _evaluated(text: str, term: Callable[[str], Sloped | None]) -> Sloped | None:
    def in_term(name: str) -> Callable[[None], Value]:
        return lambda _nothing: cast("Value", term(name))

    number = cast("Sloped | float | None", formula_of(text).bound(in_term)(None))
    return None if number is None else _sloped(number)


def in_span(target: Slopes, others: Sequence[Slopes]) -> bool:
    """Whether numbers with the slopes `others` together tell the one with the slopes `target`."""
    symbols = sorted(target.keys() | {symbol for slopes in others for symbol in slopes})
    rows = [[slopes.get(symbol, Fraction(0)) for symbol in symbols] for slopes in others]
    return _rank([*rows, [target.get(symbol, Fraction(0)) for symbol in symbols]]) == _rank(rows)


def _rank(rows: Sequence[Sequence[Fraction]]) -> int:
    left, rank = [list(row) for row in rows], 0
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((row for row in left if row[column]), None)
        if pivot is None:
            continue
        left.remove(pivot)
        rank += 1
        for row in left:
            factor = row[column] / pivot[column]
            row[:] = [number - factor * leading for number, leading in zip(row, pivot, strict=True)]
    return rank


def _sloped(number: Sloped | float | Fraction) -> Sloped:
    return number if isinstance(number, Sloped) else Sloped(Fraction(number), {})


def _combined(
    one: Sloped,
    other: Sloped,
    weights: Callable[[Fraction, Fraction], tuple[Fraction | int, Fraction | int]],
    apply: Callable[[Fraction, Fraction], Fraction],
) -> Sloped:
    """The result of an operation: its slope is that of either side, each by its weight."""
    mine, theirs = weights(one.number, other.number)
    slopes = {
        symbol: mine * one.slopes.get(symbol, Fraction(0)) + theirs * other.slopes.get(symbol, Fraction(0))
        for symbol in {*one.slopes, *other.slopes}
    }
    return Sloped(apply(one.number, other.number), {symbol: slope for symbol, slope in slopes.items() if slope})
