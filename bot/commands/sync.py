"""kpi sync: every sheet of kpi.yaml brought up to date once."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.commands.call import Call
from bot.commands.reports.sheet_files import chosen_sheets, sync_into_files
from bot.running.syncing import sheet_changes, sync_sheet
from kpi_core.errors import UsageError
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


def report_text(report: SyncReport) -> str:
    """What one sync did, a line for what it changed and one for each thing that needs a person."""
    cells = f"{report.cells_changed:,} cell{'s' if report.cells_changed != 1 else ''} changed"
    reads = f"{report.reads} read{'s' if report.reads != 1 else ''}"
    requests = f"{reads}, {report.writes} write{'s' if report.writes != 1 else ''}"
    size = f"{report.bytes_sent:,} bytes sent"
    lines = [f"{report.url}", f"    {cells} · {requests} · {size}"]
    lines += [f"    conflict: {conflict}" for conflict in report.conflicts]
    lines += [f"    {warning}" for warning in report.warnings]
    return "\n".join(lines)
