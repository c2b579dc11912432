"""The days of an input that is taken of other days than the asked ones: so much earlier, so much time up to the end.

A window ends with the last day that is over; what is to date, or of all time, with today. What is held against days
so much earlier counts days that are over only, so that both sides have as many.
"""

from __future__ import annotations

from datetime import date, timedelta

from kpi_core.answering.layout import ONE_DAY, Context, Leaf
from kpi_core.dates.periods import Days, add_months, unit_of
from kpi_core.metrics import Taken, Window


def moved_days(days: Days, leaf: Leaf, context: Context) -> Days | None:
    """The days that a leaf is taken of when `days` are asked; None when none of them has come."""
    start, end = days
    if leaf.over:
        end = min(end, context.complete_through + ONE_DAY)
    for step in leaf.taken:
        if start >= end or start > context.today:
            return None
        start, end = _moved((start, end), step, leaf.model, context)
    return (start, end) if start < end else None


def _moved(days: Days, step: Taken, model: str, context: Context) -> Days:
    if step.offset_window is not None:
        days = earlier(days, step.offset_window)
    if step.offset_to_grain is not None:
        start = unit_of(days[0], step.offset_to_grain, context.calendar).start
        days = start, start + ONE_DAY
    if step.period_agg == "first":
        days = days[0], days[0] + ONE_DAY
    if step.grain_to_date is not None:
        end = min(days[1], context.today + ONE_DAY)
        return unit_of(end - ONE_DAY, step.grain_to_date, context.calendar).start, end
    if step.window is None:
        return days
    if step.window.all_time:
        first = context.coverage[model].first
        return first or days[0], min(days[1], context.today + ONE_DAY)
    end = min(days[1], context.complete_through + ONE_DAY)
    return _before(end, step.window), end


def earlier(days: Days, window: Window) -> Days:
    """The days so much earlier: whole months stay whole, other days keep their place in the month."""
    start, end = days
    if not window.months:
        back = timedelta(days=window.days)
        return start - back, end - back
    if start.day == 1 and end.day == 1:
        return add_months(start, -window.months), add_months(end, -window.months)
    return add_months(start, -window.months), add_months(end - ONE_DAY, -window.months) + ONE_DAY


def _before(day: date, window: Window) -> date:
    return add_months(day, -window.months) if window.months else day - timedelta(days=window.days)


def looks_back(leaf: Leaf) -> Window:
    """How much earlier than the asked ones the days of a leaf may begin, at the most, all time aside."""
    parts = [part for step in leaf.taken for part in (step.offset_window, step.window) if part is not None]
    return Window(sum(part.days for part in parts), sum(part.months for part in parts))
