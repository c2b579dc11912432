"""kpi.yaml of the demo company is one that the product accepts."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from kpi_core.demo.generate import TABLES
from kpi_core.demo.kpi_yaml import demo_kpi_yaml
from kpi_core.demo.write import DemoCompany
from kpi_core.settings.file import read_settings

SHEET = "https://docs.google.com/spreadsheets/d/1a2b3c4d5e6f7g8h9i/edit"


def test_the_settings_are_read_without_a_problem(company: DemoCompany, tmp_path: Path) -> None:
    """The file is read as it is written, with every table's file in its place."""
    file = tmp_path / "kpi.yaml"
    file.write_text(demo_kpi_yaml(company.folder, SHEET, company.today), encoding="utf-8")
    settings = read_settings(file)
    assert (settings.company, settings.currency, settings.locale) == ("Hanok Goods", "USD", "en")
    assert settings.calendar.timezone == "America/New_York"
    assert [source.table for source in settings.sources] == list(TABLES)
    assert all(Path(str(source.options["path"])).is_file() for source in settings.sources)
    assert [sheet.spreadsheet for sheet in settings.sheets] == ["1a2b3c4d5e6f7g8h9i"]
    assert {goal.kpi for goal in settings.goals} >= {"cac", "roas", "sales_revenue", "mql"}
    assert all(goal.by == date(2026, 12, 31) for goal in settings.goals)
    assert all(5 <= len(kpis) <= 7 for kpis in settings.audiences.values())
    assert [summary.every for summary in settings.summaries] == ["monday 09:00"]


def test_without_a_sheet_none_is_named(tmp_path: Path) -> None:
    """Without a spreadsheet the file has no sheet, and paths may be relative to it."""
    text = demo_kpi_yaml(Path("data"), None, date(2026, 2, 1))
    (tmp_path / "kpi.yaml").write_text(text, encoding="utf-8")
    settings = read_settings(tmp_path / "kpi.yaml")
    assert settings.sheets == ()
    assert settings.sources[0].options["path"] == "data/ad_performance.parquet"
