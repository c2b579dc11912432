"""Made-up daily sums by month, with what is known ahead: paydays, promotions, holidays.

Shops and firms; levels that wander and grow, a year's season, weekly shapes, paydays with their wake, promotions of
several days, holidays that close or lift, days without data, heavy tails, and now and then a day five times as good.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from kpi_core.signals.pacing import Occasion
from kpi_core.signals.series import Day

CUT_DAYS = (5, 10, 15, 20, 25)


@dataclass(frozen=True, slots=True)
class Case:
    """A month to forecast: all days of a series up to its end, and the calendar of the whole time."""

    name: str
    month: date
    days: tuple[Day, ...]
    occasions: tuple[Occasion, ...]

    @property
    def end(self) -> date:
        """The first day after the month."""
        return (self.month + timedelta(days=31)).replace(day=1)

    @property
    def total(self) -> float:
        """What the month came to."""
        return sum(day.value or 0.0 for day in self.days if self.month <= day.on < self.end)

    def known(self, cut: int) -> tuple[Day, ...]:
        """The days up to a day of the month."""
        return tuple(day for day in self.days if day.on <= self.month.replace(day=cut))


def month_draw(count: int, seed: int) -> Iterator[Case]:
    """The last five months of each of `count` series of 8 to 26 months."""
    for number in range(count):
        random = np.random.default_rng([seed, number, 7])
        dates = _dates(int(random.integers(8, 27)), random)
        occasions = tuple(_occasions(dates, random))
        days = tuple(_days(dates, occasions, random))
        months = sorted({day.replace(day=1) for day in dates})[-5:]
        for month in months:
            yield Case(f"drawn {number}", month, tuple(day for day in days if day.on < _after(month)), occasions)


def _after(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def _dates(months: int, random: Any) -> list[date]:
    first = date(2023, 1 + int(random.integers(0, 12)), 1)
    last = first
    for _ in range(months):
        last = _after(last)
    return [first + timedelta(days=step) for step in range((last - first).days)]


def _occasions(dates: list[date], random: Any) -> Iterator[Occasion]:
    payday = int(random.choice([0, 5, 10, 25, 28]))
    promotions = float(random.choice([0.0, 0.3, 0.8]))
    for day in dates:
        if day.day == payday:
            yield Occasion(day, "payday")
        if random.random() < 0.03:
            yield Occasion(day, "holiday")
        if day.day == 1 and random.random() < promotions:
            begin = day + timedelta(days=int(random.integers(0, 24)))
            for step in range(int(random.integers(2, 7))):
                yield Occasion(begin + timedelta(days=step), "promotion")


def _days(dates: list[date], occasions: tuple[Occasion, ...], random: Any) -> Iterator[Day]:
    noise, gaps = random.choice([0.12, 0.2, 0.32]), random.choice([0.0, 0.0, 0.02])
    tails = random.choice([5, 12, 40])
    strays = random.standard_t(tails, len(dates)) * (1 - 2 / tails) ** 0.5 * noise
    level = _level(dates, random) + _lifts(dates, occasions, random)
    closed = random.random() < 0.15
    for step, day in enumerate(dates):
        if random.random() < gaps or (closed and day.weekday() == 6):
            continue
        much = np.log(5) if random.random() < 0.001 else 0.0
        yield Day(day, round(float(np.exp(level[step] + strays[step] + much)), 2))


def _level(dates: list[date], random: Any) -> Any:
    """A wandering level with growth, season and week, as logarithms."""
    steps = np.arange(len(dates))
    wander = np.cumsum(random.normal(0, random.choice([0.002, 0.008, 0.015]), len(dates)))
    growth = steps * random.normal(0.0003, 0.0006)
    turn = 2 * np.pi * np.array([day.timetuple().tm_yday for day in dates]) / 365.25
    season = random.normal(0, 0.1) * np.sin(turn + random.uniform(0, 6.28))
    shape = random.normal(0, 0.1, 7)
    shape[5:] += random.choice([-1.0, 0.25])
    week = np.array([shape[day.weekday()] for day in dates])
    return random.uniform(4, 11) + wander + growth + season + week


def _lifts(dates: list[date], occasions: tuple[Occasion, ...], random: Any) -> Any:
    place = {day: step for step, day in enumerate(dates)}
    lifts = np.zeros(len(dates) + 4)
    sizes = {
        "payday": random.uniform(0.1, 0.5),
        "promotion": random.uniform(0.2, 0.8),
        "holiday": random.normal(-0.3, 0.3),
    }
    for occasion in occasions:
        step = place.get(occasion.on)
        if step is None:
            continue
        lifts[step] += sizes[occasion.name]
        if occasion.name == "payday":
            lifts[step + 1 : step + 4] += sizes["payday"] * np.array([0.6, 0.4, 0.2])
    return lifts[: len(dates)]


def linear(case: Case, cut: int) -> float:
    """What is in, by the day."""
    total = sum(day.value or 0.0 for day in case.known(cut) if day.on >= case.month)
    return total * (case.end - case.month).days / cut


def weekday_weighted(case: Case, cut: int) -> float:
    """What is in, by the weight of the weekdays so far in the weight of the month's."""
    known, weights = case.known(cut), {}
    for weekday in range(7):
        past = [day.value or 0.0 for day in known if day.on.weekday() == weekday]
        weights[weekday] = sum(past) / len(past) if past else 0.0
    month = [case.month + timedelta(days=step) for step in range((case.end - case.month).days)]
    whole = sum(weights[day.weekday()] for day in month)
    part = sum(weights[day.weekday()] for day in month[:cut])
    total = sum(day.value or 0.0 for day in known if day.on >= case.month)
    return total / part * whole if part else linear(case, cut)
