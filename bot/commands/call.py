"""What a command is called with, and how it shows what it found."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from bot.demo_workspace import open_workspace
from bot.workspace import Tell, Workspace


@dataclass(frozen=True)
class Call:
    """One call of the command line."""

    options: argparse.Namespace
    environment: Mapping[str, str]

    @cached_property
    def workspace(self) -> Workspace:
        """The workspace of --config, ./kpi.yaml or the demo company."""
        with progress() as tell:
            return open_workspace(self.config, self.environment, self.options.now, tell)

    def reopened(self) -> Workspace:
        """The workspace anew, after kpi.yaml has changed."""
        self.close()
        self.__dict__.pop("workspace", None)
        return self.workspace

    def close(self) -> None:
        """Close what the command has opened."""
        if "workspace" in vars(self):
            self.workspace.close()

    @property
    def config(self) -> Path | None:
        path: Path | None = self.options.config
        return path

    @property
    def language(self) -> str:
        return self.workspace.settings.locale

    @property
    def as_json(self) -> bool:
        return bool(self.options.json)

    def now(self) -> datetime:
        """The instant of --now, a local time of the workspace unless it names its offset, else the present."""
        instant: datetime | None = self.options.now
        if instant is None:
            return datetime.now(UTC)
        return instant if instant.tzinfo else instant.replace(tzinfo=self.workspace.settings.calendar.zone)

    def audit(self, command: str, metric: str = "", filters: Mapping[str, str] | None = None) -> None:
        """Write down that somebody at this machine did what cannot be undone."""
        from kpi_core.state.audit import AuditEntry, record

        record(self.workspace.store, AuditEntry(datetime.now(UTC), "terminal", command, metric, filters or {}))

    @property
    def colour(self) -> bool:
        return sys.stdout.isatty() and "NO_COLOR" not in self.environment

    def show_json(self, document: object) -> None:
        self.show(json.dumps(document, ensure_ascii=False, indent=2))

    def show(self, text: str) -> None:
        """The result, on stdout."""
        sys.stdout.write(text.rstrip("\n") + "\n")
        sys.stdout.flush()

    def say(self, text: str) -> None:
        """Anything else, on stderr."""
        sys.stderr.write(text.rstrip("\n") + "\n")
        sys.stderr.flush()


_NAMELESS = {"swap": "", "done": ""}
"""Steps of a load that are none of a source, for which a bar has no words in each language."""


@contextmanager
def progress() -> Iterator[Tell]:
    """A progress bar on stderr, only where somebody watches; it appears with the first step and goes at 0 of 0."""
    if not sys.stderr.isatty():
        yield lambda _step, _done, _total: None
        return
    # rich is slow to load: only where its bar is seen.
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None, visible=False)

        def tell(step: str, done: int, total: int | None) -> None:
            bar.update(task, description=_NAMELESS.get(step, step), completed=done, total=total, visible=total != 0)

        yield tell
