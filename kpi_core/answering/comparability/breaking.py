"""Which definition breaks touch an answer: a movement across one is no movement of what is measured. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kpi_core.answering.health import columns_read, leaf_days
from kpi_core.answering.resolved import Resolved, Window
from kpi_core.dates.periods import Days, Pairing, Period
from kpi_core.health.breaks import Break, newest_between, of_columns
from kpi_core.health.facts import Health
from kpi_core.phrases import Notice
from kpi_core.sql.plan import Group

BREAK = "notice.definition_break"


def breaks_of(resolved: Resolved, health: Health) -> tuple[Break, ...]:
    """Those of columns that the metric reads, in rows that pass the question's filters; the oldest first."""
    if not health.breaks:
        return ()
    reads = columns_read(resolved.metric, resolved.context.catalog)
    passing, dropped = _filters(resolved, excludes=False), _filters(resolved, excludes=True)
    return tuple(broken for broken in of_columns(health.breaks, reads) if broken.reaches(passing, dropped))


def _filters(resolved: Resolved, *, excludes: bool) -> Mapping[str, frozenset[str | None]]:
    clauses = (clause for clause in resolved.query.filters if clause.excludes == excludes)
    return {clause.dimension: frozenset(clause.values) for clause in clauses}


def between(window: Window, resolved: Resolved, group: Group | None) -> Break | None:
    """The last break between the days that are compared, where its step is not taken out."""
    if window.pairing is None or not resolved.breaks:
        return None
    keys = dict(zip(resolved.query.dimensions, group, strict=False)) if group is not None else {}
    rows = {name: frozenset({key}) for name, key in keys.items() if key is None or isinstance(key, str)}
    there = [broken for broken in resolved.breaks if not broken.adjusted and broken.reaches(rows, {})]
    return newest_between(there, list(_spans(window.pairing, resolved)))


def is_of_one_kind(step: Pairing, resolved: Resolved) -> bool:
    """Whether a step of the past has no break between its ends."""
    open_breaks = [broken for broken in resolved.breaks if not broken.adjusted]
    return not open_breaks or newest_between(open_breaks, list(_spans(step, resolved))) is None


def lies_after(period: Period, resolved: Resolved) -> bool:
    """Whether a period of the past is measured as the asked one is."""
    now = resolved.query.period
    spans = [(period.start, period.end), (now.start, now.end)]
    return newest_between([broken for broken in resolved.breaks if not broken.adjusted], spans) is None


def break_notice(broken: Break, key: str = BREAK) -> Notice:
    """That no change is shown, and why; by another key what else is to be said of it."""
    return Notice(key, {"since": broken.since.isoformat(), "what": broken.text})


def break_warnings(resolved: Resolved) -> Iterator[Notice]:
    """What an answer says of the breaks within its own days, between those it is held against, and in its course."""
    if not resolved.breaks:
        return
    compared = [days for period in resolved.compared() for days in leaf_days(resolved, period)]
    course = [(period.start, period.end) for period in resolved.trend]
    for broken in resolved.breaks:
        if broken.adjusted:
            if broken.parts(compared):
                yield break_notice(broken, "warning.break_adjusted")
        elif broken.parts(leaf_days(resolved, resolved.query.period)):
            yield break_notice(broken, "warning.break_within")
        elif broken.parts(course):
            yield break_notice(broken, "warning.break_in_trend")


def _spans(pairing: Pairing, resolved: Resolved) -> Iterator[Days]:
    yield from leaf_days(resolved, pairing.current)
    yield from leaf_days(resolved, pairing.other)
