"""A day's sum as level times weekday times what the calendar says; fitted with priors, for little history."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from kpi_core.frozen_dataclass import frozen
from kpi_core.signals.series import Day

ONE_DAY = timedelta(days=1)
LIFTS = {"payday": 0.1, "promotion": 0.25}
"""What a word does before the series has shown its own, as a logarithm; 0 for all others."""
LAGS = {"payday": (0, 1, 2, 3), "promotion": (0,), "holiday": (0, -1, 1)}
"""Word -> the days after it that may feel it (before it: negative)."""
KNOT = 10
"""Days between the points through which the level runs."""
HISTORY = 420
"""Days that are looked at."""
PACES = (0.1, 0.25, 0.5, 1.0)
"""How far the level may move in a week, in deviations of a day."""
WEEK, LIFT, FIRST = 0.4, 0.3, 5.0
"""Prior deviations of weekdays, of words and of the level, as logarithms."""

Words = Mapping[date, frozenset[str]]


@frozen
class Habits:
    """What of a fit lasts: the pace of the level, and the spread of a day, as a logarithm."""

    pace: float
    spread: float


@frozen
class Openings:
    """How often each weekday, Monday first, and each word's day brings anything."""

    weekdays: tuple[float, ...]
    words: Mapping[str, float]

    def share(self, day: date, words: Words) -> float:
        return min([self.weekdays[day.weekday()], *(self.words[word] for word in words.get(day, ()))])


@frozen
class DayModel:
    """A fit up to a day."""

    habits: Habits
    reach: date
    words: Words
    names: tuple[tuple[str, int], ...]
    origin: date
    knots: int
    mean: Any
    covariance: Any
    open: Openings
    smear: float
    """Mean over median of a usual day."""

    def ahead(self, days: Sequence[date], neighbours: float) -> tuple[list[float], float]:
        """What each day should bring, and the deviation of the logarithm of their sum."""
        import numpy as np

        rows = _design(days, self.origin, self.knots, self.words, self.names)
        opened = np.array([self.open.share(day, self.words) for day in days])
        bring = np.exp(np.clip(rows @ self.mean, -50, 50)) * opened * self.smear
        if not bring.sum():
            return [0.0] * len(days), 0.0
        share = bring / bring.sum()
        steps = np.array([(day - self.reach).days for day in days])
        walk = (self.habits.pace * self.habits.spread) ** 2 / KNOT * np.minimum.outer(steps, steps)
        close = neighbours ** np.abs(np.subtract.outer(steps, steps))
        shared = rows @ self.covariance @ rows.T + walk + self.habits.spread**2 * close
        chance = np.diag((1 - opened) / np.maximum(opened, 0.05))
        return [float(each) for each in bring], math.sqrt(float(share @ (shared + chance) @ share))


def fitted(past: Sequence[Day], reach: date, words: Words, habits: Habits | None = None) -> DayModel | None:
    """The model of the days up to `reach`; None where none of them brought anything."""
    recent = [day for day in past if (reach - day.on).days < HISTORY and day.on <= reach]
    taught = [day for day in recent if day.value is not None and day.value > 0]
    if not taught:
        return None
    origin = taught[0].on
    knots = max(1, math.ceil(((reach - origin).days + 1) / KNOT)) + 1
    names = _names(words)
    return _fit(taught, _Frame(reach, words, names, origin, knots, _opened(recent, reach, words)), habits)


@frozen
class _Frame:
    reach: date
    words: Words
    names: tuple[tuple[str, int], ...]
    origin: date
    knots: int
    open: Openings


def _fit(taught: Sequence[Day], frame: _Frame, habits: Habits | None) -> DayModel:
    import numpy as np

    at = np.log([day.value or 1.0 for day in taught])
    rows = _design([day.on for day in taught], frame.origin, frame.knots, frame.words, frame.names)
    if habits is None:
        habits = max((_tried(rows, at, frame, pace) for pace in PACES), key=lambda tried: tried[1])[0]
    mean, covariance, _weights = _solved(rows, at, frame, habits.pace, habits.spread)
    recent = slice(-91, None)
    usual = np.exp(rows[recent] @ mean)
    # A day four times as good counts as four: what comes once a year is no habit.
    smear = float(np.minimum(np.exp(at[recent]), 4 * usual).sum() / max(usual.sum(), 1e-300))
    return DayModel(
        habits, frame.reach, frame.words, frame.names, frame.origin, frame.knots, mean, covariance, frame.open,
        min(1.4, max(0.95, smear)),
    )  # fmt: skip


def _tried(rows: Any, at: Any, frame: _Frame, pace: float) -> tuple[Habits, float]:
    """The spread that fits a pace, and the logarithm of the evidence for both (MacKay 1992)."""
    import numpy as np

    spread = max(0.02, 1.2 * float(np.median(np.abs(at - np.median(at)))))
    for _ in range(3):
        mean, covariance, weights = _solved(rows, at, frame, pace, spread)
        left = at - rows @ mean
        used = float((np.einsum("ij,ik->jk", rows, rows * weights[:, None]) * covariance).sum()) / spread**2
        spread = math.sqrt(max(4e-4, float((weights * left**2).sum()) / max(len(at) - used, 0.2 * len(at))))
    mean, covariance, weights = _solved(rows, at, frame, pace, spread)
    precision, centre = _prior(frame, pace, spread)
    left, off = at - rows @ mean, mean - centre
    logs = np.linalg.slogdet(precision)[1] + np.linalg.slogdet(covariance)[1]
    misfit = float((weights * left**2).sum()) / spread**2 + float(off @ precision @ off)
    return Habits(pace, spread), 0.5 * (logs - misfit) - len(at) * math.log(spread)


def _solved(rows: Any, at: Any, frame: _Frame, pace: float, spread: float) -> tuple[Any, Any, Any]:
    """Mean, covariance and the weights of the days, of which those that stray far count less (Huber 1964)."""
    import numpy as np

    precision, centre = _prior(frame, pace, spread)
    weights = np.ones(len(at))
    mean, covariance = centre, np.eye(len(centre))
    for _ in range(3):
        # einsum stays on this thread: for matrices so small, others cost more than they do.
        weighted = rows * (weights / spread**2)[:, None]
        covariance = np.linalg.inv(np.einsum("ij,ik->jk", rows, weighted) + precision)
        mean = covariance @ (weighted.T @ at + precision @ centre)
        strays = np.abs(at - rows @ mean) / spread
        weights = np.minimum(1.0, 2.0 / np.maximum(strays, 1e-9))
    return mean, covariance, weights


def _prior(frame: _Frame, pace: float, spread: float) -> tuple[Any, Any]:
    """Precision and mean of what is believed beforehand: levels near their neighbours, weekdays and words near none."""
    import numpy as np

    size = frame.knots + 7 + len(frame.names)
    precision, centre = np.zeros((size, size)), np.zeros(size)
    step = 1 / max(pace * spread, 1e-4) ** 2
    for knot in range(1, frame.knots):
        precision[knot, knot] += step
        precision[knot - 1, knot - 1] += step
        precision[knot, knot - 1] -= step
        precision[knot - 1, knot] -= step
    precision[0, 0] += 1 / FIRST**2 / 100
    for place in range(frame.knots, frame.knots + 7):
        precision[place, place] = 1 / WEEK**2
    for place, (word, lag) in enumerate(frame.names, frame.knots + 7):
        precision[place, place] = 1 / (LIFT if lag == 0 else LIFT / 3) ** 2
        centre[place] = LIFTS.get(word, 0.0) if lag == 0 else 0.0
    return precision, centre


def _design(days: Sequence[date], origin: date, knots: int, words: Words, names: tuple[tuple[str, int], ...]) -> Any:
    """A row a day: its place between two knots of the level, its weekday, its words."""
    import numpy as np

    rows = np.zeros((len(days), knots + 7 + len(names)))
    every = np.arange(len(days))
    place = np.clip(np.array([(day - origin).days for day in days]) / KNOT, 0.0, knots - 1.0)
    left = np.minimum(place.astype(int), max(knots - 2, 0))
    rows[every, left] = 1 - (place - left)
    if knots > 1:
        rows[every, left + 1] = place - left
    rows[every, knots + np.array([day.weekday() for day in days])] = 1.0
    where = {day: row for row, day in enumerate(days)}
    columns = {name: column for column, name in enumerate(names, knots + 7)}
    for day, spoken in words.items():
        for word in spoken:
            for lag in LAGS.get(word, (0,)):
                row = where.get(day + lag * ONE_DAY)
                if row is not None:
                    rows[row, columns[word, lag]] = 1.0
    return rows


def _names(words: Words) -> tuple[tuple[str, int], ...]:
    """Every word of the calendar with the days that may feel it."""
    spoken = sorted({word for these in words.values() for word in these})
    return tuple((word, lag) for word in spoken for lag in LAGS.get(word, (0,)))


def _opened(recent: Sequence[Day], reach: date, words: Words) -> Openings:
    """From the last 13 weeks for weekdays, from all that is there for words; what was not seen counts as open."""
    brought = {day.on for day in recent if day.value is not None and day.value > 0}
    first = min(brought)
    days = [first + step * ONE_DAY for step in range((reach - first).days + 1)]
    weekdays = []
    for weekday in range(7):
        same = [day for day in days[-91:] if day.weekday() == weekday]
        share = sum(day in brought for day in same) / len(same) if same else 1.0
        weekdays.append(share if share > 0.1 or len(same) < 3 else 0.0)
    spoken: dict[str, float] = {}
    for word in {word for these in words.values() for word in these}:
        usual = [day for day in days if word in words.get(day, ()) and weekdays[day.weekday()] > 0.5]
        # One open day is believed beforehand.
        spoken[word] = (1 + sum(day in brought for day in usual)) / (1 + len(usual))
    return Openings(tuple(weekdays), spoken)
