"""What other definitions do to numbers: the KPIs that differ, both answers month by month, goals that turn."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from wcwidth import wcswidth

from bot.terminal.diff import terminal_diff
from kpi_core.answering.engine import Engine
from kpi_core.catalog import load_catalog
from kpi_core.catalog.digest import definition_version
from kpi_core.dates.calendars import Calendar
from kpi_core.metrics import LANGUAGES, Catalog
from kpi_core.review.diff import Answers, KpiChange, compared_answers, differing, questions, window_of
from kpi_core.settings.values import Goal
from kpi_core.warehouse.duckdb import DuckDBWarehouse

from golden import matches_golden
from tables import settings, write_tables

BUILT_IN = Path(__file__).parents[3] / "kpi_core" / "catalog"
COST = """\
id: poster_cost
names: {en: Poster cost, ko: 포스터 비용, zh-TW: 海報費用}
description: {en: What a click costs., ko: 클릭 한 번의 비용., zh-TW: 一次點擊的費用。}
type: ratio
formula: spend / clicks
inputs: {spend: ad_performance.spend, clicks: ad_performance.clicks}
unit: currency
direction: lower
stage: consideration
cadence: monthly
indicator: leading
reading: As it says.
"""
TWICE = """\
id: twice
names: {en: Twice, ko: 두 배, zh-TW: 兩倍}
description: {en: Twice the click cost., ko: 포스터 비용의 두 배., zh-TW: 海報費用的兩倍。}
type: derived
formula: cost * 2
inputs: {cost: poster_cost}
unit: currency
direction: lower
stage: consideration
cadence: monthly
indicator: leading
reading: As it says.
"""
ADS = [
    {"date": date(2026, 9, 10), "channel": "search", "spend": 100, "clicks": 50, "impressions": 1000},
    {"date": date(2026, 10, 10), "channel": "search", "spend": 90, "clicks": 30, "impressions": 300},
    {"date": date(2026, 11, 10), "channel": "search", "spend": 10, "clicks": 10, "impressions": 10},
]
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
GOALS = (
    Goal("poster_cost", 2.5, date(2026, 12, 31), owner="U1"),
    Goal("poster_cost", 0.2, date(2026, 12, 31), where={"channel": "search"}),
)


def catalog(folder: Path, **files: str) -> Catalog:
    folder.mkdir()
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, "utf-8")
    return load_catalog([folder])


def per_view(text: str) -> str:
    """The click cost, over impressions instead of clicks."""
    return text.replace("clicks: ad_performance.clicks", "clicks: ad_performance.impressions")


def held(path: Path, old: Catalog, new: Catalog, months: int = 2) -> list[KpiChange]:
    """The changes with their numbers, on the few advertisements above."""
    write_tables(path / "kpi.duckdb", {"ad_performance": ADS})
    window = window_of(months, NOW.date(), Calendar("UTC"))
    changes = differing(old, new)

    def answers(side: Catalog) -> Answers:
        engine = Engine(settings(), side, DuckDBWarehouse(path / "kpi.duckdb"))
        asked = [each for change in changes for each in questions(change, GOALS, window) if each.metric in side.metrics]
        return dict(zip(asked, engine.answers(asked, NOW), strict=True))

    before, after = answers(old), answers(new)
    return [compared_answers(each, GOALS, window, before, after) for each in changes]


def test_nothing_differs_between_equal_definitions(tmp_path: Path) -> None:
    """The same files twice, and a file that repeats a built-in one, are no change."""
    assert differing(catalog(tmp_path / "a", cost=COST), catalog(tmp_path / "b", cost=COST)) == []


def test_each_kind_of_change_is_told_apart(tmp_path: Path) -> None:
    """A KPI may be new, gone, computed in another way, or only called another name."""
    old = catalog(tmp_path / "old", cost=COST, twice=TWICE)
    renamed = TWICE.replace("en: Twice,", "en: Double,")
    third = (
        COST.replace("poster_cost", "third")
        .replace("Poster cost", "Third")
        .replace("포스터 비용", "셋")
        .replace("海報費用", "三")
    )
    new = catalog(tmp_path / "new", twice=renamed, cost=COST, third=third)
    assert [(each.id, each.kind) for each in differing(old, new)] == [("third", "added"), ("twice", "reworded")]
    assert [(each.id, each.kind) for each in differing(new, old)] == [("twice", "reworded"), ("third", "removed")]


def test_what_changed_is_said_where_it_is_written(tmp_path: Path) -> None:
    """Unit, direction and input are named as in the file; a measure used instead of another needs no more words."""
    old = catalog(tmp_path / "old", cost=COST)
    new = catalog(
        tmp_path / "new", cost=per_view(COST).replace("lower", "neutral").replace("reading: As", "reading: Is")
    )
    (change,) = differing(old, new)
    assert [(each.place, each.old, each.new) for each in change.differences] == [
        ("inputs.clicks", "ad_performance.clicks", "ad_performance.impressions"),
        ("direction", "lower", "neutral"),
        ("reading", "As it says.", "Is it says."),
    ]


def test_a_measure_that_changed_reaches_every_kpi_on_it(tmp_path: Path) -> None:
    """Another filter inside a model changes all KPIs that use the measure, also through other KPIs."""
    model = (
        (BUILT_IN / "models" / "ad_performance.yaml")
        .read_text("utf-8")
        .replace("clicks: {agg: sum, expr: clicks", "clicks: {agg: sum, expr: clicks + 1")
    )
    old = catalog(tmp_path / "old", cost=COST, twice=TWICE)
    new = catalog(tmp_path / "new", cost=COST, twice=TWICE, ads=model)
    changes = {each.id: each for each in differing(old, new)}
    assert {"poster_cost", "twice", "cpc", "ctr"} <= changes.keys()
    assert "cpm" not in changes
    assert [each.place for each in changes["twice"].differences] == ["ad_performance.clicks.expr"]


def test_the_formula_of_a_kpi_inside_another_changes_both(tmp_path: Path) -> None:
    """Twice the click cost is another number when the click cost is divided the other way round."""
    old = catalog(tmp_path / "old", cost=COST, twice=TWICE)
    new = catalog(tmp_path / "new", cost=COST.replace("spend / clicks", "clicks / spend"), twice=TWICE)
    changes = {each.id: each for each in differing(old, new)}
    assert changes["twice"].differences[0].place == "poster_cost.formula"
    assert definition_version(old.metrics["twice"], old) != definition_version(new.metrics["twice"], new)


def test_months_by_both_definitions(tmp_path: Path) -> None:
    """September cost 100 / 50 = 2 a click and 100 / 1000 = 0.1 a view; the running month stands last."""
    old = catalog(tmp_path / "old", cost=COST)
    (change,) = held(tmp_path, old, catalog(tmp_path / "new", cost=per_view(COST)))
    months = [(each.period.start.month, each.complete, each.old, each.new) for each in change.months]
    assert months == [(9, True, 2, pytest.approx(0.1)), (10, True, 3, pytest.approx(0.3)), (11, False, 1, 1)]
    assert [each.period.start.month for each in change.moving()] == [9, 10]
    assert change.months[0].change_ratio == pytest.approx(-0.95)


def test_goals_by_both_definitions(tmp_path: Path) -> None:
    """At most 2.5: missed in October by click, met by view; at most 0.2 in search: met only in September, by view."""
    old = catalog(tmp_path / "old", cost=COST)
    (change,) = held(tmp_path, old, catalog(tmp_path / "new", cost=per_view(COST)))
    first, second = change.goals
    statuses = [[(each.old, each.new) for each in goal.periods] for goal in (first, second)]
    assert statuses[0] == [("met", "met"), ("off_track", "met"), ("on_track", "on_track")]
    assert statuses[1] == [("off_track", "met"), ("off_track", "off_track"), ("at_risk", "at_risk")]
    assert [each.period.start.month for each in first.turned()] == [10]


def test_a_goal_of_a_kpi_that_goes_has_no_status_any_more(tmp_path: Path) -> None:
    """The old status stands beside nothing."""
    (change,) = held(tmp_path, catalog(tmp_path / "old", cost=COST), load_catalog())
    assert change.kind == "removed"
    assert [(each.old, each.new) for each in change.goals[0].periods][:2] == [("met", None), ("off_track", None)]
    assert [each.new for each in change.months] == [None, None, None]


def test_a_sum_is_held_against_periods_of_its_target(tmp_path: Path) -> None:
    """A goal a quarter is looked at in quarters that begin inside the window."""
    old = load_catalog()
    text = next((BUILT_IN / "metrics").rglob("ad_spend.yaml")).read_text("utf-8")
    new = catalog(tmp_path / "new", spend=text.replace("ad_performance.spend", "ad_performance.clicks"))
    change = next(each for each in differing(old, new) if each.id == "ad_spend")
    window = window_of(7, NOW.date(), Calendar("UTC"))
    asked = questions(change, (Goal("ad_spend", 100, date(2026, 12, 31), per="quarter"),), window)
    assert [each.period.start.month for each in asked if each.period.grain == "quarter"] == [4, 7, 10]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_terminal_reads_as_reviewed(tmp_path: Path, language: str) -> None:
    """A tally, an overview, then each KPI with its months and goals, in at most 100 columns."""
    old = catalog(tmp_path / "old", cost=COST, twice=TWICE)
    words = TWICE.replace("description: {en: Twice the click cost.", f"description: {{en: {'Twice as much. ' * 8}")
    third = (
        COST.replace("poster_cost", "third")
        .replace("Poster cost", "Third")
        .replace("포스터 비용", "셋")
        .replace("海報費用", "三")
    )
    new = catalog(tmp_path / "new", cost=per_view(COST), twice=words, third=third)
    text = terminal_diff(held(tmp_path, old, new), 110, "USD", language)
    assert max(wcswidth(line) for line in text.split("\n")) <= 100
    matches_golden(f"terminal/diff.{language}.txt", text + "\n")


def test_the_terminal_says_when_nothing_moves(tmp_path: Path) -> None:
    """Equal definitions, and a change that moves no number, are told in a sentence."""
    assert terminal_diff([], 111, "USD", "en") == "Nothing differs: 111 KPIs are defined alike."
    same = COST.replace("spend: ad_performance.spend", "spend: 1 * ad_performance.spend")
    changes = held(tmp_path, catalog(tmp_path / "old", cost=COST), catalog(tmp_path / "new", cost=same))
    assert "No number of the 3 months moves." in terminal_diff(changes, 1, "USD", "en")
