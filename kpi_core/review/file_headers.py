"""The files of sources held against kpi.yaml before a load: each that would not fit, by its header alone.

A load stops at the first file of a source that does not fit; here all of them are told together.
"""

from __future__ import annotations

import glob
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from kpi_core.errors import DataError, KpiBotError, SettingsError
from kpi_core.frozen_dataclass import frozen
from kpi_core.loading.load import Progress, stage
from kpi_core.loading.source_failures import source_failure
from kpi_core.metrics import Catalog
from kpi_core.settings.addresses import Address
from kpi_core.settings.values import Settings
from kpi_core.sources import ReadRequest
from kpi_core.sources.files import matching_files, write_text_file
from kpi_core.sources.first_records import OF_FILES, first_records
from kpi_core.sources.layout_files import is_named, opened_files, own_files

Records = Sequence[Sequence[str]]
OF_HEADERS = frozenset({"source_columns", "source_empty", "source_header", "source_layout", "source_twins"})
"""What a header alone tells."""
_ABSENT = "Referenced column"
"""How DuckDB begins to say that a query names a column which is not there."""


@frozen
class Misfit:
    """Files of a source that would stop its load. `file` names them, and is empty where it is about all."""

    source: int
    """The number of the source in kpi.yaml, from 0."""
    file: str
    error: KpiBotError

    @property
    def is_absent(self) -> bool:
        """Whether there is no file yet, which is no mistake in one."""
        return self.error.code == "source_no_file"


def misfits_of_headers(
    settings: Settings, catalog: Catalog, environment: Mapping[str, str], off_limits: Address | None, tell: Progress
) -> Iterator[Misfit]:
    """What does not fit, source by source. Nothing is loaded, and no row is looked at beyond the first few."""
    for number, source in enumerate(settings.sources):
        tell(source.name, number, len(settings.sources))
        if source.type in OF_FILES:
            with TemporaryDirectory() as scratch:
                request = ReadRequest(source, settings.folder, Path(scratch), environment, off_limits=off_limits)
                yield from _of_source(number, request, catalog, settings)


def _of_source(number: int, request: ReadRequest, catalog: Catalog, settings: Settings) -> Iterator[Misfit]:
    def told(file: str, error: Exception) -> Misfit:
        return Misfit(number, file, source_failure(request.source.name, error, request.environment))

    try:
        paths = matching_files(request)
    except SettingsError:
        return  # a variable that is not set is told with its own line
    except (DataError, OSError) as error:
        # That the state is no source is told with its address.
        if getattr(error, "code", "") != "source_state":
            yield told("", error)
        return
    heads: dict[Path, Records] = {}
    for path in paths:
        try:
            heads |= opened_files(request, [path], lambda path: first_records(request, path))
        except (DataError, OSError) as error:
            yield told(path.name, error)
    for file, misfit in [*_others(request, heads), *_wrong(request, heads, catalog, settings)]:
        yield told(file, misfit)


def _others(request: ReadRequest, heads: Mapping[Path, Records]) -> Iterator[tuple[str, DataError]]:
    """Files that are named and are not of the source's layout; without a name, that none is."""
    others = {path: error for path in heads if (error := _not_own(request, {path: heads[path]})) is not None}
    named = {path: error for path, error in others.items() if is_named(request, path)}
    yield from ((path.name, error) for path, error in named.items())
    if heads and len(others) == len(heads) and not named and (error := _not_own(request, heads)) is not None:
        yield "", error


def _not_own(request: ReadRequest, heads: Mapping[Path, Records]) -> DataError | None:
    try:
        own_files(request, [(path, records[0] if records else ()) for path, records in heads.items()])
    except DataError as error:
        return error
    return None


def _wrong(
    request: ReadRequest, heads: Mapping[Path, Records], catalog: Catalog, settings: Settings
) -> Iterator[tuple[str, DataError]]:
    """Files of the source with headers that do not fit its table, those of one header together."""
    by_header: dict[tuple[str, ...], list[Path]] = {}
    for path, records in heads.items():
        if records and _not_own(request, {path: records}) is None:
            by_header.setdefault(tuple(records[0]), []).append(path)
    for paths in by_header.values():
        if (error := _misfit(request, paths[0], heads[paths[0]], catalog, settings)) is not None:
            yield ", ".join(path.name for path in paths), error
    if heads and not any(heads.values()) and request.source.layout is None:
        path = next(iter(heads))
        if (error := _misfit(request, path, (), catalog, settings)) is not None:
            yield path.name, error


def _misfit(
    request: ReadRequest, path: Path, records: Records, catalog: Catalog, settings: Settings
) -> DataError | None:
    """What a load of this one file would say of its header."""
    folder = request.workspace / "sample"
    folder.mkdir(exist_ok=True)
    copy = folder / path.name
    write_text_file(copy, records)
    options: dict[str, object] = {"path": glob.escape(str(copy)), "delimiter": ",", "encoding": "utf-8"}
    if records:
        options["header"] = 1
    source = replace(request.source, type="csv", options=options)
    try:
        stage(replace(request, source=source, workspace=folder / "rows"), catalog, settings)
    except DataError as error:
        is_absent = error.code == "source_query" and _ABSENT in error.message
        return error if error.code in OF_HEADERS or is_absent else None
    return None
