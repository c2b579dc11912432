"""What a ratio's change is made of: exact, symmetric, and of nothing that stayed as it was."""

from __future__ import annotations

import math
import random
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kpi_core.signals.drivers import Effect, Segment, change, drivers

import long

AMOUNTS = st.one_of(
    st.just(0.0),
    st.integers(1, 5_000_000).map(float),
    st.floats(0.01, 1e7, allow_nan=False).map(lambda number: round(number, 2)),
)
NUMBERS = st.tuples(AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS)


@st.composite
def tables(draw: st.DrawFn) -> tuple[Segment, ...]:
    """Two to eight segments, zeros among them, both totals defined."""
    rows = draw(st.lists(NUMBERS, min_size=2, max_size=8))
    segments = tuple(Segment(f"s{place}", *row) for place, row in enumerate(rows))
    assume(change(segments) is not None)
    return segments


def size(segments: tuple[Segment, ...]) -> float:
    """The largest effect: what 1e-9 is measured against, where effects in the millions cancel to a change of 1."""
    return max([1.0, *(max(abs(each.rate), abs(each.mix)) for each in drivers(segments))])


def by_name(effects: tuple[Effect, ...]) -> dict[str, tuple[float, float]]:
    return {each.name: (each.rate, each.mix) for each in effects}


@long.examples("tables of drivers", 60, 10_000, deadline=None)
@given(tables(), st.randoms())
def test_every_rule_holds_on_every_table(segments: tuple[Segment, ...], chance: random.Random) -> None:
    """Effects sum to the change, are finite and turn with the periods; order and scale change nothing; 0/0 has none."""
    effects, near = drivers(segments), 1e-9 * size(segments)
    assert math.fsum(each.total for each in effects) == pytest.approx(change(segments), rel=1e-9, abs=near)
    assert all(math.isfinite(each.rate) and math.isfinite(each.mix) for each in effects)
    turned = drivers([Segment(each.name, each.num_b, each.den_b, each.num_a, each.den_a) for each in segments])
    assert [(-each.rate, -each.mix) for each in turned] == [(each.rate, each.mix) for each in effects]
    shuffled = chance.sample(segments, len(segments))
    assert by_name(drivers(shuffled)) == by_name(effects)
    scaled = [Segment(each.name, each.num_a * 8, each.den_a * 8, each.num_b * 8, each.den_b * 8) for each in segments]
    assert drivers(scaled) == effects
    wider = drivers([*segments, Segment("absent", 0, 0, 0, 0)])
    assert wider == (*effects, Effect("absent", 0.0, 0.0))


@long.examples("tables of drivers with a segment that stayed", 40, 5_000, deadline=None)
@given(tables(), AMOUNTS, AMOUNTS)
def test_what_stayed_has_no_effect(segments: tuple[Segment, ...], above: float, below: float) -> None:
    """A segment with the same parts in both periods has none, whatever the others did; the sum still holds."""
    table = (*segments, Segment("still", above, below, above, below))
    effects = drivers(table)
    assert effects[-1] == Effect("still", 0.0, 0.0)
    assert math.fsum(each.total for each in effects) == pytest.approx(change(table), rel=1e-9, abs=1e-9 * size(table))


@long.examples("tables of drivers in halves", 40, 5_000, deadline=None)
@given(tables())
def test_two_halves_make_the_whole(segments: tuple[Segment, ...]) -> None:
    """A segment cut into two identical halves has the same effects in sum, and so has every other segment."""
    first = segments[0]
    half = Segment(first.name, first.num_a / 2, first.den_a / 2, first.num_b / 2, first.den_b / 2)
    cut = drivers([half, replace(half, name="other half"), *segments[1:]])
    joined = (Effect(first.name, cut[0].rate + cut[1].rate, cut[0].mix + cut[1].mix), *cut[2:])
    near = 1e-9 * size(segments)
    for ours, whole in zip(joined, drivers(segments), strict=True):
        assert (ours.rate, ours.mix) == pytest.approx((whole.rate, whole.mix), rel=1e-9, abs=near)


@long.examples("tables of drivers with a constant share", 40, 5_000, deadline=None)
@given(tables(), st.integers(2, 9))
def test_a_longer_period_is_no_cause(segments: tuple[Segment, ...], times: int) -> None:
    """Where every part of the later period is the earlier one's times a number, nothing has an effect."""
    grown = [Segment(s.name, s.num_a, s.den_a, s.num_a * times, s.den_a * times) for s in segments]
    near = 1e-9 * size(segments)
    assert all(abs(each.rate) <= near and abs(each.mix) <= near for each in drivers(grown))


def test_simpson() -> None:
    """Both rates rise and the total falls: the rates did good, the mix did harm, and more of it."""
    table = (Segment("good", 90, 100, 19, 20), Segment("poor", 30, 100, 56, 180))
    effects = drivers(table)
    assert change(table) == pytest.approx(-0.225)
    assert all(each.rate > 0 for each in effects)
    assert all(each.mix < 0 for each in effects)
    assert [each.rate for each in effects] == pytest.approx([0.3 * 0.05, 0.7 * (56 / 180 - 0.3)])


def test_a_table_by_hand() -> None:
    """CAC by channel: search 2,000 / 40 to 3,000 / 40, social 1,000 / 60 to 1,000 / 60: all of it is search's rate."""
    search, social = drivers([Segment("search", 2000, 40, 3000, 40), Segment("social", 1000, 60, 1000, 60)])
    assert search == Effect("search", 10.0, 0.0)
    assert social == Effect("social", 0.0, 0.0)


def test_what_came_and_what_never_sold() -> None:
    """A new segment counts as mix, money spent on nothing as rate."""
    table = [Segment("old", 1000, 100, 1000, 100), Segment("new", 0, 0, 800, 20), Segment("vain", 0, 0, 60, 0)]
    old, new, vain = drivers(table)
    assert old == Effect("old", 0.0, 0.0)
    assert new.rate == 0
    assert new.mix > 0
    assert vain == Effect("vain", 0.5, 0.0)
    assert old.total + new.total + vain.total == pytest.approx(change(table), abs=1e-12)


@pytest.mark.parametrize(
    "table",
    [
        (),
        (Segment("a", 5, 0, 5, 10),),
        (Segment("a", 5, 10, 5, 0), Segment("b", 1, 0, 1, 0)),
        (Segment("a", 5, 10, math.nan, 10),),
        (Segment("a", 5, 10, math.inf, 10),),
    ],
)
def test_an_undefined_total_has_no_effects(table: tuple[Segment, ...]) -> None:
    """No rows where a total is over 0 or a part is no number."""
    assert drivers(table) == ()
