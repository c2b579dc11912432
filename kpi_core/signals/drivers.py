"""What a change of a ratio is made of, segment by segment: rates that moved, and weights that moved between rates.

Exact rational arithmetic: no effect is lost to cancellation, and turning the periods round turns every sign.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from kpi_core.frozen_dataclass import frozen


@frozen
class Segment:
    """One segment in the earlier period (a) and in the later one (b); 0 over 0 where it was not there."""

    name: str
    num_a: float
    den_a: float
    num_b: float
    den_b: float


@frozen
class Effect:
    """What one segment did to the total, in the total's unit: by its own rate, and by its share of the denominator."""

    name: str
    rate: float
    mix: float

    @property
    def total(self) -> float:
        """Both together."""
        return self.rate + self.mix


@frozen
class _Exact:
    segment: Segment
    rate: Fraction
    mix: Fraction
    move: Fraction
    """How far its share of the denominator moved, without its sign."""


def drivers(segments: Sequence[Segment]) -> tuple[Effect, ...]:
    """The effects of all segments, in their order; they sum to the change of the total.

    Rate: the mean share times the change of the rate. Mix: the change of the share times the distance of the mean rate
    from the mean total (Marshall and Edgeworth's symmetric weights, 1925; the distance makes a shift towards a better
    segment good in whichever it is counted). A segment that came or went has no rate on one side and counts as mix;
    a numerator without a denominator counts as rate. Where a segment stayed exactly as it was, its share moved by the
    others' doing, and what that did is theirs, by how far their shares moved.

    None at all where a total is undefined (a denominator of 0, a part that is not finite).
    """
    parts = [part for segment in segments for part in (segment.num_a, segment.den_a, segment.num_b, segment.den_b)]
    if not all(math.isfinite(part) for part in parts):
        return ()
    exact = _effects(segments)
    try:
        return tuple(Effect(effect.segment.name, float(effect.rate), float(effect.mix)) for effect in exact)
    except OverflowError:
        return ()


def change(segments: Sequence[Segment]) -> float | None:
    """The change of the total, ratio of sums after less ratio of sums before; None where one is undefined."""
    totals = _totals(segments)
    if not totals[1] or not totals[3]:
        return None
    return float(totals[2] / totals[3] - totals[0] / totals[1])


def _totals(segments: Sequence[Segment]) -> tuple[Fraction, Fraction, Fraction, Fraction]:
    nothing = Fraction(0)
    return (
        sum((Fraction(segment.num_a) for segment in segments), nothing),
        sum((Fraction(segment.den_a) for segment in segments), nothing),
        sum((Fraction(segment.num_b) for segment in segments), nothing),
        sum((Fraction(segment.den_b) for segment in segments), nothing),
    )


def _effects(segments: Sequence[Segment]) -> list[_Exact]:
    num_a, den_a, num_b, den_b = _totals(segments)
    if not den_a or not den_b:
        return []
    middle = (num_a / den_a + num_b / den_b) / 2
    return _settled([_effect(segment, den_a, den_b, middle) for segment in segments])


def _effect(segment: Segment, den_a: Fraction, den_b: Fraction, middle: Fraction) -> _Exact:
    share_a, share_b = Fraction(segment.den_a) / den_a, Fraction(segment.den_b) / den_b
    moved = share_b - share_a
    whole = Fraction(segment.num_b) / den_b - Fraction(segment.num_a) / den_a - middle * moved
    rate_a = Fraction(segment.num_a) / Fraction(segment.den_a) if segment.den_a else None
    rate_b = Fraction(segment.num_b) / Fraction(segment.den_b) if segment.den_b else None
    if rate_a is not None and rate_b is not None:
        mix = moved * ((rate_a + rate_b) / 2 - middle)
    else:
        only = rate_a if rate_b is None else rate_b
        mix = moved * (only - middle) if only is not None else Fraction(0)
    return _Exact(segment, whole - mix, mix, abs(moved))


def _settled(effects: list[_Exact]) -> list[_Exact]:
    """The same with nothing for segments that stayed as they were; what the others did to them goes to the others."""
    passive = [effect for effect in effects if _stayed(effect.segment)]
    moved = sum((effect.rate + effect.mix for effect in passive), Fraction(0))
    if not moved:
        return [
            _Exact(effect.segment, Fraction(0), Fraction(0), effect.move) if effect in passive else effect
            for effect in effects
        ]
    active = [effect for effect in effects if not _stayed(effect.segment)]
    weights = [effect.move for effect in active]
    if not any(weights):
        weights = [abs(Fraction(effect.segment.den_b) - Fraction(effect.segment.den_a)) for effect in active]
    unit = moved / sum(weights)
    gains = iter(weights)
    return [
        _Exact(effect.segment, Fraction(0), Fraction(0), effect.move)
        if _stayed(effect.segment)
        else _Exact(effect.segment, effect.rate, effect.mix + unit * next(gains), effect.move)
        for effect in effects
    ]


def _stayed(segment: Segment) -> bool:
    return segment.num_a == segment.num_b and segment.den_a == segment.den_b
