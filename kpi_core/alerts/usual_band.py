"""Whether a number is normal: its newest days beside what the days before them led to expect."""

from __future__ import annotations

from datetime import timedelta

from kpi_core.alerts.daily import daily_series
from kpi_core.alerts.episode import Scope, Segment, segment_of
from kpi_core.answers import Answer
from kpi_core.dates.periods import GRAIN_OF_CADENCE
from kpi_core.frozen_dataclass import frozen
from kpi_core.query import MetricQuery
from kpi_core.settings.values import Alert
from kpi_core.signals.anomalies import Reading, readings

DRAWN = 20
"""So many days are drawn: a chart of Slack has no more points."""


@frozen
class Band:
    """`answer` is that of the question. `days` are its last days, each with the bounds of a usual one; none where the
    KPI is not judged by the day: then its period has bounds of its own, `answer.comparisons[0].usual`, or nobody can
    tell.
    """

    answer: Answer
    days: tuple[Reading, ...]


def usual_band(query: MetricQuery, scope: Scope) -> Band:
    """The days of a question's period, and before it as many as are drawn."""
    (answer,) = scope.ask([query], scope.today)
    one_value = all(len(clause.values) == 1 and not clause.excludes for clause in query.filters)
    where: Segment = segment_of([(clause.dimension, clause.values[0]) for clause in query.filters])
    by_month = GRAIN_OF_CADENCE[answer.metric.cadence] not in {"day", "week"}
    if by_month or not one_value or None in dict(where).values():
        return Band(answer, ())
    rule = Alert("anomaly", "", query.metric, {name: value for name, value in where if value is not None})
    end = min(query.period.end, scope.today)
    days = [reading for own in daily_series(rule, scope).values() for reading in readings(own) if reading.on < end]
    return Band(answer, tuple(days[-max(DRAWN, query.period.days) :]))


def since_of(query: MetricQuery) -> timedelta:
    """How far before the period's end the days reach that are of interest."""
    return timedelta(days=max(DRAWN, query.period.days))
