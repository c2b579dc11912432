"""A change along a KPI tree: the leaves sum to it."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_core.signals.kpi_tree import Joined, Leaf, Part, logarithmic_mean, tree_effects

import long

POSITIVE = st.floats(1e-4, 1e6)


@st.composite
def cac_trees(draw: st.DrawFn) -> Joined:
    """(media + tools + salaries) / (clicks x rate)."""
    costs = [Leaf(name, draw(POSITIVE), draw(POSITIVE)) for name in ("media", "tools", "salaries")]
    spend = Joined("spend", "sum", tuple(Part(cost) for cost in costs))
    clicks, rate = Leaf("clicks", draw(POSITIVE), draw(POSITIVE)), Leaf("rate", draw(POSITIVE), draw(POSITIVE))
    return Joined("cac", "product", (Part(spend), Part(clicks, -1), Part(rate, -1)))


@long.examples("trees of drivers", 60, 10_000, deadline=None)
@given(cac_trees())
def test_the_steps_sum_to_the_change(tree: Joined) -> None:
    """To a billionth of the larger value: the leaves to the root's change, the parts of a sum to the sum's."""
    steps = {step.name: step for step in tree_effects(tree)}
    root = steps["cac"]
    near = 1e-9 * max(root.before, root.after)
    leaves = math.fsum(steps[name].effect for name in ("media", "tools", "salaries", "clicks", "rate"))
    assert leaves == pytest.approx(root.after - root.before, rel=1e-9, abs=near)
    costs = math.fsum(steps[name].effect for name in ("media", "tools", "salaries"))
    assert costs == pytest.approx(steps["spend"].effect, rel=1e-9, abs=near * 1e3)


def test_a_tree_by_hand() -> None:
    """Spend doubles, the rate halves: 10 becomes 40, and each did 15 of the 30."""
    spend, clicks, rate = Leaf("spend", 1000, 2000), Leaf("clicks", 2000, 2000), Leaf("rate", 0.05, 0.025)
    steps = tree_effects(Joined("cac", "product", (Part(spend), Part(clicks, -1), Part(rate, -1))))
    assert [(step.name, step.depth) for step in steps] == [("cac", 0), ("spend", 1), ("clicks", 1), ("rate", 1)]
    assert [step.effect for step in steps] == pytest.approx([30, 15, 0, 15], abs=1e-9)


def test_parts_that_cancel_are_still_told() -> None:
    """Media up by 100, tools down by 100: spend did nothing, and both did something."""
    spend = Joined("spend", "sum", (Part(Leaf("media", 100, 200)), Part(Leaf("tools", 200, 100))))
    steps = {
        step.name: step.effect
        for step in tree_effects(Joined("cac", "product", (Part(spend), Part(Leaf("customers", 10, 10), -1))))
    }
    assert steps == pytest.approx({"cac": 0, "spend": 0, "media": 10, "tools": -10, "customers": 0})


@pytest.mark.parametrize("rate", [(0.0, 0.1), (0.1, 0.0), (-0.1, 0.1), (math.nan, 0.1), (0.1, math.inf)])
def test_a_factor_that_is_not_positive_gives_no_steps(rate: tuple[float, float]) -> None:
    """A logarithm of it does not exist: no share is made up."""
    assert tree_effects(Joined("customers", "product", (Part(Leaf("clicks", 10, 20)), Part(Leaf("rate", *rate))))) == ()


@given(POSITIVE, st.floats(-1e-3, 1e-3))
def test_the_logarithmic_mean_lies_between_the_geometric_and_the_arithmetic(one: float, step: float) -> None:
    """Also where both are nearly the same."""
    other = one * (1 + step)
    assert math.sqrt(one * other) * (1 - 1e-12) <= logarithmic_mean(one, other) <= (one + other) / 2 * (1 + 1e-12)
