"""How a value moved, and whether that is good: fair days only, and no percentage that would mislead."""

from __future__ import annotations

from dataclasses import replace

from kpi_core.answering.layout import leaves
from kpi_core.answering.resolved import Resolved, Window
from kpi_core.answering.spans import cohorts, known_until
from kpi_core.answering.values import Values
from kpi_core.answering.verdicts.sampling import Parts, chance_limits
from kpi_core.answering.verdicts.swing import FEWEST, Limits, Swing, scale_of, swing_of_course, swing_of_steps
from kpi_core.answers import Change, Verdict
from kpi_core.dates.periods import Period
from kpi_core.formula import Value
from kpi_core.goals.standing import is_flow
from kpi_core.metrics import Metric
from kpi_core.phrases import Notice
from kpi_core.sql.plan import Group

End = tuple[Value, Parts]
"""One end of a change: a value and the parts it is made of."""
SHORT = "notice.short_past"
QUIET = 0.005
"""A change of less than half a percent is none to talk about."""
_LARGEST_GAP = 0.25
"""The share of a period's days that may lie before the first data without making its value unfit to compare."""


def change_of(
    window: Window, resolved: Resolved, values: Values, swing: Swing | None, group: Group | None = None
) -> Change:
    """The change against one window, of the whole question or of one group of it.

    `swing` is how far the whole moves by itself; without one nothing is called better or worse.
    """
    if not resolved.readable:
        return Change(window.basis, window.period, None, None, None, None, resolved.query.period, None)
    if window.pairing is None:
        whole = None if group is not None else resolved.base_of(window)
        base = None if whole is None else values.value(resolved.of(whole))[0]
        alone = Change(window.basis, window.period, base, None, None, None, resolved.query.period, None)
        return replace(alone, notice=Notice("notice.nothing_complete"))
    split = group is not None
    current, other = window.pairing.current, window.pairing.other
    now, now_parts = values.value(resolved.of(current, split=split), group or ())
    then, then_parts = values.value(resolved.of(other, split=split), group or ())
    change = now - then if now is not None and then is not None else None
    late, young = _starts_late(resolved, window), _is_young(resolved, current, other)
    unlike = _are_unlike(resolved, window)
    ratio = None if change is None or not then or late or unlike else change / abs(then)
    judged = change is not None and not late and not young and not unlike and window.sound
    usual = _usual(resolved.metric, swing, (now, now_parts), (then, then_parts)) if judged else None
    return Change(
        basis=window.basis,
        period=other,
        value=then,
        change=change,
        change_ratio=ratio,
        verdict=_verdict(resolved.metric, now, usual) if judged else None,
        compared=current,
        current=now,
        notice=_notice(resolved, window, then, late=late)
        or _unjudged(window, young=young)
        or (None if usual or split else short_history(resolved, swing)),
        usual=usual,
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
    levels = all(
        measure.last_per is not None or measure.at is not None or measure.non_additive_dimension is not None
        for measure in measures
    )
    return is_flow(resolved.definitions.metrics[resolved.metric.id]) and not levels


def _unjudged(window: Window, *, young: bool) -> Notice | None:
    """Why a movement is called neither better nor worse."""
    if young:
        return Notice("notice.still_open")
    return None if window.sound else Notice("notice.data_incomplete")


def swing_of(window: Window, resolved: Resolved, values: Values) -> Swing | None:
    """How far the KPI moves by itself between two such periods; None where its history is too short to tell."""
    if not resolved.readable:
        return None
    past = window.past
    numbers = {period: values.value(resolved.of(period))[0] for period in dict.fromkeys(past.periods())}
    ends = ((numbers[step.current], numbers[step.other]) for step in past.steps)
    steps = [(now, then) for now, then in ends if now is not None and then is not None]
    course = [value for period in past.course if (value := numbers[period]) is not None]
    base = () if window.pairing is None else (values.value(resolved.of(window.pairing.other))[0],)
    series = (*(value for step in steps for value in step), *course, *(value for value in base if value is not None))
    scale = scale_of(series, linear=_moves_by_points(resolved.metric))
    return swing_of_steps(steps, scale, aligned=past.aligned) or swing_of_course(course, scale)


def short_history(resolved: Resolved, swing: Swing | None) -> Notice | None:
    """That the past is too short for a verdict, and since when there is any."""
    firsts = [table.first for table in resolved.coverages if table.first is not None]
    if swing is not None or resolved.metric.direction == "neutral" or not firsts:
        return None
    return Notice(SHORT, {"first": max(firsts).isoformat(), "count": FEWEST})


def _moves_by_points(metric: Metric) -> bool:
    return metric.unit in {"percent", "score"}


def _usual(metric: Metric, swing: Swing | None, now: End, then: End) -> Limits | None:
    """The values that would be no news: within the swing of its past, within what counting leaves to chance."""
    value, base = now[0], then[0]
    if swing is None or value is None or base is None or not swing.covers(base):
        return None
    chance = chance_limits(metric, swing.expected(base), now[1], then[1])
    # A usual step from a Saturday to a Sunday has nothing to do with where it started.
    quiet = 0.0 if swing.course else QUIET * abs(base)
    middle = swing.expected(base) if swing.course else base
    all_limits = (swing.limits(base), chance, (middle - quiet, middle + quiet))
    return min(low for low, _high in all_limits), max(high for _low, high in all_limits)


def _verdict(metric: Metric, value: Value, usual: Limits | None) -> Verdict | None:
    if metric.direction == "neutral":
        return "neutral"
    if value is None or usual is None:
        return None
    if usual[0] <= value <= usual[1]:
        return "same"
    return "better" if (value > usual[1]) == (metric.direction == "higher") else "worse"


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
