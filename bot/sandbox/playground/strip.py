"""What the strip shows: the clock, what is due next, what was delivered, which troubles are on."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from bot.sandbox.local_product import A_MOMENT, Playground
from bot.sandbox.playground.troubles import switches
from kpi_core.deliveries.delivery_states import Delivery
from kpi_core.deliveries.planning import newest, upcoming

Json = dict[str, Any]
MOST_DELIVERIES = 30
STEPS = {"day": timedelta(days=1), "week": timedelta(weeks=1)}


def strip_json(playground: Playground) -> Json:
    """Times are ISO texts in the workspace's own zone."""
    settings, store, now = playground.workspace.settings, playground.workspace.store, playground.clock()
    zone = settings.calendar.zone
    names = {f"sheet:{sheet.spreadsheet}": "sheet" for sheet in settings.sheets}
    coming = sorted(upcoming(store).items(), key=lambda schedule: schedule[1])
    return {
        "company": settings.company,
        "is_demo": playground.workspace.is_demo,
        "data_through": (through := playground.newest_day()) and through.isoformat(),
        "locale": settings.locale,
        "timezone": settings.calendar.timezone,
        "now": now.astimezone(zone).isoformat(timespec="seconds"),
        "growing": {"done": playground.growth.done, "total": playground.growth.total},
        "moved_seconds": round(playground.clock.ahead.total_seconds()),
        "upcoming": [
            {"name": names.get(name, name), "at": at.astimezone(zone).isoformat(timespec="minutes")}
            for name, at in coming
        ],
        "deliveries": [_delivery(playground, delivery) for delivery in newest(store, MOST_DELIVERIES)],
        "troubles": switches(playground),
    }


def target_of(playground: Playground, to: str) -> datetime:
    """The instant that `to` means: day, week, or the name of something upcoming. KeyError for anything else."""
    if to in STEPS:
        return playground.clock() + STEPS[to]
    coming = upcoming(playground.workspace.store)
    # `summary` alone stands for whichever summary comes next.
    instants = [at for name, at in coming.items() if name == to or name.partition(":")[0] == to]
    if not instants:
        raise KeyError(f"nothing upcoming is called {to}")
    return max(min(instants) + A_MOMENT, playground.clock())


def _delivery(playground: Playground, delivery: Delivery) -> Json:
    zone = playground.workspace.settings.calendar.zone
    channel = playground.slack.workspace.channels.get(delivery.message.channel)
    return {
        "key": delivery.key,
        "schedule": delivery.schedule,
        "channel": channel.name if channel else delivery.message.channel,
        "due": delivery.due.astimezone(zone).isoformat(timespec="minutes"),
        "state": delivery.state,
        "attempts": delivery.attempts,
        "error": delivery.error,
    }
