"""Where sums, rates and levels will stand: examples worked by hand, and what holds for all of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np
import pytest
from draws.month_draw import month_draw
from hypothesis import given
from hypothesis import strategies as st

from kpi_core.signals.forecasts import Stretch, course_of, rate_outlook, sum_outlook
from kpi_core.signals.outlook import Course, Outlook
from kpi_core.signals.series import Day

NOVEMBER = date(2026, 11, 1)
DECEMBER = date(2026, 12, 1)
NORMAL = st.floats(-1e6, 1e6)


def steady(value: float, start: date = date(2026, 4, 1), end: date = date(2026, 11, 21)) -> list[Day]:
    """The same number each day; a pinch of noise, for nothing is quite the same."""
    random = np.random.default_rng(5)
    return [
        Day(start + timedelta(days=step), value * float(np.exp(random.normal(0, 0.02))))
        for step in range((end - start).days)
    ]


def cost_of_one(parts: Mapping[str, float]) -> float:
    return parts["cost"] / parts["customers"]


def customers(parts: Mapping[str, float]) -> float:
    return parts["customers"]


STRETCH = Stretch(NOVEMBER, DECEMBER, date(2026, 11, 20))


def test_a_sum_is_what_is_in_and_what_the_rest_should_bring() -> None:
    """20 days of 100 are in, 10 are to come: about 3,000, and 3,300 needs 130 on each of them."""
    outlook = sum_outlook(steady(100.0), STRETCH)
    assert isinstance(outlook, Outlook)
    assert outlook.point == pytest.approx(3000, rel=0.01)
    assert outlook.low < outlook.point < outlook.high
    assert outlook.days_left == 10
    assert outlook.required(outlook.so_far + 1300) == pytest.approx(130)
    assert outlook.chance(outlook.so_far) == 1.0
    assert outlook.chance(3300) < 0.01
    assert outlook.chance(2900) > 0.99


def test_a_rate_is_that_of_its_landed_parts() -> None:
    """2,000 for 40 customers so far, as much a day from here on: 50 each; 47 on the whole takes 41 in the rest."""
    parts = {"cost": steady(100.0), "customers": [Day(day.on, 2.0) for day in steady(1.0)]}
    outlook = rate_outlook(parts, cost_of_one, customers, STRETCH)
    assert isinstance(outlook, Outlook)
    assert outlook.point == pytest.approx(50, rel=0.01)
    assert outlook.weight == pytest.approx(2 / 3, rel=0.01)
    assert outlook.required(47.0) == pytest.approx((47 - 2 / 3 * outlook.so_far) * 3, rel=0.02)


def test_a_difference_may_land_below_nothing() -> None:
    """100 a day earned for 120 spent is a return of -1/6, with an interval about it."""
    parts = {"earned": steady(100.0), "spent": [Day(day.on, 1.2 * (day.value or 0)) for day in steady(100.0)]}
    outlook = rate_outlook(parts, lambda each: each["earned"] / each["spent"] - 1, None, STRETCH)
    assert isinstance(outlook, Outlook)
    assert outlook.point == pytest.approx(-1 / 6, abs=1e-3)
    assert outlook.low <= outlook.point <= outlook.high < 0


def test_bills_come_when_they_came_before() -> None:
    """A salary of 5,000 on each 25th is expected on the 20th, though nothing of it is in."""
    bills = [Day(day.on, 5000.0 if day.on.day == 25 else 0.0) for day in steady(1.0)]
    won = [Day(day.on, 10.0) for day in bills]
    parts = {"cost": bills, "customers": won}
    outlook = rate_outlook(
        parts,
        lambda each: each["cost"] / each["customers"],
        lambda each: each["customers"],
        STRETCH,
        frozenset({"cost"}),
    )
    assert isinstance(outlook, Outlook)
    assert outlook.so_far == 0.0
    assert outlook.point == pytest.approx(5000 / 300, rel=0.02)


def test_a_level_drifts_as_it_did() -> None:
    """Steps of 10 and 20 in turn: 15 a week, give or take 5.2; four weeks on 60 more, by hand."""
    points = [(date(2026, 1, 5) + timedelta(weeks=week), 1000.0 + 15 * week + 5 * (week % 2)) for week in range(25)]
    course = course_of(points)
    assert isinstance(course, Course)
    assert course.drift == pytest.approx(15.0)
    assert course.weeks == 24
    step = math.sqrt(sum((each - 15) ** 2 for each in [20.0, 10.0] * 12) / 23)
    outlook = course.until(course.through + timedelta(weeks=4))
    assert outlook.point == pytest.approx(1000 + 15 * 24 + 60)
    assert outlook.spread == pytest.approx(step * math.sqrt(4 + 16 / 24))
    assert outlook.required(outlook.so_far + 56) == pytest.approx(2.0)


def test_too_short_a_past_foresees_nothing() -> None:
    """Seven weeks of days, a dozen of weekly levels or two months of bills say why they say nothing."""
    short = steady(100.0, start=date(2026, 10, 3))
    assert sum_outlook(short, STRETCH) == "short_history"
    assert course_of([(NOVEMBER, 1.0)] * 12) == "short_history"
    bills = {"cost": steady(1.0, start=date(2026, 9, 1))}
    assert rate_outlook(bills, lambda each: each["cost"], None, STRETCH, frozenset({"cost"})) == "short_history"
    assert sum_outlook([Day(day.on, -1.0) for day in steady(1.0)], STRETCH) == "irregular"


def test_a_long_rest_has_the_season_of_the_year_before() -> None:
    """A December that brings three times as much every year is part of what the year brings."""
    days = [
        Day(day, 300.0 if day.month == 12 else 100.0)
        for day in (date(2024, 6, 1) + timedelta(days=step) for step in range(850))
        if day < date(2026, 9, 1)
    ]
    year = Stretch(date(2026, 1, 1), date(2027, 1, 1), date(2026, 8, 31))
    outlook = sum_outlook(days, year)
    assert isinstance(outlook, Outlook)
    truth = 243 * 100 + 91 * 100 + 31 * 300
    assert outlook.low <= truth <= outlook.high
    assert abs(outlook.point / truth - 1) < 0.12


@given(st.builds(Outlook, st.just("sum"), st.just(NOVEMBER), st.just(DECEMBER), NORMAL, NORMAL,
                 st.floats(0, 1e6), st.floats(0, 3), st.booleans()), NORMAL, NORMAL)  # fmt: skip
def test_a_chance_is_one(outlook: Outlook, one: float, other: float) -> None:
    """Between 0 and 1, never more for a higher target; the interval holds the point."""
    low, high = sorted((one, other))
    assert 0 <= outlook.chance(high) <= outlook.chance(low) <= 1
    assert outlook.low <= outlook.point <= outlook.high


def test_what_is_called_likely_comes() -> None:
    """On made-up months: of goals with 80 % or more at least three in four are met, of those under 20 % one in four."""
    likely, unlikely = [], []
    for case in month_draw(5, 77):
        for cut in (8, 18):
            stretch = Stretch(case.month, case.end, case.month.replace(day=cut), case.occasions)
            outlook = sum_outlook([day for day in case.known(cut) if (stretch.through - day.on).days < 240], stretch)
            if not isinstance(outlook, Outlook):
                continue
            for share in (0.8, 0.9, 0.95, 1.05, 1.1, 1.2):
                target = outlook.point * share
                chance = outlook.chance(target)
                if chance >= 0.8:
                    likely.append(case.total >= target)
                elif chance <= 0.2:
                    unlikely.append(case.total >= target)
    assert len(likely) > 40
    assert sum(likely) >= 0.75 * len(likely)
    assert sum(unlikely) <= 0.25 * len(unlikely)
