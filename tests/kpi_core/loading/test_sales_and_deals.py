"""What exports of payments, shops and deals leave to be understood: times, refunds, forecasts, ids that are missing."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from loading_side import loaded

from kpi_core.loading.staged import SourceLoad
from kpi_core.settings.values import Source

from tables import read_tables

PAYPAL = "Date,Time,TimeZone,Name,Type,Status,Currency,Gross,Fee,Net,From Email Address,To Email Address,Transaction ID"
DEALS = "Deal Name,Deal Stage,Amount,Create Date,Close Date"
OPPORTUNITIES = "Opportunity Name,Account Name,Stage,Amount,Created Date,Close Date"


def load_of(folder: Path, layout: str, table: str, *lines: str) -> SourceLoad:
    (folder / "made.csv").write_text("\n".join(lines) + "\n", "utf-8")
    made = Source("made", "csv", table, layout=layout, options={"path": "made.csv"}, currency="KRW")
    (report,) = loaded(folder, made).sources
    assert report.error is None, report.error
    return report


def rows(folder: Path, columns: str, table: str) -> list[Any]:
    with read_tables(folder / "kpi.duckdb") as snapshot:
        return snapshot.execute(f"SELECT {columns} FROM {table} ORDER BY 1").fetchall()


WOO = "Order Number,Order Status,Order Date,First Name (Billing),Email (Billing),Order Total Amount,SKU,Item #"


@pytest.mark.parametrize(
    ("header", "lines", "sold"),
    [
        ("Item Name,Quantity (- Refund),Item Cost", ("Cap,2,12.50", "Belt,1,30"), [("Belt", 1, 30), ("Cap", 2, 25)]),
        (
            "Name,Quantity,Quantity (- Refund),Item Cost",
            ("Cap,3,2,12.50", "Belt,1,1,30"),
            [("Belt", 1, 30), ("Cap", 3, 37.5)],
        ),
        ("Item Name,Quantity,Order Line Total", ("Cap,2,24.50", "Belt,1,30"), [("Belt", 1, 30), ("Cap", 2, 24.5)]),
        ("Product Name,Quantity (- Refund)", ("Cap,2", "Belt,1"), [("Belt", 1, None), ("Cap", 2, None)]),
    ],
)
def test_lines_of_an_order_whatever_columns_were_chosen(
    header: str, lines: tuple[str, ...], sold: list[tuple[str, float, float | None]], tmp_path: Path
) -> None:
    """A line's amount is the one written, else its price times its quantity, else not known."""
    order = "1201,Completed,2026-10-09 12:00,Jane,jane@example.com,60"
    texts = [f"{WOO},{header}", *(f"{order},S{number},{number},{line}" for number, line in enumerate(lines))]
    report = load_of(tmp_path, "woocommerce/order_export", "order_lines", *texts)
    assert report.rejected == 0
    assert rows(tmp_path, "product, quantity, amount", "order_lines") == sold


def payment(
    zone: str, at: str = "10/31/2026,23:30:00", kind: str = "Express Checkout Payment", gross: str = "9.50"
) -> str:
    return f"{at},{zone},Jane,{kind},Completed,USD,{gross},-0.50,9.00,jane@example.com,shop@example.com,T1"


@pytest.mark.parametrize(
    ("zone", "utc"),
    [
        ("PDT", datetime(2026, 11, 1, 6, 30)),
        ("CET", datetime(2026, 10, 31, 22, 30)),
        ("GMT+09:00", datetime(2026, 10, 31, 14, 30)),
        ("America/Los_Angeles", datetime(2026, 11, 1, 6, 30)),
    ],
)
def test_a_day_and_its_time_in_the_zone_beside_them(zone: str, utc: datetime, tmp_path: Path) -> None:
    """The time is in the zone that its own row names."""
    report = load_of(tmp_path, "paypal/transactions", "orders", PAYPAL, payment(zone))
    assert (report.rows, report.rejected) == (1, 0)
    assert rows(tmp_path, "ordered_at, customer_id, revenue", "orders") == [(utc, "jane@example.com", 9.5)]


def test_a_zone_that_nobody_knows(tmp_path: Path) -> None:
    """The row stays out and is told of, rather than land hours away."""
    report = load_of(tmp_path, "paypal/transactions", "orders", PAYPAL, payment("XYZ"))
    assert (report.rows, report.rejected) == (0, 1)


@pytest.mark.parametrize(
    ("kind", "gross"),
    [
        ("General Withdrawal", "-100.00"),
        ("Bank Deposit to PP Account", "100.00"),
        ("Reversal of General Account Hold", "12.00"),
        ("Express Checkout Payment", "-12.00"),
        ("Payment Refund", "12.00"),
        ("Allgemeine Währungsumrechnung", "12.00"),
    ],
)
def test_what_is_no_sale_of_an_account(kind: str, gross: str, tmp_path: Path) -> None:
    """Moves of money, what the firm bought and what came back to it are counted, and no orders."""
    other = payment("PST", kind=kind, gross=gross).replace("T1", "T2")
    report = load_of(tmp_path, "paypal/transactions", "orders", PAYPAL, payment("PST"), other)
    assert [(each.reason, each.rows) for each in report.left_out] == [("other_kind", 1)]
    assert rows(tmp_path, "order_id", "orders") == [("T1",)]


def test_a_refund_is_a_row_of_its_own_day(tmp_path: Path) -> None:
    """With a negative amount, of the customer to whom it went."""
    back = (
        "11/02/2026,08:00:00,PST,Jane,Payment Refund,Completed,USD,-9.50,0,-9.50,shop@example.com,jane@example.com,T2"
    )
    load_of(tmp_path, "paypal/transactions", "orders", PAYPAL, payment("PDT"), back)
    assert rows(tmp_path, "order_id, customer_id, revenue", "orders") == [
        ("T1", "jane@example.com", 9.5),
        ("T2", "jane@example.com", -9.5),
    ]


def test_a_refund_with_the_number_of_its_order(tmp_path: Path) -> None:
    """Two rows of one number in a report of net sales are an order and what was paid back of it."""
    header = "Date,Order #,Status,Customer,Customer type,Product(s),Items sold,Net Sales"
    lines = (
        "2026-10-02 10:00:00,7,completed,Jane,new,Mug,1,20.00",
        "2026-10-05 09:00:00,7,refunded,Jane,new,,-1,-20.00",
    )
    report = load_of(tmp_path, "woocommerce/analytics", "orders", header, *lines)
    assert report.rows == 2
    assert rows(tmp_path, "sum(revenue), count(DISTINCT order_id), min(order_id)", "orders") == [(0, 2, "7")]


def test_the_close_date_of_an_open_deal_is_a_forecast(tmp_path: Path) -> None:
    """A deal is won or lost on its close date only if its stage says so, with or without the name of its pipeline."""
    lines = [
        "a,Contract sent,100,2026-10-01,2026-12-31",
        "b,Closed won (Sales Pipeline),200,2026-10-01,2026-10-20",
        "c,Closed lost,300,2026-10-01,2026-10-21",
    ]
    load_of(tmp_path, "hubspot/deals", "leads", DEALS, *lines)
    in_seoul = (f"{name} + INTERVAL 9 HOUR" for name in ("opportunity_at", "won_at", "lost_at"))
    assert rows(tmp_path, ", ".join(["amount", *in_seoul]), "leads") == [
        (100, datetime(2026, 10, 1), None, None),
        (200, datetime(2026, 10, 1), datetime(2026, 10, 20), None),
        (300, datetime(2026, 10, 1), None, datetime(2026, 10, 21)),
    ]


def test_ids_only_where_the_file_has_none(tmp_path: Path) -> None:
    """Its own id where there is one; else one is made, and equal deals stay two."""
    line = "New deal,Acme,Prospecting,100,2026-10-01,2026-12-31"
    load_of(tmp_path, "salesforce/opportunities", "leads", OPPORTUNITIES, line, line)
    made = rows(tmp_path, "lead_id", "leads")
    assert len(set(made)) == 2
    load_of(tmp_path, "salesforce/opportunities", "leads", f"{OPPORTUNITIES},Opportunity ID", f"{line},006X")
    assert rows(tmp_path, "lead_id", "leads") == [("006X",)]


def test_all_that_signs_a_file_is_its_footer(tmp_path: Path) -> None:
    """The title, the signature and the firm below a report are no rows that were cut off."""
    below = ('"Opportunities"', '"Copyright (c) 2000-2026 salesforce.com, inc."', '"Generated By: Ana"', '"Northfield"')
    line = "New deal,Acme,Prospecting,100,2026-10-01,2026-12-31"
    report = load_of(tmp_path, "salesforce/opportunities", "leads", OPPORTUNITIES, line, "", *below)
    assert (report.rows, report.rejected) == (1, 0)
    assert {each.reason: each.rows for each in report.left_out} == {"footer": 4}
