"""Stationary series: where nothing has changed, hardly anything is called better or worse; a real shift is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pytest

from kpi_core.answering.verdicts.sampling import chance_limits
from kpi_core.answering.verdicts.swing import (
    FEWEST,
    Limits,
    Scale,
    scale_of,
    spread_of,
    student_quantile,
    swing_of_course,
    swing_of_steps,
)
from kpi_core.metrics import Metric

import long
from tables import CATALOG

Draw = Callable[[np.random.Generator, int], Sequence[tuple[float, dict[str, float | None]]]]
LEADS, REVENUE, RATE, CAC = (CATALOG.metrics[name] for name in ("leads", "sales_revenue", "conversion_rate", "cac"))
CPC = CATALOG.metrics["cpc"]


def counts(mean: float, spread: float = 0.0) -> Draw:
    """Poisson's, with a mean that moves by itself where `spread` is above 0 (negative binomial)."""

    def draw(rng: np.random.Generator, n: int) -> list[tuple[float, dict[str, float | None]]]:
        means = np.full(n, mean) if not spread else mean * rng.gamma(1 / spread**2, spread**2, n)
        return [(float(value), {"leads": float(value)}) for value in rng.poisson(means)]

    return draw


def rates(share: float, volume: float) -> Draw:
    def draw(rng: np.random.Generator, n: int) -> list[tuple[float, dict[str, float | None]]]:
        wholes = rng.poisson(volume, n) + 1
        return [
            (good / whole, dict(zip(RATE.inputs, (float(good), float(whole)), strict=True)))
            for good, whole in zip(rng.binomial(wholes, share), wholes, strict=True)
        ]

    return draw


def amounts(values: Callable[[np.random.Generator, int], np.ndarray]) -> Draw:
    return lambda rng, n: [(float(value), {"revenue": float(value)}) for value in values(rng, n)]


def quotients(of: Metric, mean: float) -> Draw:
    """An amount over a count, such as spend over new customers."""

    def draw(rng: np.random.Generator, n: int) -> list[tuple[float, dict[str, float | None]]]:
        top, bottom = rng.lognormal(8, 0.1, n), rng.poisson(mean, n) + 1
        return [
            (float(over / under), dict(zip(of.inputs, (float(over), float(under)), strict=True)))
            for over, under in zip(top, bottom, strict=True)
        ]

    return draw


def sums_of_orders(tail: float, orders: float) -> Callable[[np.random.Generator, int], np.ndarray]:
    """Revenue of orders of very unequal size (Pareto)."""
    return lambda rng, n: np.array([(1 + rng.pareto(tail, 1 + rng.poisson(orders))).sum() * 20 for _ in range(n)])


def remembering(memory: float, rng: np.random.Generator, n: int) -> np.ndarray:
    """Each value leans on the one before."""
    values = np.zeros(n + 50)
    for number, noise in enumerate(rng.standard_normal(n + 49) * 0.1, start=1):
        values[number] = memory * values[number - 1] + noise
    return 1000 * np.exp(values[50:])


def seasonal(rng: np.random.Generator, n: int) -> np.ndarray:
    months = np.arange(n) + rng.integers(12)
    return 1000 * np.exp(0.3 * np.sin(months / 6 * np.pi) + 0.05 * rng.standard_normal(n))


KINDS: dict[str, tuple[Metric, Draw]] = {
    "2 leads": (LEADS, counts(2)),
    "7 leads": (LEADS, counts(7)),
    "50 leads": (LEADS, counts(50)),
    "20,000 visits": (LEADS, counts(20_000)),
    "5 leads in bursts": (LEADS, counts(5, 0.7)),
    "200 leads in bursts": (LEADS, counts(200, 0.3)),
    "calm amounts": (REVENUE, amounts(lambda rng, n: rng.lognormal(7, 0.05, n))),
    "lively amounts": (REVENUE, amounts(lambda rng, n: rng.lognormal(7, 0.3, n))),
    "wild amounts": (REVENUE, amounts(lambda rng, n: rng.lognormal(7, 1.0, n))),
    "Student's amounts": (REVENUE, amounts(lambda rng, n: 1000 * np.exp(0.1 * rng.standard_t(3, n)))),
    "20 orders of heavy tail": (REVENUE, amounts(sums_of_orders(1.5, 20))),
    "200 orders of very heavy tail": (REVENUE, amounts(sums_of_orders(1.2, 200))),
    "5 orders": (REVENUE, amounts(sums_of_orders(2.5, 5))),
    "profit around 0": (REVENUE, amounts(lambda rng, n: rng.normal(20, 100, n))),
    "some days without revenue": (REVENUE, amounts(lambda rng, n: rng.lognormal(5, 0.5, n) * rng.binomial(1, 0.8, n))),
    "amounts with memory": (REVENUE, amounts(lambda rng, n: remembering(0.5, rng, n))),
    "amounts with seasons": (REVENUE, amounts(seasonal)),
    "3 % of 300": (RATE, rates(0.03, 300)),
    "half of 20": (RATE, rates(0.5, 20)),
    "2 % of 5,000": (RATE, rates(0.02, 5_000)),
    "CAC of 8": (CAC, quotients(CAC, 8)),
    "CPC of 3,000": (CPC, quotients(CPC, 3_000)),
}


@dataclass(frozen=True)
class Pair:
    now: float
    usual: Limits


def judged(kind: str, rng: np.random.Generator, lag: int, past: int) -> Pair:
    """A pair `lag` steps apart, with the values that would be no news; of steps as far apart if `past` allows."""
    metric, draw = KINDS[kind]
    ends = draw(rng, 1 + max(lag, past) + (past if lag <= past else 0))
    values = [value for value, _parts in ends]
    scale = scale_of(values, linear=metric.unit == "percent")
    steps = [(values[n], values[n - lag]) for n in range(len(values) - 2, lag - 1, -1)][:past]
    swing = swing_of_steps(steps, scale) or swing_of_course(values[-1 - past : -1], scale)
    assert swing is not None
    (now, now_parts), (then, then_parts) = ends[-1], ends[-1 - lag]
    chance = chance_limits(metric, swing.expected(then), now_parts, then_parts)
    low, high = swing.limits(then)
    return Pair(now, (min(low, chance[0]), max(high, chance[1])))


@pytest.mark.long
@pytest.mark.parametrize(("lag", "past"), [(1, 12), (1, 9), (12, 11)], ids=["steps", "few steps", "a year ago"])
def test_where_nothing_has_changed_hardly_anything_is_news(lag: int, past: int) -> None:
    """At most 5 % of all pairs of stationary periods, 10 % of each kind, lie beyond the swing of their past."""
    pairs = long.times(60, 1_000)
    news = {}
    for number, kind in enumerate(KINDS):
        rng = np.random.default_rng([lag, past, number])
        drawn = [judged(kind, rng, lag, past) for _ in range(pairs)]
        news[kind] = sum(not pair.usual[0] <= pair.now <= pair.usual[1] for pair in drawn)
    long.ran("pairs of stationary periods", pairs * len(KINDS), news=sum(news.values()))
    assert {kind: count for kind, count in news.items() if count > 0.1 * pairs} == {}
    assert sum(news.values()) <= 0.05 * pairs * len(KINDS)


@pytest.mark.long
def test_a_shift_of_three_swings_is_news() -> None:
    """A value moved by three times its usual swing lies beyond it in at least 90 % of the pairs of each kind."""
    pairs = long.times(30, 300)
    for number, kind in enumerate(KINDS):
        rng = np.random.default_rng([3, number])
        drawn = [judged(kind, rng, 1, 12) for _ in range(pairs)]
        # By the swing from where the series would be anyway: the middle of what is usual.
        moved = [pair.now + 3 * (pair.usual[1] - pair.usual[0]) / 2 for pair in drawn]
        beyond = sum(value > pair.usual[1] for value, pair in zip(moved, drawn, strict=True))
        assert beyond >= 0.9 * pairs, kind


def test_too_short_a_past_gives_no_swing() -> None:
    """With fewer than eight steps nobody can tell what is usual, and nothing is guessed."""
    assert swing_of_steps([(1.0, 2.0)] * (FEWEST - 1), Scale()) is None
    assert swing_of_course([1.0] * FEWEST, Scale()) is None


def test_two_after_seven_leads_is_no_news() -> None:
    """Counts move by chance: 2 after 7 is within it however calm the past was, 40 after 100 is not."""
    calm = swing_of_steps([(7.0, 7.0)] * FEWEST, Scale())
    assert calm is not None
    low, high = chance_limits(LEADS, calm.expected(7.0), {}, {})
    assert low <= 2
    assert high >= 12
    assert chance_limits(LEADS, 100.0, {}, {})[0] > 40


def test_chance_knows_what_is_counted() -> None:
    """1 of 20 after 0 of 20 is no news, 1,000 of 20,000 after 0 is; an amount alone leaves nothing to chance."""
    few, many = (dict.fromkeys(RATE.inputs, value) for value in (20.0, 20_000.0))
    assert chance_limits(RATE, 0.0, few, few)[1] > 0.05
    assert chance_limits(RATE, 0.0, many, many)[1] < 0.05
    assert chance_limits(REVENUE, 100.0, {}, {}) == (100.0, 100.0)


def test_weekdays_have_a_course_of_their_own() -> None:
    """Where Sundays are always about 40 % of Saturdays, 41 of 100 is usual and 100 of 100 is not."""
    steps = [(40.0 + number % 3, 100.0) for number in range(12)]
    swing = swing_of_steps(steps, Scale(), aligned=True)
    assert swing is not None
    low, high = swing.limits(100.0)
    assert low < 41 < high < 50


def test_one_wild_step_does_not_hide_all_others() -> None:
    """A Black Friday among the past steps widens the swing to what cutting at three deviations leaves of it."""
    calm = [abs(step) for step in (0.01, -0.02, 0.015, -0.01, 0.02, -0.015, 0.01, -0.02, 0.01, -0.01)]
    assert spread_of([*calm, 5.0], 1) < 2 * spread_of(calm, 1)
    ends = [(100.0 * (1 + step), 100.0) for step in calm]
    swing, wild = swing_of_steps(ends, Scale()), swing_of_steps([*ends, (500.0, 100.0)], Scale())
    assert swing is not None
    assert wild is not None
    assert wild.band < 4 * swing.band


@pytest.mark.parametrize(("degrees", "right"), [(3, 3.182), (5, 2.571), (10, 2.228), (30, 2.042), (1000, 1.962)])
def test_students_quantile_is_that_of_the_tables(degrees: float, right: float) -> None:
    """Within 2 % of the printed table."""
    assert student_quantile(degrees) == pytest.approx(right, rel=0.02)


@pytest.mark.parametrize("scale", [Scale(), Scale(linear=True), Scale(size=3.0)])
@pytest.mark.parametrize("value", [0.01, 1.0, 12_345.678])
def test_a_scale_leads_back(scale: Scale, value: float) -> None:
    """The value at the place of a value is that value."""
    assert scale.back(scale.at(value)) == pytest.approx(value)


def test_a_part_swings_more_than_the_whole() -> None:
    """A quarter of the whole swings twice as far."""
    whole = swing_of_steps([(100.0 + number, 100.0) for number in range(9)], Scale())
    assert whole is not None
    assert whole.of_part(0.25).band == pytest.approx(2 * whole.band)
    assert replace(whole, band=0.0).limits(50.0) == (pytest.approx(50), pytest.approx(50))
