"""A value that does not fit keeps its row out where it is needed, else goes missing alone: both are told by answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from loading_side import asked_of

from kpi_core.answers import Answer
from kpi_core.formats.findings import health_json
from kpi_core.metrics import LANGUAGES
from kpi_core.settings.values import Source

from tables import read_tables

CODES = {"rows_kept_out", "values_left_empty"}


def csv(folder: Path, table: str, lines: Sequence[str], delimiter: str = ",", **changes: Any) -> Source:
    (folder / f"{table}.csv").write_text("\n".join(lines) + "\n")
    options = {"path": f"{table}.csv", "delimiter": delimiter}
    return replace(Source(table, "csv", table, options=options), **changes)


def told(answer: Answer) -> list[tuple[str, str, str, int, int]]:
    """What does not fit in the asked days: code, column, what settles it, how many of how many."""
    notes = (note.finding for note in answer.health if note.scope == "period" and note.finding.code in CODES)
    return [(each.code, each.column, each.member, each.count, each.total) for each in notes]


THOUSANDS = [
    "order_id,customer_id,ordered_at,revenue",
    "a,k,2026-10-01,10",
    'b,k,2026-10-02,"1,000"',
    'c,k,2026-10-03,"2,000"',
]
GERMAN = ["date;channel;spend", "2026-10-01;a;1.000", "2026-10-02;a;2.500", "2026-10-03;a;1.250"]


def test_rows_kept_out_are_told_by_the_days_they_lie_in(tmp_path: Path) -> None:
    """10 instead of 3,010 says that 2 of 3 rows are missing and what to declare; November is sound."""
    answer, _loads = asked_of(tmp_path, "sales_revenue 2026-10", csv(tmp_path, "orders", THOUSANDS), currency="USD")
    assert answer.value == 10
    assert told(answer) == [("rows_kept_out", "revenue", "decimal", 2, 3)]
    assert all(note.incomplete for note in answer.health if note.finding.code == "rows_kept_out")
    for language in LANGUAGES:
        (message,) = {health_json(note, language)["message"] for note in answer.health if note.finding.code in CODES}
        assert 'decimal: "."' in message
    more = csv(tmp_path, "orders", [*THOUSANDS, "d,k,2026-11-01,5"])
    later, _loads = asked_of(tmp_path, "sales_revenue 2026-11", more, currency="USD")
    assert (later.value, told(later)) == (5, [])


def test_a_firm_in_won_has_no_thousandths(tmp_path: Path) -> None:
    """The same file is 3,010 won, with nothing to settle; beside 12,5 a comma is no proof of thousands."""
    answer, _loads = asked_of(tmp_path, "sales_revenue 2026-10", csv(tmp_path, "orders", THOUSANDS), currency="KRW")
    assert (answer.value, told(answer)) == (3010, [])
    beside = csv(tmp_path, "orders", [*THOUSANDS, 'd,k,2026-10-04,"12,5"'])
    other, _loads = asked_of(tmp_path, "sales_revenue 2026-10", beside, currency="KRW")
    assert (other.value, told(other)) == (22.5, [("rows_kept_out", "revenue", "decimal", 2, 4)])


def test_declared_thousands_are_read(tmp_path: Path) -> None:
    """With `decimal: "."` the two rows count; with a value that proves it, nobody needs to declare anything."""
    declared, _loads = asked_of(tmp_path, "sales_revenue 2026-10", csv(tmp_path, "orders", THOUSANDS, decimal="."))
    assert (declared.value, told(declared)) == (3010, [])
    proven, _loads = asked_of(
        tmp_path, "sales_revenue 2026-10", csv(tmp_path, "orders", [*THOUSANDS, "d,k,2026-10-04,0.5"])
    )
    assert (proven.value, told(proven)) == (3010.5, [])


def test_thousands_alone_are_asked(tmp_path: Path) -> None:
    """1.000, 2.500 and 1.250 of ad spend are 4,750 with `decimal: ","`; without it no number, and it is said."""
    asked, (load_of_ads,) = asked_of(
        tmp_path, "ad_spend 2026-10", csv(tmp_path, "ad_performance", GERMAN, ";"), currency="EUR"
    )
    assert asked.value is None
    assert "column_empty" not in {note.finding.code for note in asked.health}
    assert told(asked) == [("values_left_empty", "spend", "decimal", 3, 3)]
    assert [(each.column, each.count, each.is_open) for each in load_of_ads.left_empty] == [("spend", 3, True)]
    assert load_of_ads.rejected == 0
    answer, _loads = asked_of(tmp_path, "ad_spend 2026-10", csv(tmp_path, "ad_performance", GERMAN, ";", decimal=","))
    assert (answer.value, told(answer)) == (4750, [])


def test_a_decimal_comma_is_proven(tmp_path: Path) -> None:
    """1.488,69 and 12,50 say how 1.000 is meant: 2,508.19 in all."""
    lines = ["order_id;customer_id;ordered_at;revenue", "a;k;2026-10-01;1.488,69", "b;k;2026-10-02;1.000"]
    lines += ["c;k;2026-10-03;12,50", "d;k;2026-10-04;7"]
    answer, _loads = asked_of(tmp_path, "sales_revenue 2026-10", csv(tmp_path, "orders", lines, ";"))
    assert (answer.value, told(answer)) == (2508.19, [])


def test_offsets_of_shops(tmp_path: Path) -> None:
    """Shopify's times: 130 in October, for 22:30 on the 31st in New York is 1 November in UTC."""
    times = ["03 17:04:00 -0500", "31 22:30:00 -0500", "03 17:04:00 -05:00", "03 17:04 -0500", "03 17:04:00 +0900"]
    rows = [f"{number},k{number},2026-10-{time},{number}0" for number, time in enumerate(times, start=1)]
    answer, _loads = asked_of(
        tmp_path, "sales_revenue 2026-10", csv(tmp_path, "orders", ["order_id,customer_id,ordered_at,revenue", *rows])
    )
    assert (answer.value, told(answer)) == (130, [])


def test_a_value_that_is_not_needed_goes_alone(tmp_path: Path) -> None:
    """An order with an unreadable cost keeps its revenue; what reads the cost says that one value is missing."""
    lines = ["order_id,customer_id,ordered_at,revenue,cost_of_goods", "a,k,2026-10-01,10,4", "b,k,2026-10-02,20,x"]
    source = csv(tmp_path, "orders", lines)
    revenue, (loaded,) = asked_of(tmp_path, "sales_revenue 2026-10", source)
    assert (revenue.value, told(revenue)) == (30, [])
    (rejection,) = loaded.left_empty
    assert rejection.column == "cost_of_goods"
    assert [(str(place), text) for place, text in rejection.examples] == [("orders.csv, line 3", "x")]
    margin, _loads = asked_of(tmp_path, "gross_margin_rate 2026-10", source)
    assert ("values_left_empty", "cost_of_goods", "", 1, 2) in told(margin)


def test_what_an_earlier_load_left_out_stays_told(tmp_path: Path) -> None:
    """September's missing row is still missed when October is loaded; loaded again without fault, it is sound."""
    header, good = "order_id,customer_id,ordered_at,revenue", "a,k,2026-09-01,10"
    october = [header, "c,k,2026-10-01,5", "d,k,2026-10-02,5"]
    asked_of(tmp_path, "sales_revenue 2026-09", csv(tmp_path, "orders", [header, good, "b,k,2026-09-02,x"]))
    answer, _loads = asked_of(tmp_path, "sales_revenue 2026-09", csv(tmp_path, "orders", october))
    assert (answer.value, told(answer)) == (10, [("rows_kept_out", "revenue", "", 1, 2)])
    again = csv(tmp_path, "orders", [header, good, "b,k,2026-09-02,7"])
    mended, _loads = asked_of(tmp_path, "sales_revenue 2026-09", again)
    assert (mended.value, told(mended)) == (17, [])


def test_a_row_without_a_day_may_belong_to_any(tmp_path: Path) -> None:
    """An order with an unreadable date is missed by every answer about orders."""
    lines = ["order_id,customer_id,ordered_at,revenue", "a,k,2026-10-01,10", "b,k,05/06/2026,20"]
    answer, _loads = asked_of(tmp_path, "orders 2026-10", csv(tmp_path, "orders", lines))
    assert (answer.value, told(answer)) == (1, [("rows_kept_out", "ordered_at", "dates", 1, 2)])


@pytest.mark.parametrize("amount", ["10000000000000.25", "10,000,000,000,000.25", "0.000001"])
def test_large_and_small_amounts_are_exact(tmp_path: Path, amount: str) -> None:
    """Ten trillion rupiah and a millionth of a coin are stored as they are, in one table with small ones."""
    lines = ["order_id,customer_id,ordered_at,revenue", f'a,k,2026-10-01,"{amount}"', "b,k,2026-10-02,0.5"]
    asked_of(tmp_path, "sales_revenue 2026-10", csv(tmp_path, "orders", lines))
    asked_of(tmp_path, "sales_revenue 2026-10", csv(tmp_path, "orders", [*lines[:1], "c,k,2026-10-03,7"]))
    with read_tables(tmp_path / "kpi.duckdb") as snapshot:
        texts = snapshot.execute("SELECT revenue::VARCHAR FROM orders ORDER BY order_id").fetchall()
    assert [float(text) for (text,) in texts] == [float(amount.replace(",", "")), 0.5, 7]
    assert texts[0][0].startswith(amount.replace(",", ""))


@pytest.mark.parametrize(
    ("header", "amount", "value"),
    [("매출(천원)", "12.5", 12_500), ("매출 (단위: 백만원)", "0.25", 250_000), ("매출(원)", "12", 12)],
)
def test_thousands_are_read_as_what_they_are(tmp_path: Path, header: str, amount: str, value: int) -> None:
    """A column that counts in 1,000 won holds 12,500 for a 12.5, and the load says so."""
    lines = [f"order_id,customer_id,ordered_at,{header}", f"a,k,2026-10-01,{amount}"]
    shop = csv(tmp_path, "orders", lines, columns={"revenue": header})
    answer, loads = asked_of(tmp_path, "sales_revenue 2026-10", shop, currency="KRW")
    assert (answer.value, told(answer)) == (value, [])
    assert [notice.params["header"] for load in loads for notice in load.warnings] == [header] * (value > 12)


def test_cents_are_hundredths(tmp_path: Path) -> None:
    """What a payment service counts in cents, and an advertising one in millionths, is read as euros, exactly."""
    lines = ["order_id,customer_id,ordered_at,amount_cents", "a,k,2026-10-01,1234", "b,k,2026-10-02,1"]
    shop = csv(tmp_path, "orders", lines, columns={"revenue": "amount_cents"})
    ads = csv(tmp_path, "ad_performance", ["date,cost_micros", "2026-10-01,2500001"], columns={"spend": "cost_micros"})
    assert asked_of(tmp_path, "sales_revenue 2026-10", shop, ads)[0].value == 12.35
    assert asked_of(tmp_path, "ad_spend 2026-10", shop, ads)[0].value == 2.500001


def test_the_line_above_a_header_speaks_for_its_file(tmp_path: Path) -> None:
    """(단위: 천원) over September's table counts for September alone, and for no column that counts in won itself."""
    shop = csv(tmp_path, "orders", [], columns={"revenue": "매출", "refunded_amount": "환불(원)"})
    for month, unit in (("09", "천원"), ("10", "원")):
        rows = [
            "매출 현황,,,,",
            f"(단위: {unit}),,,,",
            "order_id,customer_id,ordered_at,매출,환불(원)",
            f"a{month},k,2026-{month}-01,12.5,1",
        ]
        (tmp_path / f"shop_{month}.csv").write_text("\n".join(rows) + "\n")
    folder = replace(shop, options={"path": "shop_*.csv", "header": 3})
    september, loads = asked_of(tmp_path, "sales_revenue 2026-09", folder, currency="KRW")
    october, _loads = asked_of(tmp_path, "sales_revenue 2026-10", folder, currency="KRW")
    assert (september.value, october.value) == (12_499, 11.5)
    assert [notice.params["header"] for load in loads for notice in load.warnings if notice.key == "load.multiple"]


def test_thousands_of_dollars_are_dollars(tmp_path: Path) -> None:
    """The currency is heard where it stands beside them: left out in a firm in won, not taken for won."""
    lines = ["order_id,customer_id,ordered_at,Revenue (k USD)", "a,k,2026-10-01,12.5"]
    shop = csv(tmp_path, "orders", lines, columns={"revenue": "Revenue (k USD)"})
    answer, loads = asked_of(tmp_path, "sales_revenue 2026-10", shop, currency="KRW")
    assert [each.currency for load in loads for each in load.foreign] == ["USD"]
    assert answer.value is None


def test_a_budget_of_a_month_to_come_is_planned(tmp_path: Path) -> None:
    """December's budget is there in November; a plan is nothing that has to come first."""
    lines = ["month,channel,amount", "2026-10-01,a,310", "2026-11-01,a,300", "2026-12-01,a,620"]
    answer, loads = asked_of(tmp_path, "budget 2026-12", csv(tmp_path, "budgets", lines))
    assert answer.value == 620
    assert [notice for load in loads for notice in load.warnings] == []


GUESTS = ["-", "—", "N/A", "없음", "無", "0", "Guest", "비회원", "訪客"]


def test_guests_are_no_customer(tmp_path: Path) -> None:
    """A customer who is called a dash, a guest or 비회원 is none: nine guests are neither one customer nor nine."""
    lines = ["order_id,customer_id,ordered_at,revenue", "a,kim,2026-10-01,10", "b,NA2,2026-10-02,10"]
    lines += [f"g{at},{guest},2026-10-0{at % 9 + 1},10" for at, guest in enumerate(GUESTS)]
    answer, _loads = asked_of(tmp_path, "purchase_frequency 2026-10", csv(tmp_path, "orders", lines))
    assert answer.value == 1
    assert {note.finding.code: note.finding.count for note in answer.health}["column_partly_filled"] == 2


def test_rows_of_a_dash_are_not_one_row(tmp_path: Path) -> None:
    """Receipts without a number cannot be told apart: kept out and told, rather than taken for the last of them."""
    lines = [
        "order_id,customer_id,ordered_at,revenue",
        "a,k,2026-10-01,10",
        *["-,k,2026-10-02,10"] * 2,
        "n/a,k,2026-10-02,10",
    ]
    answer, _loads = asked_of(tmp_path, "sales_revenue 2026-10", csv(tmp_path, "orders", lines))
    assert (answer.value, told(answer)) == (10, [("rows_kept_out", "order_id", "", 3, 4)])


def test_vat_in_one_file_and_not_in_the_other_is_told(tmp_path: Path) -> None:
    """11,000 with VAT and 20,000 without make 31,000 of neither: said, until kpi.yaml names one basis for both."""
    shops = [
        replace(csv(tmp_path, name, [f"order_id,customer_id,ordered_at,{header}", f"{name},k,2026-10-01,{amount}"]),
                table="orders", columns={"revenue": header})
        for name, header, amount in (("web", "매출(VAT포함)", 11000), ("store", "매출(VAT별도)", 20000))
    ]  # fmt: skip
    mixed, _loads = asked_of(tmp_path, "sales_revenue 2026-10", *shops, currency="KRW")
    assert mixed.value == 31_000
    assert "warning.vat_mixed" in [notice.key for notice in mixed.warnings]
    alone, _loads = asked_of(tmp_path, "sales_revenue 2026-10", shops[0], currency="KRW")
    assert "warning.vat_mixed" not in [notice.key for notice in alone.warnings]


def test_orders_that_are_none_are_told_where_they_count(tmp_path: Path) -> None:
    """Cancelled orders of a hand-written source count, so every answer says so, until `leave_out:` names the column."""
    lines = [
        "order_id,customer_id,ordered_at,revenue,주문상태",
        "a,k,2026-10-01,10,결제완료",
        "b,k,2026-10-02,90,취소완료",
    ]
    answer, _loads = asked_of(tmp_path, "sales_revenue 2026-10", csv(tmp_path, "orders", lines))
    assert answer.value == 100
    (note,) = [note for note in answer.health if note.finding.code == "no_orders"]
    assert (note.finding.count, note.finding.member, note.incomplete) == (1, "주문상태 “취소완료”", True)
    rule = ({"주문상태": ("취소완료",)},)
    without, _loads = asked_of(
        tmp_path, "sales_revenue 2026-10", csv(tmp_path, "orders", lines, leave_out=rule, replace="all")
    )
    assert without.value == 10
    assert "no_orders" not in [note.finding.code for note in without.health]


def test_a_header_in_the_middle_is_no_row(tmp_path: Path) -> None:
    """Two downloads put behind each other have the header twice: it is left out, and the rest is sound."""
    lines = [THOUSANDS[0], "a,k,2026-10-01,10", THOUSANDS[0].upper(), "b,k,2026-10-02,5", THOUSANDS[0]]
    answer, loads = asked_of(tmp_path, "sales_revenue 2026-10", csv(tmp_path, "orders", lines))
    assert (answer.value, told(answer)) == (15, [])
    assert [(each.reason, each.rows) for load in loads for each in load.left_out] == [("header", 2)]
