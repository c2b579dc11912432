"""Each type of source, from its files to the rows of a model."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pytest

from kpi_core.catalog import load_catalog
from kpi_core.errors import DataError, KpiBotError, ServiceError
from kpi_core.loading.intake import Intake, take_in
from kpi_core.metrics import Column, Model
from kpi_core.settings.source_types import source_types
from kpi_core.settings.values import Source
from kpi_core.sources import ReadRequest, SheetReader, reader_of
from kpi_core.sources.files import matching_files

ORDERS = load_catalog().models["orders"]
COSTS = load_catalog().models["costs"]


class Taken:
    """The rows that fit and what was said about the others."""

    def __init__(self, rows: list[tuple[Any, ...]], intake: Intake) -> None:
        self.rows = rows
        self.intake = intake
        self.said = {
            rejection.column: (rejection.count, [(str(place), text) for place, text in rejection.examples])
            for rejection in intake.rejections
        }


def taken(
    folder: Path,
    source: Source,
    model: Model = ORDERS,
    select: str = "*",
    *,
    zone: str = "Asia/Seoul",
    since: date | None = None,
    sheet_reader: SheetReader | None = None,
    environment: Mapping[str, str] | None = None,
) -> Taken:
    workspace = folder / "work"
    shutil.rmtree(workspace, ignore_errors=True)
    workspace.mkdir()
    request = ReadRequest(source, folder, workspace, environment or {}, since, sheet_reader)
    with duckdb.connect(str(workspace / "rows.duckdb")) as into:
        raw = reader_of(source.type)(request, into)
        intake = take_in(source, model, raw, into, zone=zone, since=since)
        return Taken(into.execute(f"SELECT {select} FROM ready").fetchall(), intake)


def csv_source(**changes: Any) -> Source:
    return replace(Source("shop", "csv", "orders", options={"path": "*.csv"}), **changes)


def write(folder: Path, text: str, name: str = "a.csv", encoding: str = "utf-8") -> None:
    (folder / name).write_text(text, encoding, newline="")


def test_csv(tmp_path: Path) -> None:
    """Columns are renamed and cast; times go by the zone, money is exact, absent columns are NULL."""
    write(
        tmp_path,
        "Invoice,Date,revenue,channel,landing,Note\n007,2026-11-01 09:00,12.10,search,yes,x\n008,2026-11-02,3,,no,\n",
    )
    source = csv_source(columns={"order_id": "invoice", "ordered_at": "Date"})
    found = taken(tmp_path, source, select="order_id, ordered_at, revenue, channel, landing, device")
    assert found.rows == [
        ("007", datetime(2026, 11, 1), Decimal("12.100000"), "search", True, None),
        ("008", datetime(2026, 11, 1, 15), Decimal("3.000000"), None, False, None),
    ]
    assert found.intake == Intake(2, 0, (), 0, date(2026, 11, 1), date(2026, 11, 2))


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-11-01T09:00:00+09:00", datetime(2026, 11, 1)),
        ("2026-11-01 09:00:00Z", datetime(2026, 11, 1, 9)),
        ("2026-11-01T09:00:00.250-0500", datetime(2026, 11, 1, 14, 0, 0, 250000)),
        ("2026-11-01", datetime(2026, 10, 31, 15)),
        ("2026/11/1 9:30", datetime(2026, 11, 1, 0, 30)),
        ("2026. 11. 1 09:30", datetime(2026, 11, 1, 0, 30)),
        ("20261101", datetime(2026, 10, 31, 15)),
        ("01/11/2026", None),
        ("2026-02-30", None),
        ("2026-11-01 25:00", None),
        ("yesterday", None),
        ("46327", None),
    ],
)
def test_times(tmp_path: Path, text: str, utc: datetime | None) -> None:
    """A time is read only where its form is unmistakable: year first, an offset where one is written."""
    write(tmp_path, f'order_id,ordered_at,revenue\n1,"{text}",1\n')
    found = taken(tmp_path, csv_source(), select="ordered_at")
    assert found.rows == ([(utc,)] if utc else [])


@pytest.mark.parametrize(
    ("type_", "text", "value"),
    [
        ("integer", "12", 12),
        ("integer", " 12.0 ", 12),
        ("integer", "1.5", None),
        ("integer", "1,234", 1234),
        ("integer", "1,000", None),
        ("integer", "1_000", None),
        ("integer", "99999999999999999999", None),
        ("decimal", "-1.5e3", Decimal(-1500)),
        ("decimal", ".5", Decimal("0.5")),
        ("decimal", "100000000000", Decimal(100_000_000_000)),
        ("decimal", "1" * 20, None),
        ("decimal", "₩1,000", Decimal(1000)),
        ("decimal", "$1,000", None),
        ("decimal", "₩1,234.50", Decimal("1234.5")),
        ("decimal", "nan", None),
        ("decimal", "1_000", None),
        ("boolean", "TRUE", True),
        ("boolean", "0", False),
        ("boolean", "2", None),
        ("date", "2026-11-01", date(2026, 11, 1)),
        ("date", "2026-11-01 23:30", date(2026, 11, 1)),
        ("date", "2026-11-01T23:30:00Z", date(2026, 11, 2)),
        ("date", "1/2/2026", None),
        ("text", " a ", "a"),
    ],
)
def test_casts(tmp_path: Path, type_: Any, text: str, value: object) -> None:
    """A text becomes a typed value only when it has the form of one; else its row is kept out, never guessed."""
    columns = {"day": Column("day", "date", required=True), "v": Column("v", type_, required=True)}
    model = Model("m", "", columns, (), "day", {}, (), {})
    write(tmp_path, f'day,v\n2026-11-01,"{text}"\n')
    found = taken(tmp_path, csv_source(), model, "v")
    assert found.rows == ([(value,)] if value is not None else [])
    if value is None:
        assert found.said["v"] == (1, [("a.csv, line 2", text)])


def test_rejections(tmp_path: Path) -> None:
    """Offending values are told with their line, also behind quoted line breaks; a row is counted once."""
    write(
        tmp_path,
        "order_id,ordered_at,revenue,channel\n"
        '1,2026-11-01,1,"two\nlines"\n'
        "\n"
        "2,never,abc,a\n"
        ",2026-11-01,5,a\n"
        "4,2026-11-01,,a\n"
        "5,2026-11-01,5\n"
        ",,,\n"
        "6,2026-11-01,7,b\n",
    )
    write(tmp_path, "order_id,revenue,ordered_at\n7,x,2026-11-01\n", "b.csv")
    found = taken(tmp_path, csv_source(), select="order_id")
    assert found.rows == [("1",), ("6",)]
    assert found.said == {
        "": (1, [("a.csv, line 8", "3")]),
        "ordered_at": (1, [("a.csv, line 5", "never")]),
        "revenue": (3, [("a.csv, line 5", "abc"), ("a.csv, line 7", "(empty)"), ("b.csv, line 2", "x")]),
        "order_id": (1, [("a.csv, line 6", "(empty)")]),
    }
    assert found.intake.rejected == 5


def test_first_five(tmp_path: Path) -> None:
    """Of many offending values the first five are shown, and all are counted."""
    write(tmp_path, "order_id,ordered_at,revenue\n" + "".join(f"{n},2026-11-01,bad{n}\n" for n in range(100)))
    count, examples = taken(tmp_path, csv_source()).said["revenue"]
    assert count == 100
    assert examples == [(f"a.csv, line {n + 2}", f"bad{n}") for n in range(5)]


def test_repeated_keys(tmp_path: Path) -> None:
    """Of rows with one key the last wins, and the others are counted; a table without a key keeps equal rows."""
    write(tmp_path, "order_id,ordered_at,revenue\n1,2026-11-01,1\n2,2026-11-01,2\n1,2026-11-01,3\n1,2026-11-01,bad\n")
    found = taken(tmp_path, csv_source(), select="order_id, revenue")
    assert found.rows == [("2", 2), ("1", 3)]
    assert (found.intake.repeated, found.intake.rejected) == (1, 1)
    write(tmp_path, "date,category,amount\n2026-11-01,tools,5\n2026-11-01,tools,5\n")
    assert len(taken(tmp_path, csv_source(table="costs"), COSTS).rows) == 2


def test_since(tmp_path: Path) -> None:
    """With `since`, rows of earlier local days are left alone."""
    write(tmp_path, "order_id,ordered_at,revenue\n1,2026-10-31 23:59,1\n2,2026-11-01 00:00,2\n")
    assert taken(tmp_path, csv_source(), select="order_id", since=date(2026, 11, 1)).rows == [("2",)]


def test_missing_column(tmp_path: Path) -> None:
    """A needed column that is not there is told with what the file has and what to write."""
    write(tmp_path, "Invoice,Date,revenue\n1,2026-11-01,1\n")
    with pytest.raises(DataError) as caught:
        taken(tmp_path, csv_source(columns={"ordered_at": "date"}))
    assert caught.value.message == "Source shop: column order_id not found; it has Invoice, Date, revenue."
    assert caught.value.hint == "Say which column it is: columns: {order_id: Invoice}."
    with pytest.raises(DataError, match="column Dates not found"):
        taken(tmp_path, csv_source(columns={"order_id": "Invoice", "ordered_at": "Dates"}))


def test_files_that_a_pattern_leaves_out(tmp_path: Path) -> None:
    """What stands behind `!` is not read, whatever its place in the list; where nothing is left, that is said."""
    for name in ("a.csv", "b.csv", "c.txt"):
        (tmp_path / name).write_text("n\n1\n")

    def names(*patterns: str) -> list[str]:
        request = ReadRequest(Source("shop", "csv", "orders", options={"path": patterns}), tmp_path, tmp_path)
        return [path.name for path in matching_files(request)]

    assert names("*.csv", "!b.csv", "!gone.csv") == names("!b*", "*.csv") == ["a.csv"]
    assert names("*", "!*.csv") == ["c.txt"]
    with pytest.raises(DataError, match="no file matches"):
        names("*.csv", "!*.csv")


def test_no_file(tmp_path: Path) -> None:
    """A pattern without a file is an error that names the pattern."""
    with pytest.raises(DataError, match=r"Source shop: no file matches \*\.csv"):
        taken(tmp_path, csv_source())


@pytest.mark.parametrize(
    ("encoding", "written"), [("cp949", "cp949"), ("big5", "big5"), (None, "utf-8-sig"), (None, "utf-16")]
)
def test_encodings(tmp_path: Path, encoding: str | None, written: str) -> None:
    """UTF-8 and files with a byte order mark are read as they are, others with `encoding:`."""
    channel = "搜尋" if written == "big5" else "검색"
    write(tmp_path, f"order_id,ordered_at,revenue,channel\r\n1,2026-11-01,1,{channel}\r\n", encoding=written)
    options = {"path": "*.csv"} | ({"encoding": encoding} if encoding else {})
    assert taken(tmp_path, csv_source(options=options), select="channel").rows == [(channel,)]


LINE_ENDS = [("\r\n", "\n"), ("\n", "\r\n"), ("\r\n", "\r"), ("\n", "\r")]


@pytest.mark.parametrize(("first", "second"), LINE_ENDS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp949"])
def test_mixed_line_ends(tmp_path: Path, first: str, second: str, encoding: str) -> None:
    """A file put together from two with other line ends is read like any other; its lines count as in an editor."""
    lines = ["order_id,ordered_at,revenue,channel", '1,2026-11-01,1,"검', '색"', "2,2026-11-02,2,a", "3,2026-11-03,x,a"]
    write(tmp_path, "".join(line + (first, second)[n % 2] for n, line in enumerate(lines)), encoding=encoding)
    options = {"path": "*.csv"} | ({"encoding": encoding} if encoding == "cp949" else {})
    found = taken(tmp_path, csv_source(options=options), select="order_id, channel")
    assert found.rows == [("1", "검\n색"), ("2", "a")]
    assert found.said == {"revenue": (1, [("a.csv, line 5", "x")])}


@pytest.mark.parametrize(("named", "revenue"), [("Total", 12.5), ("total", 10), (None, 7)])
def test_header_twins(tmp_path: Path, named: str | None, revenue: float) -> None:
    """Of two columns that differ in capitals, the one named exactly counts; a third one is not touched by them."""
    write(tmp_path, "order_id,ordered_at,Total,total,revenue\n1,2026-11-01,12.5,10,7\n")
    columns = {"revenue": named} if named else {}
    assert taken(tmp_path, csv_source(columns=columns), select="revenue::double").rows == [(revenue,)]


@pytest.mark.parametrize(
    ("header", "named", "query"),
    [
        ("Total,total", "TOTAL", None),
        ("total,total", "total", None),
        ("Total,total", None, "select order_id, ordered_at, total as revenue from source"),
    ],
)
def test_header_twins_are_not_chosen_from(tmp_path: Path, header: str, named: str | None, query: str | None) -> None:
    """Where nothing tells two columns apart, none of them is read."""
    write(tmp_path, f"order_id,ordered_at,{header}\n1,2026-11-01,12.5,10\n")
    source = csv_source(columns={"revenue": named} if named else {}, query=query)
    with pytest.raises(DataError) as caught:
        taken(tmp_path, source)
    assert "otal" in f"{caught.value.message} {caught.value.hint}"


def test_twins_in_one_of_two_files(tmp_path: Path) -> None:
    """What only one of two files tells apart is told apart in both: nothing is read from the wrong column."""
    write(tmp_path, "order_id,ordered_at,Total,total\n1,2026-11-01,12.5,10\n")
    write(tmp_path, "order_id,ordered_at,total\n2,2026-11-01,20\n", "b.csv")
    with pytest.raises(DataError, match="several columns are called total"):
        taken(tmp_path, csv_source(columns={"revenue": "total"}))


@pytest.mark.parametrize(
    ("lines", "rows", "said"),
    [
        ("1,2026-11-01,1,a,x\n2,2026-11-01,2,b\n", ["2"], {"": (1, [("a.csv, line 2", "5")])}),
        ('1,2026-11-01,1,"a\n2,2026-11-01,2,b\n3,2026-11-01,2,b\n', [], {"": (3, [("a.csv, line 2", "")])}),
        ('1,2026-11-01,1,"a"b\n2,2026-11-01,2,b\n', ["2"], {"": (1, [("a.csv, line 2", "")])}),
        ('1,2026-11-01,1,5" wide\n2,2026-11-01,2,b', ["1", "2"], {}),
        ('1,2026-11-01,1,"a\n\n"\n\n2,2026-11-01,2\n', ["1"], {"": (1, [("a.csv, line 6", "3")])}),
        ("1,2026-11-01,1,a\n2,2026-11", ["1"], {"": (1, [("a.csv, line 3", "2")])}),
    ],
)
def test_ragged_rows(tmp_path: Path, lines: str, rows: list[str], said: object) -> None:
    """A row with other fields than the header, or a quote that nothing closes, is told with its line, never shifted."""
    write(tmp_path, "order_id,ordered_at,revenue,channel\n" + lines)
    found = taken(tmp_path, csv_source(), select="order_id")
    assert [order for (order,) in found.rows] == rows
    assert found.said == said


def test_wrong_encoding(tmp_path: Path) -> None:
    """Text that is not what `encoding:` says is refused with its line and the options, never read as something else."""
    write(tmp_path, "order_id,ordered_at,revenue,channel\n1,2026-11-01,1,검색\n", encoding="cp949")
    with pytest.raises(DataError, match=r"a\.csv, line 2: this is not UTF-8 text") as caught:
        taken(tmp_path, csv_source(options={"path": "*.csv", "encoding": "utf-8"}))
    assert "encoding: cp949" in caught.value.hint


def test_wrong_delimiter(tmp_path: Path) -> None:
    """Another delimiter than `delimiter:` says is refused, and the file's own is suggested."""
    write(tmp_path, "order_id;ordered_at;revenue\n1;2026-11-01;1\n")
    with pytest.raises(DataError) as caught:
        taken(tmp_path, csv_source(options={"path": "*.csv", "delimiter": ","}))
    assert caught.value.hint == 'Add delimiter: ";" to the source.'
    options = {"path": "*.csv", "delimiter": ";"}
    assert taken(tmp_path, csv_source(options=options), select="order_id").rows == [("1",)]


@pytest.mark.parametrize("text", ["order_id,ordered_at,revenue\n", "order_id,ordered_at,revenue"])
def test_header_only(tmp_path: Path, text: str) -> None:
    """A file with a header alone has no rows."""
    write(tmp_path, text)
    assert taken(tmp_path, csv_source()).intake == Intake(0, 0, (), 0, None, None)


def test_empty_file(tmp_path: Path) -> None:
    """An empty file is called that, and not by columns that it would lack."""
    write(tmp_path, "")
    with pytest.raises(DataError, match=r"^a.csv is empty\.$"):
        taken(tmp_path, csv_source())


def test_query(tmp_path: Path) -> None:
    """`query:` turns lines into orders; numbers and dates of a file are numbers and dates there."""
    write(tmp_path, "inv,day,qty,price\nA1,2026-11-01,2,2.50\nA1,2026-11-01,1,5\nC2,2026-11-02,-1,5\n")
    query = """select inv as order_id, min(day) as ordered_at, sum(qty * price) as revenue
        from source group by inv having sum(qty) > 0 -- no returns"""
    found = taken(tmp_path, csv_source(query=query), select="order_id, ordered_at, revenue")
    assert found.rows == [("A1", datetime(2026, 10, 31, 15), Decimal(10))]


def test_query_keeps_ids(tmp_path: Path) -> None:
    """In `query:` a column with one value that is no number stays text; leading zeros stay."""
    write(tmp_path, "a,b,c\n007,1,1\n008,C2,2\n")
    query = "select a as order_id, current_date as ordered_at, c as revenue, typeof(b) as channel from source"
    assert taken(tmp_path, csv_source(query=query), select="order_id, channel").rows == [
        ("007", "VARCHAR"),
        ("008", "VARCHAR"),
    ]


@pytest.mark.parametrize(
    "query",
    [
        "select * from read_text('/etc/passwd')",
        "select * from '/etc/passwd'",
        "select * from read_csv('/etc/passwd')",
        "select * from glob('/*')",
        "attach '/tmp/x.db' as x",
        "copy source to '/tmp/x.csv'",
        "install httpfs",
        "load httpfs",
        "select * from read_csv('http://127.0.0.1/x.csv')",
        "set enable_external_access = true",
        "pragma enable_object_cache",
        "select 1; drop table source",
        "drop table source",
        "select * from nowhere",
        "select * from secrets_of_python",
        "select nothing from source",
        "select (",
        "create secret x (type s3)",
        "select * from sqlite_scan('state.db', 'goals')",
    ],
)
def test_query_reaches_nothing_else(tmp_path: Path, query: str) -> None:
    """`query:` reaches the source's own rows: no files, no network, no other databases, no settings."""
    write(tmp_path, "order_id,ordered_at,revenue\n1,2026-11-01,1\n")
    secrets_of_python = duckdb.sql("select 1 as order_id, current_date as ordered_at, 1 as revenue")
    assert secrets_of_python
    with pytest.raises(DataError) as caught:
        taken(tmp_path, csv_source(query=query))
    assert caught.value.message.startswith("Source shop: query")
    assert caught.value.hint
    assert "root:" not in caught.value.message


def test_parquet(tmp_path: Path) -> None:
    """Parquet keeps its types: naive times go by the zone, instants stay, 17850.0 is the id 17850, NaN is nothing."""
    duckdb.execute(f"""
        COPY (SELECT 17850.0::DOUBLE AS order_id, TIMESTAMP '2026-07-01 09:00' AS ordered_at,
                     0.1::DOUBLE + 0.2 AS revenue,
                     'nan'::DOUBLE AS customer_id, 1 AS landing)
        TO '{tmp_path}/[1].parquet' (FORMAT parquet)""")
    source = Source("shop", "parquet", "orders", options={"path": "[[]1].parquet"})
    found = taken(tmp_path, source, select="order_id, ordered_at, revenue, customer_id, landing", zone="Europe/London")
    assert found.rows == [("17850", datetime(2026, 7, 1, 8), Decimal("0.300000"), None, True)]
    elsewhere = replace(source, timezone="Asia/Taipei")
    assert taken(tmp_path, elsewhere, select="ordered_at").rows == [(datetime(2026, 7, 1, 1),)]


def test_parquet_instants(tmp_path: Path) -> None:
    """An instant in Parquet stays the instant it is; a value that does not fit is told by its row."""
    duckdb.execute(f"""
        COPY (SELECT * FROM (VALUES ('1', TIMESTAMPTZ '2026-07-01 09:00+09', 'a'),
                                    ('2', TIMESTAMPTZ '2026-07-02 09:00+09', '5'))
              AS t(order_id, ordered_at, revenue)) TO '{tmp_path}/a.parquet' (FORMAT parquet)""")
    found = taken(tmp_path, Source("s", "parquet", "orders", options={"path": "*.parquet"}), select="ordered_at")
    assert found.rows == [(datetime(2026, 7, 2),)]
    assert found.said == {"revenue": (1, [("a.parquet, row 1", "a")])}


def test_not_parquet(tmp_path: Path) -> None:
    """A file that is no Parquet is an error with its name."""
    write(tmp_path, "x", "a.parquet")
    with pytest.raises(DataError, match=r"a\.parquet cannot be read"):
        taken(tmp_path, Source("s", "parquet", "orders", options={"path": "*.parquet"}))


def test_sheet(tmp_path: Path) -> None:
    """Of a sheet, dates are serial numbers, short rows are filled up, blank rows are none; rows count as there."""
    asked: list[tuple[str, str]] = []

    def reader(spreadsheet: str, cells: str) -> Sequence[Sequence[object]]:
        asked.append((spreadsheet, cells))
        return [
            ["date", "category", "amount", "channel"],
            [46327, "tools", 12.5],
            [],
            [46328.0, "agency", "x", "a"],
            [46329, "other", 3, ""],
        ]

    source = Source("costs", "sheet", "costs", options={"spreadsheet": "ID", "range": "Costs!B3:E"})
    found = taken(tmp_path, source, COSTS, "date, category, amount, channel", sheet_reader=reader)
    assert asked == [("ID", "Costs!B3:E")]
    assert found.rows == [
        (date(2026, 11, 1), "tools", Decimal("12.5"), None),
        (date(2026, 11, 3), "other", Decimal(3), None),
    ]
    assert found.said == {"amount": (1, [("Costs!B3:E, row 6", "x")])}


def test_sheet_without_credentials(tmp_path: Path) -> None:
    """Without a Sheets connection the error says what to set."""
    source = Source("costs", "sheet", "costs", options={"spreadsheet": "ID", "range": "A:C"})
    with pytest.raises(ServiceError, match="not set up"):
        taken(tmp_path, source, COSTS)


def test_sql(tmp_path: Path) -> None:
    """The query runs in the database, streamed; only :since is a parameter, other colons stay."""
    with sqlite3.connect(tmp_path / "shop.db") as shop:
        shop.execute("create table sales (id integer, at text, total real)")
        shop.executemany(
            "insert into sales values (?, ?, ?)", [(n, f"2026-11-{n % 28 + 1:02} 09:00", n / 4) for n in range(12_000)]
        )
    shop.close()
    query = "select id as order_id, at as ordered_at, total as revenue, 'a:b' as channel from sales where at >= :since"
    source = Source("shop", "sql", "orders", query=query, options={"url": "${SHOP}"})
    environment = {"SHOP": "sqlite:///shop.db"}
    every = taken(tmp_path, source, select="count(*), sum(revenue), max(channel)", environment=environment)
    assert every.rows == [(12_000, Decimal("17998500.000000"), "a:b")]
    some = taken(tmp_path, source, select="min(ordered_at)", since=date(2026, 11, 20), environment=environment)
    assert some.rows == [(datetime(2026, 11, 20),)]


@pytest.mark.parametrize(
    ("url", "query", "error"),
    [
        ("sqlite:///shop.db", "select nothing", KpiBotError),
        ("nosuch://kpi:SECRET@db/x", "select 1", DataError),
        ("postgresql://kpi:SECRET@127.0.0.1:1/x", "select 1", KpiBotError),
    ],
)
def test_sql_failures(tmp_path: Path, url: str, query: str, error: type[KpiBotError]) -> None:
    """A database that fails is told without its address or password."""
    source = Source("shop", "sql", "orders", query=query, options={"url": "${SHOP}"})
    with pytest.raises(error) as caught:
        taken(tmp_path, source, environment={"SHOP": url})
    assert "SECRET" not in f"{caught.value} {caught.value.hint}"
    assert caught.value.hint


@pytest.mark.parametrize("query", ["select nothing", "select * from nothing", "selekt 1", "select max(1, 2, from x"])
def test_a_query_that_sqlite_refuses(tmp_path: Path, query: str) -> None:
    """SQLite has one name for lost connections and for mistakes in a query; the reader is told which it was."""
    source = Source("shop", "sql", "orders", query=query, options={"url": "sqlite:///shop.db"})
    with pytest.raises(DataError) as caught:
        taken(tmp_path, source)
    assert caught.value.code == "source_query_refused"
    (tmp_path / "torn.db").write_text("no database at all, however long its text may be" * 99, "utf-8")
    torn = Source("shop", "sql", "orders", query=query, options={"url": "sqlite:///torn.db"})
    with pytest.raises(ServiceError) as lost:
        taken(tmp_path, torn)
    assert lost.value.code == "source_unreachable"


@pytest.mark.parametrize("name", sorted(source_types()))
def test_every_type(name: str) -> None:
    """Each type of source has a title in three languages, described options and a reader."""
    kind = source_types()[name]
    assert set(kind.title) == {"en", "ko", "zh-TW"}
    assert all(set(option.description) == {"en", "ko", "zh-TW"} for option in kind.options.values())
    assert callable(reader_of(name))


def test_csv_sample() -> None:
    """The sample that ships with the source fits the orders table as it is."""
    sample = Path(str(files("kpi_core"))) / "sources" / "csv" / "samples"
    with TemporaryDirectory() as folder:
        shutil.copy(sample / "orders.csv", folder)
        found = taken(Path(folder), csv_source(), select="count(*), sum(revenue), sum(refunded_amount)")
    assert found.rows == [(3, 93_500, 1_500)]
    assert found.intake.rejected == 0
