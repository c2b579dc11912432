"""How tools that load data elsewhere lay out a vendor's tables: `type: sql` with `layout: fivetran`.

A layout is one YAML file in `sources/sql/landed/<tool>/`, read into values here; `sources/sql` makes SQL of it for the
tables that are there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from functools import cache
from importlib.resources import files
from typing import Any

from kpi_core.documents.shapes import Day, Field, ListOf, MappingOf, Record, Text, check, meant
from kpi_core.documents.yaml_file import read_text
from kpi_core.errors import SettingsError
from kpi_core.frozen_dataclass import frozen


@frozen
class Joined:
    """What stands beside the rows: a table, or SQL over tables in braces; `on` is the condition."""

    name: str
    on: str
    table: str = ""
    sql: str = ""
    reads: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Of SQL: its tables, with the columns that it reads."""


@frozen
class LandedTable:
    """How a model is filled: rows of `rows`, called `r`, and what is joined to them."""

    rows: str
    columns: Mapping[str, str]
    """Column of the model -> SQL over `r` and the joined, named as `r.spend`."""
    needs: tuple[str, ...]
    """Columns of the model without which it says nothing."""
    joins: tuple[Joined, ...] = ()
    where: tuple[str, ...] = ()
    """Conditions; one whose column is not there is left out."""


@frozen
class LandedLayout:
    """The tables that a tool writes for one vendor, by the models that they fill."""

    id: str
    tool: str
    vendor: str
    schema: str
    """Where the tool writes them unless told otherwise."""
    lacks: tuple[str, ...]
    """Columns of the model that these tables do not tell."""
    gives: Mapping[str, LandedTable]


_TABLE = Record(
    {
        "rows": Field(Text(), required=True),
        "columns": Field(MappingOf(Text(), at_least=1), required=True),
        "needs": Field(ListOf(Text(), at_least=1), required=True),
        "where": Field(ListOf(Text())),
        "joins": Field(
            ListOf(
                Record(
                    {
                        "name": Field(Text(), required=True),
                        "on": Field(Text(), required=True),
                        "table": Field(Text()),
                        "sql": Field(Text()),
                        "reads": Field(MappingOf(ListOf(Text(), at_least=1))),
                    }
                )
            )
        ),
    }
)
_LAYOUT = Record(
    {
        "layout": Field(Text(), required=True),
        "vendor": Field(Text(), required=True),
        "schema": Field(Text(), required=True),
        "checked": Field(Day(), required=True),
        "seen": Field(Text(), required=True),
        "lacks": Field(ListOf(Text())),
        "gives": Field(MappingOf(_TABLE, at_least=1), required=True),
    }
)


@cache
def landed_layouts() -> Mapping[str, LandedLayout]:
    """All of them by id, such as `fivetran/facebook_ads`. SettingsError with everything that is wrong in a file."""
    folder = files("kpi_core") / "sources" / "sql" / "landed"
    layouts: dict[str, LandedLayout] = {}
    for tool in sorted((entry for entry in folder.iterdir() if entry.is_dir()), key=lambda entry: entry.name):
        for file in sorted(tool.iterdir(), key=lambda entry: entry.name):
            layout = landed_of(file.read_text("utf-8"), f"{tool.name}/{file.name}")
            layouts[layout.id] = layout
    return layouts


def landed_of(text: str, place: str) -> LandedLayout:
    """The layout that the text of a file describes."""
    document = read_text(text, place)
    problems = check(document, _LAYOUT)
    if problems:
        raise SettingsError(problems)
    value = document.value
    assert isinstance(value, dict)
    gives = {table: _table(written) for table, written in value["gives"].items()}
    tool = value["layout"].partition("/")[0]
    return LandedLayout(value["layout"], tool, value["vendor"], value["schema"], tuple(value.get("lacks") or ()), gives)


def _table(written: Mapping[str, Any]) -> LandedTable:
    joins = tuple(
        Joined(
            entry["name"],
            entry["on"],
            entry.get("table", ""),
            entry.get("sql", ""),
            {table: tuple(columns) for table, columns in (entry.get("reads") or {}).items()},
        )
        for entry in written.get("joins") or ()
    )
    where = tuple(written.get("where") or ())
    return LandedTable(written["rows"], written["columns"], tuple(written["needs"]), joins, where)


def landed_names() -> tuple[str, ...]:
    """What may stand under `layout:` of a database: an id, or the tool alone."""
    layouts = landed_layouts()
    return (*dict.fromkeys(layout.tool for layout in layouts.values()), *layouts)


def landed_named(name: str, table: str) -> tuple[LandedLayout, ...]:
    """The layouts of that id or tool that fill a model's table."""
    every = landed_layouts().values()
    return tuple(entry for entry in every if name in {entry.id, entry.tool} and table in entry.gives)


def unknown_landed(name: str) -> str:
    """What to write instead of a name that is none."""
    return meant(name, landed_names()) or f"Write one of {', '.join(landed_names())}, or query: instead."
