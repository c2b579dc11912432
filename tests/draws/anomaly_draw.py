"""Made-up daily series with planted events, from plain to hidden, and what is nobody's surprise beside them.

Seven kinds of KPI; weekly shapes of shops and of firms, seasons, holidays with their eves, announced campaigns, levels
that wander, heavy tails, strays that last, shops of a few orders a day, newsletters with a row of 0 between their
sends, days without data, and a last stretch of days that are not complete.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from kpi_core.signals.series import Announced, Calendar, Day, Series, Unit

ONE_DAY = timedelta(days=1)
OPEN = 3
"""Days at the end that are not complete."""
KINDS = ("visits", "purchases", "turnover", "ad_cost", "conversion_rate", "cost_per_order", "newsletter_opens")
PLAIN_ENOUGH = 2.0
"""Deviations that the first three days of an event stray together, for somebody to want to hear of it."""
SHAPES = {"outage": (-2.6, -0.5), "doubled": (0.35, 0.75), "bots": (0.3, 1.1), "broken": (-1.4, -0.25),
          "step": (0.18, 0.6), "part": (-0.5, -0.1), "runaway": (0.35, 1.2)}  # fmt: skip
"""Event -> the smallest and the largest change, as logarithms of factors; a step goes either way."""
LENGTHS = {"outage": (1, 5), "doubled": (1, 8), "bots": (1, 4), "broken": (1, 7), "step": (400, 401), "part": (7, 22),
           "runaway": (2, 6)}  # fmt: skip
HAPPENS = {
    "visits": ("outage", "doubled", "bots", "step", "part"),
    "purchases": ("outage", "doubled", "broken", "step", "part"),
    "turnover": ("outage", "doubled", "broken", "step", "part"),
    "ad_cost": ("outage", "runaway", "doubled", "step"),
    "conversion_rate": ("broken", "outage", "bots", "step"),
    "cost_per_order": ("runaway", "outage", "step"),
    "newsletter_opens": ("outage", "step", "part"),
}


@dataclass(frozen=True, slots=True)
class Event:
    """A planted event; one that is not `wanted` is too small to be anybody's business, one that drifts is gradual."""

    start: date
    end: date
    what: str
    wanted: bool
    lasts: bool


@dataclass(frozen=True, slots=True)
class Drawn:
    """A series, what was planted in it, and by day how many deviations it strayed from its noiseless course."""

    kind: str
    series: Series
    events: tuple[Event, ...]
    strayed: dict[date, float]


def anomaly_draw(count: int, seed: int) -> Iterator[Drawn]:
    """`count` series, the kinds in turn."""
    for number in range(count):
        yield drawn_series(KINDS[number % len(KINDS)], np.random.default_rng([seed, number]))


def drawn_series(kind: str, random: Any) -> Drawn:
    """One series of 200 to 400 days."""
    start = date(2024, 3, 1) + timedelta(days=int(random.integers(0, 500)))
    dates = [start + timedelta(days=step) for step in range(int(random.integers(200, 400)))]
    noise = random.choice([0.05, 0.09, 0.14, 0.2]) * (0.5 if kind in {"conversion_rate", "ad_cost"} else 1.0)
    holidays = _holidays(dates, random)
    campaigns = _campaigns(dates, random)
    budgets = _budgets(dates, kind, random)
    mean = _level(dates, kind, random) + _week(dates, kind, random) + _season(dates, random)
    mean += _holiday_lift(dates, holidays, random) + _campaign_lift(dates, campaigns, random)
    mean += sum((size * np.array([day >= plan.start for day in dates]) for plan, size in budgets), np.zeros(len(dates)))
    basket = _basket(kind, mean, random)
    spread = np.sqrt(noise**2 + _chance(kind, mean, basket))
    events = _events(dates, kind, spread, random)
    shifts = [(event, _shift(dates, event, random)) for event in events]
    shift = sum((moved for _event, moved in shifts), np.zeros(len(dates)))
    tails = random.choice([6, 12, 40])
    heavy = random.standard_t(tails, len(dates)) * (1 - 2 / tails) ** 0.5
    strays = noise * _lasting(heavy, random.choice([0.0, 0.2, 0.4, 0.55]))
    days, idle = list(_days(dates, kind, mean, shift, strays, random, basket)), set[date]()
    if kind == "newsletter_opens":
        days, idle = _sends(days, holidays, random)
    news = shift - sum((_settled(dates, *each) for each in shifts), np.zeros(len(dates)))
    usual = dict(zip(dates, zip(_usual(kind, mean, shift - news), spread, strict=True), strict=True))
    strayed = {day.on: _strayed(day, *usual[day.on]) for day in days if day.on not in idle}
    series = Series(
        tuple(days),
        _unit(kind),
        Calendar(holidays, (*campaigns, *(plan for plan, _size in budgets))),
        sends=kind == "newsletter_opens",
        open_from=dates[-OPEN],
    )
    return Drawn(kind, series, tuple(event for event, _size in events), strayed)


def _unit(kind: str) -> Unit:
    if kind in {"conversion_rate", "cost_per_order"}:
        return "ratio"
    return "amount" if kind in {"turnover", "ad_cost"} else "count"


def _basket(kind: str, mean: Any, random: Any) -> float:
    """What an order brings, in a shop of four to some thousand orders a day."""
    return float(np.exp(mean.mean()) / 10 ** random.uniform(0.6, 3.5)) if kind == "turnover" else 1.0


def _lasting(strays: Any, left: float) -> Any:
    """Strays of which a share is left a day later, as large as before."""
    made = strays.copy()
    for step in range(1, len(made)):
        made[step] = left * made[step - 1] + (1 - left**2) ** 0.5 * strays[step]
    return made


def _chance(kind: str, mean: Any, basket: float) -> Any:
    """The variance that counting adds, on the logarithmic scale."""
    if kind == "turnover":
        return 2 * basket * np.exp(-mean)
    if kind == "conversion_rate":
        return 0.97 / (0.03 * np.exp(mean - 1))
    if kind == "cost_per_order":
        return np.exp(5 - mean)
    return np.zeros(len(mean)) if _unit(kind) == "amount" else np.exp(-mean)


def _usual(kind: str, mean: Any, settled: Any) -> Any:
    """The noiseless value without news."""
    flat = {"conversion_rate": 0.03, "cost_per_order": 30.0}.get(kind)
    return np.exp(settled) * (np.exp(mean) if flat is None else flat)


def _settled(dates: list[date], event: tuple[Event, float], moved: Any) -> Any:
    """What of an event is no news: a drift, and a step after two weeks."""
    if event[0].what == "drift":
        return moved
    age = np.array([(day - event[0].start).days for day in dates])
    return np.where(event[0].lasts & (age >= 14), moved, 0.0)


def _strayed(day: Day, usual: float, spread: float) -> float:
    if not day.value:
        return 0.0 if day.value is None else -2 / spread
    if spread > 0.3:
        # Few cases: the root, as chance goes, strays alike up and down.
        return float(2 * (np.sqrt(day.value / usual) - 1) / spread)
    return float(np.log(day.value / usual) / spread)


def _level(dates: list[date], kind: str, random: Any) -> Any:
    """A level that wanders, pulled back to where it started."""
    top = {"visits": 4.0, "purchases": 2.3, "turnover": 5.5, "ad_cost": 3.5, "newsletter_opens": 3.6}.get(kind, 4.0)
    level, away = np.empty(len(dates)), 0.0
    for step, pushed in enumerate(random.normal(0, random.choice([0.004, 0.01, 0.018]), len(dates))):
        away = 0.985 * away + pushed
        level[step] = away
    return level + np.log(10) * random.uniform(top - 0.8, top + 0.5)


def _week(dates: list[date], kind: str, random: Any) -> Any:
    quiet_weekend = random.random() < 0.5
    shape = random.normal(0, 0.08, 7)
    shape[5:] += random.uniform(-1.2, -0.3) if quiet_weekend else random.uniform(-0.1, 0.35)
    if kind in {"conversion_rate", "cost_per_order"}:
        shape *= 0.3
    return np.array([shape[day.weekday()] for day in dates])


def _season(dates: list[date], random: Any) -> Any:
    turn = np.array([day.timetuple().tm_yday for day in dates]) * 2 * np.pi / 365.25
    sizes = random.normal(0, [0.12, 0.05])
    return sum(size * np.sin(wave * turn + random.uniform(0, 6.28)) for wave, size in enumerate(sizes, 1))


def _holidays(dates: list[date], random: Any) -> dict[date, str]:
    """About one in 25 days, now and then several in a row, with an eve."""
    marked: dict[date, str] = {}
    for day in random.choice(len(dates), max(1, len(dates) // 50), replace=False):
        for after in range(int(random.choice([1, 1, 2, 3]))):
            marked[dates[day] + timedelta(days=after)] = "feast"
        marked.setdefault(dates[day] - ONE_DAY, "eve")
    return marked


def _holiday_lift(dates: list[date], holidays: dict[date, str], random: Any) -> Any:
    sizes = {"feast": random.normal(-0.25, 0.3), "eve": random.normal(-0.05, 0.1)}
    return np.array([sizes.get(holidays.get(day, ""), 0.0) for day in dates])


def _campaigns(dates: list[date], random: Any) -> tuple[Announced, ...]:
    made, first = [], int(random.integers(15, 90))
    while first < len(dates) - 10 and random.random() < 0.85:
        last = first + int(random.integers(2, 11))
        made.append(Announced(dates[first], dates[min(last, len(dates) - 1)], "sale"))
        first = last + int(random.integers(20, 110))
    return tuple(made)


def _budgets(dates: list[date], kind: str, random: Any) -> list[tuple[Announced, float]]:
    """Of half of the costs: a new budget on the first of a month, announced, from then on."""
    if kind != "ad_cost" or random.random() < 0.5:
        return []
    return [(Announced(day, day, "budget"), random.normal(0, 0.15)) for day in dates if day.day == 1]


def _campaign_lift(dates: list[date], campaigns: tuple[Announced, ...], random: Any) -> Any:
    lift = np.zeros(len(dates))
    for campaign in campaigns:
        size, fade = random.uniform(0.05, 0.6), random.uniform(0.85, 1.0)
        for step, day in enumerate(dates):
            if campaign.start <= day <= campaign.end:
                lift[step] += size * fade ** (day - campaign.start).days
    return lift


def _events(dates: list[date], kind: str, spread: Any, random: Any) -> list[tuple[Event, float]]:
    """None to three events after 65 days and at least 35 apart, and perhaps a drift."""
    made: list[tuple[Event, float]] = []
    first = 65 + int(random.integers(0, 60))
    while first < len(dates) - 20 and len(made) < 3 and random.random() < 0.7:
        what = str(random.choice(HAPPENS[kind]))
        size = random.uniform(*SHAPES[what])
        if what == "step" and random.random() < 0.5:
            size = -size
        length = int(random.integers(*LENGTHS[what]))
        if kind == "newsletter_opens":
            length = max(length, 7)
            if what == "outage" and random.random() < 0.3:
                size = -20.0
        last = min(first + length - 1, len(dates) - 1)
        stands_out = abs(size) * min(length, 3) ** 0.5 / float(spread[first])
        wanted = abs(size) >= 0.12 and stands_out >= PLAIN_ENOUGH
        made.append((Event(dates[first], dates[last], what, wanted, what == "step"), size))
        if what == "step":
            length = 20
        first += length + int(random.integers(35, 120))
    if not made and random.random() < 0.3:
        begin = int(random.integers(65, len(dates) - 60))
        drift = Event(dates[begin], dates[begin + 45], "drift", wanted=False, lasts=True)
        made.append((drift, random.choice([-0.4, 0.3])))
    return made


def _shift(dates: list[date], event: tuple[Event, float], random: Any) -> Any:
    what, size = event
    steps = np.array([(day - what.start).days for day in dates])
    if what.what == "drift":
        return size * np.clip(steps / 45, 0, 1)
    inside = (steps >= 0) & np.array([day <= what.end for day in dates])
    return np.where(inside, size * random.uniform(0.9, 1.1, len(dates)), 0.0)


def _sends(days: list[Day], holidays: dict[date, str], random: Any) -> tuple[list[Day], set[date]]:
    """One to three sends a week and a few beside; half of the series have rows of 0 between them, the idle days."""
    weekdays = set(random.choice(5, int(random.integers(1, 4)), replace=False))
    idle = set()
    for day in days:
        usual = day.on.weekday() in weekdays and (day.on not in holidays or random.random() < 0.5)
        if not usual and (day.on.weekday() > 4 or random.random() > 0.02):
            idle.add(day.on)
    if random.random() < 0.5:
        return [day for day in days if day.on not in idle], idle
    return [Day(day.on, 0.0) if day.on in idle else day for day in days], idle


def _days(dates: list[date], kind: str, mean: Any, shift: Any, noise: Any, random: Any, basket: float) -> Iterator[Day]:
    """What was counted: chance on top of the noise, gaps, and too little in the last days."""
    gaps = random.random(len(dates)) < random.choice([0.0, 0.01, 0.03])
    tail = np.zeros(len(dates))
    tail[-OPEN:] = np.log([0.85, 0.7, 0.4])
    for step, day in enumerate(dates):
        if gaps[step]:
            continue
        size = mean[step] + noise[step] + shift[step] + tail[step]
        if kind in {"conversion_rate", "cost_per_order"}:
            yield _ratio_day(day, kind, float(mean[step]), float(size - mean[step]), random)
        elif kind == "turnover":
            orders = random.poisson(np.exp(size) / basket)
            yield Day(day, round(float(random.gamma(orders, basket)), 2) if orders else 0.0)
        elif _unit(kind) == "amount":
            yield Day(day, round(float(np.exp(size)), 2))
        else:
            yield Day(day, float(random.poisson(np.exp(min(size, 16.0)))))


def _ratio_day(day: date, kind: str, mean: float, moved: float, random: Any) -> Day:
    """A rate near 3 %, or a cost near 30; the denominator wanders on its own."""
    if kind == "conversion_rate":
        below = float(random.poisson(np.exp(mean - 1 + random.normal(0, 0.25))))
        above = float(random.binomial(int(below), min(0.03 * np.exp(moved), 0.9)))
    else:
        below = float(random.poisson(np.exp(mean - 5) * np.exp(-moved)))
        above = round(float(30 * np.exp(mean - 5 + random.normal(0, 0.05))), 2)
    return Day(day, above / below if below else None, above, below)
