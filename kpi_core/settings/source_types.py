"""The types of sources that are installed: each folder of `sources/` describes itself in `source.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Literal, get_args

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
    Text,
    check,
    names,
)
from kpi_core.documents.yaml_file import read_text
from kpi_core.errors import SettingsError
from kpi_core.frozen_dataclass import frozen
from kpi_core.layouts.declared_breaks import BREAK_NAME
from kpi_core.metrics import Names

OptionKind = Literal["text", "secret", "spreadsheet", "address", "number", "boolean", "date", "list", "map", "texts"]
OPTION_KINDS: tuple[OptionKind, ...] = get_args(OptionKind)


@frozen
class Option:
    """One key that only this type of source knows.

    `values` are the words it may be, or hold where it is a list or a map; `whole`, `least` and `most` bound a number;
    `paths` are a text or a list of texts.
    """

    kind: OptionKind
    description: Names
    required: bool = False
    values: tuple[str, ...] = ()
    whole: bool = False
    least: float | None = None
    most: float | None = None


@frozen
class Connection:
    """How a service is reached: its hosts, the version of its API, how many days are read, and what a person must do.

    `recent` days are read with each load, `long` once a week, `history` in all, `piece` at most at once, `first` by
    the very first load. `credentials` are options of the source with the variable of the environment for each.
    """

    vendor: str
    table: str
    hosts: tuple[str, ...]
    version: str
    checked: date
    credentials: Mapping[str, str]
    steps: tuple[Names, ...]
    waiting: Names
    reads: str
    wrong: tuple[str, ...]
    """What can be wrong with its numbers, a sentence each."""
    recent: int
    long: int
    history: int
    piece: int
    first: int = 7
    breaks: tuple[str, ...] = ()
    """Names of the days from which on its columns mean something else."""
    ends: date | None = None
    """The day on which the vendor ends this version."""


@frozen
class SourceType:
    """What `source.yaml` says."""

    name: str
    title: Names
    options: Mapping[str, Option]
    connection: Connection | None = None
    """Of services that are asked over the network."""


_DAYS = Number(whole=True, least=1)
_CONNECTION = Record(
    {
        "vendor": Field(Text(), required=True),
        "table": Field(Text(), required=True),
        "hosts": Field(ListOf(Text(), at_least=1), required=True),
        "version": Field(AnyOf((Text(), Day())), required=True),
        "checked": Field(Day(), required=True),
        "ends": Field(Day()),
        "credentials": Field(MappingOf(Text()), required=True),
        "steps": Field(ListOf(names(), at_least=1), required=True),
        "waiting": Field(names(), required=True),
        "reads": Field(Text(), required=True),
        "wrong": Field(ListOf(Text()), required=True),
        "recent": Field(_DAYS, required=True),
        "long": Field(_DAYS, required=True),
        "history": Field(_DAYS, required=True),
        "piece": Field(_DAYS, required=True),
        "first": Field(_DAYS),
        "breaks": Field(ListOf(BREAK_NAME)),
    }
)
_DESCRIPTION = Record(
    {
        "name": Field(Text(), required=True),
        "title": Field(names(), required=True),
        "options": Field(
            MappingOf(
                Record(
                    {
                        "kind": Field(OneOf(OPTION_KINDS), required=True),
                        "required": Field(Boolean()),
                        "values": Field(ListOf(Text())),
                        "whole": Field(Boolean()),
                        "least": Field(Number()),
                        "most": Field(Number()),
                        "description": Field(names(), required=True),
                    }
                )
            ),
            required=True,
        ),
        "connection": Field(_CONNECTION),
    }
)


@cache
def source_types() -> Mapping[str, SourceType]:
    """All types of sources that are installed, by name."""
    folders = (folder for folder in (files("kpi_core") / "sources").iterdir() if (folder / "source.yaml").is_file())
    types = [source_type((folder / "source.yaml").read_text("utf-8"), folder.name) for folder in folders]
    # Folders come in another order on each machine; the reference and the schemas are made from this one.
    return {kind.name: kind for kind in sorted(types, key=lambda kind: kind.name)}


def source_type(text: str, folder: str) -> SourceType:
    """The type that the text of a `source.yaml` describes. SettingsError with everything that is wrong in it."""
    document = read_text(text, f"{folder}/source.yaml")
    problems = check(document, _DESCRIPTION)
    if problems:
        raise SettingsError(problems)
    value = document.value
    assert isinstance(value, dict)
    options = {
        name: Option(**(option | {"values": tuple(option.get("values", ()))}))
        for name, option in value["options"].items()
    }
    return SourceType(value["name"], value["title"], options, _connection(value.get("connection")))


def _connection(value: Mapping[str, Any] | None) -> Connection | None:
    if value is None:
        return None
    lists = {name: tuple(value.get(name, ())) for name in ("hosts", "steps", "wrong", "breaks")}
    return Connection(**{**value, **lists, "version": str(value["version"])})


def services() -> Mapping[str, SourceType]:
    """The types of sources that ask a service, by name."""
    return {name: kind for name, kind in source_types().items() if kind.connection is not None}
