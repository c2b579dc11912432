"""How a value moved, and whether that is good: fair days only, and no percentage that would mislead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from kpi_core.answering.goals import is_flow
from kpi_core.answering.layout import leaves
from kpi_core.answering.resolved import Resolved, Window
from kpi_core.answering.spans import cohorts, known_until
from kpi_core.answering.values import Values
from kpi_core.answers import Change, TrendPoint, Verdict
from kpi_core.dates.periods import Period
from kpi_core.formula import Value
from kpi_core.metrics import Metric
from kpi_core.phrases import Notice
from kpi_core.sql.plan import Group

QUIET = 0.005
"""A change of less than half a percent is none to talk about."""
_SHORTEST_HISTORY = 8
_LARGEST_GAP = 0.25
"""The share of a period's days that may lie before the first data without making its value unfit to compare."""


def change_of(
    window: Window, resolved: Resolved, values: Values, group: Group | None = None, noise: float = 0.0
) -> Change:
    """The change against one window, of the whole question or of one group of it.

    `noise` is how far the series moves by itself; a smaller change gets the verdict "same".
    """
    if not resolved.readable:
        return Change(window.basis, window.period, None, None, None, None, resolved.query.period, None)
    if window.pairing is None:
        empty = Change(window.basis, window.period, None, None, None, None, resolved.query.period, None)
        return replace(empty, notice=Notice("notice.nothing_complete"))
    split = group is not None
    current, other = window.pairing.current, window.pairing.other
    now, _parts = values.value(resolved.of(current, split=split), group or ())
    then, _parts = values.value(resolved.of(other, split=split), group or ())
    change = now - then if now is not None and then is not None else None
    late, young = _starts_late(resolved, window), _is_young(resolved, current, other)
    unlike = _are_unlike(resolved, window)
    ratio = None if change is None or not then or late or unlike else change / abs(then)
    return Change(
        basis=window.basis,
        period=other,
        value=then,
        change=change,
        change_ratio=ratio,
        verdict=None if late or young or unlike or not window.sound else _verdict(resolved.metric, change, then, noise),
        compared=current,
        current=now,
        notice=_notice(resolved, window, then, late=late) or _unjudged(window, young=young),
    )


def _are_unlike(resolved: Resolved, window: Window) -> bool:
    """Whether sums over spans of unlike length are held against each other; rates and balances may be.

    Two months, or any two units of a kind, are alike; so is what the calendar pairs.
    """
    if window.pairing is None or window.basis != "period":
        return False
    current, other = window.pairing.current, window.pairing.other
    alike = current.days == other.days or current.grain == other.grain != "span"
    return not alike and _adds_up_over_days(resolved)


def _adds_up_over_days(resolved: Resolved) -> bool:
    catalog = resolved.context.catalog
    measures = [catalog.models[leaf.model].measures[leaf.measure] for leaf in leaves(resolved.metric, catalog)]
    levels = all(measure.last_per is not None or measure.at is not None for measure in measures)
    return is_flow(resolved.definitions.metrics[resolved.metric.id]) and not levels


def _unjudged(window: Window, *, young: bool) -> Notice | None:
    """Why a movement is called neither better nor worse."""
    if young:
        return Notice("notice.still_open")
    return None if window.sound else Notice("notice.data_incomplete")


def noise_of(trend: Sequence[TrendPoint]) -> float:
    """How far the series usually strays from its own course: half the median deviation of its past steps.

    0 with fewer than 8 steps. The newest point is left out, for it is the one to be judged.
    """
    past = [point.value for point in trend[:-1] if point.complete and point.value is not None]
    steps = [later - earlier for earlier, later in pairwise(past)]
    if len(steps) < _SHORTEST_HISTORY:
        return 0.0
    course = median(steps)
    return median(abs(step - course) for step in steps) / 2


def _verdict(metric: Metric, change: float | None, base: Value, noise: float) -> Verdict | None:
    if change is None or base is None:
        return None
    if metric.direction == "neutral":
        return "neutral"
    if abs(change) <= max(noise, QUIET * abs(base)):
        return "same"
    return "better" if (change > 0) == (metric.direction == "higher") else "worse"


def _is_young(resolved: Resolved, current: Period, other: Period) -> bool:
    """Whether one of the periods holds cohorts that are still in their window: the rate has not come to rest."""
    last = max(current.end, other.end)
    return any(
        matures.keep and last > known_until(matures, model, resolved.context)
        for model, matures in cohorts(resolved.metric, resolved.context.catalog)
    )


def _starts_late(resolved: Resolved, window: Window) -> bool:
    """Whether so much of the other period lies before the first data that a comparison would mislead."""
    assert window.pairing is not None
    other = window.pairing.other
    firsts = [table.first for table in resolved.coverages if table.first is not None]
    first = max(firsts, default=other.start)
    return other.start < first < other.end and (first - other.start).days > _LARGEST_GAP * other.days


def _notice(resolved: Resolved, window: Window, then: Value, *, late: bool) -> Notice | None:
    """Why there is no percentage, or which days were compared, where that differs from the question."""
    assert window.pairing is not None
    current, other = window.pairing.current, window.pairing.other
    if then is None:
        return Notice("notice.no_other", {"start": other.start.isoformat(), "end": other.last_day.isoformat()})
    if late:
        return Notice("notice.other_partial", {"start": other.start.isoformat(), "end": other.last_day.isoformat()})
    if _are_unlike(resolved, window):
        return Notice("notice.unlike_length", {"days": current.days, "other_days": other.days})
    if then == 0:
        return Notice("notice.zero_base")
    return _unlike(resolved, window, current, other)


def _unlike(resolved: Resolved, window: Window, current: Period, other: Period) -> Notice | None:
    cut = current != resolved.query.period or other != window.period
    if cut and resolved.complete and window.period.fiscal:
        return Notice("notice.same_weeks", {"weeks": current.days // 7})
    if cut and window.remark is None:
        return Notice("notice.elapsed_only", {"days": current.days})
    return window.remark
