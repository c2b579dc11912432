"""The entry of kpi.yaml for a file: a new source, or one that is there and takes the file, too."""

from __future__ import annotations

import glob
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any

from kpi_core.adding.attempt import Attempt
from kpi_core.adding.look import Look
from kpi_core.layouts.export_layout import layout
from kpi_core.settings.values import Settings, Source
from kpi_core.sources.files.matching import NOT, with_without

OF_ANSWERS = ("dates", "decimal", "currency", "encoding", "sheet", "delimiter")
"""Questions whose answer is a key of the source."""
_ANY = "*"


def entry_of(look: Look, path: str, attempt: Attempt) -> dict[str, Any]:
    """The source of kpi.yaml that reads the file at `path` afterwards; ValueError where it is none of ours.

    A source of the same layout or the same columns, whose other keys agree, takes the file beside its own.
    """
    settings, answers = attempt.settings, attempt.answers
    styles = {key: answers[key] for key in OF_ANSWERS if key in answers}
    own = path_from(settings.folder, look.path)
    there = None if styles else reader_of(look, own, settings)
    there = there or next((source for source in settings.sources if _takes(source, look, styles)), None)
    if there is not None:
        paths = tuple(old for old in paths_of(there) if old != NOT + own)
        return {"name": there.name, "path": _with(paths, path, settings.folder)}
    entry: dict[str, Any] = {"name": source_name(look, settings), "type": look.kind, "path": path, "table": look.table}
    if look.match is not None:
        entry["layout"] = look.match.layout.id
    elif look.meaning is not None:
        entry["columns"] = {column: header for column, header in look.meaning.columns.items() if column != header}
        if look.header_line > 1:
            entry["header"] = look.header_line
        if look.is_one_of_several:
            entry["sheet"] = look.sheet
    else:
        raise ValueError(path)
    return {key: value for key, value in (entry | styles).items() if value != {}}


def reader_of(look: Look, path: str, settings: Settings) -> Source | None:
    """The source of kpi.yaml that reads the file already; one that names it goes before one with a pattern."""
    readers = (
        source
        for source in settings.sources
        if source.type == look.kind
        and source.table == look.table
        and _is_alike(source, look)
        and _reads(source, path, settings.folder)
    )
    return min(readers, key=lambda source: path not in paths_of(source), default=None)


def without_file(look: Look, path: str, settings: Settings) -> list[dict[str, Any]]:
    """The entries of the sources whose patterns alone read a file of theirs, so that they do no longer."""
    return [
        {"name": source.name, "path": [*paths_of(source), NOT + path]}
        for source in settings.sources
        if look.match is not None
        and source.layout == look.match.layout.id
        and path not in paths_of(source)
        and _reads(source, path, settings.folder)
    ]


def is_pattern_taken(look: Look, pattern: str, but: str, settings: Settings) -> bool:
    """Whether another source than the one called `but` reads all files of the layout that a pattern names."""
    layout_id = look.match.layout.id if look.match is not None else None
    return any(
        source.name != but and source.layout == layout_id and source.table == look.table and pattern in paths_of(source)
        for source in settings.sources
    )


def path_from(folder: Path, file: Path) -> str:
    """A file as kpi.yaml names it: from its folder on where it lies below, with signs of patterns escaped."""
    whole, top = file.resolve(), folder.resolve()
    text = whole.relative_to(top).as_posix() if whole.is_relative_to(top) else whole.as_posix()
    return glob.escape(f"./{text}" if text.startswith(NOT) else text)


def pattern_of(folder: Path, of: Path) -> str:
    """All files of a folder, those of tomorrow, too."""
    path = path_from(folder, of)
    return _ANY if path in {".", ""} else f"{path}/{_ANY}"


def _takes(source: Source, look: Look, styles: Mapping[str, str]) -> bool:
    return (
        source.type == look.kind
        and source.table == look.table
        and _is_alike(source, look)
        and all(
            _style(source, key) == styles.get(key, "")
            for key in OF_ANSWERS
            if key in styles or key in {"encoding", "sheet"}
        )
    )


def _is_alike(source: Source, look: Look) -> bool:
    if look.match is not None:
        return source.layout == look.match.layout.id
    return (
        look.meaning is not None
        and not source.layout
        and not source.query
        and set(source.columns.values()) <= set(look.header)
        and all(source.columns.get(column, column) == header for column, header in look.meaning.columns.items())
    )


def _style(source: Source, key: str) -> str:
    value = getattr(source, key, None) if key in {"dates", "decimal", "currency"} else source.options.get(key)
    return str(value or "")


def paths_of(source: Source) -> tuple[str, ...]:
    """Where the files of a source lie, as kpi.yaml has it."""
    paths = source.options.get("path")
    return tuple(map(str, paths)) if isinstance(paths, Sequence) and not isinstance(paths, str) else (str(paths),)


def _reads(source: Source, path: str, folder: Path) -> bool:
    whole = (folder / glob_plain(path)).resolve()
    named, without = with_without(paths_of(source))
    return any(_matches(folder / text, whole) for text in named) and not any(
        _matches(folder / text, whole) for text in without
    )


def _with(paths: tuple[str, ...], path: str, folder: Path) -> str | list[str]:
    if any(_matches(folder / pattern, folder / glob_plain(path)) for pattern in paths) or path in paths:
        return paths[0] if len(paths) == 1 else list(paths)
    # What a new pattern covers need not stand beside it.
    others = [old for old in paths if not (_ANY in path and _matches(folder / path, folder / glob_plain(old)))]
    return [*others, path] if others else path


def glob_plain(path: str) -> str:
    """A name without the escapes of patterns."""
    return path.replace("[[]", "[").replace("[*]", "*").replace("[?]", "?")


def _matches(pattern: Path, file: Path) -> bool:
    return str(file) in glob.glob(str(pattern), recursive=True) or pattern == file  # noqa: PTH207  (may be absolute)


def source_name(look: Look, settings: Settings) -> str:
    """The tool's name, or the file's, with a number where a source has it."""
    base = PurePath(look.path).stem
    if look.match is not None:
        its = look.match.layout
        base = its.tool if its.table == layout(its.id).table else f"{its.tool} {its.table}"
    taken = {source.name.casefold() for source in settings.sources}
    names = [base, *(f"{base} {number}" for number in range(2, len(taken) + 3))]
    return next(name for name in names if name.casefold() not in taken)
