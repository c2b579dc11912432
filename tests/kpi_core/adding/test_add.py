"""`kpi add`: what becomes of a file, and what kpi.yaml says afterwards."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from kpi_core.adding.addition import Added, add_files
from kpi_core.catalog import load_catalog
from kpi_core.errors import DataError
from kpi_core.loading.load import load
from kpi_core.settings.file import read_settings

from tables import read_tables

CATALOG = load_catalog(())
FIRM = "# our firm\ncompany: Made up   # really\ntimezone: America/New_York\ncurrency: USD\n"
META = "Campaign name,Day,Impressions,Link clicks,Amount spent (USD),Purchases,Reporting starts,Reporting ends\n"
CONTACTS = "Record ID,Email,Lifecycle Stage,Original Source,Create Date\n"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A kpi.yaml without sources, with comments."""
    path = tmp_path / "kpi.yaml"
    path.write_text(FIRM, "utf-8")
    return path


def added(config: Path, *names: str, answers: Mapping[str, str] | None = None) -> list[Added]:
    """What became of files beside kpi.yaml."""
    return list(add_files([config.parent / name for name in names], config, CATALOG, answers or {}))


def meta(*days: int) -> str:
    """An export of Meta Ads with a row a day of October."""
    return META + "".join(
        f"Sale,2026-10-{day:02},100,{day},10.50,1,2026-10-{day:02},2026-10-{day:02}\n" for day in days
    )


def sources_of(config: Path) -> list[tuple[str, str, object]]:
    """Name, table and path of the sources."""
    listed = ((source, source.options["path"]) for source in read_settings(config).sources)
    return [(source.name, source.table, tuple(path) if isinstance(path, list) else path) for source, path in listed]


def test_an_export_becomes_a_source(config: Path) -> None:
    """A recognised file is read as its layout says; kpi.yaml gains a line and keeps every other."""
    (config.parent / "Glow Campaigns [1].csv").write_text(meta(1, 2), "utf-8-sig")
    (item,) = added(config, "Glow Campaigns [1].csv")
    assert (item.state, item.source, item.understanding and item.understanding.rows) == ("added", "meta_ads", 2)
    assert config.read_text("utf-8").startswith(FIRM)
    assert sources_of(config) == [("meta_ads", "ad_performance", "Glow Campaigns [[]1].csv")]


def test_again_changes_nothing(config: Path) -> None:
    """The same file a second time is there already; kpi.yaml stays byte for byte."""
    (config.parent / "a.csv").write_text(meta(1), "utf-8")
    added(config, "a.csv")
    once = config.read_bytes()
    assert [item.state for item in added(config, "a.csv")] == ["there"]
    assert config.read_bytes() == once


def test_two_exports_of_a_tool_are_one_source(config: Path) -> None:
    """Their days then count once; the second file joins the paths of the first."""
    for name, days in (("a.csv", (1, 2)), ("b.csv", (2, 3))):
        (config.parent / name).write_text(meta(*days), "utf-8")
    assert [item.source for item in added(config, "a.csv", "b.csv")] == ["meta_ads", "meta_ads"]
    assert sources_of(config) == [("meta_ads", "ad_performance", ("a.csv", "b.csv"))]


def test_a_folder_is_taken_whole_and_keeps_growing(config: Path) -> None:
    """Each tool's files become a source over the folder; what is downloaded there later is read by it already."""
    folder = config.parent / "downloads"
    folder.mkdir()
    (folder / "meta.csv").write_text(meta(1), "utf-8")
    (folder / "contacts.csv").write_text(CONTACTS + "1,a@example.com,lead,Email,2026-10-20 09:50\n", "utf-8")
    (folder / "leave.csv").write_text("Name,Team,Days\nA,Ads,8\n", "utf-8")
    (folder / "report.pdf").write_bytes(b"%PDF-1.7\n")
    states = {item.file.name: item.state for item in added(config, "downloads")}
    assert states == {
        "meta.csv": "added",
        "contacts.csv": "added",
        "leave.csv": "none_of_ours",
        "report.pdf": "none_of_ours",
    }
    assert {(table, path) for _name, table, path in sources_of(config)} == {
        ("ad_performance", "downloads/*"),
        ("leads", "downloads/*"),
    }
    (folder / "meta (1).csv").write_text(meta(2), "utf-8")
    assert [item.state for item in added(config, "downloads/meta (1).csv")] == ["there"]


def test_what_nobody_can_know_waits(config: Path) -> None:
    """11/03/26 may be two days: the file waits with nothing written down until somebody says which."""
    (config.parent / "c.csv").write_text(CONTACTS + "1,a@example.com,lead,Email,11/03/26\n", "utf-8")
    (item,) = added(config, "c.csv")
    (question,) = item.questions
    assert (item.state, question.about, [choice.value for choice in question.choices]) == (
        "waits",
        "dates",
        ["mdy", "dmy"],
    )
    meanings = [choice.meaning.params["day"] for choice in question.choices if choice.meaning]
    assert meanings == ["2026-11-03", "2026-03-11"]
    assert config.read_text("utf-8") == FIRM
    (item,) = added(config, "c.csv", answers={"dates": "dmy"})
    assert item.state == "added"
    assert item.understanding is not None
    assert str(item.understanding.first_day) == "2026-03-11"
    assert read_settings(config).sources[0].dates == "dmy"


def test_another_style_is_another_source(config: Path) -> None:
    """A file that is read in another way does not change how the first one is read."""
    for name in ("c.csv", "d.csv"):
        (config.parent / name).write_text(CONTACTS + "1,a@example.com,lead,Email,11/03/26\n", "utf-8")
    added(config, "c.csv", answers={"dates": "dmy"})
    added(config, "d.csv", answers={"dates": "mdy"})
    assert [source.dates for source in read_settings(config).sources] == ["dmy", "mdy"]


def test_an_unknown_table_is_read_by_meaning(config: Path) -> None:
    """Headers with one meaning are taken; those with a vague one are asked about, and remembered."""
    (config.parent / "kosten.csv").write_text("Datum;Kategorie;Betrag\n03.11.2026;Tools;1.250,50\n", "utf-8")
    (item,) = added(config, "kosten.csv")
    assert (item.state, item.look and item.look.table) == ("added", "costs")
    (config.parent / "orders.csv").write_text("order_id,date,amount,customer_id\n1,2026-11-03,20.00,kim\n", "utf-8")
    (item,) = added(config, "orders.csv")
    assert (item.state, [question.about for question in item.questions]) == ("waits", ["columns"])
    (item,) = added(config, "orders.csv", answers={"columns": "yes"})
    assert item.state == "added"
    columns = read_settings(config).sources[-1].columns
    assert columns == {"ordered_at": "date", "revenue": "amount"}
    (config.parent / "orders 2.csv").write_text("order_id,date,amount,customer_id\n2,2026-11-04,21.00,lin\n", "utf-8")
    assert [item.state for item in added(config, "orders 2.csv")] == ["added"]
    assert sources_of(config)[-1] == ("orders", "orders", ("orders.csv", "orders 2.csv"))


def test_repeated_keys_are_asked_about(config: Path) -> None:
    """Two lines of one order may be two products or the order twice: nobody but its owner knows."""
    lines = "order number,order date,email,total\n1,2026-11-03,a@example.com,20.50\n1,2026-11-03,a@example.com,9.50\n"
    (config.parent / "shop.csv").write_text(lines, "utf-8")
    (item,) = added(config, "shop.csv")
    assert (item.state, [question.about for question in item.questions]) == ("waits", ["lines"])
    assert [choice.value for choice in item.questions[0].choices] == ["last", "no"]
    assert added(config, "shop.csv", answers={"lines": "no"})[0].state == "none_of_ours"
    assert config.read_text("utf-8") == FIRM


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\x89PNG\r\n\x1a\n", b"just a line of text\n", b"a,b\n1,2\n"])
def test_what_is_none_of_ours_is_left(config: Path, content: bytes) -> None:
    """Nothing is written for it, and nothing fails."""
    (config.parent / "x.csv").write_bytes(content)
    assert [item.state for item in added(config, "x.csv")] == ["none_of_ours"]
    assert config.read_text("utf-8") == FIRM


def test_one_bad_file_does_not_stop_the_others(config: Path) -> None:
    """A damaged workbook is told, and the next file is added."""
    (config.parent / "bad.xlsx").write_bytes(b"PK\x03\x04[Content_Types].xml broken")
    (config.parent / "a.csv").write_text(meta(1), "utf-8")
    assert [item.state for item in added(config, "bad.xlsx", "a.csv")] == ["failed", "added"]


def test_a_path_that_is_not_there(config: Path) -> None:
    """It is named, with what to do."""
    with pytest.raises(DataError) as refusal:
        added(config, "missing.csv")
    assert (refusal.value.code, bool(refusal.value.hint)) == ("add_no_file", True)


def test_files_of_a_folder_come_by_age(config: Path) -> None:
    """The oldest download first, so that the newest has the last word."""
    folder = config.parent / "downloads"
    folder.mkdir()
    order: Sequence[str] = ("z.csv", "m.csv", "a.csv")
    for age, name in enumerate(order):
        (folder / name).write_text(meta(1), "utf-8")
        os.utime(folder / name, (1_000_000 + age, 1_000_000 + age))
    assert [item.file.name for item in added(config, "downloads")] == list(order)


RATES = '날짜,통화,매매기준율\n2026-10-01,USD,"1,380.50"\n2026-10-01,JPY(100),910.00\n'


def won(config: Path) -> None:
    config.write_text("timezone: Asia/Seoul\ncurrency: KRW\n", "utf-8")


@pytest.mark.parametrize(
    ("header", "foreign"),
    [("Amount ($)", "$"), ("Amount (USD)", "USD"), ("Amount [€]", "EUR"), ("Amount (원)", ""), ("Amount (net)", "")],
)
def test_a_header_names_the_currency(config: Path, header: str, foreign: str) -> None:
    """Amounts under a dollar sign are no won: they are left out and told, and what the firm's own are stay."""
    won(config)
    (config.parent / "costs.csv").write_text(f"Date,Category,{header}\n2026-10-01,tools,10.50\n", "utf-8")
    (item,) = added(config, "costs.csv")
    assert item.understanding is not None
    assert [each.currency for each in item.understanding.foreign] == ([foreign] if foreign else [])
    assert item.understanding.rows == (0 if foreign else 1)


@pytest.mark.parametrize("header", ["금액(천원)", "금액 (단위: 백만원)", "Amount (USD thousand)", "Betrag (Tsd. €)"])
def test_amounts_in_thousands_are_not_taken_for_ones(config: Path, header: str) -> None:
    """Nothing is loaded a thousand times too small."""
    (config.parent / "costs.csv").write_text(f"Date,Category,{header}\n2026-10-01,tools,10\n", "utf-8")
    assert [item.state for item in added(config, "costs.csv")] == ["none_of_ours"]


def test_a_name_may_begin_with_a_figure(config: Path) -> None:
    """A header is one also where a column is called "14 day total sales"; a row of words is none."""
    rows = "Day,Ad platform,Spend,14 Day Total Sales\n2026-10-01,meta,10.50,99.00\n"
    (config.parent / "ads.csv").write_text(rows, "utf-8")
    (config.parent / "words.csv").write_text("date,channel,category,100 amount\ntools,social,other,5\n", "utf-8")
    ads, words = added(config, "ads.csv", "words.csv", answers={"columns": "yes"})
    assert (ads.state, ads.look and ads.look.table, words.state) == ("added", "ad_performance", "none_of_ours")


def test_a_table_of_rates_converts_from_then_on(config: Path) -> None:
    """It becomes `rates:` of kpi.yaml; a sign of several currencies is then asked about, and converted."""
    won(config)
    (config.parent / "rates.csv").write_text(RATES, "utf-8")
    (config.parent / "costs.csv").write_text("Date,Category,Amount ($)\n2026-10-01,tools,10\n", "utf-8")
    (config.parent / "yen.csv").write_text("Date,Category,Amount (JPY)\n2026-10-01,tools,100\n", "utf-8")
    assert [item.state for item in added(config, "rates.csv", "costs.csv")] == ["added", "waits"]
    assert read_settings(config).rates == "rates"
    dollars, yen = added(config, "costs.csv", "yen.csv", answers={"currency": "USD"})
    amounts = [item.understanding.sample[0][-1] for item in (dollars, yen) if item.understanding]
    assert amounts == [Decimal(13805), Decimal(910)]
    assert [source.currency for source in read_settings(config).sources] == [None, "USD", None]


def test_an_answer_counts_where_it_is_asked(config: Path) -> None:
    """Of a folder only the file that is open takes it: what another proves itself stays as it is."""
    folder = config.parent / "in"
    folder.mkdir()
    (folder / "open.csv").write_text("order number,order date,email,total\n1,11/03/26,a@example.com,20.50\n", "utf-8")
    (folder / "proven.csv").write_text("Date,Category,Amount\n25/10/2026,tools,10\n", "utf-8")
    assert [item.state for item in added(config, "in", answers={"dates": "mdy"})] == ["added", "added"]
    assert {source.table: source.dates for source in read_settings(config).sources} == {"orders": "mdy", "costs": None}


LINKEDIN = "Start Date (in UTC),Currency,Campaign Name,Total Spent,Impressions,Clicks\n"
OCTOBER = "Ad Performance Report (in UTC)\nReport Start: October 1 2026\nReport End: October {} 2026\nDate Generated: November 3 2026\n"  # noqa: E501


def linkedin(*days: str) -> str:
    return LINKEDIN + "".join(f"{day},USD,{name},10.50,100,5\n" for day in days for name in ("A", "B"))


@pytest.mark.parametrize(
    ("text", "state", "asked"),
    [
        (OCTOBER.format(31) + linkedin("2026-10-01"), "failed", []),
        (OCTOBER.format(1) + linkedin("2026-10-01"), "added", []),
        (linkedin("2026-10-01"), "waits", ["days"]),
        (linkedin("2026-10-01", "2026-10-02"), "added", []),
        (linkedin("2026-09-14", "2026-10-01", "2026-11-01"), "failed", []),
        (linkedin("2026-10-05", "2026-10-12", "2026-10-19"), "failed", []),
    ],
)
def test_sums_of_a_longer_time_are_no_days(config: Path, text: str, state: str, asked: list[str]) -> None:
    """LinkedIn writes sums of months, weeks and whole reports on their first day: never read as what that day was."""
    (config.parent / "ads.csv").write_text(text, "utf-8")
    (item,) = added(config, "ads.csv")
    assert (item.state, [question.about for question in item.questions]) == (state, asked)
    if item.error is not None:
        assert (item.error.code, bool(item.error.hint)) == ("source_sums", True)
    if asked:
        assert [item.state for item in added(config, "ads.csv", answers={"days": "period"})] == ["none_of_ours"]
        assert [item.state for item in added(config, "ads.csv", answers={"days": "day"})] == ["added"]


def test_lines_of_orders_are_a_table_beside_the_orders(config: Path) -> None:
    """An order counts once with its total, and each product of it with its quantity; cancelled orders with neither."""
    text = "Name,Email,Financial Status,Currency,Total,Created at,Lineitem name,Lineitem quantity,Lineitem price\n"
    text += "#1,a@example.com,paid,USD,50.00,2026-10-03 10:00:00 -0400,Mug,2,10.00\n"
    text += "#1,a@example.com,,,,2026-10-03 10:00:00 -0400,Cap,1,30.00\n"
    text += "#2,b@example.com,voided,USD,10.00,2026-10-04 10:00:00 -0400,Mug,1,10.00\n"
    (config.parent / "orders.csv").write_text(text, "utf-8")
    (item,) = added(config, "orders.csv")
    assert (item.source, item.beside) == ("shopify_orders", ("shopify_orders order_lines",))
    assert [(table, path) for _name, table, path in sources_of(config)] == [
        ("orders", "orders.csv"),
        ("order_lines", "orders.csv"),
    ]
    load(read_settings(config), CATALOG, now=datetime(2026, 11, 25, tzinfo=UTC))
    with read_tables(config.parent / "kpi.duckdb") as snapshot:
        assert snapshot.execute("SELECT order_id, revenue::int FROM orders").fetchall() == [("#1", 50)]
        lines = "SELECT product, quantity, amount::int FROM order_lines ORDER BY 1"
        assert snapshot.execute(lines).fetchall() == [("Cap", 1, 30), ("Mug", 2, 20)]
    (config.parent / "more.csv").write_text(text.replace("#", "#9"), "utf-8")
    added(config, "more.csv")
    assert [path for _name, _table, path in sources_of(config)] == [("orders.csv", "more.csv")] * 2


def test_what_has_to_be_saved_anew_is_told(config: Path) -> None:
    """A web page that is called a workbook is no file of nobody: it says what to do."""
    (config.parent / "orders.xls").write_text("<html><table><tr><td>주문번호</td></tr></table></html>", "utf-8")
    (item,) = added(config, "orders.xls")
    assert (item.state, item.error and item.error.code) == ("failed", "source_page")


def sessions(config: Path, name: str, dimension: str, member: str, per_day: int) -> None:
    """An export of Google Analytics: the sessions of ten days, by one dimension."""
    lines = [f"202610{day:02},{member},{300 + per_day * day}" for day in range(1, 11)]
    (config.parent / name).write_text("\n".join([f"Date,{dimension},Sessions", *lines]) + "\n", "utf-8")


def total_sessions(config: Path) -> int:
    load(read_settings(config), CATALOG, now=datetime(2026, 11, 1, tzinfo=UTC))
    with read_tables(config.parent / "kpi.duckdb") as snapshot:
        return int(snapshot.execute("SELECT sum(sessions) FROM traffic").fetchall()[0][0])


@pytest.mark.parametrize(("choice", "total"), [("one", 3_550), ("several", 3_550 + 3_275)])
def test_reports_that_may_be_of_two_accounts_are_asked_about(config: Path, choice: str, total: int) -> None:
    """Sessions by page and by channel with other sums are one site's or two's: kpi.yaml gains the answer, once."""
    sessions(config, "pages.csv", "Landing page", "/", 10)
    sessions(config, "channels.csv", "Session default channel group", "Direct", 5)
    first, second = added(config, "pages.csv", "channels.csv")
    assert (first.state, second.state) == ("added", "waits")
    assert [question.about for question in second.questions] == ["accounts"]
    assert sources_of(config) == [("ga4", "traffic", "pages.csv")]
    (item,) = added(config, "channels.csv", answers={"accounts": choice})
    assert (item.state, item.source) == ("added", "ga4")
    assert [source.accounts for source in read_settings(config).sources] == [choice]
    assert total_sessions(config) == total
    assert [each.state for each in added(config, "pages.csv", "channels.csv")] == ["there", "there"]


def in_folder(config: Path, name: str, age: int) -> None:
    """A file of the folder `dl`, the lower its `age` the sooner it is added."""
    folder = config.parent / "dl"
    folder.mkdir(exist_ok=True)
    os.utime((config.parent / name).rename(folder / name), (age, age))


@pytest.mark.parametrize(("choice", "total"), [("one", 3_550), ("several", 3_550 + 3_275)])
def test_a_file_of_a_folder_that_waits_has_no_row_loaded(config: Path, choice: str, total: int) -> None:
    """The folder's pattern leaves it out until somebody has answered; what comes next into the folder is read."""
    sessions(config, "channels.csv", "Session default channel group", "Direct", 5)
    sessions(config, "pages.csv", "Landing page", "/", 10)
    in_folder(config, "channels.csv", 1)
    in_folder(config, "pages.csv", 2)
    for _again in range(2):
        assert [item.state for item in added(config, "dl")][-1] == "waits"
        assert [source.options["path"] for source in read_settings(config).sources] == [["dl/*", "!dl/pages.csv"]]
    assert total_sessions(config) == 3_275
    assert [item.state for item in added(config, "dl", answers={"accounts": choice})] == ["there", "added"]
    (source,) = read_settings(config).sources
    assert (source.options["path"], source.accounts) == ("dl/*", choice)
    assert total_sessions(config) == total
    assert [item.state for item in added(config, "dl")] == ["there", "there"]


def test_a_file_of_a_folder_in_another_style_becomes_a_source_of_its_own(config: Path) -> None:
    """Each file is read once, in its own style, however often the folder is added; nothing is read before."""
    header = "Record ID,First Name,Last Name,Email,Contact owner,Lifecycle Stage,Original Source,Create Date\n"
    for name, days in (("a.csv", ("2026-10-02 10:00", "2026-10-03 10:00")), ("b.csv", ("11/03/26", "11/04/26"))):
        rows = (f"{name}{day},Ann,Lee,{name}@example.com,,lead,Paid Social,{day}" for day in days)
        (config.parent / name).write_text(header + "\n".join(rows) + "\n", "utf-8")
    in_folder(config, "a.csv", 1)
    in_folder(config, "b.csv", 2)
    assert [item.state for item in added(config, "dl")] == ["added", "waits"]
    assert leads(config) == {10: 2}
    assert [item.state for item in added(config, "dl", answers={"dates": "mdy"})] == ["there", "added"]
    assert leads(config) == {10: 2, 11: 2}
    assert [item.source for item in added(config, "dl")] == ["hubspot_contacts", "hubspot_contacts 2"]
    (config.parent / "dl" / "c.csv").write_text(
        header + "c1,Ann,Lee,c@example.com,,lead,Paid Social,2026-10-09\n", "utf-8"
    )
    assert leads(config) == {10: 3, 11: 2}


def leads(config: Path) -> dict[int, int]:
    """How many there are by month."""
    load(read_settings(config), CATALOG, now=datetime(2026, 12, 1, tzinfo=UTC))
    with read_tables(config.parent / "kpi.duckdb") as snapshot:
        return dict(snapshot.execute("SELECT month(created_at), count(*)::int FROM leads GROUP BY 1").fetchall())


def test_reports_that_prove_to_be_of_one_account_are_not(config: Path) -> None:
    """Equal days need no question; an answer to it changes nothing."""
    sessions(config, "pages.csv", "Landing page", "/", 10)
    sessions(config, "channels.csv", "Session default channel group", "Direct", 10)
    assert [item.state for item in added(config, "pages.csv", "channels.csv")] == ["added", "added"]
    assert total_sessions(config) == 3_550
    before = config.read_bytes()
    assert [item.state for item in added(config, "channels.csv", answers={"accounts": "one"})] == ["there"]
    assert config.read_bytes() == before


STATES = "Order number,Order date,Customer,Total,Status\n"


def test_orders_that_are_none_are_left_out_of_an_unknown_table(config: Path) -> None:
    """What a column of states calls cancelled or unpaid counts nowhere and is counted; a refunded order stays."""
    states = ["Completed", "Cancelled", "Refunded", "Payment pending", "Partially cancelled"]
    lines = [f"{number},2026-10-{number:02},a,100.00,{state}" for number, state in enumerate(states, start=1)]
    (config.parent / "a.csv").write_text(STATES + "\n".join(lines) + "\n", "utf-8")
    (item,) = added(config, "a.csv")
    assert item.understanding is not None
    assert (item.state, item.understanding.rows) == ("added", 3)
    assert sum(each.rows for each in item.understanding.left_out) == 2
    (source,) = read_settings(config).sources
    assert source.leave_out == ({"Status": ("Cancelled", "Payment pending")},)
    (config.parent / "b.csv").write_text(
        STATES + "9,2026-11-01,b,50.00,Void\n8,2026-11-02,b,50.00,Completed\n", "utf-8"
    )
    assert [each.understanding and each.understanding.rows for each in added(config, "b.csv")] == [1]
    load(read_settings(config), CATALOG, now=datetime(2026, 11, 25, tzinfo=UTC))
    with read_tables(config.parent / "kpi.duckdb") as snapshot:
        assert snapshot.execute("SELECT order_id FROM orders ORDER BY 1").fetchall() == [("1",), ("3",), ("5",), ("8",)]


def test_states_that_nobody_knows_are_asked_about(config: Path) -> None:
    """A code may stand for a cancelled order: nothing is loaded until somebody says that all of them are orders."""
    (config.parent / "a.csv").write_text(STATES + "1,2026-10-03,a,100.00,A7\n2,2026-10-04,b,50.00,B9\n", "utf-8")
    (item,) = added(config, "a.csv")
    assert (item.state, [question.about for question in item.questions]) == ("waits", ["states"])
    assert [each.state for each in added(config, "a.csv", answers={"states": "no"})] == ["none_of_ours"]
    assert [each.state for each in added(config, "a.csv", answers={"states": "yes"})] == ["added"]


def test_impressions_alone_are_nobody_s_advertising(config: Path) -> None:
    """Days with impressions and no spend may be those of a search engine: somebody confirms them first."""
    (config.parent / "a.csv").write_text("Date,Impressions\n2026-10-01,100\n", "utf-8")
    (item,) = added(config, "a.csv")
    assert (item.state, [question.about for question in item.questions]) == ("waits", ["columns"])


EBAY = """\

"Sales Record Number","Order Number","Buyer Username","Item Title","Quantity","Sold For","Total Price","Sale Date"

"101","12-1","ann","Console","1","$299.99","$309.99","Oct-10-26"
"102","12-2","bo","","3","","$66.00","Oct-11-26"
"102","12-2","bo","Pad","2","$20.00","",""
"103","12-2","bo","Cup","1","$20.00","",""

"3","record(s) downloaded","","from","Oct-01-26","to","Oct-31-26"
"Seller ID : shop"
"""


def test_an_order_of_several_items_has_its_total_once(config: Path) -> None:
    """The report of a marketplace has a line for the whole order and one for each item, and signs itself below."""
    (config.parent / "ebay.csv").write_text(EBAY, "utf-8")
    (item,) = added(config, "ebay.csv")
    assert item.understanding is not None
    assert (item.state, item.understanding.rows, item.understanding.rejections) == ("added", 2, ())
    assert [row[-1] for row in item.understanding.sample] == [Decimal("309.99"), Decimal(66)]


MONTHS = "2026-08-01,A,1000,50,100.5\n2026-09-01,A,1200,60,110.5\n2026-10-01,A,1300,70,120.5\n"


def test_months_of_an_unknown_table_are_no_days(config: Path) -> None:
    """Days that all begin months may hold whole months: asked, and left where they do; of other days nobody is."""
    header = "Date,Campaign,Impressions,Clicks,Cost\n"
    (config.parent / "a.csv").write_text(header + MONTHS, "utf-8")
    (item,) = added(config, "a.csv")
    assert (item.state, [question.about for question in item.questions]) == ("waits", ["days"])
    assert [each.state for each in added(config, "a.csv", answers={"days": "period"})] == ["none_of_ours"]
    (config.parent / "b.csv").write_text(header + MONTHS + "2026-10-02,A,1300,70,120.5\n", "utf-8")
    assert [each.state for each in added(config, "b.csv")] == ["added"]


@pytest.mark.parametrize(
    "text",
    [
        "Day,Orders,Gross sales,Net sales,Total sales\n2026-10-01,3,150,140,163.20\n2026-10-02,2,90,70,83.60\n",
        'sep=,\n"Views"\n"Date","Primary"\n"2026-10-01T00:00:00","1200"\n"2026-10-02T00:00:00","900"\n',
        "SKU,Product,Date,Quantity,Price,Total\nA1,Soap,2026-10-01,10,5,50\nA2,Cap,2026-10-02,4,20,80\n",
    ],
)
def test_sums_without_an_ad_are_not_offered_as_ads(config: Path, text: str) -> None:
    """A report of sales by day, views of a page and a stock list are none of ours, and nobody is asked whether they
    are ads.
    """
    (config.parent / "report.csv").write_text(text, "utf-8")
    (item,) = added(config, "report.csv")
    assert (item.state, item.questions) == ("none_of_ours", ())


@pytest.mark.parametrize(
    "text",
    ["일자,구분,금액,잔액\n2026-10-01,입금,120000,1120000\n2026-10-13,출금,30000,1090000\n",
     "Date,Category,IBAN,Amount\n2026-10-01,Income,DE02,1200.50\n2026-10-13,Rent,DE03,-800.00\n"],
)  # fmt: skip
def test_a_bank_s_list_is_no_list_of_costs(config: Path, text: str) -> None:
    """What comes in and goes out of an account never becomes costs in silence, whatever its columns are called."""
    (config.parent / "list.csv").write_text(text, "utf-8")
    (item,) = added(config, "list.csv")
    assert (item.state, [question.about for question in item.questions]) == ("waits", ["columns"])
    assert sources_of(config) == []


def test_an_export_without_what_its_rows_need_is_not_that_export(config: Path) -> None:
    """Answers without their day are no answers: read as the tool's, every row would be refused."""
    header = "Respondent ID,Collector ID,How likely is it that you would recommend us to a friend?"
    (config.parent / "survey.csv").write_text(f"{header}\n1,9,10\n2,9,6\n", "utf-8")
    assert [item.state for item in added(config, "survey.csv")] == ["none_of_ours"]
    (config.parent / "days.csv").write_text(f"Date Created,{header}\n10/13/2026,1,9,10\n10/14/2026,2,9,6\n", "utf-8")
    (item,) = added(config, "days.csv")
    assert (item.state, item.understanding and item.understanding.rows) == ("added", 2)


@pytest.mark.parametrize(
    "text",
    [
        "Date,Description,Amount,Balance\n2026-10-01,Salary,2000,5000\n2026-10-02,Rent,-900,4100\n",
        "SKU,Date,Quantity,Cost\nA,2026-10-01,10,5\nB,2026-10-01,20,6\n",
        "Date,Orders,Revenue\n2026-10-01,10,1000\n2026-10-02,12,1200\n",
    ],
)
def test_a_day_and_an_amount_are_no_table_yet(config: Path, text: str) -> None:
    """A bank's list, a stock, a day's sales: what only says when and how much is never taken without being asked."""
    (config.parent / "a.csv").write_text(text, "utf-8")
    (item,) = added(config, "a.csv")
    assert item.state in {"waits", "none_of_ours"}
    assert "sources" not in config.read_text("utf-8")
