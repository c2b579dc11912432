"""A question as a value: what `sql/plan.py` and `answering/engine.py` answer."""

from __future__ import annotations

from dataclasses import field
from typing import Literal

from kpi_core.dates.periods import Grain, Period
from kpi_core.frozen_dataclass import frozen
from kpi_core.phrases import Notice

Basis = Literal["previous_period", "year_ago", "same_weekdays", "same_holiday", "period", "goal"]
"""`same_weekdays` is 364 days before, `same_holiday` lies around the same moving holiday as a year before."""

Order = Literal["best", "worst", "most", "least"]
"""Which groups come first: best and worst go by the KPI's direction, most and least by the value."""


@frozen
class Comparison:
    """What to hold the value against; `period` is given only for the basis `period` ("vs 2026-03")."""

    basis: Basis
    period: Period | None = None


@frozen
class Filter:
    """Keep rows whose dimension is one of `values`, with `excludes` none of them; None is a row without one."""

    dimension: str
    values: tuple[str | None, ...]
    excludes: bool = False


BoundKind = Literal["above", "at_least", "below", "at_most"]


@frozen
class Bound:
    """Keep groups of a split whose value, in the unit of the KPI, is so high or low; `percent` if it was said so."""

    kind: BoundKind
    limit: float
    percent: bool = False

    def holds(self, value: float) -> bool:
        """Whether a value is on the asked side."""
        match self.kind:
            case "above":
                return value > self.limit
            case "at_least":
                return value >= self.limit
            case "below":
                return value < self.limit
            case "at_most":
                return value <= self.limit


DEFAULT_COMPARISONS = (Comparison("previous_period"), Comparison("year_ago"))


@frozen
class MetricQuery:
    """One question, resolved: ids and dates, no words."""

    metric: str
    period: Period
    comparisons: tuple[Comparison, ...] = DEFAULT_COMPARISONS
    dimensions: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()
    top: int | None = None
    order: Order | None = None
    """What groups are ranked by; None is no ranking, or with `top` the best."""
    bounds: tuple[Bound, ...] = ()
    """Which groups are shown by their value, all of these at once."""
    whole: bool = False
    """Whether every group is wanted, however many; else a split of very many shows the largest."""
    grain: Grain | None = None
    """Of the trend; None leaves it to the period."""
    cut_by: Grain | None = None
    """A coarser unit at whose edges those of the trend are cut, too: weeks that lie in one month each."""
    question: str = field(default="", compare=False)
    """As typed; two wordings of one question are equal."""
    trended: bool = True
    """Whether the course of the periods before is wanted; a cell of a table has no use for it."""
    assumed: tuple[Notice, ...] = field(default=(), compare=False)
    """What the words left open, and what was taken instead."""
    foreseen: bool = False
    """Whether it is wanted what the number will be when its period is over."""
    judged: bool = True
    """Whether it is wanted how its goal stands."""

    def filters_by(self, dimension: str) -> bool:
        """Whether the question is narrowed by a dimension."""
        return any(clause.dimension == dimension for clause in self.filters)


@frozen
class MembersQuery:
    """Which values some dimensions have together, in rows of a period (or of all time) that pass the filters."""

    dimensions: tuple[str, ...]
    filters: tuple[Filter, ...] = ()
    period: Period | None = None
