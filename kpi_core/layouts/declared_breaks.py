"""Definition breaks as they are declared: by name, those that tools had, or in the firm's own words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from kpi_core.documents.shapes import AnyOf, Day, Field, ListOf, MappingOf, OneOf, Record, Text, Verdict, check, names
from kpi_core.documents.yaml_file import read_text
from kpi_core.errors import SettingsError
from kpi_core.frozen_dataclass import frozen
from kpi_core.metrics import Names

KnownVat = Literal["with", "without"]


@frozen
class VatChange:
    """Whether VAT was in amounts before the day of a break, and whether it is in them since."""

    was: KnownVat
    now: KnownVat


@frozen
class DeclaredBreak:
    """From `since` on, columns mean something else; `by_table` has those of each table, `columns` of any."""

    since: date
    text: Names
    columns: tuple[str, ...] = ()
    by_table: Mapping[str, tuple[str, ...]] | None = None
    vat: VatChange | None = None
    """A step of just the VAT, which is exact."""

    def columns_of(self, table: str) -> tuple[str, ...]:
        """The columns of a table that it touches."""
        return self.columns if self.by_table is None else self.by_table.get(table, ())


_VAT = Record(
    {
        "was": Field(OneOf(("with", "without")), required=True, description="Whether VAT was in before that day"),
        "now": Field(OneOf(("with", "without")), required=True, description="Whether it is in since"),
    }
)
_NAMED = Record(
    {
        "since": Field(Day(), required=True),
        "columns": Field(MappingOf(ListOf(Text(), at_least=1), at_least=1), required=True),
        "text": Field(names(), required=True),
        "vat": Field(_VAT),
        "source": Field(Text(), required=True),
    }
)
_FILE = "breaks.yaml"


@cache
def named_breaks() -> Mapping[str, DeclaredBreak]:
    """Those that tools had, by name. SettingsError with everything that is wrong in their file."""
    document = read_text((files("kpi_core") / "sources" / _FILE).read_text("utf-8"), _FILE)
    problems = check(document, MappingOf(_NAMED))
    if problems:
        raise SettingsError(problems)
    assert isinstance(document.value, dict)
    return {name: _named(value) for name, value in document.value.items()}


def _named(value: Mapping[str, Any]) -> DeclaredBreak:
    by_table = {table: tuple(columns) for table, columns in value["columns"].items()}
    return DeclaredBreak(value["since"], value["text"], by_table=by_table, vat=_vat(value.get("vat")))


def _is_named(text: str) -> Verdict:
    if text in named_breaks():
        return None
    return f"{text} is no known break", f"Known are: {', '.join(sorted(named_breaks()))}; else write since and columns."


BREAK_NAME = Text(_is_named, says="the name of a known break, such as naver_report_vat")
OWN_BREAK = Record(
    {
        "since": Field(Day(), required=True, description="The first day on which the columns mean something else"),
        "columns": Field(ListOf(Text(), at_least=1), required=True, description="Columns of the model"),
        "text": Field(
            AnyOf((Text(), names())), required=True, description="What changed, in a few words: new tracking"
        ),
        "vat": Field(_VAT, description="Where just the VAT changed: the step is taken out while loading"),
    }
)


def break_of(written: str | Mapping[str, Any]) -> DeclaredBreak:
    """A break as it stands in a list of them, well formed: a name, or the firm's own words."""
    if isinstance(written, str):
        return named_breaks()[written]
    text = written["text"]
    texts = {"en": text} if isinstance(text, str) else text
    return DeclaredBreak(written["since"], texts, tuple(written["columns"]), vat=_vat(written.get("vat")))


def _vat(written: Mapping[str, Any] | None) -> VatChange | None:
    return VatChange(written["was"], written["now"]) if written else None
