"""The sources of a workspace loaded: by hand with `kpi load`, by itself at a source's `every:`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import field, replace
from datetime import date, datetime, timedelta
from functools import partial
from time import monotonic, sleep
from typing import TYPE_CHECKING

from bot.workspace import Tell, Workspace, settings_of
from kpi_core.frozen_dataclass import frozen

if TYPE_CHECKING:
    from kpi_core.loading.load import LoadReport
    from kpi_core.settings.values import Settings
    from kpi_core.sources import SheetReader, Vault


def load_sources(  # noqa: PLR0913  (each is one setting of a command)
    workspace: Workspace,
    now: datetime,
    *,
    only: str | None = None,
    since: date | None = None,
    accept: bool = False,
    progress: Tell | None = None,
    history: bool = True,
) -> LoadReport:
    """Load all sources, or `only` the one named; errors as `kpi_core.loading.load.load`.

    The history of a service comes in as many loads as it takes, each whole by itself; without `history`, in one a day.
    """
    from kpi_core.loading.load import load

    workspace = replace(workspace, settings=newest_settings(workspace))
    with sheet_reader_of(workspace, only) as sheet_reader:
        once = partial(
            load,
            workspace.settings,
            workspace.catalog,
            now=now,
            accept=accept,
            progress=progress,
            sheet_reader=sheet_reader,
            environment=workspace.environment,
            clock=PassingClock(now),
            vault=vault_of(workspace),
        )
        report = once(only=only, since=since)
        return _with_history(report, once) if history else report


def vault_of(workspace: Workspace) -> Vault:
    """Where access that renews itself is kept; the state is opened when it is asked for."""
    from kpi_core.state.sealed.vault import StateVault

    return StateVault(lambda: workspace.store, workspace.settings.folder)


def _with_history(report: LoadReport, once: Callable[..., LoadReport]) -> LoadReport:
    """Go on loading the sources whose history is not all there; one that is refused goes on with the next load."""
    loads = {each.source: each for each in report.sources}
    for name, first in loads.items():
        while loads[name].unfinished:
            (further,) = once(only=name).sources
            if further.error is not None:
                break
            # What the first load says stands; of the others only how far they came.
            days = [day for day in (first.first_day, further.first_day) if day is not None]
            loads[name] = replace(
                loads[name],
                rows=loads[name].rows + further.rows,
                first_day=min(days, default=None),
                warnings=further.warnings,
                failures=further.failures,
                unfinished=further.unfinished,
            )
    return replace(report, sources=tuple(loads.values()))


@frozen
class PassingClock:
    """The time that passes from an instant on: days are counted from it, and signatures are of the moment."""

    start: datetime
    _started: float = field(default_factory=monotonic)

    def now(self) -> datetime:
        return self.start + timedelta(seconds=monotonic() - self._started)

    def wait(self, seconds: float) -> None:
        sleep(seconds)


def newest_settings(workspace: Workspace) -> Settings:
    """The settings with the sources of kpi.yaml as it is now: a load drops the rows of sources that are not named.

    SettingsError where kpi.yaml is wrong now.
    """
    if workspace.config is None:
        return workspace.settings
    fresh = settings_of(workspace.config)
    return replace(workspace.settings, sources=fresh.sources, channels=fresh.channels, rates=fresh.rates)


@contextmanager
def sheet_reader_of(workspace: Workspace, only: str | None = None) -> Iterator[SheetReader | None]:
    """Reads ranges of Google Sheets, where a source to be loaded, or the one of the rates, asks for one."""
    settings = workspace.settings
    types = {source.type for source in settings.sources if only in (None, source.name) or source.name == settings.rates}
    # Google's client is slow to load and needs credentials, which a team without sheets does not have.
    if not types & {"sheet", "inputs"}:
        yield None
        return
    from sheets_sync.client import open_client

    with closing(open_client(workspace.environment)) as client:
        yield client.read_range
