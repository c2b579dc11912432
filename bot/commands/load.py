"""kpi load: the sources of kpi.yaml into the warehouse, with a progress bar and every rejected value told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from bot.commands.call import Call, progress
from bot.running.loading import load_sources
from kpi_core.errors import UsageError
from kpi_core.loading.load import LoadReport
from kpi_core.loading.staged import SourceLoad


def run_load(call: Call) -> int:
    """Load all sources or one; exit 1 when a source failed or rows were kept out."""
    workspace, since = call.workspace, _day(call.options.since)
    with progress() as tell:
        report = load_sources(workspace, call.now(), only=call.options.source, since=since, progress=tell)
    call.show("\n".join(report_lines(report)))
    failed = max((source.error.exit_code for source in report.failed if source.error), default=0)
    return failed or (1 if report.rejected else 0)


def report_lines(report: LoadReport) -> Iterator[str]:
    """A line a source, then what was wrong with it."""
    for source in report.sources:
        yield _line(source)
        for warning in source.warnings:
            yield f"    {warning}"
        for rejection in source.rejections:
            yield f"    {rejection}"
        if source.error:
            yield f"    {source.error.message} {source.error.hint}".rstrip()


def _line(loaded: SourceLoad) -> str:
    if loaded.error:
        return f"{loaded.source} → {loaded.table}: not loaded, its last good data stays"
    days = f", {loaded.first_day} to {loaded.last_day}" if loaded.first_day else ""
    rejected = f", {loaded.rejected:,} kept out" if loaded.rejected else ""
    repeated = f", {loaded.repeated:,} replaced by a later row with the same key" if loaded.repeated else ""
    return f"{loaded.source} → {loaded.table}: {loaded.rows:,} rows{days}{rejected}{repeated}"


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise UsageError(f"--since {text} is no date.", code="usage", hint="Write it like 2026-11-01.") from None
