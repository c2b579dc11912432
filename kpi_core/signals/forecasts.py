"""Forecasts of sums, rates and levels from their days: where each will stand when a stretch of days is over."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from statistics import fmean, median, stdev

from kpi_core.frozen_dataclass import frozen
from kpi_core.signals.outlook import Course, Outlook, Unforeseen
from kpi_core.signals.pacing import Landing, Occasion, landing
from kpi_core.signals.series import Day

ONE_DAY = timedelta(days=1)
LEAST_HISTORY = 56
"""Days with data before anything is foreseen."""
LEAST_WEEKS = 12
"""Weekly steps before the course of a level is foreseen."""
LEAST_MONTHS = 3
"""Earlier months that show when in a month bills come."""
LONG = 45
"""A rest of more days than that has a season: the year before says how much of it."""
YEAR = timedelta(days=364)
Formula = Callable[[Mapping[str, float]], float | None]


@frozen
class Stretch:
    """The days [start, end) whose outcome is foreseen, of which those up to `through` are in."""

    start: date
    end: date
    through: date
    occasions: Sequence[Occasion] = ()


def sum_outlook(days: Sequence[Day], stretch: Stretch) -> Outlook | Unforeseen:
    """Where the sum of a stretch lands. A day without a row brought nothing."""
    lands = landed(days, stretch)
    if not isinstance(lands, Landing):
        return lands
    return Outlook("sum", lands.through, _last(stretch), lands.so_far, lands.so_far, lands.rest, lands.spread)


def rate_outlook(
    parts: Mapping[str, Sequence[Day]],
    formula: Formula,
    divisor: Formula | None,
    stretch: Stretch,
    billed: frozenset[str] = frozenset(),
) -> Outlook | Unforeseen:
    """Where a formula over sums lands: each part is foreseen apart, the formula comes last.

    Errors of the parts go together as their days do. `divisor` is the denominator, where there is one; `billed` parts
    come in bills: of a month's rest as in the months before.
    """
    landings = {name: _part(days, stretch, billed=name in billed) for name, days in parts.items()}
    unforeseen = next((each for each in landings.values() if not isinstance(each, Landing)), None)
    if unforeseen is not None:
        return unforeseen
    lands = {name: each for name, each in landings.items() if isinstance(each, Landing)}
    so_far, ends = formula({name: each.so_far for name, each in lands.items()}), _ends(lands, formula)
    point = formula({name: each.point for name, each in lands.items()})
    if so_far is None or point is None or ends is None:
        return "irregular"
    deviation = _deviation(ends, parts)
    through = min(each.through for each in lands.values())
    weight = _weight(lands, divisor)
    if point > 0 and so_far >= 0 and all(_is_positive(end) for end in ends.values()):
        return Outlook("rate", through, _last(stretch), so_far, 0.0, point, deviation / point, weight=weight)
    return Outlook("rate", through, _last(stretch), so_far, 0.0, point, deviation, linear=True, weight=weight)


def course_of(points: Sequence[tuple[date, float]]) -> Course | Unforeseen:
    """How a level moves, from its values a week apart, oldest first."""
    if len(points) <= LEAST_WEEKS:
        return "short_history"
    values = [value for _day, value in points]
    steps = [after - before for before, after in pairwise(values)]
    return Course(points[-1][0], values[-1], fmean(steps), stdev(steps), len(steps))


def _last(stretch: Stretch) -> date:
    return stretch.end - ONE_DAY


def landed(days: Sequence[Day], stretch: Stretch) -> Landing | Unforeseen:
    """As `sum_outlook`, with what each of the days left should bring."""
    taught = [day for day in days if day.value is not None and day.on <= stretch.through]
    if any((day.value or 0.0) < 0 for day in taught):
        return "irregular"
    first = next((day.on for day in taught if day.value), None)
    needed = max(LEAST_HISTORY, (stretch.end - stretch.through).days)
    if first is None or (stretch.through - first).days < needed:
        return "short_history"
    lands = landing(taught, stretch.start, stretch.end, stretch.through, stretch.occasions)
    if lands is None:
        return "short_history"
    return _with_season(lands, taught) if len(lands.days) > LONG else lands


def _with_season(lands: Landing, days: Sequence[Day]) -> Landing:
    """The rest as the middle of two forecasts: that of the days so far, and that of the same days a year before.

    Those times how much more the eight weeks so far brought than the same weeks then. What the two differ by widens
    the interval. Without a year of history the first stands alone.
    """
    ahead = sorted(lands.days)
    recent = [lands.through - step * ONE_DAY for step in range(LEAST_HISTORY)]
    values = {day.on: day.value or 0.0 for day in days}
    if min(recent) - YEAR < min(values):
        return lands
    base = math.fsum(values.get(day - YEAR, 0.0) for day in recent)
    then = math.fsum(values.get(day - YEAR, 0.0) for day in ahead)
    now = math.fsum(values.get(day, 0.0) for day in recent)
    if min(base, then, now, lands.rest) <= 0:
        return lands
    apart = math.log(then * now / base / lands.rest)
    rest = lands.rest * math.exp(apart / 2)
    return Landing(lands.through, lands.so_far, rest, math.hypot(lands.spread, apart / 2), lands.days)


def _part(days: Sequence[Day], stretch: Stretch, *, billed: bool) -> Landing | Unforeseen:
    if billed:
        return _bills(days, stretch)
    if all(not day.value for day in days if day.value is not None):
        return Landing(stretch.through, 0.0, 0.0, 0.0, {})
    return landed(days, stretch)


def _bills(days: Sequence[Day], stretch: Stretch) -> Landing | Unforeseen:
    """What comes in bills: the rest of the month as the same days of the months before brought, at most six."""
    if stretch.start.day != 1 or (stretch.end - stretch.start).days > 31:
        return "irregular"
    values = {day.on: day.value for day in days if day.value is not None}
    if any(value < 0 for value in values.values()):
        return "irregular"
    rests: list[float] = []
    end = stretch.start
    while values and len(rests) < 6 and (start := (end - ONE_DAY).replace(day=1)) >= min(values):
        rests.append(math.fsum(value for on, value in values.items() if start <= on < end and on.day > _day(stretch)))
        end = start
    if len(rests) < LEAST_MONTHS:
        return "short_history"
    so_far = math.fsum(value for on, value in values.items() if stretch.start <= on <= stretch.through)
    rest = median(rests)
    # The error of a new month, and that of the middle of the earlier ones.
    spread = stdev(rests) * math.sqrt(1 + 1 / len(rests)) / rest if rest > 0 else 0.0
    return Landing(stretch.through, so_far, rest, spread, {})


def _day(stretch: Stretch) -> int:
    return stretch.through.day


def _ends(lands: Mapping[str, Landing], formula: Formula) -> dict[str, tuple[float, float]] | None:
    """Of each part that may still move: the formula with its rest one deviation lower and one higher."""
    totals = {name: each.point for name, each in lands.items()}
    ends = {}
    for name, each in lands.items():
        if not each.spread or not each.rest:
            continue
        low, high = (
            formula({**totals, name: each.so_far + each.rest * math.exp(sign * each.spread)}) for sign in (-1, 1)
        )
        if low is None or high is None:
            return None
        ends[name] = (low, high)
    return ends


def _is_positive(end: tuple[float, float]) -> bool:
    return min(end) > 0


def _deviation(ends: Mapping[str, tuple[float, float]], parts: Mapping[str, Sequence[Day]]) -> float:
    """The deviation of a formula by those of its parts, errors taken to first order."""
    effects = {name: (high - low) / 2 for name, (low, high) in ends.items()}
    square = sum(
        one * other * (1.0 if name == beside else _together(parts[name], parts[beside]))
        for name, one in effects.items()
        for beside, other in effects.items()
    )
    return math.sqrt(max(square, 0.0))


def _together(one: Sequence[Day], other: Sequence[Day]) -> float:
    """How strongly two parts go together: the correlation of their days' logarithms over thirteen weeks."""
    values = {day.on: day.value for day in other if day.value}
    pairs = [(math.log(day.value), math.log(values[day.on] or 1.0)) for day in one if day.value and day.on in values]
    pairs = pairs[-91:]
    if len(pairs) < LEAST_HISTORY // 2:
        return 0.0
    means = [fmean(side) for side in zip(*pairs, strict=True)]
    off = [(left - means[0], right - means[1]) for left, right in pairs]
    sizes = math.sqrt(math.fsum(left**2 for left, _ in off) * math.fsum(right**2 for _, right in off))
    return math.fsum(left * right for left, right in off) / sizes if sizes else 0.0


def _weight(lands: Mapping[str, Landing], divisor: Formula | None) -> float | None:
    if divisor is None:
        return None
    inside, whole = (
        divisor({name: getattr(each, what) for name, each in lands.items()}) for what in ("so_far", "point")
    )
    return inside / whole if inside is not None and whole else None
