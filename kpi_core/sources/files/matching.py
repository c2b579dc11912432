"""The files that a source names, by patterns."""

from __future__ import annotations

import errno
import glob
import os
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from kpi_core.errors import DataError
from kpi_core.settings.off_limits import HINT, is_state_file
from kpi_core.sources import ReadRequest

NOT = "!"
"""Stands before a pattern of files that are not read."""


def matching_files(request: ReadRequest) -> list[Path]:
    """The files that `path:` names, a text or a list of them, sorted by name. DataError when a text names none.

    What stands behind `!` is none of them: [exports/*, "!exports/draft.csv"].
    """
    paths: dict[Path, None] = {}
    named, without = with_without(patterns_of(request))
    for pattern in named:
        paths.update(dict.fromkeys(_matching(request, pattern)))
    for pattern in without:
        for path in _files(request, pattern):
            paths.pop(path, None)
    if not paths:
        raise _no_file(request, ", ".join(patterns_of(request)))
    if request.off_limits and any(is_state_file(path, request.off_limits, request.folder) for path in paths):
        message = f"Source {request.source.name}: path matches the state, which is no source."
        raise DataError(message, code="source_state", hint=HINT)
    return sorted(paths)


def patterns_of(request: ReadRequest) -> tuple[str, ...]:
    """What `path:` says: one pattern, or several."""
    return request.texts("path") or (request.needed("path"),)


def with_without(patterns: Iterable[str]) -> tuple[list[str], list[str]]:
    """The patterns of files that are read, and of those among them that are not."""
    sides: tuple[list[str], list[str]] = [], []
    for text in patterns:
        sides[text.startswith(NOT)].append(text.removeprefix(NOT))
    return sides


def names_now(patterns: Iterable[str], folder: Path) -> set[Path]:
    """What lies at patterns from a folder on, without what stands behind `!`."""
    named, left = (
        {Path(name) for text in side for name in glob.glob(str(folder / text), recursive=True)}  # noqa: PTH207  (may be absolute)
        for side in with_without(patterns)
    )
    return named - left


def label_of(path: Path, folder: Path) -> str:
    """What people know a file by: from the folder of kpi.yaml on."""
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.name


def _matching(request: ReadRequest, pattern: str) -> list[Path]:
    paths = _files(request, pattern)
    if not paths:
        _refuse_closed_folder(request.folder / pattern)
        raise _no_file(request, pattern)
    return paths


def _files(request: ReadRequest, pattern: str) -> list[Path]:
    whole = str(request.folder / pattern)
    # Brackets are usual in the names of downloads: a file of that very name is meant before a pattern is.
    # os.path says no where a folder may not be looked into; a Path would raise before it can be named.
    is_file = os.path.isfile
    names = [whole] if is_file(whole) else glob.glob(whole, recursive=True)  # noqa: PTH207  (may be absolute)
    return [Path(name) for name in names if is_file(name)]


def _no_file(request: ReadRequest, pattern: str) -> DataError:
    hint = "Check path: in kpi.yaml; it starts at the folder of kpi.yaml."
    message, params = f"Source {request.source.name}: no file matches {pattern}.", {"pattern": pattern}
    return DataError(message, code="source_no_file", hint=hint, params=params)


def _refuse_closed_folder(pattern: Path) -> None:
    """PermissionError naming the folder, where a pattern matches nothing because it may not be looked into."""
    for folder in reversed(pattern.parents):
        try:
            if glob.has_magic(str(folder)) or not folder.is_dir():
                return
            next(folder.iterdir(), None)
        except PermissionError:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder)) from None


def would_match(patterns: Iterable[str], folder: Path, file: Path) -> bool:
    """Whether one of the patterns names the file, be it there or not. Upper and lower case are one: errs to yes."""
    names = [part.casefold() for part in file.resolve().parts]
    named, _without = with_without(patterns)
    return any(_fits([part.casefold() for part in (folder.resolve() / text).parts], names) for text in named)


def _fits(pattern: Sequence[str], names: Sequence[str]) -> bool:
    if not pattern:
        return not names
    if pattern[0] == "**":
        return any(_fits(pattern[1:], names[skipped:]) for skipped in range(len(names) + 1))
    is_alike = bool(names) and (pattern[0] == names[0] or fnmatchcase(names[0], pattern[0]))
    return is_alike and _fits(pattern[1:], names[1:])
