"""The schemas for editors: they pass what is right, mark what is wrong, and explain each key."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import get_args

import jsonschema
import pytest

from kpi_core.catalog.editor_schema import editor_schemas, schema_text
from kpi_core.documents.yaml_file import read_document, read_text
from kpi_core.metrics import LANGUAGES, Unit

ROOT = Path(__file__).parents[3]
CATALOG = ROOT / "kpi_core" / "catalog"
SCHEMAS = editor_schemas()
FILES = {
    "kpi.schema.json": sorted((CATALOG / "metrics").rglob("*.yaml")),
    "model.schema.json": sorted((CATALOG / "models").rglob("*.yaml")),
    "settings.schema.json": [ROOT / "kpi.example.yaml", *sorted((ROOT / "examples").rglob("kpi.yaml"))],
}
KPI = """\
id: mine
names: {en: Mine, ko: 내 것, zh-TW: 我的}
description: {en: Text., ko: 글., zh-TW: 文。}
type: ratio
formula: spend / clicks
inputs: {spend: ad_performance.spend, clicks: ad_performance.clicks}
unit: currency
direction: lower
stage: consideration
cadence: daily
indicator: leading
reading: As it says.
"""
MODEL = """\
model: visits
description: Visits to the shop.
time: day
columns: {day: {type: date, required: true}, shop: {type: text}, people: {type: integer}}
dimensions: [shop]
measures: {people: {agg: sum, expr: people}}
"""
SETTINGS = """\
timezone: Asia/Seoul
currency: KRW
sources: [{name: shop, type: csv, path: orders.csv, table: orders}]
goals: [{kpi: cac, target: 40, by: 2026-12-31}]
"""


def faults(name: str, value: object) -> list[str]:
    """What an editor marks: the way to each value that a schema refuses."""
    as_json = json.loads(json.dumps(value, default=lambda each: each.isoformat() if isinstance(each, date) else each))
    found = jsonschema.Draft202012Validator(SCHEMAS[name]).iter_errors(as_json)
    return sorted({"/".join(map(str, error.absolute_path)) for error in found})


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_one(name: str) -> None:
    """Each is valid JSON Schema of the draft it names, and its text is that of the file."""
    jsonschema.Draft202012Validator.check_schema(SCHEMAS[name])
    assert json.loads(schema_text(SCHEMAS[name])) == SCHEMAS[name]
    assert SCHEMAS[name]["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize(("name", "path"), [(name, path) for name, paths in FILES.items() for path in paths])
def test_what_is_shipped_has_no_fault(name: str, path: Path) -> None:
    """No built-in definition and no example is marked."""
    assert faults(name, read_document(path).value) == []


@pytest.mark.parametrize(
    ("name", "right", "part", "instead", "marked"),
    [
        ("kpi.schema.json", KPI, "unit: currency", "unit: money", "unit"),
        ("kpi.schema.json", KPI, "direction: lower", "direction: down", "direction"),
        ("kpi.schema.json", KPI, "type: ratio", "type: quotient", "type"),
        ("kpi.schema.json", KPI, "formula:", "formular:", ""),
        ("kpi.schema.json", KPI, "ko: 내 것, ", "", "names"),
        ("kpi.schema.json", KPI, "{spend: ad_performance.spend, ", "{spend: [ad_performance.spend], ", "inputs/spend"),
        ("kpi.schema.json", KPI, "reading: As it says.", "benchmarks: [{text: x}]", "benchmarks/0"),
        ("kpi.schema.json", KPI, KPI, "- id: mine", ""),
        ("model.schema.json", MODEL, "agg: sum", "agg: total", "measures/people/agg"),
        ("model.schema.json", MODEL, "type: integer", "type: number", "columns/people/type"),
        ("model.schema.json", MODEL, "time: day\n", "", ""),
        ("model.schema.json", MODEL, "required: true", "required: very", "columns/day/required"),
        ("settings.schema.json", SETTINGS, "currency: KRW\n", "", ""),
        ("settings.schema.json", SETTINGS, "target: 40", "target: much", "goals/0"),
        ("settings.schema.json", SETTINGS, "type: csv", "type: cvs", "sources/0"),
        ("settings.schema.json", SETTINGS, "path:", "pth:", "sources/0"),
    ],
)
def test_a_mistake_is_marked(name: str, right: str, part: str, instead: str, marked: str) -> None:
    """A right file has no mark; with one mistake in it, the place of the mistake has one."""
    assert faults(name, read_text(right, "right.yaml").value) == []
    assert part in right
    assert marked in faults(name, read_text(right.replace(part, instead), "wrong.yaml").value)


def test_words_to_choose_from_are_offered_and_explained() -> None:
    """The editor offers every unit there is, and says what the formula is made of."""
    properties = SCHEMAS["kpi.schema.json"]["properties"]
    assert isinstance(properties, dict)
    assert properties["unit"]["enum"] == list(get_args(Unit))
    assert "inputs" in properties["formula"]["description"]


def test_sources_are_told_apart_by_their_type() -> None:
    """A source that would fit two types but for its `type` is of that type alone."""
    for kind in ("csv", "parquet"):
        found = read_text(SETTINGS.replace("type: csv", f"type: {kind}"), "kpi.yaml").value
        assert faults("settings.schema.json", found) == []


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_key_is_explained(name: str) -> None:
    """An editor tells what each key of a KPI or model means while one types; languages explain themselves."""
    if name == "settings.schema.json":
        pytest.skip("its keys are explained in docs/reference/settings.md")
    assert unexplained(SCHEMAS[name], name) == []


def unexplained(schema: object, place: str) -> list[str]:
    """The keys below a place that say nothing."""
    found: list[str] = []
    if isinstance(schema, list):
        return [each for item in schema for each in unexplained(item, place)]
    if not isinstance(schema, dict):
        return found
    for key, inner in schema.get("properties", {}).items():
        if key not in LANGUAGES and not inner.get("description"):
            found.append(f"{place}.{key}")
        found += unexplained(inner, f"{place}.{key}")
    for key in ("items", "additionalProperties", "anyOf", "oneOf"):
        found += unexplained(schema.get(key), place)
    return found
