"""What a series is expected to be tomorrow: a level that wanders, a week, and strays that last a few days."""

from __future__ import annotations

import math
from collections.abc import Sequence

from kpi_core.frozen_dataclass import frozen
from kpi_core.signals.scales import Point


@frozen
class Wander:
    """How fast things may change; lengths in deviations of a usual day."""

    level: float = 0.08
    """What the level moves in a day."""
    week: float = 0.08
    """What a weekday moves in a week."""
    clip: float = 1.8
    """A day teaches no more than one that strays so far (Huber 1964)."""
    outlier: float = 3.2
    """A day that strays further leaves no stray behind."""
    memory: int = 90
    """Days whose strays tell the spread."""
    young: float = 3.0
    """After n days the spread is wider by this share of 1/n."""
    least: float = 0.05
    """The smallest spread that is believed."""
    carry: float = 0.2
    """The share of a stray that is left after a day, before the series has shown its own."""


TRUST = 2.5
"""A day after an announcement moves the level by at most so many deviations; the rest is an outlier."""


@frozen
class State:
    """Level, weekdays and stray before a day, with what is not known of them."""

    level: float
    week: tuple[float, ...]
    stray: float
    var_level: float
    var_both: float
    var_stray: float
    var_week: float
    spread: float
    carry: float


class Tracker:
    """Follows a series day by day; a Kalman filter whose steps are clipped (Masreliez and Martin 1977)."""

    def __init__(self, first: Sequence[tuple[int, Point]], wander: Wander, *, weekly: bool) -> None:
        """`first`: weekday and point of the first days, at least one."""
        self.wander = wander
        self.weekly = weekly
        self.week = [0.0] * 7
        self.level = _median([point.at for _day, point in first])
        if weekly:
            self._first_week(first)
        self._errors = [point.at - self.level - self.week[day] for day, point in first]
        self._chances = [point.chance for _day, point in first]
        self.spread = 1.1 * spread_of(self._errors, self._chances, wander.least)
        if weekly:
            self._errors, self._chances = [], []
        self.carry = wander.carry
        self._pairs = [20.0 * wander.carry, 20.0]
        self._last: float | None = None
        self.stray = 0.0
        self.var_level, self.var_both, self.var_stray = (0.3 * self.spread) ** 2, 0.0, self.spread**2
        self.var_week = [(0.4 * self.spread) ** 2 if weekly else 0.0] * 7

    def _first_week(self, first: Sequence[tuple[int, Point]]) -> None:
        for _ in range(2):
            for weekday in range(7):
                strays = [point.at - self.level for day, point in first if day == weekday]
                self.week[weekday] = _median(strays) * len(strays) / (len(strays) + 0.5) if strays else 0.0
            self.level = _median([point.at - self.week[day] for day, point in first])
        self._centre()

    def _centre(self) -> None:
        mean = sum(self.week) / 7
        self.level += mean
        self.week = [each - mean for each in self.week]

    def pass_days(self, days: int) -> None:
        """Time goes by without data."""
        left = self.carry**days
        own = self.spread**2 * (1 - left**2)
        self.stray *= left
        self.var_both *= left
        self.var_stray = left**2 * self.var_stray + own / (1 - self.carry**2)
        self.var_level += days * (self.wander.level * self.spread) ** 2
        if days > 1:
            self._last = None

    def loosen(self, by: float) -> None:
        """The level may have moved by about `by`."""
        self.var_level += by * by

    def adopt(self, recent: Sequence[tuple[int, float]]) -> None:
        """The level is where the recent days are, weekday and place on the scale of each."""
        self.level = _median([at - self.week[weekday] for weekday, at in recent])
        self.stray = self.var_both = 0.0
        self.var_level = self.spread**2 / len(recent)

    def expected(self, weekday: int) -> float:
        return self.level + self.week[weekday] + self.stray

    def variance(self, weekday: int) -> float:
        """Of the next point about what is expected, without the chance of counting."""
        return self.var_level + 2 * self.var_both + self.var_stray + self.var_week[weekday]

    def state(self, weekday: int) -> State:
        return State(
            self.level, tuple(self.week), self.stray, self.var_level, self.var_both, self.var_stray,
            self.var_week[weekday], self.spread, self.carry,
        )  # fmt: skip

    def learn(self, weekday: int, error: float, chance: float, more: float = 0.0, *, trust: bool = False) -> None:
        """`error` is the point less what was expected; `more` variance that something else explains of it."""
        whole = self.variance(weekday) + chance + more
        far = abs(error) / math.sqrt(whole)
        step = (
            max(-1.0, min(1.0, TRUST / max(far, 1e-9))) * error
            if trust
            else max(-1.0, min(1.0, self.wander.clip / max(far, 1e-9))) * error
        )
        to_level, to_stray = (self.var_level + self.var_both) / whole, (self.var_both + self.var_stray) / whole
        to_week = self.var_week[weekday] / whole
        self._remember(error + self.stray, math.sqrt(whole))
        if not more and not trust:
            self._errors.append(error)
            self._chances.append(chance)
        self.level += to_level * step
        self.stray += to_stray * step if far <= self.wander.outlier else -self.stray
        self.week[weekday] += to_week * step
        cross = self.var_level + self.var_both
        self.var_stray -= to_stray * (self.var_both + self.var_stray)
        self.var_both -= to_stray * cross
        self.var_level -= to_level * cross
        self.var_week[weekday] *= 1 - to_week
        if self.weekly:
            self._centre()
            self.var_week = [each + (self.wander.week * self.spread) ** 2 / 7 for each in self.var_week]

    def _remember(self, stray: float, size: float) -> None:
        """What share of a stray is left a day later."""
        now = max(-2.5, min(2.5, stray / size))
        if self._last is not None:
            self._pairs = [0.99 * self._pairs[0] + now * self._last, 0.99 * self._pairs[1] + self._last**2]
            self.carry = max(0.0, min(0.7, self._pairs[0] / self._pairs[1]))
        self._last = now

    def measure(self) -> None:
        """The spread anew, from the strays of the last days."""
        count = min(len(self._errors), self.wander.memory)
        if count >= (8 if not self.weekly else 14):
            errors, chances = self._errors[-count:], self._chances[-count:]
            self.spread = spread_of(errors, chances, self.wander.least) * (1 + self.wander.young / count)


def spread_of(errors: Sequence[float], chances: Sequence[float], least: float) -> float:
    """The deviation beside chance: outliers are cut at 2.5 deviations, which are first taken from the median."""
    import numpy as np

    sizes, chance = np.abs(errors), np.asarray(chances)
    if not chance.any():
        first = max(least, 1.4826 * _median(sizes.tolist()))
        return max(least, 1.05 * math.sqrt(float(np.mean(np.minimum(sizes, 2.5 * first) ** 2))))
    grid = np.geomspace(least, 1.0, 25)
    # np.median says the same, and takes longer to begin than so few numbers to sort.
    ordered = np.sort(sizes / np.sqrt(grid[:, None] ** 2 + chance), axis=1)
    half = ordered.shape[1] // 2
    middle = ordered[:, half] if ordered.shape[1] % 2 else (ordered[:, half - 1] + ordered[:, half]) / 2
    first = float(grid[int(np.argmax(middle <= 0.6745))])
    whole = np.sqrt(first**2 + chance)
    share = 1.05 * math.sqrt(float(np.mean(np.minimum(sizes / whole, 2.5) ** 2)))
    usual = _median(chance.tolist())
    return math.sqrt(max(least**2, share**2 * (first**2 + usual) - usual))


def _median(values: Sequence[float]) -> float:
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
