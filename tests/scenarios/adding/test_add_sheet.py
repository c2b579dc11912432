"""kpi add with the address of a Google Sheet, over the real gspread against the local Sheets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.cli import main
from kpi_core.settings.file import read_settings
from sheets_sync.sandbox import start_sheets
from sheets_sync.sandbox.running import LocalSheets

from golden import matches_golden

FIRM = "company: Made up\ntimezone: Asia/Seoul\ncurrency: USD\nlocale: {locale}\n"
ORDERS = (
    "Our orders of autumn",
    "",
    "order number,order date,email,total",
    "1,2026-10-03,a@example.com,120",
    "2,2026-10-04,b@example.com,80.5",
)
LEADS = ("lead id,created at,channel", "1,2026-10-03,Email", "2,2026-10-05,Email")
NOTES = ("To do", "Call the agency")
ADDRESS = "https://docs.google.com/spreadsheets/d/{id}/edit"


@pytest.fixture
def sheets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalSheets]:
    with start_sheets() as running:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("KPI_SHEETS_API_URL", running.url)
        monkeypatch.setenv("KPI_DRIVE_API_URL", running.drive_url)
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(running.credentials_file))
        Path("kpi.yaml").write_text(FIRM.format(locale="en"), "utf-8")
        yield running


def filled(sheets: LocalSheets, **tabs: tuple[str, ...]) -> str:
    """The id of a spreadsheet with these tabs beside its first, empty one."""
    made = sheets.create("Data")
    for title, lines in tabs.items():
        sheets.person.add_tab(made, title)
        for row, line in enumerate(lines, 1):
            for letter, text in zip("ABCDE", line.split(","), strict=False):
                if text:
                    sheets.person.edit(made, f"{title}!{letter}{row}", text)
    return made


def gid(sheets: LocalSheets, spreadsheet: str, title: str) -> int:
    tabs = sheets.spreadsheet(spreadsheet).sheets
    return int(next(tab.sheet_id for tab in tabs if tab.title == title))


def kpi(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    capsys.readouterr()
    assert main([*words, "--now", "2026-11-25T09:00"]) == code
    return capsys.readouterr().out


def test_the_one_tab_that_is_a_table(sheets: LocalSheets, capsys: pytest.CaptureFixture[str]) -> None:
    """Its header is found below a title, its rows are loaded, later ones too; again, nothing changes."""
    made = filled(sheets, Notes=NOTES, Orders=ORDERS)
    address = ADDRESS.format(id=made)
    (entry,) = json.loads(kpi(capsys, "add", address, "--yes", "--json"))["added"]
    assert (entry["file"], entry["table"], entry["rows"], entry["questions"]) == (address, "orders", 2, [])
    (source,) = read_settings(Path("kpi.yaml")).sources
    assert (source.type, source.options["range"]) == ("sheet", "'Orders'!A3:D")
    assert json.loads(kpi(capsys, "ask", "sales_revenue 2026-10", "--json"))["value"] == 200.5
    before = Path("kpi.yaml").read_text("utf-8")
    assert "Already read by" in kpi(capsys, "add", address, "--yes")
    assert Path("kpi.yaml").read_text("utf-8") == before
    for letter, text in zip("ABCD", ("3", "2026-10-05", "c@example.com", "10"), strict=True):
        sheets.person.edit(made, f"Orders!{letter}6", text)
    kpi(capsys, "load")
    assert json.loads(kpi(capsys, "ask", "sales_revenue 2026-10", "--json"))["value"] == 210.5


def test_which_tab_is_asked_or_named(sheets: LocalSheets, capsys: pytest.CaptureFixture[str]) -> None:
    """Of several tables nobody guesses: the address names one, or an answer does."""
    made = filled(sheets, Orders=ORDERS, Leads=LEADS)
    address = ADDRESS.format(id=made)
    (entry,) = json.loads(kpi(capsys, "add", address, "--yes", "--json"))["added"]
    assert [question["choices"] for question in entry["questions"]] == [["Orders", "Leads"]]
    assert entry["rows"] == 0
    assert "sources" not in Path("kpi.yaml").read_text("utf-8")
    by_address = f"{address}#gid={gid(sheets, made, 'Leads')}"
    (entry,) = json.loads(kpi(capsys, "add", by_address, "--yes", "--json", "--answer", "columns=yes"))["added"]
    assert (entry["table"], entry["rows"]) == ("leads", 2)
    (entry,) = json.loads(kpi(capsys, "add", address, "--yes", "--json", "--answer", "sheet=Orders"))["added"]
    assert (entry["table"], entry["rows"]) == ("orders", 2)
    assert len(read_settings(Path("kpi.yaml")).sources) == 2


def test_no_tab_of_the_bot_s_own(sheets: LocalSheets, capsys: pytest.CaptureFixture[str]) -> None:
    """What a sync writes is never read back as data."""
    made = filled(sheets, Orders=ORDERS)
    kpi(capsys, "add", ADDRESS.format(id=made), "--yes")
    with Path("kpi.yaml").open("a", encoding="utf-8") as file:
        file.write(f"sheets: [{{spreadsheet: {made}, tabs: [overview, goals, trends]}}]\n")
    kpi(capsys, "sync")
    (entry,) = json.loads(kpi(capsys, "add", ADDRESS.format(id=made), "--yes", "--json"))["added"]
    assert (entry["table"], entry["questions"]) == ("orders", [])


@pytest.mark.parametrize(
    "months", [("Oct 2026", "Nov 2026"), ("2026-10", "2026-11"), ("10월", "11월"), ("2026-10-01", "2026-11-01")]
)
def test_a_plan_in_a_tab(sheets: LocalSheets, capsys: pytest.CaptureFixture[str], months: tuple[str, str]) -> None:
    """Its targets become goals, its budgets a source, whatever Google makes of its months; again, nothing changes."""
    plan = (f"목표 2026,{months[0]},{months[1]}", "Revenue,1000,1200", "Budget,150,160")
    address = ADDRESS.format(id=filled(sheets, Orders=ORDERS, Plan=plan))
    (entry,) = json.loads(kpi(capsys, "add", address, "--yes", "--json"))["added"]
    assert [question["choices"] for question in entry["questions"]] == [["Orders", "Plan"]]
    (entry,) = json.loads(kpi(capsys, "add", address, "--yes", "--json", "--answer", "sheet=Plan"))["added"]
    assert (entry["table"], entry["rows"], entry["questions"]) == ("goals", 4, [])
    settings = read_settings(Path("kpi.yaml"))
    targets = [(goal.kpi, goal.target, str(goal.by)) for goal in settings.goals]
    assert targets == [("sales_revenue", 1000, "2026-10-31"), ("sales_revenue", 1200, "2026-11-30")]
    (source,) = settings.sources
    assert (source.type, source.table, source.options["range"]) == ("sheet", "budgets", "'Plan'!A1:C")
    before = Path("kpi.yaml").read_text("utf-8")
    assert "Already read by" in kpi(capsys, "add", address, "--yes", "--answer", "sheet=Plan")
    assert Path("kpi.yaml").read_text("utf-8") == before


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        ("https://example.com/orders.csv", 2, "no address of a Google Sheet"),
        ("{address}#gid=424242", 1, "no such tab"),
        ("https://docs.google.com/spreadsheets/d/1Nobody_shared_this_with_us_0123456789/edit", 1, "share"),
        ("{notes}", 0, "not one of the tables"),
    ],
)
def test_what_cannot_be_added(
    sheets: LocalSheets, capsys: pytest.CaptureFixture[str], words: str, code: int, told: str
) -> None:
    """It is said with what to do, and kpi.yaml stays as it was."""
    places = {"address": ADDRESS.format(id=filled(sheets, Orders=ORDERS)), "notes": ""}
    places["notes"] = ADDRESS.format(id=filled(sheets, Notes=NOTES))
    capsys.readouterr()
    exit_code = main(["add", words.format(**places), "--yes", "--now", "2026-11-25T09:00"])
    printed = capsys.readouterr()
    assert told in (printed.out + printed.err).casefold() or told in printed.out + printed.err
    assert exit_code in {code, 3} if told == "share" else exit_code == code
    assert Path("kpi.yaml").read_text("utf-8") == FIRM.format(locale="en")


@pytest.mark.parametrize("locale", ["en", "ko", "zh-TW"])
def test_what_people_read(sheets: LocalSheets, capsys: pytest.CaptureFixture[str], locale: str) -> None:
    """The same screen as of a file."""
    Path("kpi.yaml").write_text(FIRM.format(locale=locale), "utf-8")
    matches_golden(
        f"add/sheet.{locale}.txt", kpi(capsys, "add", ADDRESS.format(id=filled(sheets, Orders=ORDERS)), "--yes")
    )
