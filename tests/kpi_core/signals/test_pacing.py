"""Where a month lands: nearer than pacing by weekdays, with an interval that means what it says."""

from __future__ import annotations

from datetime import date, timedelta
from statistics import fmean

import pytest
from draws.month_draw import CUT_DAYS, Case, linear, month_draw, weekday_weighted

from kpi_core.signals.pacing import Landing, Occasion, landing
from kpi_core.signals.series import Day

import long

MONTH, END = date(2026, 6, 1), date(2026, 7, 1)


def landed(case: Case, cut: int) -> Landing:
    made = landing(case.known(cut), case.month, case.end, case.month.replace(day=cut), case.occasions)
    assert made is not None
    return made


def test_months_land_nearer_than_by_weekdays() -> None:
    """The mean error is smaller by a tenth and more than that of weekday-weighted pacing, and of linear pacing.

    The interval holds 72 to 88 % of the months (of the few in the short run, most).
    """
    ours, weekdays, days, inside = [], [], [], []
    for case in month_draw(long.times(2, 26), seed=2026):
        for cut in CUT_DAYS:
            lands = landed(case, cut)
            ours.append(abs(lands.point / case.total - 1))
            weekdays.append(abs(weekday_weighted(case, cut) / case.total - 1))
            days.append(abs(linear(case, cut) / case.total - 1))
            inside.append(lands.low <= case.total <= lands.high)
    assert fmean(ours) <= 0.9 * min(fmean(weekdays), fmean(days))
    assert 0.72 <= fmean(inside) <= 0.88 if long.share() else fmean(inside) > 0.6
    long.ran("landings", len(ours), inside=sum(inside))


def test_a_landing_knows_no_later_day() -> None:
    """Days after the cut change nothing."""
    case = next(month_draw(1, seed=5))
    cut = case.month.replace(day=12)
    assert landing(case.days, case.month, case.end, cut, case.occasions) == landed(case, 12)


def steady(value: float = 100.0, until: date = date(2026, 6, 10), months: int = 6) -> list[Day]:
    first = until - timedelta(days=30 * months)
    return [Day(first + timedelta(days=step), value) for step in range((until - first).days + 1)]


def test_a_steady_month_lands_where_it_must() -> None:
    """100 a day: 3,000 in June, 10 days of them in; 100 a day are needed, and 2,500 are reached on the 25th."""
    lands = landing(steady(), MONTH, END, date(2026, 6, 10))
    assert lands is not None
    assert lands.so_far == 1000
    assert lands.point == pytest.approx(3000, rel=0.02)
    assert lands.low < lands.point < lands.high
    assert lands.needed_a_day(3000) == pytest.approx(100)
    assert lands.reached(2450) == date(2026, 6, 25)
    assert lands.reached(9000) is None
    assert lands.reached(900) == date(2026, 6, 10)
    assert lands.chance(1000) == 1
    assert lands.chance(2000) > 0.95
    assert lands.chance(6000) < 0.05


def test_a_known_promotion_counts_before_it_comes() -> None:
    """Earlier promotions doubled their days: one that is announced lifts the landing by about its days."""
    days, occasions = [], []
    for day in steady():
        promoted = day.on.day in {18, 19}
        occasions += [Occasion(day.on, "promotion")] if promoted else []
        days.append(Day(day.on, 200.0 if promoted else 100.0))
    ahead = [Occasion(date(2026, 6, 18), "promotion"), Occasion(date(2026, 6, 19), "promotion")]
    without = landing(days, MONTH, END, date(2026, 6, 10), occasions)
    lands = landing(days, MONTH, END, date(2026, 6, 10), [*occasions, *ahead])
    assert without is not None
    assert lands is not None
    assert lands.point - without.point == pytest.approx(200, rel=0.25)


def test_weekdays_that_are_closed_bring_nothing() -> None:
    """Nothing on Sundays so far: the four Sundays of June bring nothing either."""
    days = [day for day in steady() if day.on.weekday() != 6]
    lands = landing(days, MONTH, END, date(2026, 6, 10))
    assert lands is not None
    assert lands.point == pytest.approx(2600, rel=0.03)
    assert [lands.days[date(2026, 6, day)] for day in (14, 21, 28)] == [0, 0, 0]


def test_a_month_that_is_over_is_what_it_was() -> None:
    """No interval is left."""
    lands = landing(steady(until=date(2026, 6, 30)), MONTH, END, date(2026, 6, 30))
    assert lands is not None
    assert (lands.low, lands.point, lands.high) == (3000, 3000, 3000)
    assert lands.needed_a_day(4000) is None


@pytest.mark.parametrize(
    "days", [[], [Day(date(2026, 6, 3), None)], [Day(date(2026, 6, 3), 0.0)], [Day(date(2026, 7, 3), 5.0)]]
)
def test_nothing_to_go_by_is_no_forecast(days: list[Day]) -> None:
    """No day, no value, nothing but zeros, or only days after the cut."""
    assert landing(days, MONTH, END, date(2026, 6, 10)) is None


def test_days_that_are_late_are_still_to_come() -> None:
    """Data end on the 7th, it is the 10th: the days between are part of the rest."""
    late = landing([day for day in steady() if day.on <= date(2026, 6, 7)], MONTH, END, date(2026, 6, 10))
    assert late is not None
    assert late.through == date(2026, 6, 7)
    assert late.point == pytest.approx(3000, rel=0.02)
