"""The traps in which business numbers go wrong without anybody noticing; each docstring shows the little table."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from kpi_core.answers import Answer
from kpi_core.dates.periods import Period
from kpi_core.query import MetricQuery

from tables import engine_on

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1), "month")
LATE = {"ad_performance": {"date": "2026-11-21"}, "costs": {"date": "2026-11-21", "category": "tools", "amount": 0}}


def asked(path: Path, metric: str, tables: dict[str, list[dict[str, object]]], *dimensions: str) -> Answer:
    """The answer for October 2026."""
    engine = engine_on(path / "kpi.duckdb", tables)
    return engine.answer(MetricQuery(metric, OCTOBER, dimensions=dimensions), NOW)


def groups(answer: Answer) -> dict[tuple[str | None, ...], float | None]:
    assert answer.breakdown is not None
    return {row.keys: row.value for row in answer.breakdown}


def test_fan_out(tmp_path: Path) -> None:
    """One ad row beside two orders is spent once.

    ad_performance       orders
    search  100          search  kim  a
                         search  lin  b
    A join of the two tables would see 200 spent; CAC is 100 / 2 = 50.
    """
    answer = asked(
        tmp_path,
        "cac",
        {
            "ad_performance": [{"date": "2026-10-02", "channel": "search", "spend": 100}, LATE["ad_performance"]],
            "costs": [{"date": "2026-10-01", "category": "tools", "amount": 0}, LATE["costs"]],
            "orders": [
                {"order_id": "a", "customer_id": "kim", "ordered_at": "2026-10-03", "channel": "search", "revenue": 9},
                {"order_id": "b", "customer_id": "lin", "ordered_at": "2026-10-04", "channel": "search", "revenue": 9},
                {"order_id": "c", "customer_id": "kim", "ordered_at": "2026-11-21", "channel": "search", "revenue": 9},
            ],
        },
        "channel",
    )
    assert answer.parts == {"acquisition_cost": 100, "new_customers": 2}
    assert answer.value == 50
    assert groups(answer)["search",] == 50


def test_chasm(tmp_path: Path) -> None:
    """Two fact tables that share a channel, and one channel that only one of them has.

    ad_performance       orders
    search  100          search  300
    display  50          organic 200
    An inner join would lose display's cost and organic's revenue: MER is 500 / 150, not 300 / 100.
    """
    answer = asked(
        tmp_path,
        "mer",
        {
            "ad_performance": [
                {"date": "2026-10-02", "channel": "search", "spend": 100},
                {"date": "2026-10-02", "channel": "display", "spend": 50},
                LATE["ad_performance"],
            ],
            "costs": [{"date": "2026-10-01", "category": "tools", "amount": 0}, LATE["costs"]],
            "orders": [
                {"order_id": "a", "ordered_at": "2026-10-03", "channel": "search", "revenue": 300},
                {"order_id": "b", "ordered_at": "2026-10-04", "channel": "organic", "revenue": 200},
                {"order_id": "c", "ordered_at": "2026-11-21", "channel": "organic", "revenue": 1},
            ],
        },
        "channel",
    )
    assert answer.value == 500 / 150
    found = groups(answer)
    assert (found["search",], found["display",], found["organic",]) == (3.0, 0.0, None)


def test_double_counting(tmp_path: Path) -> None:
    """A visitor who comes by two channels is one visitor.

    mia  search
    mia  social
    leo  search
    search 2 + social 1 = 3, and yet there are 2; the answer says that the rows do not add up.
    """
    sessions = [("a", "mia", "search"), ("b", "mia", "social"), ("c", "leo", "search")]
    rows: list[dict[str, object]] = [
        {"session_id": key, "visitor_id": visitor, "started_at": "2026-10-05", "channel": channel}
        for key, visitor, channel in sessions
    ]
    rows.append({"session_id": "d", "visitor_id": "zoe", "started_at": "2026-11-21", "channel": "search"})
    answer = asked(tmp_path, "unique_visitors", {"web_sessions": rows}, "channel")
    assert answer.value == 2
    assert groups(answer) == {("search",): 2, ("social",): 1}
    assert "warning.not_additive" in [notice.key for notice in answer.warnings]


def test_ratio_of_sums(tmp_path: Path) -> None:
    """A rate of several rows is the sum above over the sum below, never the mean of their rates.

    day 1   1 click of   10 impressions  (10 %)
    day 2  10 clicks of 1000             ( 1 %)
    The mean of the days is 5.5 %; the rate is 11 / 1010.
    """
    rows: list[dict[str, object]] = [
        {"date": "2026-10-01", "clicks": 1, "impressions": 10},
        {"date": "2026-10-02", "clicks": 10, "impressions": 1000},
        {"date": "2026-11-21", "clicks": 1, "impressions": 1},
    ]
    assert asked(tmp_path, "ctr", {"ad_performance": rows}).value == 11 / 1010


def test_semi_additive(tmp_path: Path) -> None:
    """Followers are those of the last day, per network, and never added up over days.

    1 Oct   instagram 100   tiktok 50
    30 Oct  instagram 120
    31 Oct                  tiktok 60
    The month ends with 120 + 60 = 180; adding days up would give 330.
    """
    rows: list[dict[str, object]] = [
        {"date": "2026-10-01", "network": "instagram", "followers": 100},
        {"date": "2026-10-01", "network": "tiktok", "followers": 50},
        {"date": "2026-10-30", "network": "instagram", "followers": 120},
        {"date": "2026-10-31", "network": "tiktok", "followers": 60},
        {"date": "2026-11-21", "network": "tiktok", "followers": 70},
    ]
    answer = asked(tmp_path, "followers", {"social_accounts": rows}, "network")
    assert answer.value == 180
    assert groups(answer) == {("instagram",): 120, ("tiktok",): 60}


def test_null_against_zero(tmp_path: Path) -> None:
    """Nothing sold is 0, nothing known is no data, and a rate of nothing is neither.

    Aug  kim 10
    Sep  -            0, for the table goes on
    Oct  -            0; and its average order value is none
    Nov  kim 10
    July lies before the first row: no data.
    """
    rows: list[dict[str, object]] = [
        {"order_id": "a", "customer_id": "kim", "ordered_at": "2026-08-05", "revenue": 10},
        {"order_id": "b", "customer_id": "kim", "ordered_at": "2026-11-21", "revenue": 10},
    ]
    revenue = asked(tmp_path, "sales_revenue", {"orders": rows})
    assert revenue.value == 0
    assert [point.value for point in revenue.trend[-4:]] == [None, 10, 0, 0]
    (tmp_path / "other").mkdir()
    assert asked(tmp_path / "other", "aov", {"orders": rows}).value is None
