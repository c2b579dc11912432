"""How a value moved, and whether that is good: fair days only, and no percentage that would mislead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kpi_core.answering.comparability.breaking import between, break_notice, is_of_one_kind, lies_after
from kpi_core.answering.comparability.maturity import CORRECTED, corrected, maturity_of, settling_notice
from kpi_core.answering.layout import leaves
from kpi_core.answering.resolved import Resolved, Window
from kpi_core.answering.spans import cohorts, known_until
from kpi_core.answering.values import Values
from kpi_core.answering.verdicts.sampling import Parts, chance_limits
from kpi_core.answering.verdicts.swing import FEWEST, Limits, Swing, scale_of, swing_of_course, swing_of_steps
from kpi_core.answers import Change, Maturity, Verdict
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

    `swing` is how far the whole moves by itself; without one nothing is called better or worse. Ends that still move
    count as what they should become, and only a verdict that holds wherever they land is given.
    """
    if not resolved.readable:
        return Change(window.basis, window.period, None, None, None, None, resolved.query.period, None)
    if window.pairing is None:
        return _without_days(window, resolved, values, group)
    current, other = window.pairing.current, window.pairing.other
    maturing = [maturity_of(resolved, values, period) for period in (current, other)]
    now, now_parts = _end(current, resolved, values, group)
    then, then_parts = _end(other, resolved, values, group)
    change = now - then if now is not None and then is not None else None
    apart = _apart(window, resolved, group)
    judged = change is not None and apart is None and not _is_young(resolved, current, other) and window.sound
    usual = _usual(resolved.metric, swing, (now, now_parts), (then, then_parts)) if judged else None
    verdict = _verdict(resolved.metric, now, usual) if judged else None
    waits = judged and any(maturing) and (group is not None or not _is_sure(resolved.metric, maturing, verdict, usual))
    return Change(
        basis=window.basis,
        period=other,
        value=then,
        change=change,
        change_ratio=None if change is None or not then or apart else change / abs(then),
        verdict=None if waits and verdict != "neutral" else verdict,
        compared=current,
        current=now,
        notice=_notice(window, then, apart)
        or _of_settling(resolved.metric, maturing, group, waits=waits)
        or _remark(window, resolved, then)
        or _unjudged(window, young=_is_young(resolved, current, other))
        or (None if usual or group is not None else short_history(resolved, swing)),
        usual=usual,
    )


def _without_days(window: Window, resolved: Resolved, values: Values, group: Group | None) -> Change:
    whole = None if group is not None else resolved.base_of(window)
    base = None if whole is None else values.value(resolved.of(whole))[0]
    alone = Change(window.basis, window.period, base, None, None, None, resolved.query.period, None)
    return replace(alone, notice=Notice("notice.nothing_complete"))


def _end(period: Period, resolved: Resolved, values: Values, group: Group | None) -> End:
    """One end of a change: of the whole as it will have settled, of a group as it is."""
    if group is None:
        return corrected(resolved, values, period)
    return values.value(resolved.of(period, split=True), group)


def _apart(window: Window, resolved: Resolved, group: Group | None) -> Notice | None:
    """Why two values are not held against each other, although both are there."""
    assert window.pairing is not None
    current, other = window.pairing.current, window.pairing.other
    if _starts_late(resolved, window):
        return Notice("notice.other_partial", {"start": other.start.isoformat(), "end": other.last_day.isoformat()})
    if (broken := between(window, resolved, group)) is not None:
        return break_notice(broken)
    if _are_unlike(resolved, window):
        return Notice("notice.unlike_length", {"days": current.days, "other_days": other.days})
    return None


def _is_sure(
    metric: Metric, maturing: Sequence[Maturity | None], verdict: Verdict | None, usual: Limits | None
) -> bool:
    """Whether the verdict is the same wherever the number lands; what it is held against has landed."""
    now, then = maturing
    ends = (now.low, now.high) if now is not None and then is None else (None, None)
    return None not in ends and all(_verdict(metric, end, usual) == verdict for end in ends)


def _of_settling(
    metric: Metric, maturing: Sequence[Maturity | None], group: Group | None, *, waits: bool
) -> Notice | None:
    """That a verdict waits for numbers to settle, or holds with what is still to come in."""
    there = [each for each in maturing if each is not None]
    if not there or group is not None or metric.direction == "neutral":
        return None
    if waits:
        return settling_notice(min(there, key=lambda each: each.share))
    return Notice(CORRECTED) if all(each.value is not None for each in there) else None


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
    steps_of_past = [step for step in past.steps if is_of_one_kind(step, resolved)]
    numbers = {period: values.value(resolved.of(period))[0] for period in dict.fromkeys(past.periods())}
    ends = ((numbers[step.current], numbers[step.other]) for step in steps_of_past)
    steps = [(now, then) for now, then in ends if now is not None and then is not None]
    course = [
        value for period in past.course if lies_after(period, resolved) and (value := numbers[period]) is not None
    ]
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


def _notice(window: Window, then: Value, apart: Notice | None) -> Notice | None:
    """Why there is no percentage."""
    assert window.pairing is not None
    other = window.pairing.other
    if then is None:
        return Notice("notice.no_other", {"start": other.start.isoformat(), "end": other.last_day.isoformat()})
    return apart


def _remark(window: Window, resolved: Resolved, then: Value) -> Notice | None:
    """That there is no percentage of 0, or which days were compared, where that differs from the question."""
    assert window.pairing is not None
    if then == 0:
        return Notice("notice.zero_base")
    return _unlike(resolved, window, window.pairing.current, window.pairing.other)


def _unlike(resolved: Resolved, window: Window, current: Period, other: Period) -> Notice | None:
    cut = current != resolved.query.period or other != window.period
    if cut and resolved.complete and window.period.fiscal:
        return Notice("notice.same_weeks", {"weeks": current.days // 7})
    if cut and window.remark is None:
        return Notice("notice.elapsed_only", {"days": current.days})
    return window.remark
