"""Episodes of days that are far from what the days before led to expect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from kpi_core.alerts.daily import ONE_DAY, daily_series
from kpi_core.alerts.episode import Episode, Scope, Segment, sides
from kpi_core.alerts.periods_past_limits import changes
from kpi_core.dates.periods import Period
from kpi_core.settings.values import Alert
from kpi_core.signals.anomalies import Reading, readings
from kpi_core.signals.series import Day, Series

LONGEST = timedelta(days=28)
"""What has lasted so long is the new level."""
WEEKS_BEFORE = 4
"""What is usual for a weekday: its mean in so many weeks before."""
CLEAR, BLURRED = 3, 7
"""So many days together show that it is over: after a single day that said it all, and after several that did."""
HALF_WAY = 0.5
LEAST_SHOWN = 0.05
"""Of what is usual: a smaller difference nobody would call unusual, whatever led to expect another number."""


def unusual_days(rule: Alert, scope: Scope) -> Iterator[Episode]:
    """A KPI whose costs are booked by the month says nothing by the day: its whole months are judged."""
    series = daily_series(rule, scope)
    if not series:
        yield from changes(rule, scope)
    for segment, own in series.items():
        yield from (episode for episode in _episodes(rule, segment, own, scope) if _is_in(episode, scope))


def _is_in(episode: Episode, scope: Scope) -> bool:
    return episode.over is None or episode.over >= scope.since


def _episodes(rule: Alert, segment: Segment, series: Series, scope: Scope) -> Iterator[Episode]:
    signs = sides(rule, scope.catalog.metrics[rule.kpi])
    by_date = {day.on: day for day in series.days}
    current: Episode | None = None
    course = _Course(by_date, series.unit == "ratio", date.min, 0)
    for reading in readings(series):
        if current is not None:
            over = course.over(current, reading.on)
            if over:
                yield replace(current, over=reading.on, adopted=over == "adopted")
                current = None
            continue
        sign = 1 if reading.value > reading.expected or reading.score > 0 else -1
        if reading.news and sign in signs and _is_enough(rule, by_date[reading.on], reading):
            first = reading.on - (reading.days - 1) * ONE_DAY
            course = _Course(by_date, series.unit == "ratio", first, reading.days)
            begun = _begun(rule, segment, reading, course)
            current = begun if _shows(begun, sign) else None
    if current is not None:
        yield current


def _begun(rule: Alert, segment: Segment, reading: Reading, course: _Course) -> Episode:
    days = Period(course.start, reading.on + ONE_DAY, "day" if reading.days == 1 else "span")
    episode = Episode(rule, rule.kpi, segment, reading.on, days)
    if reading.days == 1:
        return replace(episode, value=reading.value, usual=reading.expected, band=(reading.low, reading.high))
    # Several days are news together: their number is not that of the last of them.
    value, usual = course.together(reading.on)
    return replace(episode, value=value, usual=usual)


def _shows(episode: Episode, sign: int) -> bool:
    """Whether what readers are shown strays as well: several days are held against the same weekdays before them."""
    if episode.value is None or episode.usual is None:
        return True
    return sign * (episode.value - episode.usual) >= LEAST_SHOWN * abs(episode.usual)


def _is_enough(rule: Alert, day: Day, reading: Reading) -> bool:
    volume = day.denominator if day.denominator is not None else max(reading.value, reading.expected)
    return rule.least is None or volume >= rule.least


class _Course:
    """How far a KPI is from what was usual for its weekdays before an episode began."""

    def __init__(self, days: Mapping[date, Day], is_ratio: bool, start: date, length: int) -> None:
        self._days, self._is_ratio, self.start = days, is_ratio, start
        self._window = CLEAR if length == 1 else BLURRED
        self._back = 0

    def over(self, episode: Episode, on: date) -> str:
        """Whether it has passed by a day: `back` to what was usual, `adopted` as the new level, else empty."""
        if on - episode.days.start >= LONGEST:
            return "adopted"
        away = self._away(episode.days.start, episode.on)
        now = self._away(max(episode.on + ONE_DAY, on - (self._window - 1) * ONE_DAY), on)
        if (on - episode.on).days < self._window or away is None or now is None or not away:
            return ""
        return "back" if now / away < HALF_WAY else ""

    def together(self, last: date) -> tuple[float | None, float | None]:
        """The number of the days from the first to the last, a sum or a ratio of sums, and the usual one."""
        dates = [self.start + step * ONE_DAY for step in range((last - self.start).days + 1)]
        own = self._mean([self._days[on] for on in dates if on in self._days])
        usual = self._mean([day for on in dates for day in self._weekdays_before(on)])
        count = 1 if self._is_ratio else len(dates)
        return None if own is None else own * count, None if usual is None else usual * count

    def _away(self, first: date, last: date) -> float | None:
        """The mean distance of some days from the same weekdays before the episode."""
        dates = [first + step * ONE_DAY for step in range((last - first).days + 1)]
        own = [self._days[on] for on in dates if on in self._days]
        before = [day for on in dates for day in self._weekdays_before(on)]
        here, there = self._mean(own), self._mean(before)
        return None if here is None or there is None else here - there

    def _weekdays_before(self, on: date) -> Iterator[Day]:
        weeks = -(-(on - self.start + ONE_DAY).days // 7)
        for week in range(weeks, weeks + WEEKS_BEFORE):
            if (day := self._days.get(on - timedelta(weeks=week))) is not None:
                yield day

    def _mean(self, days: Sequence[Day]) -> float | None:
        if not self._is_ratio:
            values = [day.value for day in days if day.value is not None]
            return sum(values) / len(values) if values else None
        over, under = (
            (sum(filter(None, side)) for side in zip(*((day.numerator, day.denominator) for day in days), strict=True))
            if days
            else (0, 0)
        )
        return over / under if under else None
