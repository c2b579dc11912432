"""What a change is made of along a KPI tree: CAC is spend over (clicks times rate), spend is media plus tools."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Literal

from kpi_core.frozen_dataclass import frozen


@frozen
class Leaf:
    """A number in the earlier period and in the later one."""

    name: str
    before: float
    after: float


@frozen
class Part:
    """A branch: what it leads to, and how it enters: as a power under a product, as a factor under a sum."""

    node: Leaf | Joined
    weight: float = 1.0


@frozen
class Joined:
    """The product of its parts to their powers (-1 divides), or the sum of its parts times their factors."""

    name: str
    how: Literal["product", "sum"]
    parts: tuple[Part, ...]


@frozen
class Step:
    """What one node did to the root, in the root's unit; the steps of a node's parts sum to its own."""

    name: str
    before: float
    after: float
    effect: float
    depth: int


def tree_effects(root: Leaf | Joined) -> tuple[Step, ...]:
    """The effect of every node on the change of the root, parents first; those of the leaves sum to the change.

    Under a product a part counts by the logarithm of its ratio times the logarithmic mean of the product (Ang's LMDI,
    2004), under a sum by its difference. Nothing where a factor of a product is not positive or a number is not finite.
    """
    try:
        steps = tuple(_steps(root, 1.0, 0))
    except (OverflowError, ValueError, ZeroDivisionError):
        return ()
    return steps if all(math.isfinite(step.effect) for step in steps) else ()


def logarithmic_mean(one: float, other: float) -> float:
    """(a - b) / (ln a - ln b), a where both are equal; between the geometric and the arithmetic mean. Both positive."""
    half = math.log(other / one) / 2
    # sinh(x)/x by its series near 0, where the quotient of two small differences would lose its digits.
    bow = math.sinh(half) / half if abs(half) > 1e-4 else 1 + half * half / 6
    return math.sqrt(one) * math.sqrt(other) * bow


def _values(node: Leaf | Joined) -> tuple[float, float]:
    if isinstance(node, Leaf):
        return float(node.before), float(node.after)
    pairs = [(_values(part.node), part.weight) for part in node.parts]
    if node.how == "sum":
        return math.fsum(pair[0] * weight for pair, weight in pairs), math.fsum(
            pair[1] * weight for pair, weight in pairs
        )
    if any(min(pair) <= 0 for pair, _weight in pairs):
        raise ValueError("a factor is not positive")
    return math.prod(pair[0] ** weight for pair, weight in pairs), math.prod(
        pair[1] ** weight for pair, weight in pairs
    )


def _steps(node: Leaf | Joined, slope: float, depth: int) -> Iterator[Step]:
    """`slope`: what a unit of this node's change does to the root."""
    before, after = _values(node)
    yield Step(node.name, before, after, slope * (after - before), depth)
    for part in () if isinstance(node, Leaf) else node.parts:
        inner = slope * part.weight
        if isinstance(node, Joined) and node.how == "product":
            inner *= logarithmic_mean(before, after) / logarithmic_mean(*_values(part.node))
        yield from _steps(part.node, inner, depth + 1)
