"""Shapes say everything that is wrong with a document, at its place."""

from __future__ import annotations

import jsonschema
import pytest

from kpi_core.documents.shapes import (
    AnyOf,
    Boolean,
    Day,
    Field,
    ListOf,
    MappingOf,
    Number,
    OneOf,
    Record,
    Shape,
    Tagged,
    Text,
    check,
    names,
)
from kpi_core.documents.yaml_file import read_text


def told(text: str, shape: Shape) -> list[str]:
    return [str(problem).replace("\n    ", " | ") for problem in check(read_text(text, "f"), shape)]


SHAPE = Record(
    {
        "name": Field(Text(), required=True),
        "count": Field(Number(whole=True, least=1, most=12)),
        "on": Field(Boolean()),
        "day": Field(Day()),
        "kind": Field(OneOf(("monday", "sunday"))),
        "items": Field(ListOf(Number(), at_least=1)),
        "free": Field(MappingOf(AnyOf((Text(), ListOf(Text()))))),
        "names": Field(names()),
    }
)


def test_nothing_wrong() -> None:
    """A document that fits has no problems; an optional key left empty counts as absent."""
    assert told("name: x\ncount: 3\nday: 2026-01-01\nitems: [1, 2.5]\nfree: {a: b, c: [d]}\nkind:\n", SHAPE) == []


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("{}", ["f:1:1: name is missing | Add name: a text."]),
        ("name: 7", ["f:1:7: name must be a text, not 7 | Put it in quotes."]),
        ("name:", ["f:1:6: name is empty: it must be a text"]),
        ("name: ' '", ["f:1:7: name is empty: it must be a text"]),
        ("[1]", ["f:1:1: this file must be a mapping with name, count, on, day, kind, items, …, not a list"]),
        ("name: x\ncuont: 3", ["f:2:1: unknown key cuont | Did you mean count?"]),
        ("name: x\ncount: 13", ["f:2:8: count must be a whole number from 1 to 12, not 13"]),
        ("name: x\ncount: true", ["f:2:8: count must be a whole number from 1 to 12, not true"]),
        ("name: x\non: yes", ["f:2:5: on must be true or false, not yes"]),
        ("name: x\nday: 31.12.2026", ["f:2:6: day must be a date such as 2026-12-31, not 31.12.2026"]),
        ("name: x\nkind: mnday", ["f:2:7: kind: mnday is not known | Did you mean monday or sunday?"]),
        ("name: x\nitems: [1, b]", ["f:2:12: items, item 2, must be a number, not b"]),
        ("name: x\nitems: []", ["f:2:8: items needs at least 1 item"]),
        ("name: x\nfree: {a: 1}", ["f:2:11: a must be a text or a list, not 1"]),
        ("name: x\nnames: {en: a, ko: b}", ["f:2:8: zh-TW is missing in names | Add zh-TW: a text."]),
    ],
)
def test_problems(text: str, problems: list[str]) -> None:
    """Each kind of mistake is told at its line and column, with what to write instead."""
    assert told(text, SHAPE) == problems


def test_all_at_once() -> None:
    """All mistakes of a document are told together, in the order of the file."""
    lines = [problem.split(":")[1] for problem in told("nmae: x\ncount: a\nkind: b\nday: c\n", SHAPE)]
    assert lines == ["1", "1", "2", "3", "4"]


def test_tagged() -> None:
    """The tag decides which keys are known; a wrong or missing tag is told alone."""
    shape = ListOf(Tagged("type", {"csv": Record({"type": Field(Text()), "path": Field(Text(), required=True)})}))
    assert told("- {type: csv, path: a}", shape) == []
    assert told("- {type: csv}", shape) == ["f:1:3: path is missing in item 1 | Add path: a text."]
    assert told("- {type: cvs, x: 1}", shape) == ["f:1:10: type: cvs is not known | Did you mean csv?"]
    assert told("- {x: 1}", shape) == ["f:1:3: type is missing | Add type: csv."]


def test_json_schema() -> None:
    """The shape as JSON Schema accepts and refuses the same documents."""
    schema = SHAPE.json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate({"name": "x", "count": 3, "items": [1]}, schema)
    for wrong in ({}, {"name": "x", "nope": 1}, {"name": "x", "count": 13}, {"name": "x", "kind": "b"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, schema)
