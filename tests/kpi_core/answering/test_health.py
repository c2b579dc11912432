"""What loads find wrong with their sources is said by every answer that it touches, and by no other."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from kpi_core.answering.engine import Engine
from kpi_core.answering.health import columns_read
from kpi_core.answers import Answer
from kpi_core.dates.calendars import Calendar
from kpi_core.dates.periods import Period
from kpi_core.loading.load import load
from kpi_core.query import MetricQuery
from kpi_core.questions.parse import parse_question
from kpi_core.settings.values import Source
from kpi_core.warehouse.duckdb import DuckDBWarehouse

from tables import CATALOG, Row, engine_on, settings


def days(first: str, last: str) -> list[str]:
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    return [(start + timedelta(days=number)).isoformat() for number in range((end - start).days + 1)]


def source(folder: Path, name: str, table: str, header: str, rows: Iterable[str]) -> Source:
    (folder / f"{name}.csv").write_text("\n".join([header, *rows]) + "\n")
    return Source(name, "csv", table, options={"path": f"{name}.csv"})


class Shop:
    """A folder with sources that are loaded and asked."""

    def __init__(self, folder: Path, now: str, *sources: Source) -> None:
        self.now = datetime.fromisoformat(now).replace(tzinfo=UTC)
        self.settings = settings(folder=folder, sources=sources, calendar=Calendar("UTC"))
        self.report = load(self.settings, CATALOG, now=self.now)
        self.engine = Engine(self.settings, CATALOG, DuckDBWarehouse(folder / "kpi.duckdb"))

    def ask(self, question: str) -> Answer:
        today = self.engine.today(self.now)
        query = parse_question(question, self.engine.vocabulary(), self.settings.calendar, today)
        return self.engine.answer(query, self.now)


def told(answer: Answer, scope: str = "period") -> list[tuple[str, str, str]]:
    """Code, source and what it is about, of what touches the asked days."""
    notes = (note.finding for note in answer.health if note.scope == scope)
    return [(finding.code, finding.source, finding.member or finding.column) for finding in notes]


def test_a_column_that_no_source_has_is_not_known(tmp_path: Path) -> None:
    """Visits without a column `converted` have no conversion rate; a rate of 0 % would be a lie."""
    visits = [f"s{number},v{number % 5},{day} 10:00" for number, day in enumerate(days("2026-10-01", "2026-10-31"))]
    shop = Shop(
        tmp_path, "2026-11-02", source(tmp_path, "site", "web_sessions", "session_id,visitor_id,started_at", visits)
    )
    answer = shop.ask("conversion_rate 2026-10")
    assert answer.value is None
    assert told(answer) == [("column_absent", "site", "converted")]
    assert shop.ask("website_traffic 2026-10").value == 31
    assert told(shop.ask("website_traffic 2026-10")) == []


def test_rows_of_a_device_that_no_source_names_are_not_known(tmp_path: Path) -> None:
    """Orders without a column `device`: not one of them is known to be by phone, and a split says what it lacks."""
    header, visits = "order_id,customer_id,ordered_at,channel,revenue", "session_id,visitor_id,started_at,device,region"
    october = days("2026-10-01", "2026-10-31")
    rows = [f"{number},c{number},{day}T10:00,search,100" for number, day in enumerate(october)]
    seen = [f"s{number},v{number},{day} 10:00,mobile," for number, day in enumerate(october)]
    shop = source(tmp_path, "shop", "orders", header, rows)
    own = Shop(tmp_path, "2026-11-02", shop, source(tmp_path, "site", "web_sessions", visits, seen))
    lacks = ("column_absent", "shop", "device")
    for question in ("where device=mobile", "where device!=mobile"):
        answer = own.ask(f"sales revenue 2026-10 {question}")
        assert (answer.value, answer.is_sound) == (None, False)
        assert lacks in told(answer)
        assert [notice.key for notice in answer.warnings] == ["warning.column_unknown"]
    split = own.ask("sales revenue 2026-10 by device")
    assert split.value == 3100
    assert lacks in told(split)
    assert own.ask("sales revenue 2026-10 where device=(none)").value == 3100
    assert own.ask("website traffic 2026-10 where device=mobile").value == 31
    assert own.ask("website traffic 2026-10 where region=seoul").value is None


def test_both_sides_of_a_ratio_count_the_sources_that_have_the_column(tmp_path: Path) -> None:
    """Meta spends 10 for 40 a day, Google spends 10 and reports no revenue: ROAS is 4, not 2, and says why."""
    meta = source(
        tmp_path,
        "meta",
        "ad_performance",
        "date,platform,spend,conversion_value",
        [f"{day},meta,10,40" for day in days("2026-10-01", "2026-10-31")],
    )
    google = source(
        tmp_path,
        "google",
        "ad_performance",
        "date,platform,spend",
        [f"{day},google,10" for day in days("2026-10-01", "2026-10-31")],
    )
    shop = Shop(tmp_path, "2026-11-02", meta, google)
    answer = shop.ask("roas 2026-10")
    assert answer.value == 4
    assert told(answer) == [("column_absent", "google", "conversion_value")]
    assert shop.ask("ad_spend 2026-10").value == 620


def test_a_column_that_is_empty_for_a_month_is_not_known_there(tmp_path: Path) -> None:
    """From October on the export calls its clicks otherwise: no clicks known is not 0 clicks, in a group as in all."""
    rows = [f"{day},{channel},10,{'' if day > '2026-09-30' else 5}" for day in days("2026-09-01", "2026-10-31")
            for channel in ("search", "social")]  # fmt: skip
    rows += [f"{day},mail,10,7" for day in days("2026-09-01", "2026-10-31")]
    shop = Shop(tmp_path, "2026-11-02", source(tmp_path, "ads", "ad_performance", "date,channel,spend,clicks", rows))
    split = shop.ask("clicks 2026-10 by channel")
    assert split.breakdown is not None
    clicks = {row.keys: row.value for row in split.breakdown}
    assert (split.value, clicks) == (217, {("mail",): 217, ("search",): None, ("social",): None})
    search = shop.ask("cpc 2026-10 where channel=search")
    assert (search.value, search.comparisons[0].value, shop.ask("ad_spend 2026-10").value) == (None, 2, 930)


def orders(folder: Path, header: str, rows: Iterable[str]) -> Source:
    return source(folder, "shop", "orders", f"order_id,customer_id,ordered_at,revenue{header}", rows)


def test_a_margin_is_that_of_the_orders_whose_cost_is_known(tmp_path: Path) -> None:
    """Half of the orders have a cost of 60 of 100: 40 % of those, with the share that is known and no verdict."""
    rows = [
        f"o{number},k{number},{day} 12:00,100,{'60' if number % 2 == 0 else ''}"
        for number, day in enumerate(days("2026-09-01", "2026-10-31"))
    ]
    answer = Shop(tmp_path, "2026-11-02", orders(tmp_path, ",cost_of_goods", rows)).ask("gross_margin_rate 2026-10")
    assert answer.value == 0.4
    (note,) = [note for note in answer.health if note.scope == "period" and note.finding.column == "cost_of_goods"]
    assert (note.finding.code, note.finding.count, note.finding.total) == ("column_partly_filled", 16, 31)
    assert answer.comparisons[0].verdict is None


def test_an_empty_cell_with_a_meaning_keeps_it(tmp_path: Path) -> None:
    """Three orders of 100 with one refund of 40 are 260; without a refund column they are 300, and it is said."""
    rows = ["a,k,2026-10-01,100,", "b,l,2026-10-02,100,40", "c,m,2026-10-03,100,"]
    with_column, without = tmp_path / "with", tmp_path / "without"
    with_column.mkdir()
    without.mkdir()
    shop = Shop(with_column, "2026-10-05", orders(with_column, ",refunded_amount", rows))
    assert shop.ask("sales_revenue 2026-10").value == 260
    assert told(shop.ask("sales_revenue 2026-10")) == []
    bare = Shop(without, "2026-10-05", orders(without, "", [row.rpartition(",")[0] for row in rows]))
    assert bare.ask("sales_revenue 2026-10").value == 300
    assert told(bare.ask("sales_revenue 2026-10")) == [("column_absent", "shop", "refunded_amount")]
    assert bare.ask("refund_rate 2026-10").value is None


def test_costs_that_nobody_has_entered_are_told(tmp_path: Path) -> None:
    """An agency's bill of August and September, none of October: its CAC is told without better or worse."""
    ads = source(
        tmp_path, "ads", "ad_performance", "date,spend", [f"{day},10" for day in days("2026-08-01", "2026-11-02")]
    )
    books = source(
        tmp_path, "books", "costs", "date,category,amount", ["2026-08-30,agency,3000", "2026-09-30,agency,3000"]
    )
    rows = [f"o{number},k{number},{day} 12:00,10" for number, day in enumerate(days("2026-08-01", "2026-11-02"))]
    shop = Shop(tmp_path, "2026-11-03T09:00", ads, books, orders(tmp_path, "", rows))
    answer = shop.ask("cac last month")
    assert answer.value == 10
    assert ("not_entered", "books", "agency") in told(answer)
    assert answer.comparisons[0].verdict is None
    assert told(shop.ask("cac@paid last month")) == []


@pytest.mark.parametrize("removed", [False, True])
def test_freshness_is_that_of_the_oldest_source(tmp_path: Path, removed: bool) -> None:
    """Meta's file ends on 15 November, Google's on the 21st: through the 15th, also when Meta's file is gone since."""
    google = source(
        tmp_path,
        "google",
        "ad_performance",
        "date,platform,spend",
        [f"{day},google,10" for day in days("2026-09-01", "2026-11-21")],
    )
    meta = source(
        tmp_path,
        "meta",
        "ad_performance",
        "date,platform,spend",
        [f"{day},meta,10" for day in days("2026-09-01", "2026-11-15")],
    )
    shop = Shop(tmp_path, "2026-11-23", google, meta)
    if removed:
        (tmp_path / "meta.csv").unlink()
        load(shop.settings, CATALOG, now=shop.now)
    answer = shop.ask("ad_spend last week")
    assert answer.freshness.data_through == date(2026, 11, 15)
    assert ("source_late", "meta", "") in told(answer)
    assert all(change.verdict is None for change in answer.comparisons)
    october = shop.ask("ad_spend 2026-10")
    assert told(october) == ([("load_failed", "meta", "")] if removed else [])
    assert not any(note.incomplete for note in october.health)


@pytest.mark.parametrize(("until", "through"), [("2026-11-20", "2026-11-20"), ("2026-12-25", "2026-11-14")])
def test_a_shop_that_is_often_closed_holds_up_nobody(tmp_path: Path, until: str, through: str) -> None:
    """A store that opens on Saturdays is as fresh on Friday as the daily shop; after six without a sale no longer."""
    saturdays = [day for day in days("2026-08-01", "2026-11-14") if date.fromisoformat(day).weekday() == 5]
    store, web = (
        source(tmp_path, name, "orders", "order_id,ordered_at,revenue", [f"{name}{day},{day} 12:00,10" for day in sold])
        for name, sold in (("store", saturdays), ("web", days("2026-08-01", until)))
    )
    shop = Shop(tmp_path, f"{date.fromisoformat(until) + timedelta(days=1)}", store, web)
    answer = shop.ask("sales_revenue 2026-11")
    assert answer.freshness.data_through == date.fromisoformat(through)


@pytest.mark.parametrize(("every", "incomplete"), [(20, False), (3, True)])
def test_orders_of_nobody_are_told_where_customers_are_followed(tmp_path: Path, every: int, incomplete: bool) -> None:
    """Customers who came back are followed by their orders: how many orders have no customer is said, every time."""
    lines = [
        f"o{number},{'' if number % every == 0 else f'k{number % 17}'},{day} 12:00,10"
        for number, day in enumerate(days("2026-08-01", "2026-11-20"))
    ]
    shop = Shop(tmp_path, "2026-11-21", orders(tmp_path, "", lines))
    for question in ("retention_rate@orders 2026-10", "churn_rate@orders 2026-10"):
        (note,) = shop.ask(question).health
        assert (note.finding.code, note.finding.column, note.incomplete) == ("no_entity", "customer_id", incomplete)
        assert (note.finding.count, note.finding.total) == (len(lines[::every]), len(lines))
    assert told(shop.ask("orders 2026-10")) == []


@pytest.mark.parametrize("column", ["ordered_at", "date"])
def test_a_row_of_1970_begins_no_table_that_no_load_fills(tmp_path: Path, column: str) -> None:
    """A table of the firm's own with wrong dates begins with its others, and the wrong ones are told."""
    sold = [datetime.fromisoformat(day) for day in ("1970-01-01", *days("2024-03-01", "2026-11-20"), "2205-01-01")]
    rows: list[Row] = [{"order_id": f"{n}", column: day, "revenue": 10} for n, day in enumerate(sold)]
    table, kpi = "orders", "sales_revenue"
    if column == "date":
        rows, table, kpi = [{"date": day.date(), "spend": 10} for day in sold], "ad_performance", "ad_spend"
    engine = engine_on(tmp_path / "kpi.duckdb", {table: rows}, calendar=Calendar("Asia/Seoul"))
    months = [Period(date(year, 10, 1), date(year, 11, 1), "month") for year in (2015, 2023, 2024, 2026)]
    now = datetime(2026, 11, 21, 9, tzinfo=UTC)
    answers = engine.answers([MetricQuery(kpi, month) for month in months], now)
    assert [answer.value for answer in answers] == [None, None, 310, 310]
    assert answers[-1].freshness.data_through == date(2026, 11, 20)
    far = [note.finding for note in answers[-1].health if note.finding.code == "far_dates"]
    assert sorted((each.source, each.count, each.examples) for each in far) == [
        (table, 1, ("1970-01-01",)),
        (table, 1, ("2205-01-01",)),
    ]


@pytest.mark.parametrize(
    ("kpi", "places"),
    [
        ("d1_retention", ("app_installs.install_id", "app_activity.install_id")),
        ("historical_cltv", ("orders.customer_id",)),
        ("mrr", ("subscriptions.subscription_id", "subscription_changes.subscription_id")),
    ],
)
def test_who_is_followed_through_tables_is_read(kpi: str, places: tuple[str, ...]) -> None:
    """Another id for an install changes who came back, so whatever is told of the column touches the rate."""
    reads = columns_read(CATALOG.metrics[kpi], CATALOG)
    for place in places:
        table, _, column = place.partition(".")
        assert column in reads[table]


def test_an_archive_is_not_late(tmp_path: Path) -> None:
    """A file of last year that this year's continues holds up nobody and is never named."""
    old = source(
        tmp_path, "old", "ad_performance", "date,spend", [f"{day},10" for day in days("2025-10-01", "2025-12-31")]
    )
    new = source(
        tmp_path, "new", "ad_performance", "date,spend", [f"{day},10" for day in days("2026-01-01", "2026-11-21")]
    )
    answer = Shop(tmp_path, "2026-11-22", old, new).ask("ad_spend 2026-10")
    assert answer.freshness.data_through == date(2026, 11, 21)
    assert answer.health == ()


def test_a_platform_that_stops_is_missed(tmp_path: Path) -> None:
    """One file, two platforms, one of which has no rows since 8 November: the value stands, without a verdict."""
    rows = [f"{day},google,10" for day in days("2026-10-01", "2026-11-21")]
    rows += [f"{day},meta,10" for day in days("2026-10-01", "2026-11-08")]
    shop = Shop(tmp_path, "2026-11-23", source(tmp_path, "ads", "ad_performance", "date,platform,spend", rows))
    answer = shop.ask("ad_spend 2026-W46")
    assert answer.value == 70
    assert told(answer) == [("member_silent", "ads", "meta")]
    assert answer.comparisons[0].verdict is None


def test_rows_kept_out_are_told_by_what_would_have_used_them(tmp_path: Path) -> None:
    """A row whose revenue is no number is not in: revenue says so."""
    rows = ["a,k,2026-10-01,10", "b,k,2026-10-02,none at all"]
    shop = Shop(tmp_path, "2026-10-05", orders(tmp_path, "", rows))
    answer = shop.ask("sales_revenue 2026-10")
    assert answer.value == 10
    assert ("rows_kept_out", "shop", "revenue") in told(answer)


def test_a_row_of_1970_moves_no_boundary(tmp_path: Path) -> None:
    """The data begins in September, whatever one row says; the row is told."""
    rows = ["z,k,1970-01-01,10", *(f"o{n},k{n},{day},10" for n, day in enumerate(days("2026-09-10", "2026-10-31")))]
    answer = Shop(tmp_path, "2026-11-02", orders(tmp_path, "", rows)).ask("sales_revenue 2026-09")
    assert answer.comparisons[0].change_ratio is None
    # Two reasons for one verdict that nobody gave: the change itself is withheld.
    assert "notice.short_past" not in [warning.key for warning in answer.warnings]
    assert ("far_dates", "shop", "") in told(answer)
    assert "warning.starts_late" in [warning.key for warning in answer.warnings]


def test_a_shop_that_has_just_begun_cannot_tell_who_is_new(tmp_path: Path) -> None:
    """Orders since September: October's new customers and retention have no verdict, and say since when history is."""
    rows = [f"o{number},k{number % 40},{day} 12:00,10" for number, day in enumerate(days("2026-09-01", "2026-11-01"))]
    shop = Shop(tmp_path, "2026-11-02", orders(tmp_path, "", rows))
    for kpi in ("new_customers", "retention_rate"):
        answer = shop.ask(f"{kpi} 2026-10")
        (note,) = [note for note in answer.health if note.finding.code == "history_young"]
        assert note.finding.source == "shop"
        assert note.finding.days is not None
        assert note.finding.days[0].isoformat() == "2026-09-01"
        assert all(change.verdict is None for change in answer.comparisons)
    assert "history_young" not in [code for code, *_rest in told(shop.ask("sales_revenue 2026-10"))]
