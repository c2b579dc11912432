"""The folder of files that came one by one: each content once, under a name of its own."""

from __future__ import annotations

import unicodedata
from pathlib import Path, PurePosixPath

from kpi_core.documents.whole_files import replace_file

FOLDER = "uploads"
"""Beside kpi.yaml."""
_LONGEST_NAME = 60


def store(folder: Path, name: str, content: bytes) -> tuple[Path, bool]:
    """Where a content lies in a folder, and whether it is new there; another of the same name lies beside the first."""
    folder.mkdir(exist_ok=True)
    files = sorted(path for path in folder.iterdir() if path.is_file())
    alike = (path for path in files if path.stat().st_size == len(content) and path.read_bytes() == content)
    if (there := next(alike, None)) is not None:
        return there, False
    path = _free(folder, plain_name(name), {file.name.casefold() for file in files})
    replace_file(path, content)
    return path, True


def plain_name(name: str) -> str:
    """A name without folders, control characters and leading dots, short enough for every disk."""
    last = PurePosixPath(name.replace("\\", "/")).name
    letters = "".join(letter for letter in last if unicodedata.category(letter)[0] != "C").lstrip(". ")
    path = PurePosixPath(letters or "file")
    return f"{path.stem[:_LONGEST_NAME]}{path.suffix[:10]}"


def _free(folder: Path, name: str, taken: set[str]) -> Path:
    stem, ending = PurePosixPath(name).stem, PurePosixPath(name).suffix
    names = [name, *(f"{stem}-{number}{ending}" for number in range(2, len(taken) + 3))]
    return folder / next(each for each in names if each.casefold() not in taken)
