"""Episodes of sources that are late, incomplete, or whose closed days have changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from kpi_core.alerts.episode import Episode, Scope
from kpi_core.dates.periods import Period
from kpi_core.health.facts import Code, Finding
from kpi_core.settings.values import Alert
from kpi_core.warehouse.coverage import is_stale, stale_sources

ONE_DAY = timedelta(days=1)
GRACE = timedelta(days=1)
"""Yesterday's rows come with a load of today, or a day later: their absence alone is no news."""
ENDED: frozenset[Code] = frozenset({"days_missing", "days_thin", "member_silent", "column_less_filled", "not_entered"})
"""What says of itself when it began and ended."""
NOW: frozenset[Code] = frozenset(
    {"load_failed", "account_failed", "load_shrunk", "source_late", "source_stale", "rows_gone"}
)
"""What is so until the next load."""
CLOSED: frozenset[Code] = frozenset({"rows_added", "values_changed"})
"""Changes of days that are long past: numbers that people have read are others now."""


def late_sources(rule: Alert, scope: Scope) -> Iterator[Episode]:
    """One for each source and cause; what began long ago and has no end is none that anybody waits for."""
    # None: every source counts.
    tables = scope.tables(rule.kpi) if rule.kpi else None
    grouped: dict[tuple[str, str], list[Finding]] = {}
    for finding in (*scope.health.findings, *_stale(tables, scope)):
        # Looking back, what has begun since was not there.
        begun = finding.days is None or finding.days[0] < scope.today
        if begun and finding.code in ENDED | NOW | CLOSED and (tables is None or finding.table in tables):
            kind = "closed" if finding.code in CLOSED else "missing"
            grouped.setdefault((finding.source, kind), []).append(finding)
    for (source, _kind), findings in grouped.items():
        yield from (
            episode
            for episode in _episodes(rule, source, findings, scope)
            if episode.over is None or episode.over >= scope.since
        )


def _stale(tables: frozenset[str] | None, scope: Scope) -> Iterator[Finding]:
    """Sources whose newest day is too long ago, and tables that no load of ours fills."""
    loaded = {source.table for source in scope.health.sources}
    for table in sorted(loaded if tables is None else loaded & tables):
        yield from stale_sources(scope.health.of_table(table), scope.today - GRACE)
    for name, reach in scope.coverage.items():
        # Of a table that no rule needs nobody knows whether it is still filled.
        if tables is None or name not in tables - loaded or reach.sparse or reach.plan or reach.last is None:
            continue
        if is_stale(reach.last, scope.today):
            yield Finding("source_stale", reach.table, name, days=(reach.last + ONE_DAY, date.max))


def _episodes(rule: Alert, source: str, findings: list[Finding], scope: Scope) -> Iterator[Episode]:
    """Findings of one source whose days meet are one episode."""
    current: Episode | None = None
    for finding in sorted(findings, key=lambda one: _days(one, scope)[0]):
        start, end = _days(finding, scope)
        if current is not None and (current.over is None or start <= current.over):
            over = None if current.over is None or end is None else max(current.over, end)
            last = max(current.days.end, _last(end, scope) + ONE_DAY)
            current = replace(
                current, over=over, findings=(*current.findings, finding), days=replace(current.days, end=last)
            )
            continue
        if current is not None:
            yield current
        days = Period(start, max(_last(end, scope), start) + ONE_DAY)
        current = Episode(rule, rule.kpi, (), start, days, end, findings=(finding,), source=source)
    if current is not None:
        yield current


def _days(finding: Finding, scope: Scope) -> tuple[date, date | None]:
    """The first day of an episode, and the day on which it was over."""
    yesterday = scope.today - ONE_DAY
    if finding.code in NOW or finding.days is None:
        start = finding.days[0] if finding.days and finding.code in {"source_late", "source_stale"} else yesterday
        return min(start, yesterday), None
    if finding.code in CLOSED:
        # When it came is the load's: it is told as long as the load tells it.
        return yesterday, None
    start, end = finding.days
    return start, end if end <= yesterday else None


def _last(end: date | None, scope: Scope) -> date:
    return scope.today - ONE_DAY if end is None else end - ONE_DAY
