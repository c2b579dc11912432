"""What takes long to work out and seldom changes, cached on disk for the next process: `kpi ask` starts often.

    with caching(folder):
        catalog = cached("catalogue", key, lambda: read_all_files())

The key must name everything the value depends on; the product's own files are always part of it. Outside `caching`,
and wherever the folder is not the user's alone, nothing is written and nothing is read. A value that cannot be read is
worked out again. Only what loads something asks: the import contracts name those modules.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

Value = TypeVar("Value")

_MOST_FILES = 1000
_FOR_OTHERS_TO_WRITE = 0o022
_folder: Path | None = None


@contextmanager
def caching(folder: Path) -> Iterator[None]:
    """Keep values in `folder` from here on; it is made when missing."""
    global _folder  # noqa: PLW0603  (one folder a process, as its name says)
    before, _folder = _folder, folder if _is_private(folder) else None
    try:
        yield
    finally:
        _folder = before


def cached(name: str, key: str, make: Callable[[], Value]) -> Value:
    """`make()`, or what it gave before under this name and key. What it raises is not cached."""
    if _folder is None:
        return make()
    path = _folder / f"{name}-{hashlib.sha256(f'{product()} {key}'.encode()).hexdigest()[:32]}"
    try:
        value: Value = pickle.loads(path.read_bytes())  # noqa: S301  (our own file in a folder nobody else may write)
    except Exception:  # noqa: BLE001  (a torn or foreign pickle raises anything)
        value = make()
        _write(path, value)
    return value


def folder_key(folder: Path) -> str:
    """A key that changes when any file of a folder does: their names, sizes and times."""
    return " ".join(sorted(_files(str(folder))))


@cache
def package_key(name: str) -> str:
    """A key that changes with an installed package, told by its file: importing it may take longer than the rest."""
    found = find_spec(name)
    assert found is not None
    assert found.origin is not None
    return f"{found.origin} {Path(found.origin).stat().st_mtime_ns}"


@cache
def product() -> str:
    """The product that works things out, as a digest of its files and of the Python it runs on."""
    return hashlib.sha256(f"{sys.version} {folder_key(Path(__file__).parent)}".encode()).hexdigest()


def _files(folder: str) -> Iterator[str]:
    for entry in os.scandir(folder):
        if entry.is_file():
            status = entry.stat()
            yield f"{entry.path} {status.st_size} {status.st_mtime_ns}"
        elif entry.name != "__pycache__":
            yield from _files(entry.path)


# Unpickling runs what a file says: whoever could write here could have this process do anything.
def _is_private(folder: Path) -> bool:
    """Whether only this user can have written there."""
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        status = folder.stat()
        mine = not hasattr(os, "getuid") or status.st_uid == os.getuid()
        return mine and not status.st_mode & _FOR_OTHERS_TO_WRITE
    return False


def _write(path: Path, value: object) -> None:
    """All or nothing; a full or read-only disk is no reason to fail."""
    # A name for each process: two may write the same value at once.
    aside = path.with_name(f"{path.name}.{os.getpid()}")
    with suppress(OSError, pickle.PicklingError, TypeError, AttributeError):
        content = pickle.dumps(value, protocol=5)
        _make_room(path.parent)
        aside.write_bytes(content)
        aside.replace(path)


def _make_room(folder: Path) -> None:
    """Forget the older half when there is much."""
    names = os.listdir(folder)  # noqa: PTH208  (a path for each of a thousand takes ten times as long, at every write)
    if len(names) < _MOST_FILES:
        return
    files = [folder / name for name in names]
    for path in sorted(files, key=lambda file: file.stat().st_mtime)[: len(files) // 2]:
        path.unlink(missing_ok=True)
