"""Readings, traps, disputes and benchmarks: said once in English, or in each language."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.cards.catalogue import explain_card, explain_facts
from kpi_core.answering.engine import Engine
from kpi_core.catalog import load_catalog
from kpi_core.catalog.digest import definition_version
from kpi_core.dates.periods import Period
from kpi_core.errors import SettingsError
from kpi_core.formats.notices import notice_text
from kpi_core.metrics import Catalog
from kpi_core.phrases import say
from kpi_core.query import MetricQuery
from kpi_core.review.definition_json import definition_json
from kpi_core.review.diff import differing
from kpi_core.warehouse.duckdb import DuckDBWarehouse

from tables import settings, write_tables

KPI = """\
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
"""
PLAIN = KPI + "reading: As it says.\ntraps: [Mind the dates.]\n"
SPOKEN = f"""\
{KPI}reading: {{en: As it says., ko: 그대로., zh-TW: 如字面。}}
traps: [{{en: Mind the dates., ko: 날짜에 주의.}}, Platforms revise.]
disputes: [{{en: By day or week., zh-TW: 按日或按週。}}]
benchmarks: [{{text: {{en: about 1, ko: 약 1}}, source: a survey, trust: published, value: 1}}]
fallback: poster_cost@orders
variants:
  orders:
    label: {{en: by orders, ko: 주문 기준, zh-TW: 依訂單}}
    reading: {{en: Orders instead., ko: 주문으로 계산합니다., zh-TW: 以訂單計算。}}
    inputs: {{spend: orders.revenue, clicks: orders.orders}}
"""
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1))


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return catalog(tmp_path_factory.mktemp("definitions") / "own", SPOKEN)


def catalog(folder: Path, text: str) -> Catalog:
    folder.mkdir()
    (folder / "poster_cost.yaml").write_text(text, "utf-8")
    return load_catalog([folder])


@pytest.mark.parametrize(
    ("language", "reading", "variant", "trap", "dispute", "benchmark"),
    [
        ("en", "As it says.", "Orders instead.", "Mind the dates.", "By day or week.", "about 1"),
        ("ko", "그대로.", "주문으로 계산합니다.", "날짜에 주의.", "By day or week.", "약 1"),
        ("zh-TW", "如字面。", "以訂單計算。", "Mind the dates.", "按日或按週。", "about 1"),
    ],
)
def test_a_definition_is_explained_in_the_language_of_its_reader(
    spoken: Catalog, language: str, reading: str, variant: str, trap: str, dispute: str, benchmark: str
) -> None:
    """A sentence that lacks the language is told in English."""
    facts = dict(explain_facts(spoken.metrics["poster_cost"], spoken, language))
    told = {name: facts[say(language, f"catalogue.{name}")] for name in ("reading", "variants", "traps", "disputes")}
    assert told == {
        "reading": [reading],
        "variants": [f"poster_cost@orders: {variant}"],
        "traps": [f"· {trap}", "· Platforms revise."],
        "disputes": [f"· {dispute}"],
    }
    assert facts[say(language, "catalogue.benchmark")][0].startswith(f"{benchmark} (a survey")
    assert reading in json.dumps(
        explain_card(spoken.metrics["poster_cost"], spoken, language).blocks, ensure_ascii=False
    )


def test_programs_read_english(spoken: Catalog, tmp_path: Path) -> None:
    """JSON gives plain English texts, however many languages a definition speaks."""
    write_tables(tmp_path / "kpi.duckdb", {"orders": [order("a", 12)]})
    engine = Engine(settings(), spoken, DuckDBWarehouse(tmp_path / "kpi.duckdb"))
    answer = engine.answer(MetricQuery("poster_cost@orders", OCTOBER, ()), NOW)
    said = definition_json(spoken.metrics["poster_cost"], engine.catalog, answer.definition)
    assert (said["reading"], said["traps"]) == ("As it says.", ["Mind the dates.", "Platforms revise."])
    assert said["disputes"] == ["By day or week."]
    assert said["benchmarks"] == [{"text": "about 1", "source": "a survey", "trust": "published", "value": 1}]
    assert answer.definition.reading == "Orders instead."


def order(name: str, revenue: int) -> dict[str, object]:
    return {"order_id": name, "customer_id": name, "ordered_at": datetime(2026, 10, 5, tzinfo=UTC), "revenue": revenue}


@pytest.mark.parametrize(
    ("language", "reading"),
    [("en", "Orders instead."), ("ko", "주문으로 계산합니다."), ("zh-TW", "以訂單計算。"), ("fr", "Orders instead.")],
)
def test_another_reading_that_answers_is_named_in_the_reader_s_language(
    spoken: Catalog, tmp_path: Path, language: str, reading: str
) -> None:
    """Without advertising tables, the variant by orders answers: 30 of 2 orders, and says which reading that is."""
    write_tables(tmp_path / "kpi.duckdb", {"orders": [order("a", 10), order("b", 20)]})
    engine = Engine(settings(), spoken, DuckDBWarehouse(tmp_path / "kpi.duckdb"))
    answer = engine.answer(MetricQuery("poster_cost", OCTOBER, ()), NOW)
    assert answer.value == 15
    assert notice_text(answer.warnings[0], language, answer.metric).endswith(reading)
    assert notice_text(answer.warnings[0], language).endswith(reading)


def test_wording_is_no_part_of_a_version(tmp_path: Path) -> None:
    """A translated reading leaves the version of the definition, and its numbers, alone; the diff shows the words."""
    old = catalog(tmp_path / "old", PLAIN)
    new = catalog(tmp_path / "new", PLAIN.replace("As it says.", "{en: As it says., ko: 그대로.}"))
    assert definition_version(old.metrics["poster_cost"], old) == definition_version(new.metrics["poster_cost"], new)
    (change,) = differing(old, new)
    assert change.kind == "reworded"
    assert [(each.place, each.old, each.new) for each in change.differences] == [("reading.ko", None, "그대로.")]


@pytest.mark.parametrize(
    ("wrong", "line", "message"),
    [
        ("reading: {ko: 그대로.}", 12, "en is missing in reading"),
        ("reading: {en: As it says., jp: そのまま}", 12, "unknown key jp"),
        ("reading: {en: As it says., ko: 3}", 12, "ko must be a text, not 3"),
        ("reading: [As it says.]", 12, "reading must be a text or a mapping with en, ko, zh-TW, not a list"),
        ("reading: As it says.\ntraps: [{ko: 그대로.}]", 13, "en is missing in traps, item 1"),
        ("reading: As it says.\ntraps: Mind the dates.", 13, "traps must be a list, not Mind the dates."),
    ],
)
def test_what_is_no_sentence_is_refused(tmp_path: Path, wrong: str, line: int, message: str) -> None:
    """English must be there, other keys than the languages must not."""
    with pytest.raises(SettingsError) as caught:
        catalog(tmp_path / "own", f"{KPI}{wrong}\n")
    assert [(each.line, each.message) for each in caught.value.problems] == [(line, message)]
