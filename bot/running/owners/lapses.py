"""A state that went back in time: its owner is told once what that means and what to do."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from bot.running.owners.owner import hear_once
from bot.workspace import Workspace
from kpi_core.dates.schedule import Fire
from kpi_core.deliveries.messages import Message
from kpi_core.phrases import say
from kpi_core.state.lapses.lapse import lapse_told, untold_lapse

log = logging.getLogger("kpi_bot.schedules")


def tell_of_lapse(workspace: Workspace, now: datetime, _fire: Fire) -> Sequence[Message]:
    """Tell of a lapse that was seen when the state was opened.

    It comes after the jobs that have a time: until it is told, schedules that the state does not know go on from there.
    """
    settings, store = workspace.settings, workspace.store
    with store.reading() as transaction:
        lapse = untold_lapse(transaction)
    if lapse is None:
        return ()
    if lapse.since is None:
        text = say(settings.locale, "trouble.lapse_anew")
    else:
        when = f"{lapse.since.astimezone(settings.calendar.zone):%Y-%m-%d %H:%M}"
        text = say(settings.locale, "trouble.lapse", when=when)
    log.error("lapse: %s", text)
    hear_once(workspace, "", "lapse", text, now)
    with store.writing() as transaction:
        lapse_told(transaction, now)
    return ()
