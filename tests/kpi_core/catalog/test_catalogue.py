"""The catalogue's promises: complete definitions that agree with the list of KPIs, and every mistake told at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from kpi_core.answering.layout import models_of
from kpi_core.catalog import load_catalog
from kpi_core.catalog.sql_rules import broken_sql
from kpi_core.dates.calendars import Calendar
from kpi_core.errors import SettingsError
from kpi_core.metrics import LANGUAGES, Metric
from kpi_core.questions.parse import parse_question
from kpi_core.questions.vocabulary import build_vocabulary
from kpi_core.questions.wording import plain

import long
from tables import CATALOG

KPIS = CATALOG.kpis()
PLACES = {metric.id: place for place, metric in enumerate(KPIS)}
TODAY = date(2026, 11, 22)
LIST = Path(__file__).parents[4] / "shared" / "reference" / "catalogue.yaml"

each_kpi = pytest.mark.parametrize("metric", KPIS, ids=[metric.id for metric in KPIS])
each_metric = pytest.mark.parametrize("metric", CATALOG.metrics.values(), ids=list(CATALOG.metrics))


@each_kpi
def test_a_kpi_is_told_in_three_languages(metric: Metric) -> None:
    """Names, description and playbook exist in English, Korean and Chinese, each in its own script, and differ."""
    for texts in (metric.names, metric.description, metric.playbook or metric.names):
        assert set(texts) == set(LANGUAGES)
        assert len(set(texts.values())) == len(LANGUAGES)
        assert not re.search(r"[가-힣\u4e00-\u9fff]", texts["en"])
        assert re.search(r"[가-힣]", texts["ko"])
        assert re.search(r"[\u4e00-\u9fff]", texts["zh-TW"])
        assert not re.search(r"[\u4e00-\u9fff]", texts["ko"])
        assert not re.search(r"[가-힣]", texts["zh-TW"])


@each_kpi
def test_a_kpi_says_what_to_do(metric: Metric) -> None:
    """Off target, every KPI has an agreed action; only vanity figures may go without."""
    assert metric.playbook or metric.vanity


@each_kpi
def test_descriptions_and_readings_are_one_sentence(metric: Metric) -> None:
    """One sentence each, ended as its language ends sentences."""
    for text, stop in ((metric.description["en"], "."), (metric.description["ko"], "."), (metric.reading["en"], ".")):
        assert text.endswith(stop)
    assert metric.description["zh-TW"].endswith("。")
    assert metric.description["zh-TW"].count("。") == 1


@each_metric
def test_every_sentence_is_there_in_every_language(metric: Metric) -> None:
    """Readings, traps, disputes and benchmarks are read in Korean and Chinese as well as in English."""
    said = (metric.reading, *metric.traps, *metric.disputes, *(each.text for each in metric.benchmarks))
    assert [each for each in said if each.keys() != set(LANGUAGES)] == []
    for each in said:
        assert re.search(r"[가-힣]", each["ko"]) or not re.search(r"[A-Za-z]{4}", each["en"])
        assert re.search(r"[\u4e00-\u9fff]", each["zh-TW"]) or not re.search(r"[A-Za-z]{4}", each["en"])


@each_kpi
def test_a_file_is_named_after_its_kpi_and_lies_in_its_stage(metric: Metric) -> None:
    """CAC is in conversion/cac.yaml, for people who look for it."""
    path = Path(metric.file)
    assert (path.stem, path.parent.name) == (metric.id, metric.stage)


@each_metric
def test_every_reading_has_words_for_its_parts_and_an_example(metric: Metric) -> None:
    """A variant as well as a KPI has a reading, named inputs, and at least one example that asks about itself."""
    assert metric.reading
    for each in metric.inputs.values():
        assert set(each.names) == set(LANGUAGES), f"{metric.id}.{each.name}"
    assert metric.examples
    for example in metric.examples:
        assert example.ask.split()[0] == metric.id
        assert tables_of(metric) <= set(example.tables)


def tables_of(metric: Metric) -> set[str]:
    """The tables behind a metric's models, but for those that they may lack."""
    models = [CATALOG.models[name] for name in models_of(metric, CATALOG)]
    tables = {table for model in models for table in (model.reads if model.relation else (model.name,))}
    return tables - {table for model in models for table in model.may_lack}


@each_metric
def test_a_ratio_shows_what_its_traps_do(metric: Metric) -> None:
    """A plain KPI that divides has an example with a divisor of 0, whose value is none; a variant may lean on it."""
    if "/" in metric.formula and metric.variant_of is None:
        assert any(example.value is None for example in metric.examples)


def test_no_variant_repeats_the_plain_kpi() -> None:
    """Another reading differs in formula or inputs, and says how."""
    for metric in CATALOG.metrics.values():
        if metric.variant_of:
            plain = CATALOG.metrics[metric.variant_of]
            assert metric.reading != plain.reading
            assert made_of(metric) != made_of(plain), metric.id


def made_of(metric: Metric) -> tuple[str, dict[str, tuple[object, ...]]]:
    """What the value is computed from."""
    inputs = metric.inputs.items()
    return metric.formula, {name: (each.expression, each.where, each.offset) for name, each in inputs}


@each_kpi
def test_benchmarks_are_on_the_scale_of_the_kpi(metric: Metric) -> None:
    """A reference of 5 % is stored as 0.05, and says how far it can be trusted."""
    for benchmark in metric.benchmarks:
        assert benchmark.trust
        percent = re.match(r"(?:about )?([\d.]+) %", benchmark.text["en"])
        if percent and benchmark.value is not None:
            assert benchmark.value == pytest.approx(float(percent[1]) / 100)


def test_the_sql_of_the_models_can_be_read() -> None:
    """Every expression, filter and computed column parses and names columns that exist."""
    assert broken_sql(CATALOG) == []


def test_the_korean_word_for_bounce_is_one_to_ask_back_about() -> None:
    """이탈률 is bounce and churn alike: bounce rate lists it as shared, so that churn rate may have it too."""
    assert "이탈률" in CATALOG.metrics["bounce_rate"].aliases


VOCABULARY = build_vocabulary(CATALOG, lambda _dimension: ())


@each_metric
def test_every_word_of_a_kpi_asks_for_it(metric: Metric) -> None:
    """Id, names and aliases are understood as typed: nothing of them is taken for a split, a period or another KPI."""
    for word in {metric.id, *metric.names.values(), *metric.aliases}:
        if len(VOCABULARY.metrics.get(plain(word), (metric.id,))) == 1:
            query = parse_question(f"{word} 2026-10", VOCABULARY, Calendar("UTC"), TODAY)
            assert (query.metric, query.dimensions, query.filters) == (metric.id, metric.split, ())


@pytest.mark.parametrize("asked", ["traffic_by_channel", "channel mix", "채널 트래픽 구성", "管道流量組成"])
def test_a_kpi_that_is_a_split_is_split_unasked(asked: str) -> None:
    """The mix of channels is answered channel by channel; a further split comes after it."""
    assert parse_question(asked, VOCABULARY, Calendar("UTC"), TODAY).dimensions == ("channel",)
    assert parse_question(f"{asked} by device", VOCABULARY, Calendar("UTC"), TODAY).dimensions == ("channel", "device")


SPLITS: Mapping[str, tuple[str, ...]] = {
    "en": ("{kpi} by {dimension}", "{kpi} per {dimension}"),
    "ko": ("{kpi} {dimension}별", "{dimension}별 {kpi}"),
    "zh-TW": ("{kpi} 依{dimension}", "各{dimension} {kpi}", "各{dimension}{kpi}"),
}


@pytest.mark.long
@each_kpi
def test_a_kpi_by_a_dimension_is_that_kpi_split(metric: Metric) -> None:
    """In each language "X by D" splits X, whatever KPI is called so; neither a name nor an alias is swallowed.

    The short form asks for every third pair of a KPI and a dimension in one of the ways to say it, each in its turn.
    """
    first, step = (PLACES[metric.id] % 3, 3) if long.share() is None else (0, 1)
    for language in LANGUAGES:
        name, ways = metric.names[language], SPLITS[language]
        for turn, dimension in enumerate([*CATALOG.dimensions.values()][first::step], PLACES[metric.id]):
            for way in range(long.times(1, len(ways))):
                asked = ways[(turn + way) % len(ways)].format(kpi=name, dimension=dimension.names[language])
                query = parse_question(f"{asked} 2026-10", VOCABULARY, Calendar("UTC"), TODAY)
                assert (query.metric, set(query.dimensions)) == (metric.id, {*metric.split, dimension.id}), asked
                long.ran("a KPI by a dimension, in every way to say it")


def test_no_name_or_alias_reads_as_another_kpi_by_a_dimension() -> None:
    """What would is no word for its KPI: only the two ids that look so are left, as they are written."""
    words = {word for metric in KPIS for word in (*metric.names.values(), *metric.aliases)}
    assert {word for word in words if plain(word) not in VOCABULARY.metrics} == set()
    assert set(VOCABULARY.written.values()) == {"revenue_by_channel", "traffic_by_channel"}


def test_a_kpi_by_its_written_id_stays() -> None:
    """The id asks for the KPI, the same words for the split of the other one."""
    by_id = parse_question("revenue_by_channel 2026-10", VOCABULARY, Calendar("UTC"), TODAY)
    words = parse_question("revenue by channel 2026-10", VOCABULARY, Calendar("UTC"), TODAY)
    assert (by_id.metric, by_id.dimensions) == ("revenue_by_channel", ("channel",))
    assert (words.metric, words.dimensions) == ("sales_revenue", ("channel",))


@pytest.mark.parametrize(
    ("asked", "metric_id"),
    [("營業額", "sales_revenue"), ("매출", "sales_revenue"), ("轉換率", "conversion_rate"),
     ("轉化率", "conversion_rate"), ("주문 수", "orders"), ("訂單數", "orders"), ("number of orders", "orders")],
)  # fmt: skip
def test_words_of_the_market_are_understood(asked: str, metric_id: str) -> None:
    """What people in Seoul and Taipei say for a KPI is a word for it."""
    assert parse_question(asked, VOCABULARY, Calendar("UTC"), TODAY).metric == metric_id


@pytest.mark.parametrize("word", ["管道", "通路", "渠道", "頻道", "채널", "유입 경로", "channel"])
def test_channels_have_many_words(word: str) -> None:
    """Taiwan says 管道 or 通路, and reads 管道."""
    query = parse_question(f"cac 2026-10 by {word}", VOCABULARY, Calendar("UTC"), TODAY)
    assert query.dimensions == ("channel",)
    assert CATALOG.dimensions["channel"].name("zh-TW") == "管道"


# The list of KPIs to ship


@cache
def listed() -> Mapping[str, Mapping[str, Any]]:
    if not LIST.is_file():
        pytest.skip("the list of KPIs lies beside the repository and is not here")
    return {each["id"]: each for each in yaml.safe_load(LIST.read_text(encoding="utf-8"))["kpis"]}


NOT_LISTED = {
    "new_customers": "a part of CAC that teams ask for by itself",
    "orders": "the number of orders, which teams ask for by itself",
    "budget": "a part of budget utilisation that teams ask for by itself",
    "units_sold": "what the lines of orders add up to, by product",
    "untouched_sales": "how much closed-loop returns leave out",
}
SPLIT_NAMES = {"revenue_by_channel", "traffic_by_channel"}  # "X by D" always splits X, so no KPI is called so
OTHER_NAMES = {
    "sales_revenue": {"ko": "매출"},
    "conversion_rate": {"zh-TW": "轉換率"},
    "lead_conversion_rate": {"zh-TW": "潛在客戶轉換率"},
    "mql": {"zh-TW": "行銷合格潛在客戶"},
    "cpl": {"zh-TW": "每筆名單成本"},
    "email_open_rate": {"zh-TW": "電子郵件開信率"},
    "roi": {"zh-TW": "投資報酬率"},
    "campaign_roi": {"zh-TW": "行銷活動投資報酬率"},
    "arpu": {"zh-TW": "每位使用者平均營收"},
}
"""What people in Seoul and Taipei say instead; the listed name is an alias."""
OTHER_UNIT = {"roas": "shown as 3.0×, so that it is read as a ratio and not as a share"}
OTHER_KIND = {
    "followers": "cumulative",  # the list says semi-additive; in these words a level over time is cumulative
    "mrr": "cumulative",
    "pipeline_value": "cumulative",
    "goal_attainment": "ratio",  # goals reached over goals
    "ltv_cac": "ratio",  # one KPI over another is a ratio
    "sales_cycle_length": "simple",  # a median divides nothing
}
NO_WORDS = {"arr = 12 x mrr"}  # ARR is another figure; who asks for it must not be given MRR


def test_every_kpi_is_of_the_list() -> None:
    """No KPI is made up beside the list but the explained ones."""
    assert {metric.id for metric in KPIS} - set(listed()) <= set(NOT_LISTED)


def differences(metric: Metric, entry: Mapping[str, Any]) -> Iterator[str]:
    if metric.id not in SPLIT_NAMES and entry["names"] | OTHER_NAMES.get(metric.id, {}) != metric.names:
        yield f"names: {metric.names} instead of {entry['names']}"
    for name in ("direction", "stage", "cadence", "vanity", "indicator"):
        if entry[name] != getattr(metric, name):
            yield f"{name}: {getattr(metric, name)} instead of {entry[name]}"
    if entry["unit"] != metric.unit and metric.id not in OTHER_UNIT:
        yield f"unit: {metric.unit} instead of {entry['unit']}"
    if list(metric.audiences) != entry["audiences"]:
        yield f"audiences: {metric.audiences} instead of {entry['audiences']}"
    known = {word.casefold() for word in (*metric.aliases, *metric.names.values())}
    listed_words = [*entry["aliases"], *(() if metric.id in SPLIT_NAMES else entry["names"].values())]
    missing = [word for word in listed_words if word.casefold() not in known | NO_WORDS]
    if missing:
        yield f"aliases without {missing}"


@each_kpi
def test_a_kpi_agrees_with_the_list(metric: Metric) -> None:
    """Names, words, unit, direction, stage, cadence and readers are those of the list, but for explained exceptions."""
    if metric.id in NOT_LISTED:
        pytest.skip(NOT_LISTED[metric.id])
    assert list(differences(metric, listed()[metric.id])) == []


@each_kpi
def test_a_kpi_is_of_the_listed_kind(metric: Metric) -> None:
    """Simple, ratio or derived as the list has it."""
    if metric.id in NOT_LISTED:
        pytest.skip(NOT_LISTED[metric.id])
    assert metric.type == OTHER_KIND.get(metric.id, listed()[metric.id]["kind"])


# Definitions that people write


GOOD = """\
id: {id}
names: {{en: {name}, ko: {name} 지표, zh-TW: {name} 指標}}
description: {{en: Text., ko: 글., zh-TW: 文。}}
type: ratio
formula: spend / clicks
inputs: {{spend: ad_performance.spend, clicks: ad_performance.clicks}}
unit: currency
direction: lower
stage: consideration
cadence: daily
indicator: leading
reading: As it says.
"""


def good(metric_id: str = "mine", name: str = "Mine", **lines: str) -> str:
    """A definition that is right, but for the lines given."""
    text = GOOD.format(id=metric_id, name=name)
    for key, value in lines.items():
        text, count = re.subn(rf"(?m)^{key}: .*$", f"{key}: {value}", text)
        if not count:
            text += f"{key}: {value}\n"
    return text


def problems(folder: Path, **files: str) -> list[tuple[str, int, str]]:
    """File, line and message of everything wrong with these files, in the order of the files."""
    metrics = folder / "metrics"
    metrics.mkdir()
    for name, text in files.items():
        (metrics / f"{name}.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as refusal:
        load_catalog([metrics])
    return sorted((Path(each.file).name, each.line, each.message) for each in refusal.value.problems)


def test_a_team_adds_its_own_kpi(tmp_path: Path) -> None:
    """A file in the team's folder is a KPI like the built-in ones; one with a known id takes its place."""
    (tmp_path / "mine.yaml").write_text(good(), encoding="utf-8")
    (tmp_path / "cpc.yaml").write_text(good("cpc", "Our CPC"), encoding="utf-8")
    catalog = load_catalog([tmp_path])
    assert catalog.metrics["mine"].names["ko"] == "Mine 지표"
    assert catalog.metrics["cpc"].names["en"] == "Our CPC"
    assert catalog.metrics["cpc"].file == f"{tmp_path.name}/cpc.yaml"


def test_a_team_s_definition_is_its_own(tmp_path: Path) -> None:
    """In one process, the KPI that one team defines anew is the built-in one to the next, whichever is read first."""
    for team, text in (("theirs", good("cpc", "Our CPC")), ("ours", good())):
        (tmp_path / team).mkdir()
        (tmp_path / team / "kpi.yaml").write_text(text, encoding="utf-8")
    theirs, ours = load_catalog([tmp_path / "theirs"]), load_catalog([tmp_path / "ours"])
    assert theirs.metrics["cpc"].names["en"] == "Our CPC"
    assert {**ours.metrics, "mine": None} == {**CATALOG.metrics, "mine": None}


def test_every_ill_formed_file_is_told_at_once(tmp_path: Path) -> None:
    """A tab, a bomb, a missing language, a wrong word, a key nobody knows and a stray list: each with its line."""
    bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{new}: &{new} [{', '.join([f'*{old}'] * 10)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
    )
    found = problems(
        tmp_path,
        bomb=bomb,
        key=good("key").replace("unit:", "unti:"),
        language=good("language", description="{en: Text., ko: 글.}"),
        list="- id: mine\n",
        tab=good("tab").replace("inputs: {", "inputs:\n\tspend: {"),
        word=good("word", direction="down"),
    )
    assert [(file, line) for file, line, _ in found] == [
        ("bomb.yaml", 1),
        ("key.yaml", 1),
        ("key.yaml", 7),
        ("language.yaml", 3),
        ("list.yaml", 1),
        ("tab.yaml", 7),
        ("word.yaml", 8),
    ]
    told = {file: message for file, _, message in found}
    assert "unfolds" in told["bomb.yaml"]
    assert "zh-TW" in told["language.yaml"]
    assert "tab" in told["tab.yaml"]
    assert "down" in told["word.yaml"]


def test_every_broken_rule_is_told_at_once(tmp_path: Path) -> None:
    """An unknown measure, model or KPI, a circle, a wrong type, an unused input, a stolen word: each with its line."""
    found = problems(
        tmp_path,
        alias=good("alias", "Alias", aliases="[ROAS, 매출]"),
        circle_a=good("circle_a", "A", type="simple", formula="b", inputs="{b: circle_b}"),
        circle_b=good("circle_b", "B", type="simple", formula="a", inputs="{a: circle_a}"),
        kpi=good("kpi", "K", inputs="{spend: ad_spent, clicks: ad_performance.clicks}"),
        measure=good("measure", "M", inputs="{spend: ad_performance.spent, clicks: ad_performance.clicks}"),
        model=good("model_", "Mo", inputs="{spend: adverts.spend, clicks: ad_performance.clicks}"),
        kind=good("kind", "Ki", type="simple"),
        split=good("split", "S", split="[chanel]"),
        unused=good("unused", "U", type="simple", formula="spend"),
    )
    assert found == [
        ("alias.yaml", 13, '"roas" is already a word for roas'),
        ("alias.yaml", 13, '"매출" is already a word for sales_revenue'),
        ("circle_a.yaml", 6, "circle_a is computed from itself"),
        ("circle_b.yaml", 6, "circle_b is computed from itself"),
        ("kind.yaml", 4, "spend / clicks makes a metric of type ratio, not simple"),
        ("kpi.yaml", 6, "there is no KPI ad_spent"),
        ("measure.yaml", 6, "ad_performance has no measure spent"),
        ("model.yaml", 6, "there is no model adverts"),
        ("split.yaml", 13, "there is no dimension chanel"),
        ("unused.yaml", 6, "the input clicks is not used in the formula"),
    ]


def test_a_stolen_word_is_told_where_it_stands(tmp_path: Path) -> None:
    """A name or id that another KPI has is told at its own line, and in the team's file, wherever that one stands."""
    metrics = tmp_path / "metrics"
    metrics.mkdir()
    for name, text in {
        "name": good("one", "One").replace("ko: One 지표", "ko: 매출"),
        "id": good("ROAS", "Two"),
        "cac": good("cac", "Three", aliases="[cost per win, 광고비 대비 매출]"),
    }.items():
        (metrics / f"{name}.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as refusal:
        load_catalog([metrics])
    found = sorted((Path(each.file).name, each.line, each.column, each.message) for each in refusal.value.problems)
    assert found == [
        ("cac.yaml", 13, 25, '"광고비 대비 매출" is already a word for roas'),
        ("id.yaml", 1, 5, '"roas" is already a word for roas'),
        ("name.yaml", 2, 22, '"매출" is already a word for sales_revenue'),
    ]


def test_a_circle_is_told_with_the_way_round(tmp_path: Path) -> None:
    """Each KPI of a circle names the shortest way from itself to itself; one that only leads into it is not blamed."""
    metrics = tmp_path / "metrics"
    metrics.mkdir()
    for name, needs in {"a": "b", "b": "c", "c": "a", "into": "a", "self": "self"}.items():
        text = good(name, name, type="simple", formula="x", inputs=f"{{x: {needs}}}")
        (metrics / f"{name}.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as refusal:
        load_catalog([metrics])
    assert [(each.message, each.hint) for each in refusal.value.problems] == [
        ("a is computed from itself", "Break the circle a → b → c → a."),
        ("b is computed from itself", "Break the circle b → c → a → b."),
        ("c is computed from itself", "Break the circle c → a → b → c."),
        ("self is computed from itself", "Break the circle self → self."),
    ]


VARIANTS = """variants:
  clicks:
    label: {en: clicks, ko: 클릭, zh-TW: 點擊}
    reading: The clicks alone.
"""
SIMPLE = "clicks makes a metric of type simple, not ratio"


def test_a_variant_may_be_of_another_type_and_unit(tmp_path: Path) -> None:
    """What a variant does not say is as its KPI has it."""
    other = "    type: simple\n    formula: clicks\n    unit: count\n    direction: higher\n"
    (tmp_path / "mine.yaml").write_text(good() + VARIANTS + other, encoding="utf-8")
    catalog = load_catalog([tmp_path])
    plain, variant = catalog.metrics["mine"], catalog.metrics["mine@clicks"]
    assert (plain.type, plain.unit, plain.direction) == ("ratio", "currency", "lower")
    assert (variant.type, variant.unit, variant.direction) == ("simple", "count", "higher")
    assert (variant.cadence, list(variant.inputs)) == ("daily", ["clicks"])


@pytest.mark.parametrize(
    ("lines", "line", "message", "hint"),
    [
        ("    formula: clicks\n", 15, SIMPLE, "Write type: simple in the variant."),
        ("    unit: duration\n", 17, "a duration needs its unit", "Add duration_unit: seconds, days or months."),
        ("fallback: mine@click\n", 17, "mine has no variant mine@click", "Did you mean mine@clicks?"),
        ("fallback: roas\n", 17, "mine has no variant roas", "Known: mine@clicks."),
    ],
)  # fmt: skip
def test_a_variant_that_does_not_fit_is_told(tmp_path: Path, lines: str, line: int, message: str, hint: str) -> None:
    """Its type must be that of its formula, a duration needs a unit, and only a KPI's own variant answers for it."""
    (tmp_path / "mine.yaml").write_text(good() + VARIANTS + lines, encoding="utf-8")
    with pytest.raises(SettingsError) as refusal:
        load_catalog([tmp_path])
    assert [(each.line, each.message, each.hint) for each in refusal.value.problems] == [(line, message, hint)]


def test_a_shared_word_is_allowed_where_the_kpi_says_so(tmp_path: Path) -> None:
    """A team's KPI may share a word of a built-in one by listing it as shared; the question then asks back."""
    (tmp_path / "mine.yaml").write_text(good(shared_aliases="[ROAS]"), encoding="utf-8")
    catalog = load_catalog([tmp_path])
    assert [metric.id for metric in catalog.kpis() if "ROAS" in metric.aliases] == ["roas", "mine"]


def test_a_gain_over_its_own_cost_is_derived(tmp_path: Path) -> None:
    """A ratio divides one part by another; a part on both sides makes the KPI a derived one."""
    gain = good("gain", "Gain", type="derived", formula="(spend - clicks) / clicks")
    (tmp_path / "gain.yaml").write_text(gain, encoding="utf-8")
    assert load_catalog([tmp_path]).metrics["gain"].type == "derived"


def test_a_missing_folder_is_a_problem_and_not_a_silence(tmp_path: Path) -> None:
    """A folder of definitions that is not there is told, since its KPIs would be missed."""
    with pytest.raises(SettingsError, match="no such folder"):
        load_catalog([tmp_path / "metrics"])


def test_the_sql_of_a_team_s_model_is_checked(tmp_path: Path) -> None:
    """A measure over a column that is not there is told with the nearest column."""
    model = """\
model: visits
description: One row is one visit.
time: day
columns: {day: {type: date, required: true}, amount: {type: decimal}}
dimensions: []
measures: {amount: {agg: sum, expr: amuont}}
"""
    (tmp_path / "visits.yaml").write_text(model, encoding="utf-8")
    (found,) = broken_sql(load_catalog([tmp_path]))
    assert (found.message, found.hint) == ("amount.expr: there is no column amuont", "Did you mean amount?")
