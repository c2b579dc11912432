"""kpi schedule: what comes by itself, how it was written, and its next five times."""

from __future__ import annotations

from bot.commands.call import Call
from bot.running.jobs import timed_jobs
from kpi_core.dates.schedule import next_fires
from kpi_core.formats.periods import date_text, weekday_text
from kpi_core.phrases import say

COUNT = 5


def run_schedule(call: Call) -> int:
    """Each load, summary and sync with a time, in the order of kpi.yaml."""
    workspace, now = call.workspace, call.now()
    zone = workspace.settings.calendar.zone
    coming = {
        job.name: (job.schedule.text, job.zone or zone, next_fires(job.schedule, now, job.zone or zone, COUNT))
        for job in timed_jobs(workspace)
        if job.schedule is not None
    }
    if call.as_json:
        rows = [
            {"name": name, "every": text, "timezone": of.key, "next": [fire.isoformat() for fire in fires]}
            for name, (text, of, fires) in coming.items()
        ]
        call.show_json({"schedules": rows})
        return 0
    if not coming:
        call.show(say(call.language, "schedule.none"))
    for name, (text, of, fires) in coming.items():
        call.show(f"{name}  ({text}, {of.key})" if of.key not in text else f"{name}  ({text})")
        for fire in fires:
            day = f"{weekday_text(fire.date(), call.language)}, {date_text(fire.date(), call.language)}"
            call.show(f"  {fire:%H:%M}  {day}")
    return 0
