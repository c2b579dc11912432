"""An episode: the days on which one rule has something to say of one KPI in one segment."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from kpi_core.answering.layout import models_of
from kpi_core.answers import Answer, GoalStatus, Landing
from kpi_core.dates.calendars import Calendar
from kpi_core.dates.periods import Period
from kpi_core.frozen_dataclass import frozen
from kpi_core.health.facts import Finding, Health
from kpi_core.metrics import Catalog, Metric
from kpi_core.query import Filter, MetricQuery
from kpi_core.settings.values import Alert, Goal
from kpi_core.warehouse.coverage import Coverage, live

Segment = tuple[tuple[str, str | None], ...]
"""Dimensions with their values, sorted; empty is the whole company."""
Ask = Callable[[Sequence[MetricQuery], date], Sequence[Answer]]
"""The answers as they stand on the morning of a local date."""


@frozen
class Scope:
    """What rules read. Episodes are sought from `since` on; on `today` the data of the day before is in."""

    ask: Ask
    catalog: Catalog
    calendar: Calendar
    goals: Sequence[Goal]
    health: Health
    coverage: Mapping[str, Coverage]
    """How far each table reaches."""
    since: date
    today: date

    def tables(self, kpi: str) -> frozenset[str]:
        """The tables behind a KPI."""
        names = models_of(self.catalog.metrics[kpi], self.catalog)
        return frozenset(table for name in names for table in (name, *self.catalog.models[name].reads))

    def open_from(self, kpi: str) -> date:
        """The first day that may still get rows: one that was not over when a source of the KPI was loaded last.

        An export of six in the evening holds half a day, which is no fall.
        """
        sources = (source for table in self.tables(kpi) for source in live(self.health.of_table(table)))
        loaded = (self.calendar.day_of(source.loaded_at) for source in sources)
        return min((day for day in loaded if day is not None), default=self.today)


@frozen
class Episode:
    """From the day `on` whose data showed it first until the day `over` whose data showed that it had passed.

    `days` are those that are out of the ordinary as far as they were known on `on`. `usual` is what `value` is held
    against: what was expected, the value before, the limit or the target.
    """

    rule: Alert
    kpi: str
    segment: Segment
    on: date
    days: Period
    over: date | None = None
    value: float | None = None
    usual: float | None = None
    band: tuple[float, float] | None = None
    """Between which values a usual day lies, where that is known."""
    goal: Goal | None = None
    status: GoalStatus | None = None
    landing: Landing | None = None
    """Where the number of a goal lands, and with what `chance` the goal is met; None where nobody can tell."""
    chance: float | None = None
    findings: tuple[Finding, ...] = ()
    source: str = ""
    """Of a source that is late or incomplete, its name."""
    adopted: bool = False
    """It is over because the new level has lasted so long that it is the usual one."""
    latest: Episode | None = None
    """Of one that came back after a short break: as it was the last time."""

    @property
    def key(self) -> tuple[object, ...]:
        """What the rule is about, whenever that happens."""
        return self.rule, self.kpi, self.segment, self.source


def segment_of(where: dict[str, str] | Sequence[tuple[str, str | None]]) -> Segment:
    pairs = where.items() if isinstance(where, dict) else where
    return tuple(sorted(pairs, key=lambda pair: (pair[0], pair[1] or "")))


def filters_of(segment: Segment) -> tuple[Filter, ...]:
    """What narrows a question to a segment."""
    return tuple(Filter(dimension, (value,)) for dimension, value in segment)


def sides(rule: Alert, metric: Metric) -> tuple[int, ...]:
    """Which moves are news: 1 of a rise, -1 of a fall."""
    if rule.side == "both" or metric.direction == "neutral":
        return (1, -1)
    good = 1 if metric.direction == "higher" else -1
    return (good if rule.side == "better" else -good,)
