"""What a question that names no period is about: by what it is held against, else by its KPI's cadence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from kpi_core.dates.calendars import Calendar
from kpi_core.dates.periods import GRAIN_OF_CADENCE, Grain, Period, shift, unit_of
from kpi_core.metrics import Cadence
from kpi_core.phrases import Notice
from kpi_core.questions.words import Part

_SO_FAR = re.compile(
    r"\bso far\b|\b(?:up to|until|till|as of) (?:now|today)\b|지금까지|현재까지|오늘까지|(?:到|至)?目前為止|迄今|至今"
)


def unasked_period(  # noqa: PLR0913, PLR0917  (what a question says, and the clock)
    text: str, targets: Sequence[Part], grains: Sequence[Grain], cadence: Cadence, calendar: Calendar, today: date
) -> Period:
    """The period of a question without one: of `cac vs last month` this month, whatever the KPI's cadence.

    A basis that only names its unit ("mom", the month before) is about the last whole one; "so far" is the month, or
    quarter, until today; "by week" is the last week, with those before it as its course; without any it is the last
    whole unit of the cadence. `text` is in the plain form.
    """
    default = shift(unit_of(today, GRAIN_OF_CADENCE[cadence], calendar), -1, calendar)
    if _SO_FAR.search(text) and not targets:
        begun = unit_of(today, "quarter" if default.grain == "quarter" else "month", calendar)
        return replace(begun, end=today + timedelta(days=1), to_date=True)
    if not targets and len(grains) == 1 and grains[0] in {"day", "week"} and default.grain != "day":
        return shift(unit_of(today, grains[0], calendar), -1, calendar)
    if targets and all(target.kind == "goal" for target in targets):
        return unit_of(today, "quarter" if default.grain == "quarter" else "month", calendar)
    naming = (target for target in targets if target.kind in {"unit_before", "compared", "year_ago"})
    if unit := next((target.grain for target in naming if target.grain), None):
        return shift(unit_of(today, unit, calendar), -1, calendar)
    bases = [target.period for target in targets if target.kind == "period" and target.period]
    if len({(base.grain, bool(base.fiscal), base.to_date) for base in bases}) != 1:
        return default
    return _running(bases[0], calendar, today) or default


def period_taken(period: Period, calendar: Calendar, today: date) -> Notice:
    """That no period was named, which one is taken, and the words for others of use."""
    days = {"start": period.start.isoformat(), "end": period.last_day.isoformat()}
    if period.start <= today < period.end:
        return Notice("reading.so_far", days)
    last_whole = period == shift(unit_of(today, period.grain, calendar), -1, calendar)
    return Notice(f"reading.last_{period.grain}" if last_whole else "reading.period", days)


def _running(base: Period, calendar: Calendar, today: date) -> Period | None:
    """The newest period of a base's kind that has begun; of the running one itself, the one before it.

    None of a span, after which nobody means the next one.
    """
    if base.grain == "span" or base.feast:
        return None
    if base.to_date:
        return _part_now(base, calendar, today)
    if base.grain == "day":
        newest = unit_of(today, "day", calendar)
    else:
        newest = base
        while (after := shift(newest, 1, calendar)).start <= today:
            newest = after
    if newest.start > base.start:
        return newest
    return shift(base, -1, calendar) if base.start <= today < base.end else None


def _part_now(base: Period, calendar: Calendar, today: date) -> Period | None:
    """The part of the running unit until today, after a part of an earlier one; None after itself."""
    part = base
    while (after := shift(part, 1, calendar)).start <= today:
        part = after
    return replace(part, end=today + timedelta(days=1)) if part != base else None
