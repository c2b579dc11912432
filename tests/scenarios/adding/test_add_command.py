"""kpi add and kpi init as a person calls them: from files to the first number without an editor."""

from __future__ import annotations

import json
import os
import pty
import sys
from pathlib import Path

import pytest

from bot.cli import main
from kpi_core.settings.file import read_settings

from golden import matches_golden
from tables import read_tables

FIRM = "company: Made up\ntimezone: Asia/Seoul\ncurrency: USD\nlocale: {locale}\n"
META = """\
Campaign name,Day,Impressions,Link clicks,Amount spent (USD),Purchases,Reporting starts,Reporting ends
,,500,10,30.25,3,2026-10-01,2026-10-02
"Sale, autumn 🍂",2026-10-01,200,4,10.25,1,2026-10-01,2026-10-01
"Sale, autumn 🍂",2026-10-02,300,6,20.00,2,2026-10-02,2026-10-02
"""
ORDERS = """\
order number,order date,email,total
1,2026-10-03 09:30,a@example.com,120.00
2,2026-10-04 23:50,b@example.com,80.50
"""
CONTACTS = "Record ID,Email,Lifecycle Stage,Original Source,Create Date\n1,a@example.com,lead,Email,11/03/26\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Somebody's downloads: two tables of ours, one with something to ask, one that is none."""
    (tmp_path / "downloads").mkdir()
    for name, text in {
        "meta.csv": META,
        "orders.csv": ORDERS,
        "leads.csv": CONTACTS,
        "leave.csv": "Name,Days\nA,8\n",
    }.items():
        path = tmp_path / "downloads" / name
        path.write_text(text, "utf-8")
        os.utime(path, (1_000_000, 1_000_000))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def kpi(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """Exit code and stdout of one call on 25 November 2026."""
    capsys.readouterr()
    code = main([*words, "--now", "2026-11-25T09:00"])
    return code, capsys.readouterr().out


def test_a_folder_as_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each file with its table, rows, what is left out and what is open; what is proven is loaded."""
    (folder / "kpi.yaml").write_text(FIRM.format(locale="en"), "utf-8")
    code, out = kpi(capsys, "add", "downloads", "--yes", "--json")
    entries = {Path(entry["file"]).name: entry for entry in json.loads(out)["added"]}
    assert code == 0
    assert {name: (entry["recognised"], entry["table"], entry["rows"]) for name, entry in entries.items()} == {
        "leads.csv": ("hubspot_contacts", "leads", 0),
        "leave.csv": (None, None, 0),
        "meta.csv": ("meta_ads", "ad_performance", 2),
        "orders.csv": (None, "orders", 2),
    }
    assert entries["meta.csv"]["left_out"] == [{"reason": "total", "rows": 1}]
    (question,) = entries["leads.csv"]["questions"]
    assert (question["about"], question["choices"]) == ("dates", ["mdy", "dmy"])
    value = json.loads(kpi(capsys, "ask", "cac@paid 2026-10", "--json")[1])["value"]
    assert value == pytest.approx(30.25 / 2)
    assert [source.table for source in read_settings(folder / "kpi.yaml").sources] == ["ad_performance", "orders"]


def test_an_answer_on_the_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--answer settles what waits, and the file is loaded."""
    (folder / "kpi.yaml").write_text(FIRM.format(locale="en"), "utf-8")
    code, _out = kpi(capsys, "add", "downloads/leads.csv", "--yes", "--answer", "dates=mdy")
    assert code == 0
    assert json.loads(kpi(capsys, "ask", "leads 2026-11-03", "--json")[1])["value"] == 1


@pytest.mark.parametrize("locale", ["en", "ko", "zh-TW"])
def test_what_people_read(folder: Path, capsys: pytest.CaptureFixture[str], locale: str) -> None:
    """One screen: what each file is, its rows as understood, what is open, the KPIs ready, a number."""
    (folder / "kpi.yaml").write_text(FIRM.format(locale=locale), "utf-8")
    code, out = kpi(capsys, "add", "downloads", "--yes")
    assert code == 0
    matches_golden(f"add/downloads.{locale}.txt", out)


def test_an_answer_that_is_no_choice(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is refused with the choices before anything is written."""
    (folder / "kpi.yaml").write_text(FIRM.format(locale="en"), "utf-8")
    assert main(["add", "downloads", "--yes", "--answer", "dates=foo"]) == 2
    assert "dmy" in capsys.readouterr().err
    assert (folder / "kpi.yaml").read_text("utf-8") == FIRM.format(locale="en")


def test_without_a_workspace(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where there is no kpi.yaml, kpi init is named."""
    assert main(["add", "downloads"]) == 1
    assert "kpi init" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal of one's own is a Unix thing")
def test_init_is_the_same_road(folder: Path) -> None:
    """A wrong answer is asked for again, files are added, their question is put, and the aim chooses the first KPIs."""
    answers = ["en", "Made up", "Asia/Soul", "Asia/Seoul", "USD", "downloads", "2", "", "3"]
    screen = at_a_terminal([sys.executable, "-m", "bot.cli", "init", "--now", "2026-11-25T09:00"], answers)
    assert "Asia/Soul is not known" in screen
    settings = read_settings(folder / "kpi.yaml")
    assert (settings.company, settings.calendar.timezone) == ("Made up", "Asia/Seoul")
    assert {(source.table, source.dates) for source in settings.sources} == {
        ("ad_performance", None),
        ("orders", None),
        ("leads", "dmy"),
    }
    assert "sales_revenue" in settings.audiences["exec"]


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal of one's own is a Unix thing")
def test_a_channel_of_no_list_is_asked_once(folder: Path) -> None:
    """What is no choice is asked again, the answer stands in kpi.yaml and counts at once; the rest is told."""
    settings = folder / "kpi.yaml"
    settings.write_text("# ours\n" + FIRM.format(locale="ko"), "utf-8")
    rows = "20261001,네이버,,10\n20261002,네이버,,12\n20261002,밴드,글,1\n"
    (folder / "ga.csv").write_text("Date,Session source,Session medium,Sessions\n" + rows, "utf-8")
    command = [sys.executable, "-m", "bot.cli", "add", "ga.csv", "--now", "2026-11-25T09:00"]
    screen = at_a_terminal(command, ["검색이요", "Organic Search", ""])
    assert settings.read_text("utf-8").startswith("# ours\n")
    assert read_settings(settings).channels == {"Organic Search": ("네이버",)}
    assert "“밴드 / 글”" in screen
    with read_tables(folder / "kpi.duckdb") as snapshot:
        rows_of = "SELECT channel, sum(sessions)::int FROM traffic GROUP BY 1 ORDER BY 2"
        assert snapshot.execute(rows_of).fetchall()[-1] == ("Organic Search", 22)


def at_a_terminal(command: list[str], answers: list[str]) -> str:
    """What a terminal shows of a command that reads the answers, each when it asks for one."""
    child, terminal = pty.fork()
    if child == 0:
        os.execv(command[0], command)
    shown, rest = b"", list(answers)
    while True:
        try:
            piece = os.read(terminal, 1 << 16)
        except OSError:  # how Linux says that the other end is closed
            break
        if not piece:
            break
        shown += piece
        if rest and shown.endswith((b"]: ", b"> ")):
            os.write(terminal, f"{rest.pop(0)}\n".encode())
    os.close(terminal)
    assert os.waitpid(child, 0)[1] == 0, shown.decode()
    return shown.decode()
