"""Unusual days: a day, or the last few together, far from what the days before them led to expect.

Every decision about a day uses data up to that day alone.
"""

from __future__ import annotations

import math
from bisect import insort
from collections.abc import Iterator, Sequence
from dataclasses import field, replace
from datetime import date, timedelta

from kpi_core.frozen_dataclass import frozen
from kpi_core.signals.scales import Point, Scale, scale_of
from kpi_core.signals.series import Announced, Day, Series
from kpi_core.signals.tracker import State, Tracker, Wander

ONE_DAY = timedelta(days=1)
BACK = 2.5
"""A day is back at a level if it strays from it by less."""
SENDS_KNOWN = 4
"""So many weeks of a weekday, with a send in three of four, before none on it is missed."""
SENDS_MISSED = 2
"""So many in a row without a send, or without anything that came of it, are news: a single one was left out."""


@frozen
class Rules:
    """When a day is news; lengths on the scale are logarithms, scores are deviations."""

    first_days: int = 28
    """History before the first alarm."""
    first_sends: int = 8
    one_day: float = 3.7
    """The least score of a single day."""
    tail: float = 1.25
    """Times the 99th percentile of the series' own scores, if that is more: heavy tails."""
    days_together: float = 3.2
    windows: tuple[int, ...] = (2, 3, 5, 7)
    calm: float = 2.2
    """What the 95th percentile of a window's scores should be; where it is more, its scores shrink."""
    cut: float = 3.0
    """A day counts in a window for at most so many deviations."""
    agree: float = 2.0
    """The last day of a window must stray the same way, by this much."""
    least: float = 0.15
    """The least change of a day that is worth a word; of several days together, `least_together`."""
    least_together: float = 0.18
    cases: float = 5.0
    """A ratio's day, or days together, of which fewer cases are expected are not judged."""
    settling: int = 3
    """The first days of what was announced are its own news."""
    beyond_plan: float = 1.5
    """So many times further than other days they must stray to be news all the same."""
    lift: float = 0.35
    """How much a campaign may lift; `jump`: what an announcement of one day may change for good."""
    jump: float = 0.25
    remembers: int = 60
    """Days for which the level before an alarm is still a level to return to."""
    adopts: int = 4
    """Far days on one side, one after the other, that make a new level."""
    cool_down: int = 0
    wander: Wander = field(default_factory=Wander)
    ratio_least: float = 0.035
    """The smallest spread of a ratio beside chance."""
    sends_young: float = 6.0


@frozen
class Reading:
    """A day beside what was expected of it; `low` and `high` bound a usual day."""

    on: date
    value: float
    expected: float
    low: float
    high: float
    score: float
    """Deviations from what was expected; of the last `days` together, if those are the news."""
    days: int = 1
    news: bool = False


def alarms(series: Series, rules: Rules | None = None) -> tuple[Reading, ...]:
    """The days that are news; days within `cool_down` after an alarm repeat it and are left out."""
    rules = rules or Rules()
    made: list[Reading] = []
    for reading in readings(series, rules):
        if reading.news and (not made or (reading.on - made[-1].on).days > rules.cool_down):
            made.append(reading)
    return tuple(made)


def readings(series: Series, rules: Rules | None = None) -> Iterator[Reading]:
    """Every day that can be judged. Left out: the first 28 days, holidays, open days, days without data."""
    rules = rules or Rules()
    days = [day for day in series.days if series.open_from is None or day.on < series.open_from]
    begin = _warm(days, series, rules)
    if begin >= len(days):
        return
    watch = _Watch(series, days[:begin], rules)
    for place, day in enumerate(days):
        reading = watch.judge(day, young=place < begin)
        if reading is not None:
            yield reading


def _warm(days: Sequence[Day], series: Series, rules: Rules) -> int:
    """How many of the days are the first ones, which teach and are not judged."""
    if not days:
        return 0
    until = days[0].on + timedelta(days=rules.first_days)
    count = sum(day.on < until for day in days)
    return max(count, rules.first_sends) if series.sends else count


@frozen
class _Past:
    """A day that was looked at, and what stood before it."""

    point: Point
    weekday: int
    before: State
    plain: bool


class _Watch:
    """Goes along a series with its tracker, its calendar and its own past scores."""

    def __init__(self, series: Series, first: Sequence[Day], rules: Rules) -> None:
        self.series = series
        self.rules = rules
        self.calendar = _Ahead(series, rules)
        self.scale = scale_of(series.unit, [day for day in first if self.calendar.usual(day.on)] or first)
        self.closed = _Closed(first, sends=series.sends)
        wander = _wander(series, rules)
        points = [(day, self.scale.point(day, None)) for day in first if not self.closed.shut(day)]
        clean = [(day, point) for day, point in points if point is not None and self.calendar.usual(day.on)]
        taught = clean if len(clean) >= 8 else [(day, point) for day, point in points if point is not None]
        teaching = [(day.on.weekday(), point) for day, point in taught] or [(0, Point(0.0, 0.0))]
        self.tracker = Tracker(teaching, wander, weekly=not series.sends)
        self.past: list[_Past] = []
        self.scores: list[float] = []
        self.window_scores: dict[int, list[float]] = {length: [] for length in rules.windows}
        self.lift = _Lift(rules.lift)
        self.previous: date | None = None
        self.level_before: tuple[float, date] | None = None
        self.count = 0
        self.run = 0

    def judge(self, day: Day, *, young: bool) -> Reading | None:
        """The reading of a day, or None where it is not judged; either way the day has taught what it can."""
        self._pass_time(day.on)
        shut = self.closed.shut(day)
        if day.on in self.series.calendar.holidays:
            return None
        self.closed.learn(day)
        if shut:
            return None
        weekday, campaign = day.on.weekday(), self.calendar.campaign(day.on)
        self.lift.enter(campaign)
        expected = self.tracker.expected(weekday) + self.lift.height
        point = self.scale.point(day, expected)
        if point is None:
            return None
        variance = self.tracker.variance(weekday) + point.chance + self.lift.variance
        error = point.at - expected
        plain = campaign is None and not self.calendar.settling(day.on)
        self.past.append(_Past(point, weekday, self.tracker.state(weekday), plain))
        del self.past[: -max(self.rules.windows)]
        reading = None
        if not young:
            reading = self._reading(day, error, point, expected, variance)
        if abs(error) <= self.rules.one_day * math.sqrt(variance) or campaign is not None:
            self.run = 0
        else:
            self.run = max(self.run, 0) + 1 if error > 0 else min(self.run, 0) - 1
        if abs(self.run) >= self.rules.adopts:
            self.run = 0
            recent = self.past[1 - self.rules.adopts :]
            self.tracker.adopt([(day.weekday, day.point.at) for day in recent])
        self._learn(day.on, point, campaign)
        return reading

    def _pass_time(self, on: date) -> None:
        gap = (on - self.previous).days if self.previous else 1
        self.tracker.pass_days(gap if not self.series.sends else 1)
        if self.calendar.jumps(on, gap):
            self.tracker.loosen(self.rules.jump)
            self.level_before = None
        self.previous = on

    def _reading(self, day: Day, error: float, point: Point, expected: float, variance: float) -> Reading:
        score, length, change = error / math.sqrt(variance), 1, error
        limit = self._limit()
        news = abs(score) > limit and abs(error) >= self.rules.least
        for days, together, moved in self._together(score):
            if not news and abs(together) > self.rules.days_together and abs(moved) >= self.rules.least_together:
                news, length, score, change = True, days, together, moved
        settling = self.calendar.settling(day.on)
        cases = sum(past.point.cases for past in self.past[-length:])
        if cases < self.rules.cases or (settling and abs(score) <= self.rules.beyond_plan * limit):
            news = False
        if news and self._returned(day, variance - point.chance):
            news, length = False, 1
        elif news:
            self._alarmed(day.on, length, change)
        elif not settling:
            insort(self.scores, abs(error) / math.sqrt(variance))
        reach = limit * math.sqrt(variance)
        low, high = self.scale.bounds(day, expected, reach)
        # The value on the scale is the day's own, so that what is shown is what was read.
        return Reading(
            day.on, _shown(day, self.scale, point), self.scale.value(expected), low, high, score, length, news
        )

    def _limit(self) -> float:
        own = self.scores[int(0.99 * len(self.scores))] if len(self.scores) >= 20 else 0.0
        return max(self.rules.one_day, self.rules.tail * own)

    def _together(self, last: float) -> Iterator[tuple[int, float, float]]:
        """Length, score and mean change of the last days together, where all of them are ordinary ones."""
        for length in self.rules.windows:
            days = self.past[-length:]
            if len(days) < length or not all(day.plain for day in days):
                continue
            score, change = window_score(days, self.rules, self.tracker)
            own = self.window_scores[length]
            usual = own[int(0.95 * len(own))] / self.rules.calm if len(own) >= 30 else 1.0
            insort(own, abs(score))
            if last * score >= self.rules.agree * abs(score):
                yield length, score / max(1.0, usual), change

    def _returned(self, day: Day, variance: float) -> bool:
        """Whether the day is back at the level before the last alarm: a return is no news."""
        if self.level_before is None or day.on > self.level_before[1]:
            return False
        # Held against that level, for what few cases say depends on how many are expected.
        weekday, before = day.on.weekday(), self.level_before[0]
        usual = before + self.tracker.week[weekday] + self.lift.height
        point = self.scale.point(day, usual)
        if point is None or abs(point.at - usual) / math.sqrt(variance + point.chance) >= BACK:
            return False
        self.tracker.level = before
        self.tracker.stray = 0.0
        self.level_before = None
        return True

    def _alarmed(self, on: date, length: int, change: float) -> None:
        if self.level_before is None or on > self.level_before[1]:
            level = self.past[-length].before.level
            self.level_before = (level, on + timedelta(days=self.rules.remembers))
        # What was told is not told again by a window that holds it.
        self.past = [replace(day, plain=False) for day in self.past]
        if length > 1:
            self.tracker.loosen(0.5 * max(abs(change), self.tracker.spread))

    def _learn(self, on: date, point: Point, campaign: Announced | None) -> None:
        weekday = on.weekday()
        error = point.at - self.tracker.expected(weekday) - self.lift.height
        settling = self.calendar.settling(on)
        if campaign is not None:
            whole = self.tracker.variance(weekday) + point.chance + self.lift.variance
            share = self.lift.learn(error, whole, self.tracker.spread, trust=settling)
            self.tracker.learn(weekday, error * (1 - share), point.chance, self.lift.variance)
        else:
            self.tracker.learn(weekday, error, point.chance, trust=self.calendar.jumped(on))
        self.count += 1
        if self.count % 3 == 0 or self.count < 30:
            self.tracker.measure()


def window_score(days: Sequence[_Past], rules: Rules, tracker: Tracker) -> tuple[float, float]:
    """How far the days together stray from the state before the first of them: score and mean change.

    Generalised least squares for strays of which a share is left a day later.
    """
    start = days[0].before
    weight = pull = 0.0
    left, before = start.stray, 0.0
    for place, day in enumerate(days):
        variance = start.spread**2 + day.point.chance
        limit = rules.cut * math.sqrt(variance)
        away = max(-limit, min(limit, day.point.at - start.level - start.week[day.weekday]))
        size = 1.0 if place == 0 else 1 - start.carry
        fresh = away - left if place == 0 else away - start.carry * before
        weight += size * size / variance
        pull += size * fresh / variance
        before = away
    drift = (tracker.wander.level * start.spread) ** 2 * len(days) / 3
    change = pull / weight
    return change / math.sqrt(1 / weight + start.var_level + drift + start.var_week / min(len(days), 7)), change


class _Closed:
    """Weekdays on which nothing is usual; of what is sent, those without a send each week."""

    def __init__(self, first: Sequence[Day], *, sends: bool) -> None:
        self.sends = sends
        self.missed = 0
        self.zeros: dict[int, list[bool]] = {weekday: [] for weekday in range(7)}
        for day in first:
            self.learn(day)

    def learn(self, day: Day) -> None:
        if day.value is None:
            return
        zeros = self.zeros[day.on.weekday()]
        if day.value != 0:
            self.missed = 0
        elif _is_usual(zeros):
            self.missed += 1
        self.zeros[day.on.weekday()] = [*zeros[-7:], day.value == 0]

    def shut(self, day: Day) -> bool:
        if day.value != 0:
            return False
        zeros = self.zeros[day.on.weekday()]
        if self.sends:
            return not _is_usual(zeros) or self.missed + 1 < SENDS_MISSED
        return bool(zeros) and 2 * sum(zeros) >= len(zeros)


def _is_usual(zeros: Sequence[bool]) -> bool:
    """Whether something is sent on a weekday each week, by its last weeks."""
    return len(zeros) >= SENDS_KNOWN and 4 * sum(zeros) <= len(zeros)


class _Lift:
    """What a campaign adds while it runs; the last few tell what the next one may."""

    def __init__(self, usual: float) -> None:
        self.usual = usual
        self.height = self.variance = 0.0
        self._earlier: list[float] = []
        self._campaign: Announced | None = None

    def enter(self, campaign: Announced | None) -> None:
        if campaign is self._campaign:
            return
        if self._campaign is not None:
            self._earlier = [*self._earlier[-3:], self.height]
        self._campaign = campaign
        self.height = self.variance = 0.0
        if campaign is not None:
            earlier = self._earlier
            self.height = sum(earlier) / len(earlier) if earlier else 0.15
            self.variance = self.usual**2 * (0.5 if earlier else 1.0)

    def learn(self, error: float, whole: float, spread: float, *, trust: bool) -> float:
        share = self.variance / whole
        limit = (2.5 if trust else 2) * math.sqrt(whole)
        if abs(error) > limit:
            # A day so far off is no lift: it says nothing of the campaign's other days.
            return 0.0
        self.height += share * error
        self.variance = self.variance * (1 - share) + (0.15 * spread) ** 2
        return share


class _Ahead:
    """The calendar of a series, by day."""

    def __init__(self, series: Series, rules: Rules) -> None:
        self._holidays = series.calendar.holidays
        self._campaigns: dict[date, Announced] = {}
        self._starts: set[date] = set()
        self._jumped: set[date] = set()
        self._settling: set[date] = set()
        for event in series.calendar.announced:
            soon = {event.start + step * ONE_DAY for step in range(rules.settling)}
            self._settling |= soon
            if event.start == event.end:
                self._starts.add(event.start)
                self._jumped |= soon
                continue
            self._settling.add(event.end + ONE_DAY)
            for step in range((event.end - event.start).days + 1):
                self._campaigns.setdefault(event.start + step * ONE_DAY, event)

    def campaign(self, on: date) -> Announced | None:
        return self._campaigns.get(on)

    def usual(self, on: date) -> bool:
        return on not in self._holidays and on not in self._campaigns

    def settling(self, on: date) -> bool:
        return on in self._settling

    def jumped(self, on: date) -> bool:
        return on in self._jumped

    def jumps(self, on: date, gap: int) -> bool:
        """Whether something of one day was announced for this day or for a day without data before it."""
        return any(on - step * ONE_DAY in self._starts for step in range(gap))


def _wander(series: Series, rules: Rules) -> Wander:
    wander = rules.wander
    if series.unit == "ratio":
        wander = replace(wander, least=rules.ratio_least)
    return replace(wander, young=rules.sends_young) if series.sends else wander


def _shown(day: Day, scale: Scale, point: Point) -> float:
    return day.value if day.value is not None else scale.value(point.at)
