"""kpi ask --csv and --xlsx: the same numbers as everywhere, in files that run nothing and overwrite no data."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path

import pytest
from openpyxl import load_workbook

from bot.cli import main

SETTINGS = """\
company: Small shop
timezone: Asia/Seoul
currency: KRW
locale: {locale}
sources:
  - {{name: shop, type: csv, path: "data/*.csv", table: orders}}
access: {{aov: {{channels: []}}}}
"""
ORDERS = """\
order_id,customer_id,ordered_at,channel,revenue
a,kim,2026-09-05 12:00,=1+1,30000
b,lin,2026-10-05 23:59,=1+1,10000
c,kim,2026-10-06 00:00,@home,5000.25
d,mia,2026-11-20 09:00,@home,7000
"""


@pytest.fixture(scope="module")
def loaded_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small shop whose channels are called like formulas."""
    folder = tmp_path_factory.mktemp("shop")
    (folder / "data").mkdir()
    (folder / "kpi.yaml").write_text(SETTINGS.format(locale="en"), "utf-8")
    (folder / "data" / "orders.csv").write_text(ORDERS, "utf-8")
    assert main(["load", "--config", str(folder / "kpi.yaml"), "--now", "2026-11-22T09:00"]) == 0
    return folder


@pytest.fixture
def shop(loaded_shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "shop"
    shutil.copytree(loaded_shop, folder)
    monkeypatch.chdir(folder)
    return folder


def ask(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of one question on 22 November 2026."""
    capsys.readouterr()
    code = main(["ask", *words, "--now", "2026-11-22T09:00"])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_csv_holds_what_json_says(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A row a group with its days, the value under the KPI's id, parts and comparisons; no data is an empty cell."""
    question = "sales_revenue 2026-10 by channel"
    said = json.loads(ask(capsys, question, "--json")[1])
    code, out, _err = ask(capsys, question, "--csv")
    assert code == 0
    rows = rows_of(out)
    assert {(row["start"], row["end"], row["complete"]) for row in rows} == {("2026-10-01", "2026-11-01", "true")}
    assert [(row["channel"].lstrip("'"), float(row["sales_revenue"])) for row in rows] == [
        (group["channel"], group["value"]) for group in said["breakdown"]
    ]
    assert [row["previous_period_change_ratio"] for row in rows] == ["-0.6666666666666666", ""]


def test_texts_from_data_run_nowhere(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In CSV they stand behind an apostrophe, in a workbook they are texts, also for who edits the cell."""
    rows = rows_of(ask(capsys, "sales_revenue 2026-10 by channel", "--csv")[1])
    assert [row["channel"] for row in rows] == ["'=1+1", "'@home"]
    assert ask(capsys, "sales_revenue 2026-10 by channel", "--xlsx", "answer.xlsx")[0] == 0
    cells = [cell for row in load_workbook("answer.xlsx").worksheets[0].iter_rows() for cell in row]
    assert {(cell.value, cell.data_type, cell.quotePrefix) for cell in cells if str(cell.value)[:1] in "=@"} == {
        ("=1+1", "s", True),
        ("@home", "s", True),
    }


def test_the_words_may_follow(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What follows --csv is a file by its ending, else the question."""
    assert ask(capsys, "--csv", "sales_revenue 2026-10")[1] == ask(capsys, "sales_revenue 2026-10", "--csv")[1]
    assert ask(capsys, "--csv", "answer.csv", "sales_revenue 2026-10")[0] == 0
    assert (shop / "answer.csv").read_bytes().startswith(b"\xef\xbb\xbfstart,end,complete,sales_revenue,")


def test_a_course_is_a_row_a_period(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Asked for days, the file has days."""
    rows = rows_of(ask(capsys, "sales_revenue 2026-10 daily", "--csv")[1])
    assert len(rows) == 31
    assert {row["start"]: row["sales_revenue"] for row in rows if row["sales_revenue"] not in {"0", ""}} == {
        "2026-10-05": "10000",
        "2026-10-06": "5000.25",
    }


def test_two_periods_are_two_columns(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """None takes the other's place."""
    (row,) = rows_of(ask(capsys, "sales_revenue 2026-11 vs 2026-09 vs 2026-08", "--csv")[1])
    assert row["period_2026-09-01"] == "30000"
    assert "period_2026-08-01" in row


def test_what_a_workbook_holds(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The answer, its course and what must be known; rates as fractions that are shown in percent."""
    code, out, _err = ask(capsys, "sales_revenue 2026-10", "--xlsx", "answer.xlsx")
    assert (code, out) == (0, "Wrote answer.xlsx.\n")
    book = load_workbook("answer.xlsx")
    assert book.sheetnames == ["Answer", "Course", "About"]
    head, values = book.worksheets[0].iter_rows(values_only=True)
    named = dict(zip(head, values, strict=True))
    assert (named["sales_revenue"], named["complete"], named["start"].isoformat()) == (
        15000.25,
        True,
        "2026-10-01T00:00:00",
    )
    ratio = book.worksheets[0].cell(2, head.index("previous_period_change_ratio") + 1)
    assert (ratio.value, ratio.number_format) == (pytest.approx(-14999.75 / 30000), "0.0%")
    about = [row[0] for row in book.worksheets[2].iter_rows(values_only=True)]
    assert about[:3] == ["sales_revenue 2026-10", "Sales revenue · October 2026", "₩15K"]


@pytest.mark.parametrize(("locale", "sheets"), [("ko", ["답", "추이", "설명"]), ("zh-TW", ["答案", "趨勢", "說明"])])
def test_sheets_in_the_readers_language(
    shop: Path, capsys: pytest.CaptureFixture[str], locale: str, sheets: list[str]
) -> None:
    """Their names, and what must be known."""
    (shop / "kpi.yaml").write_text(SETTINGS.format(locale=locale), "utf-8")
    assert ask(capsys, "sales_revenue 2026-10", "--xlsx", "answer.xlsx")[0] == 0
    assert load_workbook("answer.xlsx").sheetnames == sheets


def test_what_must_be_known_is_said(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Beside a file that has no place for it; a number that is not there is an empty cell with its reason."""
    code, out, err = ask(capsys, "cac 2026-10", "--csv")
    assert (code, rows_of(out)[0]["cac"]) == (0, "")
    assert "costs" in err or "ad_performance" in err


def test_the_operator_sees_what_is_limited(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The files of the terminal are those of somebody who can read the data anyway."""
    assert rows_of(ask(capsys, "aov 2026-10", "--csv")[1])[0]["aov"] == "7500.125"


@pytest.mark.parametrize("name", ["data/orders.csv", "data/answer.csv", "DATA/answer.csv"])
def test_no_file_of_a_source(shop: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    """An answer is written neither over data nor where it would be read as some."""
    code, _out, err = ask(capsys, "sales_revenue 2026-10", "--csv", name)
    assert code == 1
    assert "Source shop reads" in err
    assert (shop / "data" / "orders.csv").read_text("utf-8") == ORDERS
    assert [path.name for path in (shop / "data").iterdir()] == ["orders.csv"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--xlsx", "answer.xls"), 2),
        (("--xlsx", "nowhere/answer.xlsx"), 1),
        (("--csv", "nowhere/answer.csv"), 1),
        (("--csv", "--json"), 2),
    ],
)
def test_what_cannot_be_written(
    shop: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], code: int
) -> None:
    """Says what to do, and leaves nothing behind."""
    before = sorted(shop.iterdir())
    exit_code, out, err = ask(capsys, "sales_revenue 2026-10", *words)
    assert (exit_code, bool(err or out)) == (code, True)
    assert sorted(shop.iterdir()) == before


def sync_into(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    capsys.readouterr()
    code = main(["sync", *words, "--now", "2026-11-22T09:00"])
    printed = capsys.readouterr()
    return code, printed.out + printed.err


def test_the_tabs_of_the_sheet_come_as_an_excel_file(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No account, no Google: the tabs with their numbers; a KPI that is limited stands in no file."""
    code, out = sync_into(capsys, "--xlsx", "kpis.xlsx", "--json")
    assert (code, json.loads(out)) == (0, {"files": ["kpis.xlsx"]})
    book = load_workbook(shop / "kpis.xlsx")
    assert book.sheetnames[0] == "Overview"
    rows = {row[0]: row for row in book["Overview"].iter_rows(values_only=True)}
    assert 15000.25 in rows["Sales revenue"]
    assert "Average order value" not in rows


def test_the_tabs_of_the_sheet_come_as_csv_files(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file for each tab; a channel called like a formula stands behind an apostrophe."""
    code, _out = sync_into(capsys, "--csv", "tables")
    assert code == 0
    assert {path.name for path in (shop / "tables").iterdir()} >= {"overview.csv", "goals.csv", "channels.csv"}
    text = (shop / "tables" / "channels.csv").read_text("utf-8-sig")
    assert {next(iter(row.values())) for row in rows_of(text)} >= {"'=1+1", "'@home"}
    assert sync_into(capsys, "--csv", "data")[0] == 1
    assert not (shop / "data" / "overview.csv").exists()


def test_a_sheet_that_kpi_yaml_does_not_name_is_refused(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--sheet chooses among those of kpi.yaml; a name with another ending is no Excel file."""
    assert sync_into(capsys, "--xlsx", "kpis.xlsx", "--sheet", "1AbC")[0] == 2
    assert sync_into(capsys, "--xlsx", "kpis.csv")[0] == 2
