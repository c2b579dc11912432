"""A team's own KPIs and models beside and over the built-in ones, from the file to the answer, and told when wrong."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import jsonschema
import pytest
import yaml

from bot.cli import main
from kpi_core.documents.yaml_file import read_text

ROOT = Path(__file__).parent.parent.parent

SETTINGS = """\
company: Small shop
timezone: Asia/Seoul
currency: KRW
catalog: [metrics/, models/]
sources:
  - {name: shop, type: csv, path: orders.csv, table: orders}
  - {name: visits, type: csv, path: visits.csv, table: store_visits}
goals:
  - {kpi: visit_rate, target: 0.5, by: 2026-12-31, owner: U0MINA}
  - {kpi: sales_revenue, target: 20000, by: 2026-12-31, per: month, owner: U0MINA}
"""
ORDERS = """\
order_id,customer_id,ordered_at,channel,revenue
a,kim,2026-09-05 12:00,search,30000
b,lin,2026-10-05 12:00,search,10000
c,kim,2026-10-06 12:00,social,5000
d,mia,2026-11-20 09:00,social,7000
"""
VISITS = """\
day,region,visitors,buyers
2026-09-03,Seoul,100,40
2026-10-03,Seoul,200,90
2026-10-04,Busan,50,35
2026-11-21,Seoul,10,5
"""
MODEL = """\
model: store_visits
description: One row is one day of one shop.
time: day
columns:
  day: {type: date, required: true}
  region: {type: text}
  visitors: {type: integer}
  buyers: {type: integer}
dimensions: [region]
measures:
  visitors: {agg: sum, expr: visitors}
  buyers: {agg: sum, expr: buyers}
"""
RATE = """\
id: visit_rate
names: {en: Buyers per visitor, ko: 방문 구매율, zh-TW: 到店購買率}
description: {en: How many visitors buy., ko: 방문객 중 구매한 비율., zh-TW: 到店訪客中購買的比例。}
type: ratio
formula: buyers / visitors
inputs:
  buyers: {is: store_visits.buyers, names: {en: buyers, ko: 구매자, zh-TW: 購買者}}
  visitors: {is: store_visits.visitors, names: {en: visitors, ko: 방문객, zh-TW: 訪客}}
unit: percent
direction: higher
stage: conversion
cadence: monthly
indicator: leading
reading: Buyers over visitors, both as the shops count them.
variants:
  turned:
    label: {en: turned round, ko: 역수, zh-TW: 倒數}
    reading: Visitors over buyers.
    formula: visitors / buyers
worked_example:
  - says: Two shops are added up before the division.
    tables:
      store_visits:
        - {day: 2026-10-03, region: Seoul, visitors: 200, buyers: 90}
        - {day: 2026-10-04, region: Busan, visitors: 50, buyers: 35}
    ask: visit_rate 2026-10
    value: 0.5
"""
REVENUE = """\
id: sales_revenue
names: {en: Orders at list price, ko: 정가 매출, zh-TW: 定價營收}
description: {en: Twice of what came in., ko: 들어온 금액의 두 배., zh-TW: 收入的兩倍。}
type: derived
formula: revenue * 2
inputs: {revenue: orders.revenue}
unit: currency
direction: higher
stage: conversion
cadence: monthly
indicator: lagging
reading: As the team wants it.
"""


@pytest.fixture(scope="module")
def loaded_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small shop with an own model, an own KPI and another reading of sales revenue, its data loaded."""
    folder = tmp_path_factory.mktemp("shop")
    files = {
        "kpi.yaml": SETTINGS,
        "orders.csv": ORDERS,
        "visits.csv": VISITS,
        "models/store_visits.yaml": MODEL,
        "metrics/visit_rate.yaml": RATE,
        "metrics/sales_revenue.yaml": REVENUE,
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    assert main(["load", "--config", str(folder / "kpi.yaml"), "--now", "2026-11-22T09:00"]) == 0
    return folder


@pytest.fixture
def shop(loaded_shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it; what the shops of all tests cache lies beside the first one."""
    folder = tmp_path / "shop"
    shutil.copytree(loaded_shop, folder)
    monkeypatch.setenv("XDG_CACHE_HOME", str(loaded_shop.with_name("cache")))
    monkeypatch.chdir(folder)
    return folder


def kpi(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of one call on 22 November 2026."""
    capsys.readouterr()
    code = main([*words, "--now", "2026-11-22T09:00"])
    printed = capsys.readouterr()
    assert "Traceback" not in printed.out + printed.err
    return code, printed.out, printed.err


def test_an_own_kpi_over_an_own_table_is_asked_like_any_other(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By id, by name in any language, split and filtered, held against its goal: 125 of 250 visitors bought."""
    for question in (
        "visit_rate last-month",
        "방문 구매율 지난달",
        "到店購買率 上個月",
        "buyers per visitor in October",
    ):
        answer = json.loads(kpi(capsys, "ask", question, "--json")[1])
        assert (answer["metric"], answer["value"], answer["parts"]) == (
            "visit_rate",
            0.5,
            {"buyers": 125, "visitors": 250},
        )
        assert answer["goal"]["asked"]["reached"] is True
    split = json.loads(kpi(capsys, "ask", "visit_rate last-month by region", "--json")[1])
    assert {row["region"]: row["value"] for row in split["breakdown"]} == {"Seoul": 0.45, "Busan": 0.7}
    kept = json.loads(kpi(capsys, "ask", "visit_rate@turned last-month where region=Busan", "--json")[1])
    assert kept["value"] == pytest.approx(50 / 35)


def test_an_own_definition_takes_the_place_of_a_built_in_one(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Sales revenue is what the team says it is, also inside other KPIs and by its new names."""
    answer = json.loads(kpi(capsys, "ask", "정가 매출 지난달", "--json")[1])
    assert (answer["metric"], answer["value"]) == ("sales_revenue", 30000)
    assert answer["goal"]["asked"]["reached"] is True


def test_an_own_dimension_splits_and_filters(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A column of the team's own table gets names in dimensions.yaml and is asked by them."""
    names = "staff: {names: {en: salesperson, ko: 판매원, zh-TW: 店員}, aliases: [seller]}\n"
    (shop / "models" / "dimensions.yaml").write_text(names, "utf-8")
    (shop / "models" / "store_visits.yaml").write_text(MODEL.replace("region", "staff"), "utf-8")
    (shop / "metrics" / "visit_rate.yaml").write_text(RATE.replace("region", "staff"), "utf-8")
    (shop / "visits.csv").write_text(VISITS.replace("region", "staff"), "utf-8")
    assert kpi(capsys, "load")[0] == 0
    for words in ("by salesperson", "판매원별", "by seller"):
        answer = json.loads(kpi(capsys, "ask", f"visit_rate last-month {words}", "--json")[1])
        assert {row["staff"]: row["value"] for row in answer["breakdown"]} == {"Seoul": 0.45, "Busan": 0.7}
    assert kpi(capsys, "check")[0] == 0
    (shop / "models" / "dimensions.yaml").write_text("staff: {names: {en: salesperson}}\n", "utf-8")
    code, out, _err = kpi(capsys, "check")
    assert (code, "models/dimensions.yaml:1:16: ko is missing" in out) == (1, True)


def test_own_kpis_are_listed(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The list has the new KPI and the new names, each ready."""
    kpis = {each["id"]: each for each in json.loads(kpi(capsys, "list", "--json")[1])["kpis"]}
    assert kpis["visit_rate"]["available"]
    assert kpis["sales_revenue"]["names"]["zh-TW"] == "定價營收"
    assert "visit_rate" in kpi(capsys, "list")[1]


def test_an_own_kpi_is_explained(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Definition, variant, file, worked example and SQL, in words and as JSON."""
    code, told, _err = kpi(capsys, "explain", "visit_rate")
    assert code == 0
    for part in (
        "buyers ÷ visitors",
        "visit_rate@turned: Visitors over buyers.",
        "metrics/visit_rate.yaml",
        "Two shops are added up",
        "2026-10-04  Busan         50      35",
        'kpi ask "visit_rate 2026-10" → 50%',
        "FROM store_visits",
    ):
        assert part in told
    found = json.loads(kpi(capsys, "explain", "visit_rate", "--json")[1])
    assert found["tables"] == ["store_visits"]
    assert found["dimensions"] == ["region"]
    assert found["variants"][0]["id"] == "visit_rate@turned"
    assert found["worked_examples"][0]["value"] == 0.5


def test_an_editor_gets_its_schemas(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command kpi check --schemas writes them into a folder; the files of the shop fit."""
    code, out, _err = kpi(capsys, "check", "--schemas", ".schemas")
    assert (code, out.count("wrote")) == (0, 3)
    for name, text in (("kpi", RATE), ("kpi", REVENUE), ("model", MODEL), ("settings", SETTINGS)):
        schema = json.loads((shop / ".schemas" / f"{name}.schema.json").read_text("utf-8"))
        value = json.loads(json.dumps(read_text(text, name).value, default=str))
        jsonschema.Draft202012Validator(schema).validate(value)
    assert kpi(capsys, "check", "--schemas", "kpi.yaml")[0] == 1


def test_the_table_of_the_how_to_works(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The models that the how-to shows are ones that the catalogue takes; as they stand there they answer."""
    text = (ROOT / "docs" / "how-to" / "own-kpis.md").read_text("utf-8")
    models = [block for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL) if block.startswith("model:")]
    assert len(models) == 2
    for model in models:
        (shop / "models" / f"{yaml.safe_load(model)['model']}.yaml").write_text(model, "utf-8")
    assert kpi(capsys, "check")[0] == 0
    assert json.loads(kpi(capsys, "ask", "visit_rate last-month", "--json")[1])["value"] == 0.5


def test_what_is_right_has_no_problem(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command kpi check passes the team's folders."""
    assert kpi(capsys, "check") == (0, "No problem found in kpi.yaml.\n", "")


def broken(shop: Path) -> None:
    """One mistake of every kind, each in a file of its own."""
    bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{new}: &{new} [{', '.join([f'*{old}'] * 10)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
    )

    def named(name: str, text: str = RATE) -> str:
        """A definition under another id and other names, without variants and examples."""
        plain = text.partition("variants:")[0].replace("visit_rate", name)
        return (
            plain.replace("Buyers per visitor", name)
            .replace("방문 구매율", f"{name} 율")
            .replace("到店購買率", f"{name} 率")
        )

    simple = named("round_a").replace("type: ratio", "type: simple").replace("buyers / visitors\n", "other\n")
    circle = "inputs: {other: round_b}\nunit: percent\n"
    start, end = simple.index("inputs:"), simple.index("unit:") + len("unit: percent\n")
    round_a = simple[:start] + circle + simple[end:]
    files = {
        "metrics/bomb.yaml": bomb,
        "metrics/tab.yaml": named("tab").replace("inputs:\n  buyers", "inputs:\n\tbuyers"),
        "metrics/unit.yaml": named("unit").replace("unit: percent", "unit: percents"),
        "metrics/measure.yaml": named("measure").replace("store_visits.buyers", "store_visits.byers"),
        "metrics/round_a.yaml": round_a,
        "metrics/round_b.yaml": round_a.replace("round_b", "round_c")
        .replace("round_a", "round_b")
        .replace("round_c", "round_a"),
        "metrics/alias.yaml": named("alias") + "aliases: [CAC]\n",
        "metrics/needs_unit.yaml": named("needs_unit").replace("store_visits.buyers", "unit"),
        "metrics/pair.yaml": named("pair"),
        "metrics/twin.yaml": named("pair"),
        "metrics/ending.yml": named("ending"),
        "models/store_visits.yaml": MODEL.replace("agg: sum, expr: buyers", "agg: sum, expr: buyers +"),
        "models/other.yaml": MODEL.replace("store_visits", "other").replace("expr: visitors", "expr: sum(visitor)"),
    }
    for name, text in files.items():
        (shop / name).write_text(text, "utf-8")


EXPECTED = [
    ("kpi.yaml", 2, "timezone"),
    ("metrics/alias.yaml", 15, '"cac" is already a word for cac'),
    ("metrics/bomb.yaml", 1, "unfolds into more than"),
    ("metrics/ending.yml", 0, "this file is not read"),
    ("metrics/measure.yaml", 7, "store_visits has no measure byers"),
    ("metrics/round_a.yaml", 6, "round_a is computed from itself"),
    ("metrics/round_b.yaml", 6, "round_b is computed from itself"),
    ("metrics/tab.yaml", 7, "a tab stands in the indentation"),
    ("metrics/twin.yaml", 1, "pair is defined in metrics/pair.yaml, too"),
    ("metrics/unit.yaml", 9, "unit: percents is not known"),
    ("models/other.yaml", 11, "sum(visitor) adds up by itself"),
    ("models/other.yaml", 11, "there is no column visitor"),
    ("models/store_visits.yaml", 12, "buyers + is not SQL"),
]


def test_a_name_that_means_a_split_is_told(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A KPI called "Traffic by region" cannot be asked by that name, since it says the split; its id can."""
    text = RATE.replace("visit_rate", "traffic_by_region").replace("Buyers per visitor", "Traffic by region")
    text = text.replace("방문 구매율", "지역 트래픽 구성").replace("到店購買率", "地區流量組成")
    (shop / "metrics" / "traffic_by_region.yaml").write_text(text, "utf-8")
    code, out, _ = kpi(capsys, "check")
    assert code == 1
    assert "traffic_by_region.yaml:2" in out
    assert "“Traffic by region” reads as another KPI by a dimension" in out
    assert json.loads(kpi(capsys, "ask", "traffic by region", "--json")[1])["metric"] == "website_traffic"
    assert json.loads(kpi(capsys, "ask", "traffic_by_region", "--json")[1])["metric"] == "traffic_by_region"


def test_worked_examples_are_tried(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A team's example that does not come out is told with file, line and both values, whatever the data says."""
    assert kpi(capsys, "check") == (0, "No problem found in kpi.yaml.\n", "")
    (shop / "metrics" / "visit_rate.yaml").write_text(RATE.replace("value: 0.5", "value: 0.45"), "utf-8")
    code, out, err = kpi(capsys, "check")
    assert (code, err) == (1, "1 problem found.\n")
    assert out.startswith("metrics/visit_rate.yaml:27:12: visit_rate 2026-10 is 0.5, expected 0.45\n")


def test_every_mistake_is_told_at_once(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A bomb, a tab, a wrong unit, an unknown measure, a circle, a stolen word, SQL that is none: file, line and hint.

    The KPI that needs the one with the wrong unit has no fault of its own, and none is told.
    """
    broken(shop)
    (shop / "kpi.yaml").write_text(SETTINGS.replace("Asia/Seoul", "Asia/Soul"), "utf-8")
    code, out, err = kpi(capsys, "check", "--json")
    problems = json.loads(out)["problems"]
    assert (code, err) == (1, "")
    assert [(Path(each["file"]).name, each["line"]) for each in problems] == [
        (Path(file).name, line) for file, line, _said in EXPECTED
    ]
    assert all(said in each["message"] for (_file, _line, said), each in zip(EXPECTED, problems, strict=True))
    assert [each["message"] for each in problems if not each["hint"]] == []
    code, out, err = kpi(capsys, "check")
    assert (code, err) == (1, f"{len(EXPECTED)} problems found.\n")
    assert "metrics/measure.yaml:7:" in out
    assert "Did you mean buyers" in out


@pytest.mark.parametrize(
    "words", [("ask", "visit_rate"), ("list",), ("explain", "cac"), ("diff", "built-in", "metrics")]
)
def test_nothing_is_answered_from_broken_definitions(
    shop: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    """Every other command names the mistakes and ends with 1."""
    broken(shop)
    code, out, err = kpi(capsys, *words)
    assert (code, out) == (1, "")
    assert "metrics/tab.yaml:7:" in err


def test_sql_that_only_the_database_can_refuse_is_told_in_a_sentence(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A function that DuckDB does not know passes kpi check; the answer says what failed."""
    (shop / "models" / "store_visits.yaml").write_text(MODEL.replace("expr: buyers", "expr: doubled(buyers)"), "utf-8")
    code, _out, err = kpi(capsys, "ask", "visit_rate last-month")
    assert code == 3
    assert "doubled" in err


def test_a_change_is_seen_before_it_goes_live(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Buyers over all visitors but 50: October turns from 125 / 250 to 125 / 200, September meets its goal."""
    draft = shop / "draft"
    draft.mkdir()
    (draft / "sales_revenue.yaml").write_text(REVENUE, "utf-8")
    changed = RATE.replace("is: store_visits.visitors", "is: store_visits.visitors - 50")
    (draft / "visit_rate.yaml").write_text(changed, "utf-8")
    code, out, _err = kpi(capsys, "diff", "metrics", "draft", "--json", "--months", "2")
    found, turned = json.loads(out)["kpis"]
    assert (code, found["id"], found["change"]) == (0, "visit_rate", "changed")
    assert (turned["id"], turned["months"][0]["new"]) == ("visit_rate@turned", 1.25)
    place = {"place": "inputs.visitors", "old": "store_visits.visitors", "new": "store_visits.visitors - 50"}
    assert found["differences"] == [place]
    assert [(each["old"], each["new"]) for each in found["months"]] == [(0.4, 0.8), (0.5, 0.625), (0.5, -0.125)]
    assert [(each["old"], each["new"]) for each in found["goals"][0]["periods"]] == [
        ("off_track", "met"),
        ("met", "met"),
        ("on_track", "at_risk"),
    ]
    _code, told, _err = kpi(capsys, "diff", "metrics", "draft", "--months", "2")
    assert "inputs.visitors: store_visits.visitors → store_visits.visitors - 50" in told
    assert "met in 2 of 2 complete periods, before in 1" in told


def test_a_single_file_is_compared(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two files of one KPI, over the team's other definitions; a repeated file is no change."""
    draft = shop / "draft.yaml"
    draft.write_text(REVENUE.replace("revenue * 2", "revenue * 3"), "utf-8")
    code, out, _err = kpi(capsys, "diff", "metrics/sales_revenue.yaml", "draft.yaml", "--months", "1", "--json")
    (found,) = [each for each in json.loads(out)["kpis"] if each["id"] == "sales_revenue"]
    assert (code, found["months"][0]["old"], found["months"][0]["new"]) == (0, 30000, 45000)
    assert kpi(capsys, "diff", "draft.yaml", "draft.yaml")[1].startswith("Nothing differs:")


def test_the_built_in_definitions_are_compared_with_the_own_ones(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the team's folder adds is new, what it overrides is changed, what lacks data says so."""
    ids = "diff", "built-in", "metrics", "--json"
    found = {each["id"]: each for each in json.loads(kpi(capsys, *ids)[1])["kpis"]}
    assert found["visit_rate"]["change"] == "added"
    assert found["sales_revenue"]["change"] == "changed"
    assert found["sales_revenue"]["months"][-2]["change"] == 15000
    (shop / "metrics" / "cac.yaml").write_text(
        RATE.partition("variants:")[0]
        .replace("visit_rate", "cac")
        .replace("store_visits.", "ad_performance.")
        .replace("ad_performance.buyers", "ad_performance.spend")
        .replace("ad_performance.visitors", "ad_performance.clicks")
        .replace("Buyers per", "Cost of a")
        .replace("방문 구매율", "비용율")
        .replace("到店購買率", "費用率"),
        "utf-8",
    )
    (cac,) = [each for each in json.loads(kpi(capsys, *ids, "--kpi", "cac")[1])["kpis"] if each["id"] == "cac"]
    assert "ad_performance" in cac["unavailable"]
    assert cac["months"] == []


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("diff", "metrics"), 2, "new"),
        (("diff", "metrics", "metricks"), 1, "metricks: there is no such folder or file"),
        (("diff", "metrics", "built-in", "--kpi", "visit_rat"), 2, "Did you mean visit_rate"),
        (("diff", "metrics", "built-in", "--months", "0"), 2, "from 1 to 120"),
    ],
)
def test_a_wrong_call_of_diff_says_what_to_do(
    shop: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], code: int, said: str
) -> None:
    """One sentence, a hint, the exit code of its kind."""
    found, _out, err = kpi(capsys, *words)
    assert found == code
    assert said in err
