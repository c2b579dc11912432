"""Which of the files that `path:` names belong to a source with a layout: those whose header is the layout's."""

from __future__ import annotations

import glob
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from kpi_core.errors import DataError
from kpi_core.layouts.export_layout import layout
from kpi_core.layouts.recognition import header_test, renamed_fields, unlike
from kpi_core.settings.values import Source
from kpi_core.sources import ReadRequest

HeaderTest = Callable[[Sequence[str]], bool]
T = TypeVar("T")


def header_test_of(source: Source) -> HeaderTest | None:
    """Whether a record is the header of a source's files; None where the source has no layout."""
    if source.layout is None:
        return None
    return header_test(source.layout, renamed_fields(layout(source.layout), source.columns))


def own_files(request: ReadRequest, headers: Iterable[tuple[Path, Sequence[str]]]) -> frozenset[Path]:
    """Those of the files that are the source's; all of them where it has no layout.

    `headers` are the files with their header records. What only a pattern names and is no file of the layout belongs to
    another source. DataError for a file that is named itself and is none, and where no file is one.
    """
    source, is_header = request.source, header_test_of(request.source)
    listed = list(headers)
    if is_header is None or source.layout is None:
        return frozenset(path for path, _header in listed)
    own = [path for path, header in listed if is_header(header)]
    for path, header in listed:
        if path not in own and is_named(request, path):
            raise _unlike(source.name, path.name, source.layout, header)
    if not own:
        message = f"Source {source.name}: no file of path is {source.layout}."
        hint = "Check path: and layout: in kpi.yaml, or leave the source out until there is one."
        params = {"source": source.name, "layout": source.layout}
        raise DataError(message, code="source_no_layout", hint=hint, params=params)
    return frozenset(own)


def opened_files(request: ReadRequest, paths: Iterable[Path], open_file: Callable[[Path], T]) -> dict[Path, T]:
    """What `open_file` makes of each path. Of a source with a layout, what a pattern alone names and cannot be opened
    is none of its files: a picture, a workbook among texts.
    """
    opened: dict[Path, T] = {}
    for path in paths:
        try:
            opened[path] = open_file(path)
        except DataError:
            if request.source.layout is None or is_named(request, path):
                raise
    return opened


def is_named(request: ReadRequest, path: Path) -> bool:
    """Whether `path:` names this very file, and not a pattern that others match, too."""
    return any(not glob.has_magic(text) and request.folder / text == path for text in request.texts("path"))


def _unlike(source: str, file: str, layout_id: str, header: Sequence[str]) -> DataError:
    lacking = ", ".join(unlike(header, layout(layout_id))) or "…"
    message = f"Source {source}: {file} is not {layout_id}: it lacks {lacking}."
    hint = "Export it again with these columns, or say under columns: what they are called."
    params = {"source": source, "file": file, "layout": layout_id, "columns": lacking}
    return DataError(message, code="source_layout", hint=hint, params=params)
