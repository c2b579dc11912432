"""kpi audit: who asked what in Slack, and who posted, resent or gave up what by hand; never what they were answered."""

from __future__ import annotations

from bot.commands.call import Call
from kpi_core.phrases import say
from kpi_core.state.audit import newest_entries


def run_audit(call: Call) -> int:
    """The newest entries first."""
    entries = newest_entries(call.workspace.store, max(call.options.most, 1), call.options.who)
    if call.as_json:
        rows = [
            {
                "at": entry.at.isoformat(),
                "who": entry.who,
                "command": entry.command,
                "metric": entry.metric,
                "filters": dict(entry.filters),
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
