"""A company that has nothing but one service, which its stand-in plays: connected as any other, without an account."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bot.running.loading import PassingClock, load_sources, vault_of
from bot.workspace import Tell, Workspace, settings_of
from kpi_core.documents.amendments import with_entries, write_whole
from kpi_core.settings.values import FILE
from kpi_core.sources import ReadRequest
from kpi_core.sources.api.access import accounts_of, service_named
from kpi_core.sources.api.stand_ins.loopback import offered, serving

_DAYS = 120
_COMPANY = "company: Hanok Goods\ntimezone: Asia/Seoul\ncurrency: KRW\nlocale: {locale}\n"


@contextmanager
def stand_in_company(  # noqa: PLR0913, PLR0917  (who asks, and who is told)
    name: str,
    environment: Mapping[str, str],
    now: datetime,
    locale: str,
    show: Callable[[str], None],
    tell: Tell,
    *,
    days: int = _DAYS,
) -> Iterator[Workspace]:
    """The workspace with so many days of the service loaded. UsageError where there is no such service."""
    kind = service_named(name)
    assert kind.connection is not None
    with TemporaryDirectory(prefix="kpi-connected-") as place:
        folder = Path(place)
        own, clock = offered(kind.name, folder), PassingClock(now)
        with serving(own.made(clock.now)) as running:
            address = {f"KPI_{kind.name.upper()}_API_URL": running.url}
            options = {**own.options, "history_days": days}
            _write_settings(folder, locale, kind.name, kind.connection.table, options, kind.connection.credentials)
            every = {**environment, **own.environment, **address}
            workspace = Workspace(settings_of(folder / FILE), every, config=folder / FILE)
            try:
                (source,) = workspace.settings.sources
                request = ReadRequest(source, folder, folder, every, clock=clock, vault=vault_of(workspace))
                for account in accounts_of(request):
                    show("    " + ", ".join(filter(None, (account.label, account.currency, account.zone))))
                report = load_sources(workspace, now, progress=tell)
                if report.failed and (error := report.failed[0].error) is not None:
                    raise error
                yield workspace
            finally:
                workspace.close()


def _write_settings(  # noqa: PLR0913, PLR0917  (what a kpi.yaml says, a thing each)
    folder: Path, locale: str, kind: str, table: str, options: Mapping[str, Any], credentials: Mapping[str, str]
) -> None:
    secrets = {name: f"${{{variable}}}" for name, variable in credentials.items()}
    entry = {"name": kind, "type": kind, "table": table, **options, **secrets}
    text = _COMPANY.format(locale=locale)
    write_whole(folder / FILE, with_entries(text, "sources", [entry], FILE))
