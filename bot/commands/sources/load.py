"""kpi load: the sources of kpi.yaml into the warehouse, with a progress bar and a sentence for what is left out."""

from __future__ import annotations

from datetime import date

from bot.additions.load_lines import readiness_line
from bot.commands.call import Call, progress
from bot.commands.reports.load_report import terminal_load
from bot.running.loading import load_sources
from kpi_core.access.operator import OPERATOR
from kpi_core.errors import UsageError
from kpi_core.loading.load import LoadReport


def run_load(call: Call) -> int:
    """Load all sources or one; exit 1 when there is something to mend: a source failed, rows do not fit."""
    workspace, since = call.workspace, _day(call.options.since)
    only, accept = call.options.source, call.options.accept
    with progress() as tell:
        report = load_sources(workspace, call.now(), only=only, since=since, accept=accept, progress=tell)
    call.show(terminal_load(report, workspace.catalog, call.language, currency=workspace.settings.currency))
    call.show(readiness(call))
    return exit_code_of(report)


def readiness(call: Call) -> str:
    door = call.workspace.door(OPERATOR)
    total, unavailable = len(door.catalog.kpis()), len(door.unavailable_kpis())
    return readiness_line(total - unavailable, total, door.tables_to_add(), call.language)


def exit_code_of(report: LoadReport) -> int:
    failed = max((load.error.exit_code for load in report.failed if load.error), default=0)
    short = any(load.left_empty or load.failures for load in report.sources)
    return failed or (1 if report.rejected or short else 0)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise UsageError(f"--since {text} is no date.", code="usage", hint="Write it like 2026-11-01.") from None
