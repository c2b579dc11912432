"""kpi audit: who asked what in Slack, and who posted, resent or gave up what by hand; never what they were answered."""

from __future__ import annotations

from bot.commands.call import Call
from bot.running.telling.retiring import line_of, out_of_use
from kpi_core.phrases import say
from kpi_core.state.audit import newest_entries


def run_audit(call: Call) -> int:
    """The newest entries first; or what nobody uses."""
    if call.options.unused:
        return _show_unused(call)
    entries = newest_entries(call.workspace.store, max(call.options.most, 1), call.options.who)
    if call.as_json:
        rows = [
            {
                "at": entry.at.isoformat(),
                "who": entry.who,
                "command": entry.command,
                "metric": entry.metric,
                "filters": dict(entry.filters),
                "under": entry.under,
            }
            for entry in entries
        ]
        call.show_json({"entries": rows})
        return 0
    if not entries:
        call.show(say(call.language, "audit.none"))
    zone = call.workspace.settings.calendar.zone
    for entry in entries:
        # What somebody typed may hold anything that a terminal would act upon.
        command = "".join(sign if sign.isprintable() else " " for sign in entry.command).strip()
        call.show(f"{entry.at.astimezone(zone):%Y-%m-%d %H:%M}  {entry.who}  {command}")
    return 0


def _show_unused(call: Call) -> int:
    """What nobody has opened, answered or changed for eight weeks."""
    idle = out_of_use(call.workspace, call.now())
    if call.as_json:
        rows = [
            {
                "kind": one.subject.kind,
                "name": one.subject.name,
                "owner": one.subject.owner or None,
                "since": one.since.isoformat(),
                "text": line_of(one, call.workspace),
            }
            for one in idle
        ]
        call.show_json({"unused": rows})
        return 0
    if not idle:
        call.show(say(call.language, "retire.none"))
    for one in idle:
        call.show(line_of(one, call.workspace))
    return 0
