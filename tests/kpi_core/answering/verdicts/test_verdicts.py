"""Better and worse through the engine: whatever is drawn, for young shops, and where nothing changes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from kpi_core.answering.engine import Engine
from kpi_core.answers import Answer
from kpi_core.dates.calendars import Calendar
from kpi_core.dates.periods import Grain, Period, shift, unit_of
from kpi_core.query import Comparison, MetricQuery

import long
from tables import Row, engine_on

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
TODAY = NOW.date()
CALENDAR = Calendar()
PREVIOUS = (Comparison("previous_period"),)
LENGTHS: dict[Grain, int] = {"day": 30, "week": 20, "month": 4}


def days_until_today(count: int) -> list[date]:
    return [TODAY - timedelta(days=number) for number in range(count, 0, -1)]


def stationary(rng: np.random.Generator, count: int) -> dict[str, list[Row]]:
    """Ads of a weekly shape, orders of a heavy tail, a few leads a day: nothing ever changes but by chance."""
    ads: list[Row] = []
    orders: list[Row] = []
    leads: list[Row] = []
    for day in days_until_today(count):
        shape = 0.4 if day.weekday() >= 5 else 1.0
        clicks = int(rng.poisson(200 * shape))
        spend = round(float(clicks * rng.lognormal(0, 0.1)), 2)
        ads.append({"date": day, "spend": spend, "clicks": clicks, "impressions": int(rng.poisson(9000 * shape))})
        for number in range(int(rng.poisson(3))):
            revenue = round(float(20 * (1 + rng.pareto(2.0))), 2)
            place = f"{day} {number}"
            orders.append({"order_id": place, "customer_id": place, "ordered_at": f"{day}T12:00", "revenue": revenue})
        leads += [{"lead_id": f"{day} {number}", "created_at": f"{day}T12:00"} for number in range(rng.poisson(2))]
    return {"ad_performance": ads, "orders": orders, "leads": leads}


def periods() -> Iterator[Period]:
    for grain, count in LENGTHS.items():
        unit = unit_of(TODAY, grain, CALENDAR)
        yield from (shift(unit, -number, CALENDAR) for number in range(1, count + 1))


@pytest.mark.long
def test_a_company_in_which_nothing_changes_hears_of_nothing(tmp_path: Path) -> None:
    """Days, weeks and months of counts, rates, prices and revenue: at most 5 % are better or worse, 10 % of a kind."""
    kpis = ("clicks", "ctr", "cpc", "sales_revenue", "aov", "leads")
    verdicts: dict[tuple[str, str, str], list[str | None]] = {}
    for luck in range(long.times(1, 12)):
        tables = stationary(np.random.default_rng(luck), 520)
        engine = engine_on(tmp_path / f"{luck}.duckdb", tables)
        queries = [MetricQuery(kpi, period, trended=False) for kpi in kpis for period in periods()]
        for answer in engine.answers(queries, NOW):
            # A day without an order has no average order.
            for change in (change for change in answer.comparisons if change.change is not None):
                kind = (answer.metric.id, answer.query.period.grain, change.basis)
                verdicts.setdefault(kind, []).append(change.verdict)
        engine.warehouse.close()
    everything = [verdict for kind in verdicts.values() for verdict in kind]
    news = sum(verdict in {"better", "worse"} for verdict in everything)
    long.ran("pairs of periods of a company without changes", len(everything), news=news)
    assert None not in everything
    assert news <= 0.05 * len(everything)
    by_kind = {kind: sum(verdict != "same" for verdict in of_kind) for kind, of_kind in verdicts.items()}
    # A few pairs alone may be unlucky.
    assert {kind: n for kind, n in by_kind.items() if n > max(3, 0.1 * len(verdicts[kind]))} == {}


def revenue_engine(path: Path, revenue: dict[date, float]) -> Engine:
    rows = [
        {"order_id": str(day), "customer_id": str(day), "ordered_at": f"{day}T12:00", "revenue": amount}
        for day, amount in revenue.items()
    ]
    return engine_on(path, {"orders": rows})


def of_day(engine: Engine, day: date) -> Answer:
    period = Period(day, day + timedelta(days=1), "day")
    return engine.answer(MetricQuery("sales_revenue", period, comparisons=PREVIOUS), NOW)


def weekly(quiet: float = 0.0) -> dict[date, float]:
    """100 on Saturdays, 40 on Sundays, 200 on all other days, each a little off."""
    usual = {5: 100.0, 6: 40.0}
    return {
        day: usual.get(day.weekday(), 200.0) * (1 + 0.02 * ((day.toordinal() * 7) % 5 - 2)) + quiet
        for day in days_until_today(200)
    }


def test_a_day_is_held_against_the_same_weekday(tmp_path: Path) -> None:
    """A Sunday at 40 % of its Saturday is as usual; one at 90 % is better although it fell, one at 10 % is worse."""
    sunday = date(2026, 11, 22)
    plain = revenue_engine(tmp_path / "plain.duckdb", weekly())
    assert of_day(plain, sunday).comparisons[0].verdict == "same"
    for amount, verdict in ((90.0, "better"), (10.0, "worse")):
        engine = revenue_engine(tmp_path / f"{amount}.duckdb", weekly() | {sunday: amount})
        assert of_day(engine, sunday).comparisons[0].verdict == verdict


@pytest.mark.parametrize("grain", ["day", "week", "month", None])
def test_the_verdict_does_not_hang_on_the_chart(grain: Grain | None, tmp_path: Path) -> None:
    """The same two months have the same verdict and the same usual range with any trend, and without one."""
    engine = revenue_engine(tmp_path / "kpi.duckdb", {day: 10.0 + day.day % 3 for day in days_until_today(500)})
    october = Period(date(2026, 10, 1), date(2026, 11, 1), "month")
    plain = engine.answer(MetricQuery("sales_revenue", october, trended=False), NOW)
    charted = engine.answer(MetricQuery("sales_revenue", october, grain=grain), NOW)
    assert charted.comparisons == plain.comparisons
    assert plain.comparisons[0].usual is not None


def test_a_real_change_is_called_one(tmp_path: Path) -> None:
    """A month of half the revenue after fifteen alike is worse than the month before and than a year ago."""
    days = days_until_today(500)
    engine = revenue_engine(
        tmp_path / "kpi.duckdb", {day: (5.0 if day >= date(2026, 10, 1) else 10.0) + day.day % 3 for day in days}
    )
    october = Period(date(2026, 10, 1), date(2026, 11, 1), "month")
    answer = engine.answer(MetricQuery("sales_revenue", october), NOW)
    assert [change.verdict for change in answer.comparisons] == ["worse", "worse"]


def test_too_short_a_past_gives_no_verdict_and_says_so(tmp_path: Path) -> None:
    """Data since September: October fell by half, which nobody can call worse yet; it is said when history begins."""
    days = [day for day in days_until_today(84) if day >= date(2026, 9, 1)]
    engine = revenue_engine(tmp_path / "kpi.duckdb", {day: 5.0 if day.month == 10 else 10.0 for day in days})
    october = Period(date(2026, 10, 1), date(2026, 11, 1), "month")
    answer = engine.answer(MetricQuery("sales_revenue", october, comparisons=PREVIOUS), NOW)
    assert answer.comparisons[0].verdict is None
    (notice,) = [warning for warning in answer.warnings if warning.key == "notice.short_past"]
    assert notice.params["first"] == "2026-09-01"


def test_a_quarter_is_judged_by_its_months(tmp_path: Path) -> None:
    """There are never eight quarters: one of half the revenue is worse by how far months move."""
    days = days_until_today(600)
    engine = revenue_engine(
        tmp_path / "kpi.duckdb", {day: (5.0 if day >= date(2026, 7, 1) else 10.0) + day.day % 3 for day in days}
    )
    quarter = Period(date(2026, 7, 1), date(2026, 10, 1), "quarter")
    answer = engine.answer(MetricQuery("sales_revenue", quarter, comparisons=PREVIOUS), NOW)
    assert answer.comparisons[0].verdict == "worse"


def test_a_small_group_swings_more_than_the_whole(tmp_path: Path) -> None:
    """A fall by a quarter is worse for the whole, and no news for a channel that has a fiftieth of it."""
    rows = []
    for day in days_until_today(500):
        fallen = 0.75 if day >= date(2026, 10, 1) else 1.0
        for channel, amount in (("search", 98.0), ("social", 2.0)):
            revenue = amount * fallen * (1 + 0.3 * ((day.toordinal() * 7) % 11 - 5) / 5)
            rows.append({"order_id": f"{day}{channel}", "ordered_at": f"{day}T12:00", "revenue": round(revenue, 2)})
            rows[-1]["channel"] = channel
    engine = engine_on(tmp_path / "kpi.duckdb", {"orders": rows})
    october = Period(date(2026, 10, 1), date(2026, 11, 1), "month")
    query = MetricQuery("sales_revenue", october, comparisons=PREVIOUS, dimensions=("channel",))
    answer = engine.answer(query, NOW)
    assert answer.comparisons[0].verdict == "worse"
    verdicts = {row.keys[0]: row.comparisons[0].verdict for row in answer.breakdown or ()}
    assert verdicts == {"search": "worse", "social": "same"}
