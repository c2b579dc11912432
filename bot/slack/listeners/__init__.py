"""What the bot listens to: the command, mentions, direct messages, files, buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.slack.listeners.actions import register_actions
from bot.slack.listeners.acts.admitting import register_admission
from bot.slack.listeners.acts.alert_buttons import register_alerts
from bot.slack.listeners.acts.alert_form import register_own_alerts
from bot.slack.listeners.acts.goal_forms import register_goals
from bot.slack.listeners.acts.home import register_home
from bot.slack.listeners.acts.preview_buttons import register_previews
from bot.slack.listeners.acts.scheduling import register_schedule
from bot.slack.listeners.acts.task_button import register_tasks
from bot.slack.listeners.additions import register_additions
from bot.slack.listeners.commands import register_commands
from bot.slack.listeners.events import register_events
from bot.slack.listeners.installed.leaving import register_leaving
from bot.slack.listeners.menus.menu import register_menus
from bot.slack.listeners.menus.stale import register_stale
from bot.slack.listeners.places.agent_prompts import register_agent
from bot.slack.listeners.places.pointing import register_pointing
from bot.slack.listeners.places.suggesting import register_suggesting
from bot.slack.listeners.surviving.received import register_received
from bot.slack.listeners.teams import Teams

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slack_bolt.async_app import AsyncApp

    from bot.slack.listeners.services import Services
    from bot.slack.transport.owed_acks import OwedAcks


def register(app: AsyncApp, served: Services | Mapping[str, Services], acks: OwedAcks | None = None) -> None:
    """Attach every listener to `app`; services by team id, or those of whichever team asks. Answers let `acks` pass."""
    teams = Teams(served, acks)
    register_received(app, teams)
    register_commands(app, teams)
    register_actions(app, teams)
    register_additions(app, teams)
    register_alerts(app, teams)
    register_admission(app, teams)
    register_previews(app, teams)
    register_goals(app, teams)
    register_tasks(app, teams)
    register_own_alerts(app, teams)
    register_schedule(app, teams)
    register_home(app, teams)
    register_events(app, teams)
    register_leaving(app, teams)
    register_menus(app, teams)
    register_agent(app, teams)
    register_pointing(app, teams)
    register_suggesting(app, teams)
    # The last one: it takes every press that nobody has listened to before it.
    register_stale(app, teams)
