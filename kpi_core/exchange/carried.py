"""What an exchange carries over, and what it refuses with the reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from kpi_core.documents.amendments import write_whole
from kpi_core.documents.yaml_file import Document, Steps, read_document
from kpi_core.errors import Problem, SettingsError, UsageError
from kpi_core.frozen_dataclass import frozen

META = "kpi_bot"
"""Under it other tools' files carry what only this product has words for."""


class NotCarriedError(Exception):
    """A definition, or a part of one, would mean something else on the other side; the message says why."""


@frozen
class Written:
    """A definition where somebody wrote it."""

    document: Document
    place: Steps
    value: Mapping[str, Any]

    def problem(self, message: str, hint: str = "") -> Problem:
        return self.document.problem(self.place, message, hint)


@frozen
class Carried:
    """The definitions that mean the same on the other side, by the name of their file, and those that do not."""

    files: Mapping[str, Mapping[str, Any]]
    refused: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    """What had to be taken for something, for people to look at."""


def documents_under(path: Path) -> tuple[list[Document], list[Problem]]:
    """Every YAML file of a folder, or the one file, and what cannot be read of them. UsageError where there is none."""
    files = sorted(item for item in path.rglob("*") if item.suffix in {".yaml", ".yml"}) if path.is_dir() else [path]
    if not files or not all(item.is_file() for item in files):
        hint = "Name the folder of the definitions, or one of their YAML files."
        raise UsageError(f"There is no YAML file in {path}.", code="no_file", hint=hint)
    documents: list[Document] = []
    problems: list[Problem] = []
    for item in files:
        try:
            documents.append(read_document(item, name=str(item)))
        except SettingsError as error:
            problems += error.problems
    return documents, problems


def items_of(document: Document, *path: str | int) -> Iterator[Written]:
    """The mappings of a list in a document, each with its place."""
    result: Any = document.value
    for step in path:
        if isinstance(result, Mapping):
            result = result.get(str(step))
        else:
            result = result[step] if isinstance(result, list) and isinstance(step, int) else None
    if isinstance(result, list):
        for number, value in enumerate(result):
            if isinstance(value, Mapping):
                yield Written(document, (*path, number), value)


def write_files(folder: Path, files: Mapping[str, Mapping[str, Any]]) -> list[Path]:
    """Write each definition into a file of its own; the paths, sorted."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, definition in sorted(files.items()):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, as_yaml(definition))
        paths.append(path)
    return paths


def as_yaml(value: Mapping[str, Any]) -> str:
    return yaml.safe_dump(dict(value), allow_unicode=True, sort_keys=False, width=120)


def first_of(values: Iterable[str], taken: Iterable[str]) -> str:
    """The first of some names that is free."""
    used = set(taken)
    return next(name for name in values if name not in used)
