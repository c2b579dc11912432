"""Plans of goals in the forms that teams keep them: what is read of them, what is asked, and what is told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from kpi_core.adding.addition import Added, add_files
from kpi_core.catalog import load_catalog
from kpi_core.settings.file import read_settings

CATALOG = load_catalog(())
TODAY = date(2026, 11, 25)
ACROSS = 'KPI,Owner,Jan,Feb,Total\nRevenue,Kim,"1,200,000","1,300,000","2,500,000"\nConversion rate,Lee,2.5%,2.6%,\n'
DOWN = '월,매출 목표,신규 고객,예산\n2026년 1월,1.2억,120,"5,000,000"\n2026년 2월,1.3억,130,"5,500,000"\n합계,2.5억,250,"10,500,000"\n'  # noqa: E501
TAIWAN = "KPI,2026/1,2026/2\n營收目標,120萬,130萬\n新客數,50,60\n行銷預算,30萬,35萬\n"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "kpi.yaml"
    path.write_text("timezone: Asia/Seoul\ncurrency: KRW\n", "utf-8")
    return path


def added(config: Path, name: str, text: str, answers: Mapping[str, str] | None = None) -> Added:
    (config.parent / name).write_text(text, "utf-8")
    (item,) = add_files([config.parent / name], config, CATALOG, answers or {}, today=TODAY)
    return item


def goals_of(config: Path) -> list[tuple[str, float, str, str | None]]:
    return [(goal.kpi, goal.target, goal.by.isoformat(), goal.per) for goal in read_settings(config).goals]


def test_a_column_a_month(config: Path) -> None:
    """Each cell is a target of its month; rates in percent are fractions, and a column of totals is none."""
    item = added(config, "2026 plan.csv", ACROSS)
    assert (item.state, item.look and item.look.table, item.understanding and item.understanding.rows) == (
        "added",
        "goals",
        4,
    )
    assert goals_of(config) == [
        ("sales_revenue", 1_200_000, "2026-01-31", "month"),
        ("sales_revenue", 1_300_000, "2026-02-28", "month"),
        ("conversion_rate", 0.025, "2026-01-31", None),
        ("conversion_rate", 0.026, "2026-02-28", None),
    ]


def test_a_row_a_month_with_its_budget(config: Path) -> None:
    """Budgets go into their table, as a source of the file; the row of totals is no month."""
    item = added(config, "계획.csv", DOWN)
    assert item.understanding is not None
    assert (item.state, item.source, item.understanding.rejections) == ("added", "계획 budgets", ())
    assert [(kpi, target) for kpi, target, _by, _per in goals_of(config)] == [
        ("sales_revenue", 120_000_000),
        ("sales_revenue", 130_000_000),
        ("new_customers", 120),
        ("new_customers", 130),
    ]
    (source,) = read_settings(config).sources
    assert (source.table, item.understanding.rows) == ("budgets", 6)


def test_names_in_chinese(config: Path) -> None:
    """A name with a word for a goal in it is the KPI's; 萬 counts."""
    added(config, "目標.csv", TAIWAN)
    assert ("sales_revenue", 1_200_000.0, "2026-01-31", "month") in goals_of(config)
    assert [source.table for source in read_settings(config).sources] == ["budgets"]


def test_again_changes_nothing_and_another_target_is_told(config: Path) -> None:
    """The same plan a second time is there already; one that differs from kpi.yaml is refused, and nothing written."""
    added(config, "2026 plan.csv", ACROSS)
    once = config.read_bytes()
    assert added(config, "2026 plan.csv", ACROSS).state == "there"
    item = added(config, "2026 plan.csv", ACROSS.replace("2.6%", "2.7%"))
    assert item.error is not None
    assert (item.state, item.error.code, config.read_bytes()) == ("failed", "add_other_target", once)


def test_what_nobody_can_know_is_asked(config: Path) -> None:
    """The year of months that name none, and the sign before three places."""
    item = added(config, "plan.csv", ACROSS.replace('"1,200,000","1,300,000"', "1200000,1300000"))
    assert [(question.about, [choice.value for choice in question.choices]) for question in item.questions] == [
        ("year", ["2026", "2027"])
    ]
    assert goals_of(config) == []
    text = "KPI,2027-01,2027-02\nRevenue target,4.750,5.250\n"
    item = added(config, "b.csv", text)
    assert [question.about for question in item.questions] == ["decimal"]
    added(config, "b.csv", text, {"decimal": ","})
    assert [target for _kpi, target, _by, _per in goals_of(config)] == [4750, 5250]


def test_what_is_not_understood_is_told(config: Path) -> None:
    """A KPI that nobody knows, a rate without a sign of percent, half a customer: none is guessed."""
    text = "KPI goals,2027-01,2027-02\nHappiness,3,4\nConversion rate,2.5,2.6\nNew customers,10.5,11\nCAC,40,41\n"
    item = added(config, "a.csv", text)
    assert item.understanding is not None
    assert [(kpi, target) for kpi, target, *_rest in goals_of(config)] == [
        ("new_customers", 11),
        ("cac", 40),
        ("cac", 41),
    ]
    assert [rejection.count for rejection in item.understanding.rejections] == [4]


def test_figures_of_the_past_are_no_plan(config: Path) -> None:
    """Without a word for a plan nothing becomes a goal."""
    assert added(config, "2026.csv", ACROSS.replace("Total", "Sum")).state == "none_of_ours"
    assert goals_of(config) == []
