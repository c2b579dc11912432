"""Summaries: what a team hears each week, in the order that matters. Pure: answers in, a Summary out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from kpi_core.answers import Answer, Change, GoalState, GoalStatus
from kpi_core.metrics import Metric
from kpi_core.periods import Period
from kpi_core.phrases import Notice

MOST_LINES = 7


@dataclass(frozen=True, slots=True)
class SummaryLine:
    """One KPI. `change` is against the period before; None where nothing can be compared.

    `goal` is the goal that the line shows. A target that is meant for another period (a month's, in a weekly summary)
    is held against that running period: then `goal_answer` is its answer so far, else None.
    """

    answer: Answer
    change: Change | None
    goal: GoalState | None = None
    goal_answer: Answer | None = None
    note: Notice | None = None

    @property
    def metric(self) -> Metric:
        return self.answer.metric

    @property
    def status(self) -> GoalStatus | None:
        return self.goal.status if self.goal else None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many goals of the lines stand where; `running` are those whose period is not over."""

    on_track: int = 0
    at_risk: int = 0
    off_track: int = 0
    running: int = 0


@dataclass(frozen=True, slots=True)
class Action:
    """What was agreed to do when this KPI is off: the playbook's sentence stands in `metric.playbook`."""

    metric: Metric
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Late:
    """KPIs whose data ends early: `through` is the last day they have, None without any."""

    metrics: tuple[Metric, ...]
    through: date | None


@dataclass(frozen=True, slots=True)
class Missing:
    """A KPI left out because it has no value, and why."""

    metric: Metric
    reason: Notice | None


@dataclass(frozen=True, slots=True)
class Summary:
    """What `kpi summary` prints and the bot posts, before it is drawn."""

    name: str
    company: str
    audience: str
    period: Period
    week: int | None
    """ISO week number of a weekly summary."""
    lines: tuple[SummaryLine, ...]
    tally: Tally
    best: SummaryLine | None
    """The biggest move for the better, None where nothing moved."""
    worst: SummaryLine | None
    chart: Answer | None
    """The KPI that needs eyes."""
    actions: tuple[Action, ...]
    data_through: date | None
    """The last day that every line has."""
    late: tuple[Late, ...] = ()
    missing: tuple[Missing, ...] = ()
    more: int = 0
    """How many KPIs with a value did not fit into the lines."""
    sheet_url: str | None = None
    missed_since: datetime | None = None
    """When the first of the summaries was due that this one stands for, after downtime."""
