"""The options of a source: each of its kind, told with its place, in the editor's schema, and read by the source."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from kpi_core.documents.shapes import check
from kpi_core.documents.yaml_file import read_text
from kpi_core.errors import SettingsError
from kpi_core.settings.rules import settings_shape
from kpi_core.settings.source_types import source_type
from kpi_core.settings.values import Source
from kpi_core.sources import ReadRequest

NAMES = "{en: a, ko: a, zh-TW: a}"
ADS = source_type(
    f"""
name: ads
title: {NAMES}
options:
  token: {{kind: secret, required: true, description: {NAMES}}}
  window: {{kind: number, whole: true, least: 1, most: 90, description: {NAMES}}}
  share: {{kind: number, description: {NAMES}}}
  sandbox: {{kind: boolean, description: {NAMES}}}
  begins: {{kind: date, description: {NAMES}}}
  accounts: {{kind: list, description: {NAMES}}}
  levels: {{kind: list, values: [campaign, ad], description: {NAMES}}}
  names: {{kind: map, description: {NAMES}}}
""",
    "ads",
)
SHAPE = settings_shape({"ads": ADS})
HEAD = "timezone: UTC\ncurrency: USD\nsources:\n  - name: ours\n    type: ads\n    table: costs\n    token: ${TOKEN}\n"
WHOLE = """\
    window: 30
    share: 0.5
    sandbox: true
    begins: 2026-01-31
    accounts: [123-456, 789, "${EXTRA}"]
    levels: [ad]
    names: {"1": Search, "2": "${EXTRA}", own: true}
"""


def document_of(options: str) -> Any:
    return read_text(HEAD + options, "kpi.yaml")


@pytest.mark.parametrize(
    ("option", "problem"),
    [
        ("window: 91", "kpi.yaml:8:13: window must be a whole number from 1 to 90, not 91"),
        ("window: 1.5", "kpi.yaml:8:13: window must be a whole number from 1 to 90, not 1.5"),
        ("share: half", "kpi.yaml:8:12: share must be a number, not half"),
        ("sandbox: 1", "kpi.yaml:8:14: sandbox must be true or false, not 1"),
        ("begins: 2026-02-31", "kpi.yaml:8:13: begins must be a date such as 2026-12-31, not 2026-02-31"),
        ("accounts: 123-456", "kpi.yaml:8:15: accounts must be a list, not 123-456"),
        ("accounts: [a, [b]]", "kpi.yaml:8:19: accounts, item 2, must be a text or a whole number, not a list"),
        ("levels: [ad, adset]", "kpi.yaml:8:18: levels, item 2: adset is not known"),
        ("names: [a]", "kpi.yaml:8:12: names must be a mapping, not a list"),
        ("windows: 30", "kpi.yaml:8:5: unknown key windows"),
    ],
)
def test_each_kind_is_checked(option: str, problem: str) -> None:
    """A value of another kind is told with its line and column."""
    (found,) = check(document_of(f"    {option}\n"), SHAPE)
    assert str(found).startswith(problem)


def test_the_editor_knows_them() -> None:
    """What kpi check lets pass and refuses, the schema does too; each option says what it is for."""
    schema = SHAPE.json_schema()
    value = read_text((HEAD + WHOLE).replace("2026-01-31", "'2026-01-31'"), "kpi.yaml").value
    assert not check(document_of(WHOLE), SHAPE)
    jsonschema.validate(value, schema)
    value["sources"][0]["window"] = 91  # type: ignore[index, call-overload]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(value, schema)
    options = schema["properties"]["sources"]["items"]["oneOf"][0]["properties"]  # type: ignore[index]
    assert options["window"] == {"type": "integer", "minimum": 1, "maximum": 90, "description": "a"}


def test_a_source_reads_them() -> None:
    """Each kind arrives as Python has it, `${NAME}`s filled in lists and maps too; what is left out is empty."""
    (item,) = document_of(WHOLE).value["sources"]
    options = {name: item[name] for name in ADS.options}
    request = ReadRequest(Source("ours", "ads", "costs", options=options), Path(), Path(), {"TOKEN": "t", "EXTRA": "x"})
    assert (request.needed("token"), request.number("window"), request.number("share")) == ("t", 30, 0.5)
    assert (request.flag("sandbox"), request.day("begins")) == (True, date(2026, 1, 31))
    assert (request.texts("accounts"), request.texts("levels")) == (("123-456", "789", "x"), ("ad",))
    assert request.mapping("names") == {"1": "Search", "2": "x", "own": "true"}
    bare = ReadRequest(Source("ours", "ads", "costs"), Path(), Path())
    assert (bare.number("window"), bare.flag("sandbox"), bare.day("begins")) == (None, False, None)
    assert (bare.texts("accounts"), bare.mapping("names")) == ((), {})
    with pytest.raises(SettingsError, match="EXTRA"):
        ReadRequest(request.source, Path(), Path(), {"TOKEN": "t"}).texts("accounts")
