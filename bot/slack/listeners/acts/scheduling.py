"""The schedule, for admins: what comes next, paused, resumed, sent now."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

from bot.cards.views.schedule_card import PAUSE, RESUME, RUN_NOW, schedule_card
from bot.slack.listeners.acts.pressing import Press, presses
from bot.slack.listeners.replying import Reply, write_audit
from kpi_core.phrases import say

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

    from bot.slack.listeners.teams import Teams

ACTION = re.compile(rf"^(?:{PAUSE}|{RESUME}|{RUN_NOW})(?:\.\d+)?$")


def register_schedule(app: AsyncApp, teams: Teams) -> None:
    app.action(ACTION)(presses(teams, _pressed))


async def _pressed(press: Press, action: dict[str, Any]) -> Reply:
    replying = press.team.replying
    await replying.require_admin(press.client, press.place, press.language)
    schedules, name = replying.schedules(), str(action.get("value") or "")
    act = str(action["action_id"]).partition(".")[0]

    def do() -> Reply:
        write_audit(replying.services, press.place, f"schedule {act.removeprefix('kpi_')} {name}")
        if act == PAUSE:
            schedules.pause(name, press.place.user)
        elif act == RESUME:
            schedules.resume(name)
        else:
            schedules.run_now(name)
        done = say(press.language, f"schedule.did_{act.removeprefix('kpi_')}", name=name)
        return Reply(schedule_card(schedules.coming(), press.language, done), private=True, aside=True)

    return await asyncio.to_thread(do)
