"""What else gives a limited KPI away: its readings, what contains it, what it can be worked out from.

A KPI is closed with a limited one where a reader who knows every other number could work the limited one out from its
value. Where only its parts give it away, they are hidden and the value stays. A KPI made of several open numbers
(CAC, of ad spend and new customers) can still be worked out from those: they stay open and `kpi check` tells.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from kpi_core.access.measures import Place, revealed_by
from kpi_core.access.slopes import Shown, Sloped, Slopes, Symbol, alone, any_number, in_span, shown_by
from kpi_core.formula import formula_of
from kpi_core.metrics import Catalog, Metric


@dataclass(frozen=True, slots=True)
class Relatives:
    """Metric ids, in catalogue order. `closed` begins with the limited KPI and its readings."""

    closed: tuple[str, ...]
    without_parts: tuple[str, ...]
    """Their value stays, the amounts of their formula do not."""
    sources: tuple[str, ...]
    """KPIs that stay open although the limited one is made of them."""


@lru_cache(maxsize=1024)
def relatives_of(metric_id: str, catalog: Catalog) -> Relatives:
    """What a limit on one KPI closes, hides and leaves open."""
    limited = catalog.metrics[metric_id]
    family = [limited, *(each for each in catalog.metrics.values() if each.variant_of == metric_id)]
    secrets = [secret for each in family if (secret := _secret(each, catalog)).slopes]
    ids = {each.id for each in family}
    others = [each for each in catalog.metrics.values() if each.id not in ids]
    telling = {each.id: {_what_tells(each, secret, catalog) for secret in secrets} for each in others}
    closed = _with_what_contains(ids | {each for each, what in telling.items() if "value" in what}, catalog)
    return Relatives(
        (*(each.id for each in family), *(each.id for each in others if each.id in closed)),
        tuple(each.id for each in others if each.id not in closed and "parts" in telling[each.id]),
        tuple(each.id for each in others if each.id not in closed and _is_made_into(each, secrets[:1], catalog)),
    )


@dataclass(frozen=True, slots=True)
class _Secret:
    """The value of one reading of the limited KPI: how it moves with the measures it is made of."""

    slopes: Slopes
    measures: frozenset[Place]

    def along(self, symbol: Symbol, catalog: Catalog) -> Sloped:
        """A measure that reveals one of the secret's counts as that one."""
        if symbol in self.slopes:
            return alone(symbol)
        revealed = revealed_by((symbol.model, symbol.measure), catalog)
        stands_for = next((each for each in sorted(self.slopes) if (each.model, each.measure) in revealed), None)
        return alone(stands_for) if stands_for else Sloped(any_number(symbol), {})


def _secret(metric: Metric, catalog: Catalog) -> _Secret:
    value = _shown(metric.id, catalog).value
    slopes = value.slopes if value else {}
    return _Secret(slopes, frozenset((each.model, each.measure) for each in slopes))


@lru_cache(maxsize=1024)
def _shown(metric_id: str, catalog: Catalog) -> Shown:
    return shown_by(catalog.metrics[metric_id], catalog)


@lru_cache(maxsize=1024)
def _revealed_in(metric_id: str, catalog: Catalog) -> tuple[frozenset[Place], frozenset[Place]]:
    """The measures that the value moves with, and those that any part does, with all that they reveal."""
    shown = _shown(metric_id, catalog)
    parts = [_revealed_with(part, catalog) for part in shown.parts.values()]
    return _revealed_with(shown.value, catalog), frozenset(place for each in parts for place in each)


def _revealed_with(number: Sloped | None, catalog: Catalog) -> frozenset[Place]:
    places = {(each.model, each.measure) for each in number.slopes} if number else set()
    return frozenset(other for place in places for other in revealed_by(place, catalog))


Telling = Literal["value", "parts", "nothing"]


def _what_tells(metric: Metric, secret: _Secret, catalog: Catalog) -> Telling:
    """What of an answer tells the secret to a reader who knows every other number: the value, or only its parts."""
    by_value, by_parts = _revealed_in(metric.id, catalog)
    if not (by_value | by_parts) & secret.measures:
        return "nothing"
    if len(secret.measures) == 1:
        return "value" if by_value & secret.measures else "parts"
    shown = shown_by(metric, catalog, lambda symbol: secret.along(symbol, catalog))
    numbers = [shown.value, *shown.parts.values()]
    slopes = [number.slopes for number in numbers if number is not None]
    # An input of the formula that is the secret can be solved for; where a divisor came out as 0 nothing is known.
    if len(slopes) < len(numbers) or any(in_span(secret.slopes, [each]) for each in slopes):
        return "value"
    return "parts" if in_span(secret.slopes, slopes) else "nothing"


def _with_what_contains(closed: set[str], catalog: Catalog) -> set[str]:
    """With every KPI that has a closed one in its formula, however deep."""
    grown = closed | {each.id for each in catalog.metrics.values() if closed.intersection(_kpis_in(each))}
    return grown if grown == closed else _with_what_contains(grown, catalog)


def _kpis_in(metric: Metric) -> Iterator[str]:
    return (name for each in metric.inputs.values() for name in formula_of(each.expression).names)


def _is_made_into(metric: Metric, secrets: Iterable[_Secret], catalog: Catalog) -> bool:
    """Whether all that the KPI is made of is part of the limited one."""
    value = _shown(metric.id, catalog).value
    symbols = set(value.slopes) if value else set()
    return bool(symbols) and any(symbols <= secret.slopes.keys() for secret in secrets)
