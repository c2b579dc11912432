"""What no source may read: the state. Its goals, names and posts are not data, whatever path or address leads there."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from kpi_core.settings.addresses import Address, AddressError, same_database, same_file

STATE_TABLES = frozenset({"installation", "deliveries", "posted_numbers", "leases", "audit"})
"""By these a database is known for a state, or for a copy of one."""
HINT = "Read another file or database: the state holds what the bot remembers, no data."
_BESIDE = ("", "-wal", "-shm", "-journal")
"""The files of a SQLite database."""


def is_state_file(path: Path, state: Address, folder: Path) -> bool:
    """Whether a path leads to a file of the state, by whatever name or link."""
    file = state.file(folder)
    return file is not None and any(same_file(path, file.with_name(file.name + ending)) for ending in _BESIDE)


def is_state(address: Address, state: Address, folder: Path) -> bool:
    """Whether an address leads to the state. On a server the whole database does: its schemas are not kept apart."""
    file = address.file(folder)
    return is_state_file(file, state, folder) if file is not None else same_database(address, state, folder)


def refuse_overlap(warehouse: Address, state: Address, folder: Path) -> None:
    """AddressError where warehouse and state are one file, or one schema of a server."""
    one = is_state(warehouse, state, folder)
    if one and (warehouse.file(folder) is not None or _schemas(state)[0] in _schemas(warehouse)):
        raise overlap()


def overlap() -> AddressError:
    """What is told where questions to the warehouse would read the state."""
    return AddressError(
        "state and warehouse are one database", "Give the state a file or a schema of its own, without a view over it."
    )


def looks_like_a_state(tables: Iterable[str]) -> bool:
    """Whether these tables of one schema are those of a state."""
    return set(tables) >= STATE_TABLES


def _schemas(address: Address) -> list[str]:
    """Where tables are looked for; new ones go to the first."""
    return [name.strip() for name in address.options.get("search_path", "public").split(",")]
