"""All rules of a workspace at work: what they have to say of some days, folded into incidents."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from kpi_core.alerts.cause import Cause, cause_of
from kpi_core.alerts.daily import ONE_DAY
from kpi_core.alerts.episode import Episode, Scope, filters_of, segment_of
from kpi_core.alerts.incident import Explained, Incident, incidents_of, without_short_breaks
from kpi_core.alerts.late_sources import late_sources
from kpi_core.alerts.missed_targets import missed_targets
from kpi_core.alerts.periods_past_limits import changes, thresholds
from kpi_core.alerts.unusual_days import unusual_days
from kpi_core.dates.periods import Period
from kpi_core.errors import QuestionError
from kpi_core.phrases import Notice
from kpi_core.query import MetricQuery
from kpi_core.settings.values import Alert, AlertKind

KINDS: Mapping[AlertKind, Callable[[Alert, Scope], Iterator[Episode]]] = {
    "target_missed": missed_targets,
    "target_at_risk": missed_targets,
    "threshold": thresholds,
    "change": changes,
    "anomaly": unusual_days,
    "stale": late_sources,
}
Dimensions = Callable[[str], Sequence[str]]


def episodes_of(rule: Alert, scope: Scope) -> list[Episode]:
    """What one rule has to say; nothing of a KPI that there is not, or whose tables are not there."""
    if rule.kpi and rule.kpi not in scope.catalog.metrics:
        return []
    try:
        return without_short_breaks(KINDS[rule.when](rule, scope))
    except QuestionError:
        # A split that its tables do not have; `kpi check` and the list of rules tell.
        return []


def why_silent(rule: Alert, scope: Scope, without_data: Collection[str]) -> Notice | None:
    """Why a rule can never speak up as things are; None where it can."""
    if not rule.kpi:
        return None
    if rule.kpi in without_data:
        return Notice("alert.never_data")
    if rule.when in {"target_missed", "target_at_risk"} and not any(goal.kpi == rule.kpi for goal in scope.goals):
        return Notice("alert.never_goal")
    yesterday = Period(scope.today - ONE_DAY, scope.today, "day")
    dimensions, filters = ((rule.by,) if rule.by else ()), filters_of(segment_of(dict(rule.where)))
    try:
        scope.ask([MetricQuery(rule.kpi, yesterday, (), dimensions, filters, trended=False)], scope.today)
    except QuestionError as error:
        return Notice("alert.never_split", {"dimension": error.params.get("dimension", rule.by)})
    return None


def explain(episode: Episode, scope: Scope, dimensions: Dimensions) -> Explained:
    return Explained(episode, cause_of(episode, scope, dimensions), tables_of(episode, scope))


def explained_without_cause(episode: Episode, scope: Scope) -> Explained:
    """For an episode of an incident whose cause is known already."""
    return Explained(episode, Cause("unknown"), tables_of(episode, scope))


def tables_of(episode: Episode, scope: Scope) -> frozenset[str]:
    """The tables behind a KPI, or those of a source that is late."""
    if episode.source:
        return frozenset(finding.table for finding in episode.findings)
    return scope.tables(episode.kpi)


def incidents(rules: Sequence[Alert], scope: Scope, dimensions: Dimensions) -> tuple[Incident, ...]:
    """What all rules together have to say of the days from `scope.since` on, in the order in which it began."""
    every = [episode for rule in rules for episode in episodes_of(rule, scope)]
    return incidents_of(explain(episode, scope, dimensions) for episode in every)
