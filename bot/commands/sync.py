"""kpi sync: every sheet of kpi.yaml brought up to date once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from bot.commands.call import Call
from bot.commands.reports.sheet_files import chosen_sheets, sync_into_files
from bot.running.syncing import freeze_sheet, sheet_changes, sync_sheet
from kpi_core.access.operator import OPERATOR
from kpi_core.errors import UsageError
from kpi_core.formats.periods import period_label
from kpi_core.phrases import say
from kpi_core.questions.period_words import parse_period
from kpi_core.settings.values import SheetSync
from sheets_sync.sync import SyncReport


def run_sync(call: Call) -> int:
    """Exit 1 when two goals of the sheet contradict each other; what is merely unreadable is told as a warning."""
    if call.options.xlsx or call.options.csv:
        return sync_into_files(call)
    sheets = chosen_sheets(call)
    if not sheets:
        hint = "Add sheets: to kpi.yaml, or see it work with kpi demo."
        raise UsageError("kpi.yaml names no sheet.", code="no_sheet", hint=hint)
    if call.options.dry_run:
        return _dry_run(call)
    if call.options.freeze:
        return _freeze(call, sheets)
    reports = [sync_sheet(call.workspace, sheet, call.now(), datetime.now(UTC)) for sheet in sheets]
    if call.as_json:
        documents = [report.to_json() for report in reports]
        call.show_json(documents[0] if len(documents) == 1 else documents)
    else:
        call.show("\n".join(report_text(report) for report in reports))
    return 1 if any(report.conflicts for report in reports) else 0


def _dry_run(call: Call) -> int:
    """Every cell that a sync would write, with what it holds and what it would hold; nothing is written."""
    documents, lines = [], []
    for sheet in chosen_sheets(call):
        changes = sheet_changes(call.workspace, sheet, call.now())
        written = [{"tab": each.tab, "cell": each.cell, "before": each.before, "after": each.after} for each in changes]
        documents.append({"spreadsheet": sheet.spreadsheet, "changes": written})
        lines += [
            f"{each.tab}!{each.cell}: {each.before or '(empty)'} -> {each.after or '(empty)'}" for each in changes
        ]
        lines.append(f"{len(changes):,} cell{'s' if len(changes) != 1 else ''} would change; nothing was written.")
    if call.as_json:
        call.show_json(documents[0] if len(documents) == 1 else documents)
    else:
        call.show("\n".join(lines))
    return 0


def _freeze(call: Call, sheets: Sequence[SheetSync]) -> int:
    """A tab for a period that is over; the same period again is told, and nothing is written."""
    calendar, language = call.workspace.settings.calendar, call.language
    today = call.workspace.door(OPERATOR).today(call.now())
    period = parse_period(call.options.freeze, calendar, today)
    label = period_label(period, language, calendar)
    if period.end > today:
        message, hint = f"{label} is not over yet.", "Freeze a period that has ended, such as last month."
        raise UsageError(message, code="usage", hint=hint)
    made = [freeze_sheet(call.workspace, sheet, period, call.now(), datetime.now(UTC)) for sheet in sheets]
    days = {"start": period.start.isoformat(), "end": period.end.isoformat(), "label": label}
    if call.as_json:
        documents = [{"spreadsheet": e.spreadsheet, "tab": e.title, "period": days, "new": e.is_new} for e in made]
        call.show_json(documents[0] if len(documents) == 1 else documents)
    else:
        keys = ["sync.frozen" if each.is_new else "sync.frozen_before" for each in made]
        lines = [say(language, key, period=label, tab=each.title) for key, each in zip(keys, made, strict=True)]
        call.show("\n".join(lines))
    return 0


def report_text(report: SyncReport) -> str:
    """What one sync did, a line for what it changed and one for each thing that needs a person."""
    cells = f"{report.cells_changed:,} cell{'s' if report.cells_changed != 1 else ''} changed"
    reads = f"{report.reads} read{'s' if report.reads != 1 else ''}"
    requests = f"{reads}, {report.writes} write{'s' if report.writes != 1 else ''}"
    size = f"{report.bytes_sent:,} bytes sent"
    lines = [f"{report.url}", f"    {cells} · {requests} · {size}"]
    lines += [f"    conflict: {conflict}" for conflict in report.conflicts]
    lines += [f"    mended: {words}" for words in report.mended]
    lines += [f"    {warning}" for warning in report.warnings]
    return "\n".join(lines)
