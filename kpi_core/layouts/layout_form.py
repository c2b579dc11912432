"""What the YAML of a layout looks like: one shape, for checking and for whoever writes one."""

from __future__ import annotations

import re
from typing import get_args

from kpi_core.documents.shapes import (
    AnyOf,
    Boolean,
    Field,
    ListOf,
    MappingOf,
    Number,
    OneOf,
    Record,
    Text,
    Verdict,
    names,
)
from kpi_core.layouts.declared_breaks import BREAK_NAME
from kpi_core.metrics import ColumnType

REASONS = (
    "cancelled",
    "unpaid",
    "test",
    "draft",
    "total",
    "footer",
    "preamble",
    "foreign_currency",
    "incomplete",
    "none_of_ours",
    "other_kind",
)
"""Why a line of a file is rightly no row."""

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_PLACE = re.compile(r"[a-z0-9_]+/[a-z0-9_]+")
_WORDS = re.compile(r"'(?:[^']|'')*'|([A-Za-z_][A-Za-z0-9_]*)")


def fields_in(sql: str) -> tuple[str, ...]:
    """The names in an SQL expression, its texts aside."""
    return tuple(dict.fromkeys(match[1] for match in _WORDS.finditer(sql) if match[1]))


def _is_field(text: str) -> Verdict:
    if _NAME.fullmatch(text) and not text.startswith("kpi_"):
        return None
    return f"{text} is no name of a field", "Use small letters, digits and _, a letter first; none begins with kpi_."


def _is_place(text: str) -> Verdict:
    return None if _PLACE.fullmatch(text) else (f"{text} is no id of a layout", "Write tool/layout.")


def _is_pattern(text: str) -> Verdict:
    try:
        re.compile(text)
    except re.error as error:
        return f"{text} is no regular expression: {error}", "Put it in single quotes and mend it."
    return None


_FIELD_NAME = Text(_is_field, says="the name of a field")
_TEXTS = AnyOf((Text(), ListOf(Text(), at_least=1)))
_CONSTANT = AnyOf((Text(), Number(), Boolean()))
_BASIS = OneOf(("with", "without"))
_FIELD = AnyOf(
    (
        Text(),
        ListOf(Text(), at_least=1),
        Record(
            {
                "names": Field(_TEXTS, description="Its header in each language of the tool"),
                "pattern": Field(Text(_is_pattern), description="Its header as a regular expression"),
                "type": Field(
                    OneOf(get_args(ColumnType)), description="Default: of the column which it fills, or text"
                ),
                "zone": Field(Text(), description="The zone of its times"),
                "empty": Field(AnyOf((Number(), Text())), description="What an empty cell means"),
                "words": Field(MappingOf(_TEXTS), description="Its words with a meaning: what the tool writes"),
                "vat": Field(MappingOf(_BASIS), description="Text of the header: whether VAT is in"),
                "part": Field(Text(_is_pattern), description="What of its text it is, as a regular expression"),
                "joined": Field(_TEXTS, description="Fields whose texts follow: a day and its time in two columns"),
            }
        ),
    )
)
_COLUMN = AnyOf(
    (
        Text(),
        ListOf(Text(), at_least=1),
        Record(
            {
                "sql": Field(Text(), description="DuckDB's SQL over fields"),
                "sum": Field(Text(), description="A field, or SQL over fields, added up over the lines of a row"),
                "made": Field(
                    AnyOf((Boolean(), ListOf(Text(), at_least=1))),
                    description="An id made of these fields; true: of those it needs",
                ),
                "unless": Field(Text(), description="With made: the field with the id, where the file has it"),
            }
        ),
    )
)
_LEAVE_OUT = Record(
    {
        "reason": Field(OneOf(REASONS), required=True),
        "where": Field(MappingOf(_TEXTS), description="Field: words or texts of it"),
        "present": Field(Text(), description="A field that holds something"),
        "absent": Field(Text(), description="A field that holds nothing"),
        "when": Field(Text(), description="DuckDB's SQL over fields"),
    }
)
LAYOUT = Record(
    {
        "layout": Field(Text(_is_place), required=True, description="Its id: its folder / its name"),
        "tool": Field(Text(), required=True, description="The part of it that people know"),
        "title": Field(names(), required=True, description="What it is"),
        "table": Field(Text(), required=True, description="The model that it fills"),
        "export": Field(names(), required=True, description="How to export it, a sentence or two"),
        "certainty": Field(OneOf(("high", "medium", "low")), required=True, description="How sure its headers are"),
        "seen": Field(Text(), required=True, description="Where its headers were seen"),
        "fields": Field(MappingOf(_FIELD, _FIELD_NAME, at_least=1), required=True, description="Columns of the file"),
        "needs": Field(ListOf(Text(), at_least=1), required=True, description="Fields without which it is another"),
        "not_with": Field(ListOf(Text()), description="Fields with which it is another"),
        "columns": Field(MappingOf(_COLUMN, at_least=1), required=True, description="Columns of the model"),
        "set": Field(MappingOf(_CONSTANT), description="Columns of the model that are the same in all rows"),
        "lines": Field(
            Record({"key": Field(Text(), required=True), "whole": Field(ListOf(Text()))}),
            description="Several lines are one row",
        ),
        "leave_out": Field(ListOf(_LEAVE_OUT), description="Lines that are rightly none"),
        "currency": Field(
            AnyOf((Text(), Record({"is": Field(Text(), required=True)}))), description="A field, {is: KRW} or {is: own}"
        ),
        "converted": Field(MappingOf(ListOf(Text(), at_least=2)), description="Amounts that the tool has converted"),
        "vat": Field(_BASIS, description="Whether VAT is in all its amounts"),
        "breaks": Field(ListOf(BREAK_NAME), description="From which days on its columns mean something else"),
        "beside": Field(
            MappingOf(MappingOf(_COLUMN, at_least=1)),
            description="Models that the lines of an order fill, too, a line a row: their columns",
        ),
        "daily": Field(Text(), description="The field with the day, where sums of longer times have one, too"),
        "timezone": Field(Text(), description="The zone of its times"),
    }
)
