"""kpi sync: every sheet of kpi.yaml brought up to date once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from time import sleep

from bot.commands.call import Call
from bot.commands.reports.sheet_files import chosen_sheets, sync_into_files
from bot.running.syncing import Turn, free_again, freeze_sheet, sheet_changes, sync_in_turn, sync_sheet
from kpi_core.access.operator import OPERATOR
from kpi_core.errors import UsageError
from kpi_core.formats.periods import period_label
from kpi_core.phrases import say
from kpi_core.questions.errors import error_words
from kpi_core.questions.period_words import parse_period
from kpi_core.settings.values import SheetSync
from sheets_sync.sync import SyncReport


def run_sync(call: Call) -> int:
    """Exit 1 when two goals of a sheet contradict each other; what is merely unreadable is told as a warning.

    Of several sheets one that fails holds no other up; it is told in its place, and ends the command as its error does.
    """
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
    turns = sync_in_turn(sheets, lambda sheet: _sync_one(call, sheet), lambda count: _wait(call, count))
    errors = [turn.error for turn in turns if turn.error]
    if errors and len(turns) == 1:
        raise errors[0]
    if call.as_json:
        documents = [_document(turn) for turn in turns]
        call.show_json(documents[0] if len(documents) == 1 else documents)
    else:
        call.show("\n".join(_lines(turn, call.language) for turn in turns))
    conflicts = any(turn.report.conflicts for turn in turns if turn.report)
    return max((error.exit_code for error in errors), default=int(conflicts))


def _sync_one(call: Call, sheet: SheetSync) -> SyncReport:
    def waits(seconds: float) -> None:
        until = datetime.now(UTC) + timedelta(seconds=seconds)
        _say_wait(call, until, 1)

    return sync_sheet(call.workspace, sheet, call.now(), datetime.now(UTC), waits)


def _wait(call: Call, count: int) -> None:
    """Until Google's quota is free again."""
    now = datetime.now(UTC)
    until = free_again(now)
    _say_wait(call, until, count)
    sleep((until - now).total_seconds())


def _say_wait(call: Call, until: datetime, count: int) -> None:
    local = until.astimezone(call.workspace.settings.calendar.zone)
    call.say(say(call.language, "sync.waits", until=f"{local:%H:%M:%S}", count=count))


def _document(turn: Turn) -> dict[str, object]:
    if turn.report:
        return turn.report.to_json()
    assert turn.error
    return {"spreadsheet": turn.sheet.spreadsheet, **turn.error.to_json()}


def _lines(turn: Turn, language: str) -> str:
    if turn.report:
        return report_text(turn.report)
    assert turn.error
    return f"{turn.sheet.spreadsheet}\n    {' '.join(error_words(turn.error, language)).strip()}"


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
