"""The definitions of KPIs and models: built-in YAML files, and a team's own beside or over them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from kpi_core.cache import cached, folder_key
from kpi_core.metrics import Catalog

__all__ = ["load_catalog"]


def load_catalog(folders: Sequence[Path] = ()) -> Catalog:
    """The built-in definitions with those of `folders` over them; SettingsError lists all that is wrong.

    In a folder of one's own any file with `model:` is a model and any with `id:` a KPI; a known id replaces the
    built-in definition. Definitions that were read and checked once are cached until a file changes.
    """
    return _load(tuple(folders)) if folders else _built_in()


@cache
def _built_in() -> Catalog:
    """The definitions that come with the product: read once a process, for they do not change."""
    return _load(())


def _load(folders: tuple[Path, ...]) -> Catalog:
    # What reads and checks definitions takes longer to import than cached ones take to read.
    def read() -> Catalog:
        from kpi_core.catalog.loader import read_catalog

        return read_catalog(folders)

    # A folder that is not there is told, and has no key by which it could be known.
    if not all(folder.is_dir() for folder in folders):
        return read()
    return cached("catalogue", " ".join(folder_key(folder) for folder in folders), read)
