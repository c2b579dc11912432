"""Files with a layout: lines become rows, rows that are rightly none are counted, and what is open is never loaded."""

from __future__ import annotations

import csv
import io
import os
import random
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from loading_side import loaded

from kpi_core.loading.laid_out.whole_periods import begin_longer_times
from kpi_core.loading.staged import SourceLoad
from kpi_core.settings.values import Source

import long
from tables import read_tables

SHOPIFY = (
    "Name,Email,Financial Status,Currency,Total,Created at,Lineitem name,Cancelled at,Payment Method,Refunded Amount"
)
CONTACTS = "Record ID,Email,Create Date,Original Source,Became a Customer Date"


def shopify(folder: Path, *lines: str, name: str = "orders.csv", header: str = SHOPIFY) -> Path:
    (folder / name).write_text("\n".join([header, *lines]) + "\n", "utf-8")
    return folder / name


def source(layout: str = "shopify/orders", table: str = "orders", path: Any = "*.csv", **changes: Any) -> Source:
    # Amounts as the firm's own: what becomes of others is tried with the money.
    return Source("made", "csv", table, layout=layout, options={"path": path}, **{"currency": "KRW", **changes})


def load_of(folder: Path, made: Source) -> SourceLoad:
    (report,) = loaded(folder, made).sources
    assert report.error is None, report.error
    return report


def rows(folder: Path, columns: str, table: str = "orders") -> list[Any]:
    with read_tables(folder / "kpi.duckdb") as snapshot:
        return snapshot.execute(f"SELECT {columns} FROM {table} ORDER BY 1").fetchall()


def left_out(report: SourceLoad) -> dict[str, int]:
    return {each.reason: each.rows for each in report.left_out}


FIRST = "#1,a@example.com,paid,USD,30.00,2026-10-03 10:00:00 -0400,Mug,,Shopify Payments,5.00"
SECOND = "#1,a@example.com,,,,2026-10-03 10:00:00 -0400,Cap,,,"


def test_lines_of_an_order_are_one_row(tmp_path: Path) -> None:
    """What stands on the first line only counts once, for the whole order."""
    shopify(tmp_path, FIRST, SECOND)
    report = load_of(tmp_path, source())
    assert (report.rows, report.rejected, left_out(report)) == (1, 0, {})
    assert rows(tmp_path, "order_id, customer_id, revenue, refunded_amount") == [("#1", "a@example.com", 30, 5)]


def test_amounts_of_lines_are_added_up(tmp_path: Path) -> None:
    """Where the tool writes amounts of lines alone, their sum is the order's; a cancelled line is left out of it."""
    text = "상품주문번호,주문번호,주문일시,구매자ID,주문상태,최종 상품별 총 주문금액\n"
    text += "11,1,2026-10-03 10:00:00,kim,구매확정,10000\n12,1,2026-10-03 10:00:00,kim,구매확정,2500\n"
    text += "13,1,2026-10-03 10:00:00,kim,취소,900\n21,2,2026-10-04 10:00:00,lee,취소,7000\n"
    (tmp_path / "smart.csv").write_text(text, "utf-8")
    report = load_of(tmp_path, source("naver_smartstore/orders"))
    assert left_out(report) == {"cancelled": 2}
    assert rows(tmp_path, "order_id, revenue") == [("1", 12500)]


def test_the_order_is_a_part_of_its_lines_numbers(tmp_path: Path) -> None:
    """Lines 1-001-001-001 and 1-002-001-001 are one order; what was sent again of its second one is none of it."""
    text = "訂單編號,訂單類別,轉單日,商品原廠編號,數量,售價(含稅)\n1-001-001-001,一般,2026/10/03,A,2,500\n"
    text += "1-002-001-001,一般,2026/10/03,B,1,90\n1-002-001-002,一般,2026/10/05,B,1,90\n1-003-001-001,退貨,,C,1,70\n"
    (tmp_path / "momo.csv").write_text(text, "utf-8")
    report = load_of(tmp_path, source("momo/orders"))
    assert (left_out(report), report.rejected) == ({"other_kind": 2}, 0)
    assert rows(tmp_path, "order_id, revenue") == [("1", 1090)]


def test_an_order_has_one_amount(tmp_path: Path) -> None:
    """An order whose lines name several totals is kept out and told with the line; 0 on its other lines is none."""
    text = "주문번호,품목별 주문번호,주문일시,주문자ID,총 결제금액,환불금액,주문상태\n"
    amounts = [("A1", 12000, 0), ("A1", 8000, 0), ("A2", 0, 500), ("A2", 9000, 0), ("A3", 7000, 100), ("A3", 7000, 200)]
    lines = (
        f"{order},{order}-{line},2026-10-01 10:00:00,kim,{paid},{back},배송완료\n"
        for line, (order, paid, back) in enumerate(amounts)
    )
    (tmp_path / "cafe.csv").write_text(text + "".join(lines), "utf-8")
    report = load_of(tmp_path, source("cafe24/orders"))
    assert rows(tmp_path, "order_id, revenue, refunded_amount") == [("A2", 9000, 500), ("A3", 7000, None)]
    told = [(each.column, each.reason, str(each.examples[0][0])) for each in (*report.rejections, *report.left_empty)]
    assert told == [
        ("revenue", "differs", "cafe.csv, line 3"),
        ("refunded_amount", "differs", "cafe.csv, line 7"),
    ]


def test_lines_in_several_currencies(tmp_path: Path) -> None:
    """Their amounts are never added up: the order is left out and counted."""
    text = "Name,Email,Financial Status,Currency,Total,Created at,Lineitem name\n"
    text += "#1,a@example.com,paid,USD,30.00,2026-10-03 10:00:00 -0400,Mug\n"
    text += "#1,a@example.com,paid,EUR,30.00,2026-10-03 10:00:00 -0400,Cap\n"
    (tmp_path / "orders.csv").write_text(text, "utf-8")
    report = load_of(tmp_path, source(currency=""))
    assert (report.rows, left_out(report)) == (0, {"foreign_currency": 1})


def test_rows_that_are_rightly_none_are_counted_by_reason(tmp_path: Path) -> None:
    """Cancelled, unpaid and test orders are left out line by line, with their places; nothing is rejected."""
    voided = "#2,b@example.com,voided,USD,9.00,2026-10-04 10:00:00 -0400,Mug,,,"
    more = "#2,b@example.com,,,,2026-10-04 10:00:00 -0400,Cap,,,"
    test = "#3,c@example.com,paid,USD,9.00,2026-10-05 10:00:00 -0400,Mug,,(for testing) Bogus Gateway,"
    unpaid = "#4,d@example.com,pending,USD,9.00,2026-10-05 10:00:00 -0400,Mug,,,"
    shopify(tmp_path, FIRST, SECOND, voided, more, test, unpaid)
    report = load_of(tmp_path, source())
    assert (report.rows, report.rejected) == (1, 0)
    assert left_out(report) == {"cancelled": 2, "test": 1, "unpaid": 1}
    (cancelled,) = [each for each in report.left_out if each.reason == "cancelled"]
    assert [str(place) for place, _text in cancelled.examples] == ["orders.csv, line 4", "orders.csv, line 5"]


def test_an_order_cancelled_since_does_not_stay(tmp_path: Path) -> None:
    """The older of two files has the order paid, the newer cancelled: it counts no more, in one load or in two."""
    old = shopify(tmp_path, FIRST, "#9,z@example.com,paid,USD,8.00,2026-10-01 10:00:00 -0400,Mug,,,", name="old.csv")
    assert load_of(tmp_path, source()).rows == 2
    new = shopify(tmp_path, FIRST.replace("paid", "voided"), name="new.csv")
    os.utime(old, (1, 1))
    load_of(tmp_path, source())
    assert rows(tmp_path, "order_id") == [("#9",)]
    old.unlink()
    assert new.exists()
    load_of(tmp_path, source())
    assert rows(tmp_path, "order_id") == [("#9",)]


def test_a_line_that_does_not_fit_keeps_its_order_out(tmp_path: Path) -> None:
    """Half an order would be a wrong order. The place is the line's, the column is called as the file calls it."""
    text = "主單編號,訂單編號,轉單日期時間,會員編號,訂單狀態,銷售金額(折扣後)\n"
    text += "A,A1,2026/10/3 下午 03:05:22,M1,已完成,NT$590\nA,A2,2026/10/3 下午 03:05:22,M1,已完成,約590\n"
    text += 'B,B1,2026/10/4 下午 03:05:22,M2,已完成,"NT$1,180"\n'
    (tmp_path / "orders.csv").write_text(text, "utf-8")
    report = load_of(tmp_path, source("91app/orders"))
    assert rows(tmp_path, "order_id, revenue") == [("B", 1180)]
    (rejection,) = report.rejections
    assert (rejection.column, rejection.header, rejection.count) == ("revenue", "銷售金額(折扣後)", 1)
    assert [(str(place), text) for place, text in rejection.examples] == [("orders.csv, line 3", "約590")]


def test_lines_above_a_table_say_how_it_counts_years(tmp_path: Path) -> None:
    """115/11/03 is a day where the report's title says 民國, and where its column does; else its row is kept out."""
    lines = "訂單號碼,訂單日期,訂單狀態,付款狀態,送貨狀態,訂單合計\nS1,115/11/03 15:05,已完成,已付款,已取貨,300\n"
    for title, day in (("11月訂單\n", None), ("民國115年11月訂單\n", date(2026, 11, 3))):
        (tmp_path / "a.csv").write_text(f"{title}\n{lines}", "utf-8")
        report = load_of(tmp_path, source("shopline/orders"))
        assert (report.rows, report.rejected) == ((1, 0) if day else (0, 1))
    of_list = Source("made", "csv", "orders", options={"path": "a.csv"}, columns={"ordered_at": "訂單日期(民國)"})
    (tmp_path / "a.csv").write_text("order_id,訂單日期(民國),revenue\nS1,115/11/03,300\n", "utf-8")
    assert load_of(tmp_path, of_list).first_day == date(2026, 11, 3)


def test_a_file_whose_days_are_open_waits(tmp_path: Path) -> None:
    """11/03/26 is in March or in November and no value proves it: no row goes in, not even one of 11/11/26."""
    days = ["11/03/26", "11/11/26", "11/05/26"]
    lines = [f"{number},p{number}@example.com,{day},Paid Search," for number, day in enumerate(days)]
    shopify(tmp_path, *lines, header=CONTACTS)
    report = load_of(tmp_path, source("hubspot/contacts", "leads"))
    assert (report.rows, report.rejected) == (0, 3)
    assert [(each.header, each.is_open) for each in report.rejections] == [("Create Date", True)]
    report = load_of(tmp_path, source("hubspot/contacts", "leads", dates="mdy"))
    assert report.rows == 3
    assert [str(day) for (day,) in rows(tmp_path, "created_at::DATE", "leads")] == [
        "2026-11-02", "2026-11-04", "2026-11-10",
    ]  # fmt: skip


def test_one_column_proves_the_days_of_its_file(tmp_path: Path) -> None:
    """A tool writes all days of a file alike: 10/31/26 in one column says what 11/02/26 is in another."""
    shopify(tmp_path, "1,a@example.com,10/31/26 12:00,Referrals,11/02/26 12:00", header=CONTACTS)
    load_of(tmp_path, source("hubspot/contacts", "leads"))
    assert [str(day) for (day,) in rows(tmp_path, "won_at", "leads")] == ["2026-11-02 03:00:00"]


@pytest.mark.parametrize(
    ("days", "are_sums"),
    [
        (["2026-10-05", "2026-10-12", "2026-10-26"], True),
        (["2026-04-07", "2026-08-11", "2026-11-10"], False),
        (["2026-01-06", "2026-04-07", "2026-08-11", "2026-09-08", "2026-11-10"], True),
        (["2026-09-14", "2026-10-01", "2026-11-01"], True),
        (["2026-10-05", "2026-10-12"], False),
        (["2026-10-05", "2026-10-12", "2026-10-13"], False),
    ],
)
def test_days_that_begin_weeks_and_months(days: list[str], are_sums: bool) -> None:
    """All firsts, or all whole weeks apart: sums of longer times. A few Tuesdays over a year are that by chance."""
    assert begin_longer_times([date.fromisoformat(day) for day in days]) is are_sums


def test_each_file_is_read_by_its_own_styles(tmp_path: Path) -> None:
    """How one file writes its days does not decide for the next; what is not the layout's is passed over."""
    shopify(tmp_path, "1,a@example.com,10/31/2026,Referrals,", header=CONTACTS, name="us.csv")
    shopify(tmp_path, "2,b@example.com,31.10.2026,Referrals,", header=CONTACTS, name="de.csv")
    shopify(tmp_path, FIRST, name="orders.csv")
    (tmp_path / "picture.csv").write_bytes(b"%PDF-1.7\n\xff\xfe\x00\x00")
    report = load_of(tmp_path, source("hubspot/contacts", "leads"))
    assert (report.rows, report.rejected) == (2, 0)
    assert {str(day) for (day,) in rows(tmp_path, "created_at", "leads")} == {"2026-10-30 15:00:00"}


def test_a_file_that_is_named_has_to_fit(tmp_path: Path) -> None:
    """A pattern passes over the files of other sources; one that is named by itself and does not fit is an error."""
    shopify(tmp_path, FIRST)
    (report,) = loaded(tmp_path, source("hubspot/contacts", "leads", ["orders.csv"])).sources
    assert report.error is not None
    assert report.error.code == "source_layout"
    (report,) = loaded(tmp_path, source("hubspot/contacts", "leads", "*.csv")).sources
    assert report.error is not None
    assert report.error.code == "source_no_layout"


def test_what_kpi_yaml_says_wins(tmp_path: Path) -> None:
    """set, columns, values and leave_out of the source come before the layout's."""
    shopify(tmp_path, FIRST + ",shop 2", "#5,e@example.com,paid,USD,7.00,2026-10-06 10:00:00 -0400,Cap,,,,Test shop",
            header=SHOPIFY + ",Location")  # fmt: skip
    rules: Mapping[str, Any] = {
        "set": {"channel": "retail"},
        "columns": {"region": "Location"},
        "values": {"region": {"SHOP 2": "Busan"}},
        "leave_out": ({"location": ("test shop",)},),
    }
    report = load_of(tmp_path, source(**rules))
    assert left_out(report) == {"none_of_ours": 1}
    assert rows(tmp_path, "order_id, channel, region") == [("#1", "retail", "Busan")]


def test_constants_and_left_out_rows_without_a_layout(tmp_path: Path) -> None:
    """A constant fills a column that a file of one's own has not; what kpi.yaml leaves out is counted."""
    shopify(tmp_path, "1,2026-10-01,9", "2,2026-10-02,5", "Trial,2026-10-03,1", header="response_id,responded_at,score")
    made = Source("made", "csv", "survey_responses", set={"survey": "NPS"}, leave_out=("TRIAL",),
                  options={"path": "orders.csv"})  # fmt: skip
    report = load_of(tmp_path, made)
    assert (report.rejected, left_out(report)) == (0, {"none_of_ours": 1})
    assert rows(tmp_path, "score, survey", "survey_responses") == [(5, "nps"), (9, "nps")]


def drawn_orders(chance: random.Random) -> list[dict[str, str]]:
    """Lines of orders as Shopify writes them: what is the order's stands on its first line."""
    lines: list[dict[str, str]] = []
    for number in range(chance.randrange(1, 8)):
        for item in range(chance.randrange(1, 4)):
            line = dict.fromkeys(SHOPIFY.split(","), "")
            line |= {"Name": f"#{number}", "Email": f"{number % 3}@example.com", "Lineitem name": f"Item {item}, new"}
            line["Created at"] = f"2026-10-{number + 3:02} 10:00:00 -0400"
            if item == 0:
                line |= {"Financial Status": chance.choice(["paid", "voided", "refunded"]), "Currency": "USD"}
                line |= {"Total": f"{chance.randrange(100, 9900) / 100:.2f}", "Refunded Amount": "0.00"}
            lines.append(line)
    return lines


def written(lines: Sequence[Mapping[str, str]], header: Sequence[str]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(header), restval="more", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(lines)
    return text.getvalue()


@pytest.mark.long
def test_columns_in_any_order_give_the_same_rows(tmp_path: Path) -> None:
    """Another order of columns, unknown columns between, and optional ones that are not there change no row."""
    chance = random.Random(2026)
    optional = ["Payment Method", "Cancelled at", "Refunded Amount", "Currency"]
    count = long.times(2, 40)
    long.ran("files with their columns in another order", count)
    for number in range(1, count + 1):
        lines = drawn_orders(chance)
        header = SHOPIFY.split(",")
        dropped = chance.sample(optional, number % 3)
        other = [*(name for name in header if name not in dropped), "Vendor", "備註"]
        chance.shuffle(other)
        answers = []
        for name, columns in (("plain", header), ("other", other)):
            folder = tmp_path / f"{name}{number}"
            folder.mkdir()
            (folder / "orders.csv").write_text(written(lines, columns), "utf-8")
            report = load_of(folder, source())
            answers.append((left_out(report), rows(folder, "order_id, customer_id, ordered_at, revenue")
                            if report.rows else []))  # fmt: skip
        assert answers[0] == answers[1]
        paid = [line for line in lines if line["Financial Status"] in {"paid", "refunded"}]
        assert sum(row[3] for row in answers[0][1]) == sum(Decimal(line["Total"]) for line in paid)
