"""Packed exports: their tables are stored as files of their own and go the same road as any other.

A packed file says nothing that is believed: names lose their folders, and what it unfolds to is counted as it comes.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from zipfile import BadZipFile, ZipFile, ZipInfo

from kpi_core.adding.stored_files import plain_name, store
from kpi_core.errors import DataError
from kpi_core.sources.files.writings import WRITINGS, likelihood

MOST_FILES = 50
LARGEST = 200 * 2**20
"""Bytes of all files of an archive together, unpacked."""
_TABLES = frozenset({".csv", ".tsv", ".txt", ".xls", ".xlsx", ".xlsb"})
_NESTED = frozenset({".zip"})
_OF_BOOKS = ("[Content_Types].xml", "content.xml", "mimetype")
_PIECE = 1 << 18
_LOCKED, _IN_UTF8 = 0x1, 0x800


def is_archive(path: Path) -> bool:
    """Whether a file is a zip with tables in it; a workbook is one, too, and none of these."""
    try:
        with path.open("rb") as file:
            if not file.read(4).startswith(b"PK"):
                return False
        with ZipFile(path) as archive:
            names = archive.namelist()
    except (BadZipFile, OSError):
        return False
    return not any(name in _OF_BOOKS for name in names) and any(_is_table(name) for name in names)


def unpacked(path: Path, folder: Path) -> tuple[list[Path], list[str]]:
    """The tables of an archive as files of a folder, and the names of what else is in it.

    An archive within it is stored as it is. DataError where it has a password, is damaged, or unfolds to too much.
    """
    tables: list[Path] = []
    others: list[str] = []
    try:
        with ZipFile(path) as archive:
            members = [info for info in archive.infolist() if not _is_hidden(info)]
            taken = [info for info in members if _is_table(info.filename) or _ending(info.filename) in _NESTED]
            others = [plain_name(_name(info)) for info in members if info not in taken]
            if len(taken) > MOST_FILES:
                raise _refusal(path, "source_zip_many", f"holds more than {MOST_FILES} tables", str(MOST_FILES))
            # All of it is looked at before any of it is stored.
            contents = [(info, _content(path, archive, info, taken)) for info in taken]
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise _refusal(path, "source_zip_broken", "cannot be unpacked") from error
    for info, content in contents:
        name = PurePosixPath(plain_name(_name(info)))
        stored, is_new = store(folder, f"{name.stem}-{path.stem}{name.suffix}", content)
        if is_new:
            _date(stored, info)
        tables.append(stored)
    return list(dict.fromkeys(tables)), others


def _content(path: Path, archive: ZipFile, info: ZipInfo, taken: list[ZipInfo]) -> bytes:
    if info.flag_bits & _LOCKED:
        raise _refusal(path, "source_zip_locked", "has a password")
    most = str(LARGEST // 2**20)
    # What the archive says of itself may be wrong, so it is counted, too; but it is enough to refuse it.
    if sum(each.file_size for each in taken) > LARGEST:
        raise _refusal(path, "source_zip_large", f"unfolds to more than {most} MB", most)
    pieces, size = [], 0
    with archive.open(info) as member:
        while piece := member.read(_PIECE):
            size += len(piece)
            if size > info.file_size:
                raise _refusal(path, "source_zip_large", f"unfolds to more than {most} MB", most)
            pieces.append(piece)
    return b"".join(pieces)


def _is_hidden(info: ZipInfo) -> bool:
    parts = PurePosixPath(info.filename.replace("\\", "/")).parts
    return info.is_dir() or any(part.startswith((".", "__MACOSX")) for part in parts[-1:] + parts[:1])


def _is_table(name: str) -> bool:
    return _ending(name) in _TABLES


def _ending(name: str) -> str:
    return PurePosixPath(name.replace("\\", "/")).suffix.lower()


def _name(info: ZipInfo) -> str:
    """The name of a member; Windows writes it in the encoding of its country, without saying so."""
    if info.flag_bits & _IN_UTF8 or info.filename.isascii():
        return info.filename
    try:
        stored = info.filename.encode("cp437")
    except UnicodeEncodeError:
        return info.filename
    return max(_readings(stored), key=lambda pair: pair[0], default=(0.0, info.filename))[1]


def _readings(stored: bytes) -> Iterator[tuple[float, str]]:
    try:
        yield 0.0, stored.decode("utf-8")
    except UnicodeDecodeError:
        for writing in WRITINGS:
            try:
                text = stored.decode(writing.encoding)
            except UnicodeDecodeError:
                continue
            yield likelihood(text, writing), text


def _date(stored: Path, info: ZipInfo) -> None:
    """The time that the archive gives a member: of two downloads the newer counts."""
    try:
        seconds = datetime(*info.date_time, tzinfo=UTC).timestamp()
    except ValueError:
        return
    os.utime(stored, (seconds, seconds))


def _refusal(path: Path, code: str, what: str, most: str = "") -> DataError:
    hint = "Unpack it and add the files."
    return DataError(f"{path.name} {what}.", code=code, hint=hint, params={"file": path.name, "most": most})
