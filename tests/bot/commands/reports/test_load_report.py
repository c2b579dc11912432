"""What people read after kpi load, kpi doctor and kpi list: sentences in their language."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from loading_side import CATALOG, NOW, settings
from wcwidth import wcswidth

from bot.additions.load_lines import readiness_line
from bot.cli import main
from bot.commands.reports.load_report import terminal_load
from kpi_core.loading.load import LoadReport, load
from kpi_core.metrics import LANGUAGES
from kpi_core.settings.values import Source

from golden import matches_golden

ADS = Source("ads", "csv", "ad_performance", options={"path": "exports/*.csv"})
SHOP = Source("shop", "csv", "orders", options={"path": "shop.csv"})
BOOKS = Source("books", "csv", "costs", options={"path": "books.csv"})
ORDERS = """\
order_id,ordered_at,revenue,landing,lines
1,2026-11-01,5,yes,1
2,2026-11-02,"1,000",perhaps,1
3,soon,7,no,x
4,2026-11-03,,no,1
5,2026-11-03,7
6,2026-11-04,7,no,1
6,2026-11-04,8,no,1
7,2026-11-04,"8,no,1
"""


DUES = """\
date,category,amount
05/06/2026,tools,1
2026-11-02,Rent,2
2026-11-03,rent,3
"""


def written(folder: Path) -> Path:
    (folder / "exports").mkdir()
    for name, first in (("1.csv", 1), ("2.csv", 8)):
        lines = "".join(f"2026-11-{day:02},a,10\n" for day in range(first, first + 14))
        (folder / "exports" / name).write_text("date,campaign,spend\n" + lines)
    (folder / "shop.csv").write_text(ORDERS.replace("lines", "device"))
    (folder / "books.csv").write_text(
        "date,category,amount\n" + "".join(f"2026-11-{day:02},tools,1\n" for day in range(1, 25))
    )
    (folder / "dues.csv").write_text(DUES)
    return folder


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> LoadReport:
    """A second load, of which there is much to say."""
    folder = written(tmp_path_factory.mktemp("shop"))
    # In a currency in which `1,000` may be one: of won it is a thousand.
    load(replace(settings(folder, ADS, SHOP, BOOKS), currency="EUR"), CATALOG, now=NOW)
    (folder / "books.csv").write_text("date,category,amount\n2026-11-01,tools,1\n2026-11-24,tools,1\n")
    gone = Source("gone", "csv", "leads", options={"path": "leads.csv"})
    dues = Source("dues", "csv", "costs", options={"path": "dues.csv"})
    return load(replace(settings(folder, ADS, SHOP, BOOKS, gone, dues), currency="EUR"), CATALOG, now=NOW)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_report_reads_as_reviewed(report: LoadReport, language: str) -> None:
    """Days in two files, rows kept out, values left empty or open, unknown words, a file that shrank and one that is
    gone: each in a sentence, none too wide.
    """
    text = terminal_load(report, CATALOG, language)
    text += "\n" + readiness_line(12, 94, {"costs": 8, "leads": 3}, language)
    assert max(wcswidth(line) for line in text.split("\n")) <= 100
    matches_golden(f"terminal/load.{language}.txt", text + "\n")


SETTINGS = """
company: Case
timezone: UTC
currency: EUR
locale: {language}
sources:
- {{name: google, type: csv, path: google.csv, table: ad_performance}}
- {{name: meta, type: csv, path: meta.csv, table: ad_performance}}
"""


def asked(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    capsys.readouterr()
    code = main([*words, "--now", "2026-11-23T09:00"])
    return code, capsys.readouterr().out


@pytest.fixture
def two_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two platforms, of which one ends earlier."""
    (tmp_path / "kpi.yaml").write_text(SETTINGS.format(language="en"))
    for name, end in (("google", 21), ("meta", 8)):
        lines = "".join(f"2026-11-{day:02},{name},10\n" for day in range(1, end + 1))
        (tmp_path / f"{name}.csv").write_text("date,platform,spend\n" + lines)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_sound_load_exits_0(two_sources: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing to mend is exit 0; the last line says how many KPIs are ready and what would make others ready."""
    code, out = asked(capsys, "load")
    assert code == 0
    assert re.fullmatch(r"2 of \d+ KPIs ready; \d+ more if you add orders", out.splitlines()[-1])


def test_doctor_and_list_say_the_health(two_sources: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Per source: how far, when loaded, how many rows, what is absent and wrong; a table is as fresh as its oldest."""
    assert asked(capsys, "load")[0] == 0
    (two_sources / "meta.csv").unlink()
    assert asked(capsys, "load")[0] == 1
    code, out = asked(capsys, "doctor")
    assert code == 1
    assert "ad_performance through 2026-11-08 (meta)" in out
    assert "FAIL  source meta: meta → ad_performance: 8 rows through 8 November 2026" in out
    assert "ok    source google" in out
    assert "meta could not be loaded; its data of 23 November 2026 stands." in out
    health: dict[str, Any] = json.loads(asked(capsys, "doctor", "--json")[1])
    assert health["tables"] == [{"table": "ad_performance", "through": "2026-11-08", "source": "meta"}]
    google, meta = health["sources"]
    assert (google["last_day"], google["rows"], google["kept_out"]) == ("2026-11-21", 21, 0)
    assert "clicks" in google["columns_absent"]
    assert {finding["code"] for finding in meta["findings"]} == {"load_failed", "source_late"}
    assert google["findings"] == []
    listed = asked(capsys, "list")[1]
    assert "! ad_spend" in listed
    assert "meta → ad_performance: 8 rows through 8 November 2026" in listed
    kpis = json.loads(asked(capsys, "list", "--json")[1])
    assert {entry["id"] for entry in kpis["kpis"] if entry["health"]} >= {"ad_spend"}
    assert [source["source"] for source in kpis["sources"]] == ["google", "meta"]
