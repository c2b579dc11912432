"""What else gives a limited KPI away: its readings, what contains it, what it can be worked out from.

A KPI is closed with a limited one where a reader who knows every other number could work the limited one out from its
value. Where only its parts give it away, they are hidden and the value stays. A KPI made of several open numbers
(CAC, of ad spend and new customers) can still be worked out from those: they stay open and `kpi check` tells.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Literal

from kpi_core.access.measures import Place, told_by
from kpi_core.access.slopes import Display, Sloped, Slopes, Symbol, alone, any_number, display_of, in_span
from kpi_core.answering.layout import filter_layout
from kpi_core.formula import formula_of
from kpi_core.frozen_dataclass import frozen
from kpi_core.metrics import Catalog, Metric


@frozen
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
    family = [limited, *(metric for metric in catalog.metrics.values() if metric.variant_of == metric_id)]
    secrets = [secret for metric in family if (secret := _secret(metric, catalog)).slopes]
    ids = {metric.id for metric in family}
    others = [metric for metric in catalog.metrics.values() if metric.id not in ids]
    telling = {metric.id: {_what_tells(metric, secret, catalog) for secret in secrets} for metric in others}
    closed = _with_what_contains(ids | {metric for metric, what in telling.items() if "value" in what}, catalog)
    remaining = [metric for metric in others if metric.id not in closed]
    return Relatives(
        (*(metric.id for metric in family), *(metric.id for metric in others if metric.id in closed)),
        tuple(metric.id for metric in remaining if "parts" in telling[metric.id]),
        tuple(metric.id for metric in remaining if _is_made_into(metric, secrets[:1], catalog)),
    )


@frozen
class _Secret:
    """The value of one reading of the limited KPI: how it moves with the measures it is made of."""

    slopes: Slopes
    measures: frozenset[Place]

    def along(self, symbol: Symbol, catalog: Catalog) -> Sloped:
        """A measure that reveals one of the secret's counts as that one."""
        if symbol in self.slopes:
            return alone(symbol)
        revealed = told_by((symbol.model, symbol.measure), catalog)
        stands_for = next((part for part in sorted(self.slopes) if (part.model, part.measure) in revealed), None)
        return alone(stands_for) if stands_for else Sloped(any_number(symbol), {})


def _secret(metric: Metric, catalog: Catalog) -> _Secret:
    value = _display(metric.id, catalog).value
    slopes = value.slopes if value else {}
    return _Secret(slopes, frozenset((symbol.model, symbol.measure) for symbol in slopes))


@lru_cache(maxsize=1024)
def _display(metric_id: str, catalog: Catalog) -> Display:
    return display_of(catalog.metrics[metric_id], catalog)


@lru_cache(maxsize=1024)
def _revealed_in(metric_id: str, catalog: Catalog) -> tuple[frozenset[Place], frozenset[Place]]:
    """The measures that the value moves with, and those that any part does, with all that these tell."""
    display = _display(metric_id, catalog)
    parts = [_revealed_with(part, catalog) for part in display.parts.values()]
    return _revealed_with(display.value, catalog), frozenset(place for revealed in parts for place in revealed)


def _revealed_with(number: Sloped | None, catalog: Catalog) -> frozenset[Place]:
    places = {(symbol.model, symbol.measure) for symbol in number.slopes} if number else set()
    return frozenset(other for place in places for other in told_by(place, catalog))


@lru_cache(maxsize=1024)
def _filtering(metric_id: str, catalog: Catalog) -> frozenset[Place]:
    """The measures of the numbers by which the parts of a KPI are filtered: how many pass a bound gives them away."""
    wheres = (part.where for part in catalog.metrics[metric_id].inputs.values())
    # Whether a channel had any spend is no secret of how much.
    leaves = (leaf for where in wheres if where and not where.lenient for leaf in filter_layout(where, catalog).leaves)
    return frozenset(place for leaf in leaves for place in told_by((leaf.model, leaf.measure), catalog))


Telling = Literal["value", "parts", "nothing"]


def _what_tells(metric: Metric, secret: _Secret, catalog: Catalog) -> Telling:
    """What of an answer tells the secret to a reader who knows every other number: the value, or only its parts."""
    if _filtering(metric.id, catalog) & secret.measures:
        return "value"
    by_value, by_parts = _revealed_in(metric.id, catalog)
    if not (by_value | by_parts) & secret.measures:
        return "nothing"
    # One measure alone is told by whatever moves with it: all else in that number is known to the reader.
    if len(secret.measures) == 1:
        return "value" if by_value & secret.measures else "parts"
    display = display_of(metric, catalog, lambda symbol: secret.along(symbol, catalog))
    numbers = [display.value, *display.parts.values()]
    slopes = [number.slopes for number in numbers if number is not None]
    # An input of the formula that is the secret can be solved for; where a divisor came out as 0 nothing is known.
    if len(slopes) < len(numbers) or any(in_span(secret.slopes, [one]) for one in slopes):
        return "value"
    return "parts" if in_span(secret.slopes, slopes) else "nothing"


def _with_what_contains(closed: set[str], catalog: Catalog) -> set[str]:
    """With every KPI that has a closed one in its formula, however deep."""
    grown = closed | {metric.id for metric in catalog.metrics.values() if closed.intersection(_kpis_in(metric))}
    return grown if grown == closed else _with_what_contains(grown, catalog)


def _kpis_in(metric: Metric) -> Iterator[str]:
    for part in metric.inputs.values():
        yield from formula_of(part.expression).names
        if part.where is not None:
            yield part.where.metric


def _is_made_into(metric: Metric, secrets: Iterable[_Secret], catalog: Catalog) -> bool:
    """Whether all that the KPI is made of is part of the limited one."""
    value = _display(metric.id, catalog).value
    symbols = set(value.slopes) if value else set()
    return bool(symbols) and any(symbols <= secret.slopes.keys() for secret in secrets)
