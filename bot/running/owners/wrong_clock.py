"""A machine whose clock is wrong: its owner is told once, until it is right again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.running.true_clock import TrueClock
from bot.workspace import Workspace
from kpi_core.dates.schedule import Fire
from kpi_core.deliveries.messages import Message
from kpi_core.deliveries.to_owner import Trouble, tell_owner, trouble_over
from kpi_core.phrases import say
from kpi_core.state.trouble_rows import open_troubles

NAME = "clock"


def tell_of_clock(workspace: Workspace, clock: TrueClock, now: datetime, _fire: Fire) -> Sequence[Message]:
    """Tell what the machine's clock says, and what Slack's; both at this moment, by the workspace's zone."""
    settings, store = workspace.settings, workspace.store
    if clock.off:
        own, true = (f"{at.astimezone(settings.calendar.zone):%Y-%m-%d %H:%M}" for at in (now - clock.off, now))
        text = say(settings.locale, "trouble.clock", own=own, true=true)
        tell_owner(store, settings.owner, Trouble(NAME, text, NAME), now)
        return ()
    # Read first: it is looked at each round, and hardly ever is there anything to write.
    with store.reading() as transaction:
        is_told = any(row["name"] == NAME for row in open_troubles(transaction))
    if is_told:
        trouble_over(store, NAME)
    return ()
