"""Installations that were begun and not ended: Slack gives a token for a code once, and a process may die over it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from kpi_core.frozen_dataclass import frozen

FOLDER = ".installing"


@frozen
class Begun:
    """In `folder` a file for each, named after the installation's state, which is no secret once it is used."""

    folder: Path

    @contextmanager
    def under_way(self, state: str) -> Iterator[None]:
        """While Slack is asked for the token and it is written down. What ends with an error has ended."""
        mark = self._mark(state)
        mark.parent.mkdir(exist_ok=True)
        mark.touch()
        try:
            yield
        finally:
            mark.unlink(missing_ok=True)

    def was_cut_off(self, state: str) -> bool:
        """Whether the process that was at it ended before it had written anything down."""
        return self._mark(state).exists()

    def take_cut_off(self) -> int:
        """How many there are, for a process that starts while no other installs; they are forgotten."""
        marks = list((self.folder / FOLDER).glob("*"))
        for mark in marks:
            mark.unlink(missing_ok=True)
        with suppress(OSError):
            (self.folder / FOLDER).rmdir()
        return len(marks)

    def _mark(self, state: str) -> Path:
        return self.folder / FOLDER / sha256(state.encode()).hexdigest()
