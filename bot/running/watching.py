"""Files that a source reads, watched while `kpi run` runs: what is changed or new is loaded by itself."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bot.running.loading import load_sources, newest_settings
from bot.workspace import Workspace
from kpi_core.dates.schedule import Fire
from kpi_core.deliveries.messages import Message
from kpi_core.errors import KpiBotError
from kpi_core.settings.values import Source
from kpi_core.sources.files.matching import names_now
from kpi_core.warehouse.health_tables import read_health

WATCHED = frozenset({"csv", "xlsx", "parquet"})
"""Types of sources whose `path:` is one of files."""
State = frozenset[tuple[str, int, int]]
"""Of each file: its path, its bytes, and when it was last written, in nanoseconds."""

log = logging.getLogger("kpi_bot.schedules")


@dataclass(slots=True)
class Watch:
    """The files of the source of a name, as kpi.yaml has it now, looked at each round."""

    workspace: Workspace
    name: str
    loaded: State | None = None
    """How the files were when they were last loaded; None before the first look."""
    seen: State | None = None
    """How they were one look ago: a file that still grows is left until it rests."""

    def __call__(self, now: datetime, _fire: Fire) -> Sequence[Message]:
        """Load the source where its files have changed and rest since the look before. Errors as `load_sources`."""
        source = next((each for each in newest_settings(self.workspace).sources if each.name == self.name), None)
        if source is None or source.type not in WATCHED:
            return ()
        state = files_of(source, self.workspace.settings.folder)
        if self.loaded is None and not self._is_newer(state):
            self.loaded = state
        if state in {self.loaded, frozenset()}:
            return ()
        if state != self.seen:
            self.seen = state
            return ()
        (report,) = load_sources(self.workspace, now, only=self.name).sources
        # Loaded or refused: the same bytes are not tried again each round.
        self.loaded = state
        if report.error is not None:
            raise report.error
        log.info("load:%s: %d rows, %d kept out", self.name, report.rows, report.rejected)
        return ()

    def _is_newer(self, state: State) -> bool:
        """Whether a file was written after the source's last load, or there has been none."""
        sources = read_health(self.workspace.warehouse).sources
        loaded_at = next((facts.loaded_at for facts in sources if facts.source == self.name), None)
        if loaded_at is None:
            return True
        at = loaded_at if loaded_at.tzinfo else loaded_at.replace(tzinfo=UTC)
        return any(written > at.timestamp() * 1e9 for _path, _size, written in state)


@dataclass(slots=True)
class NewWatch:
    """The sources that have come into kpi.yaml since the process began, by `kpi add` or by a file that was sent."""

    workspace: Workspace
    watches: dict[str, Watch] = field(default_factory=dict)

    def __call__(self, now: datetime, fire: Fire) -> Sequence[Message]:
        """Each as `Watch` does; one that fails holds no other up, and the first failure is raised at the end."""
        known = {source.name for source in self.workspace.settings.sources}
        failures: list[KpiBotError] = []
        for source in newest_settings(self.workspace).sources:
            if source.name in known or source.every is not None:
                continue
            try:
                self.watches.setdefault(source.name, Watch(self.workspace, source.name))(now, fire)
            except KpiBotError as error:
                failures.append(error)
        if failures:
            raise failures[0]
        return ()


def files_of(source: Source, folder: Path) -> State:
    """The files that `path:` names now, as far as they can be looked at."""
    path = source.options.get("path")
    found = names_now(map(str, path if isinstance(path, list | tuple) else [path]), folder)
    files: set[tuple[str, int, int]] = set()
    for file in found:
        try:
            stat = file.stat()
        except OSError:  # gone since, or closed to us: the load will say so
            continue
        if file.is_file():
            files.add((str(file), stat.st_size, stat.st_mtime_ns))
    return frozenset(files)
