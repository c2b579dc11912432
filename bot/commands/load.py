"""kpi load: the sources of kpi.yaml into the warehouse, with a progress bar and every rejected value told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from bot.commands.call import Call, progress
from kpi_core.errors import UsageError
from kpi_core.loading.load import LoadReport, load
from kpi_core.loading.snapshot import SourceLoad
from kpi_core.sources import SheetReader


def run_load(call: Call) -> int:
    """Load all sources or one; exit 1 when a source failed or rows were kept out."""
    workspace = call.workspace
    with progress() as tell:
        report = load(
            workspace.settings,
            workspace.catalog,
            now=call.now(),
            only=call.options.source,
            since=_day(call.options.since),
            progress=tell,
            sheet_reader=_sheet_reader(call),
            environment=call.environment,
        )
    call.show("\n".join(report_lines(report)))
    failed = max((each.error.exit_code for each in report.failed if each.error), default=0)
    return failed or (1 if report.rejected else 0)


def report_lines(report: LoadReport) -> Iterator[str]:
    """A line a source, then what was wrong with it."""
    for each in report.sources:
        yield _line(each)
        for warning in each.warnings:
            yield f"    {warning}"
        for rejection in each.rejections:
            yield f"    {rejection}"
        if each.error:
            yield f"    {each.error.message} {each.error.hint}".rstrip()


def _line(each: SourceLoad) -> str:
    if each.error:
        return f"{each.source} → {each.table}: not loaded, its last good data stays"
    days = f", {each.first_day} to {each.last_day}" if each.first_day else ""
    kept_out = f", {each.rejected:,} kept out" if each.rejected else ""
    repeated = f", {each.repeated:,} replaced by a later row with the same key" if each.repeated else ""
    return f"{each.source} → {each.table}: {each.rows:,} rows{days}{kept_out}{repeated}"


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise UsageError(f"--since {text} is no date.", code="usage", hint="Write it like 2026-11-01.") from None


def _sheet_reader(call: Call) -> SheetReader | None:
    """Reads ranges of Google Sheets, where a source asks for one."""
    if not any(source.type == "sheet" for source in call.workspace.settings.sources):
        return None
    from sheets_sync.client import open_client

    return open_client(call.environment).read_range
