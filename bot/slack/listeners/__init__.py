"""What the bot listens to: the command, mentions, direct messages, buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.slack.listeners.actions import register_actions
from bot.slack.listeners.commands import register_commands
from bot.slack.listeners.events import register_events
from bot.slack.listeners.people import People, language_of
from bot.slack.listeners.replying import Replying
from bot.slack.listeners.seen import Seen

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

    from bot.slack.listeners.services import Services


def register(app: AsyncApp, services: Services) -> None:
    """Attach every listener to `app`."""
    replying = Replying(services, People(language_of(services.settings.locale)))
    seen = Seen(services.clock, services.store)
    register_commands(app, replying, seen)
    register_actions(app, replying, seen)
    register_events(app, replying, seen)
