"""Secrets that renew themselves, such as tokens of services: sealed texts, which this database cannot open."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import field
from datetime import datetime
from pathlib import Path
from secrets import token_hex

from sqlalchemy import select

from kpi_core.frozen_dataclass import frozen
from kpi_core.state.leases import release_lease, take_lease
from kpi_core.state.schema import vault
from kpi_core.state.store import Store

_SECONDS = 300.0
"""Longer than a renewal lasts."""


@frozen
class StateVault:
    """The secrets of a state, which is opened when one is asked for. `folder` takes an answer until it is here."""

    opened: Callable[[], Store]
    folder: Path | None
    _holder: str = field(default_factory=lambda: token_hex(8))

    def read(self, name: str) -> str | None:
        """What is sealed under a name; None where nothing is."""
        with self.opened().reading() as transaction:
            row = transaction.row(select(vault.c.sealed).where(vault.c.name == name))
        return None if row is None else str(row["sealed"])

    def write(self, name: str, sealed: str, now: datetime) -> None:
        with self.opened().writing() as transaction:
            transaction.put(vault, name=name, sealed=sealed, at=now)

    @contextmanager
    def alone(self, name: str, now: datetime) -> Iterator[bool]:
        """Whether no other process renews what is under a name, until the block ends."""
        lease = f"vault {name}"
        is_alone = take_lease(self.opened(), lease, self._holder, now, _SECONDS)
        try:
            yield is_alone
        finally:
            if is_alone:
                release_lease(self.opened(), lease, self._holder)
