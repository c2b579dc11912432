"""What a question was answered with. Pure values, full precision; rates are fractions, None is "no data", never 0."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import date
from typing import Literal

from kpi_core.dates.periods import Period
from kpi_core.frozen_dataclass import frozen
from kpi_core.health.breaks import Break
from kpi_core.health.facts import Finding
from kpi_core.metrics import Metric
from kpi_core.phrases import Notice
from kpi_core.query import MembersQuery, MetricQuery
from kpi_core.signals.outlook import Course, Kind, Outlook, Unforeseen

Verdict = Literal["better", "worse", "same", "neutral"]
GoalStatus = Literal["met", "on_track", "at_risk", "off_track", "open", "no_data"]
SO_FAR: frozenset[GoalStatus] = frozenset({"on_track", "at_risk", "open"})
"""What may still turn."""


@frozen
class Change:
    """A comparison. `change` is absolute; `change_ratio` is None where a percentage would mislead, `notice` says why.

    `current` is the value of the days compared: it differs from the headline when only the complete days of an
    unfinished period are compared (`compared` gives those days).
    """

    basis: str
    period: Period
    value: float | None
    change: float | None
    change_ratio: float | None
    verdict: Verdict | None
    compared: Period
    current: float | None
    notice: Notice | None = None
    usual: tuple[float, float] | None = None
    """Between which values the days compared usually lie, after such a `value`; None where nobody can tell."""


@frozen
class Against:
    """The asked period beside a target; `reached` is None while the period may still change."""

    reached: bool | None
    gap: float | None


@frozen
class Landing:
    """Where the number of a goal lands on the day `on`: eight times in ten between `low` and `high`."""

    value: float
    low: float
    high: float
    on: date


@frozen
class GoalState:
    """How a goal stands now. `value` is that of `period`, which need not be the one that the answer is about.

    `gap` is value - target, `complete` whether the period is over and its data there. `probability` (0 to 1) is that
    of meeting the target; None where nobody can say, `unforeseen` is why.
    """

    target: float
    by: date
    status: GoalStatus
    gap: float | None
    owner: str = ""
    where: Mapping[str, str] = field(default_factory=dict)
    per: str = ""
    period: Period = field(kw_only=True)
    value: float | None = field(kw_only=True)
    complete: bool = field(kw_only=True)
    asked: Against | None = field(kw_only=True, default=None)
    """The period of the answer; None where the target is not meant for such a period."""
    landing: Landing | None = field(kw_only=True, default=None)
    probability: float | None = field(kw_only=True, default=None)
    required_rate: float | None = field(kw_only=True, default=None)
    """What takes it to the target: of a sum or a level so much a day, of a rate that rate, in the days left."""
    kind: Kind | None = field(kw_only=True, default=None)
    """What lands: a sum, a rate or a level."""
    unforeseen: Unforeseen | None = field(kw_only=True, default=None)
    action: str = field(kw_only=True, default="")
    """What was agreed to do when it is off track."""


Scope = Literal["period", "comparison", "trend", "history"]
"""Which part of an answer a finding touches: its own days, those it is held against, the course, or all before."""


BESIDE_A_NUMBER: frozenset[Scope] = frozenset({"period", "comparison"})
"""What is said beside a number itself; what only its course or the years before rest on stays in the JSON."""


@frozen
class HealthNote:
    """Something about the data behind a number. With `incomplete` the number is known not to be the whole one."""

    finding: Finding
    scope: Scope
    incomplete: bool


@frozen
class BreakdownRow:
    """One group. `keys` follow the query's dimensions, None is "(none)"; `folded` counts groups inside "other"."""

    keys: tuple[str | None, ...]
    value: float | None
    parts: Mapping[str, float | None]
    comparisons: tuple[Change, ...]
    folded: int = 0


@frozen
class TrendPoint:
    period: Period
    value: float | None
    complete: bool


@frozen
class Freshness:
    """`data_through` is the last local day that all tables of the metric have; None without data."""

    data_through: date | None
    stale: bool


@frozen
class Definition:
    """Receipt of the formula: `version` is a digest of everything the number depends on."""

    formula: str
    version: str
    reading: str
    sql: tuple[str, ...] = ()


@frozen
class Maturity:
    """How far a number has settled: `share` of it is in, from the day `until` on its `sources` restate it no more.

    Eight times in ten it will come to between `low` and `high`; None where only the whole around it is known.
    """

    share: float
    until: date
    sources: tuple[str, ...]
    value: float | None = None
    low: float | None = None
    high: float | None = None


@frozen
class Answer:
    """The one thing every face draws."""

    query: MetricQuery
    metric: Metric
    currency: str
    complete: bool
    value: float | None
    parts: Mapping[str, float | None]
    comparisons: tuple[Change, ...]
    goal: GoalState | None
    breakdown: tuple[BreakdownRow, ...] | None
    trend: tuple[TrendPoint, ...]
    freshness: Freshness
    warnings: tuple[Notice, ...]
    definition: Definition
    health: tuple[HealthNote, ...] = ()
    """What touches the number in the data behind it, the gravest first."""
    vat: Mapping[str, str] = field(default_factory=dict)
    """By source of its amounts whether VAT is in them, `with`, `without` or `mixed`; empty where it is not known."""
    breaks: tuple[Break, ...] = ()
    """The days from which on it means something else, the oldest first: what lies before one is another measure."""
    maturity: Maturity | None = None
    """How far its services have settled it; None where they have, or where nobody can tell."""
    outlook: Outlook | Course | Unforeseen | None = None
    """What is foreseen of the number, or why nothing is; None where it is settled, or nobody wanted to know."""

    @property
    def is_settled(self) -> bool:
        """Whether no more rows of the asked days are due: the period is over, and its data is known to be whole.

        A goal is met or missed by a settled number alone; until then only what can no longer change is said.
        """
        return self.complete and self.is_sound and self.maturity is None

    @property
    def is_sound(self) -> bool:
        """Whether nothing is known to be missing from the data of the asked days that are over."""
        return not any(note.incomplete and note.scope == "period" for note in self.health)


@frozen
class Members:
    """Which values dimensions have, without a number: sorted, a row without one last."""

    query: MembersQuery
    groups: tuple[tuple[str | None, ...], ...]
    more: bool = False
    """Whether there are others, too many to list."""
