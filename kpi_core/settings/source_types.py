"""The types of sources that are installed: each folder of `sources/` describes itself in `source.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, get_args

from kpi_core.documents.shapes import Boolean, Field, ListOf, MappingOf, Number, OneOf, Record, Text, check, names
from kpi_core.documents.yaml_file import read_text
from kpi_core.errors import SettingsError
from kpi_core.metrics import Names

OptionKind = Literal["text", "secret", "spreadsheet", "address", "number", "boolean", "date", "list", "map", "texts"]
OPTION_KINDS: tuple[OptionKind, ...] = get_args(OptionKind)


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class SourceType:
    """What `source.yaml` says."""

    name: str
    title: Names
    options: Mapping[str, Option]


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
    return SourceType(value["name"], value["title"], options)
