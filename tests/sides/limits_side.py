"""A KPI that only a board may see, in a local Slack: who asks, and what of its value turns up where."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace

from companies.odd_amounts import NOW, OCTOBER, written
from slack_side import bot_messages

from bot.sandbox.slack import LocalSlack
from bot.sandbox.slack.slack_workspace import BOT_USER, Channel, Message, User
from bot.slack.app import Services
from kpi_core.access.doorway import Door
from kpi_core.answering.engine import Engine
from kpi_core.query import MetricQuery
from kpi_core.settings.values import Access

from tables import CATALOG

BOARD = Access(channels=("C0BOARD",), groups=("S0FINANCE",), users=("U0WEI",))
"""Mina is in the group, Wei is named, Alex reads the board's channel and is neither."""
NOT_HERE = "is shown only to some people, and not here."


def limited(engine: Engine, metric_id: str) -> Services:
    configured = replace(engine.settings, access={metric_id: BOARD})
    bound = Engine(configured, engine.catalog, engine.warehouse)
    return Services(lambda audience: Door(bound, audience), configured, lambda: NOW)


def secrets_of(engine: Engine, metric_id: str) -> list[float]:
    """What must not turn up: the KPI in October, whole and by channel, in each of its readings."""
    ids = (metric_id, *CATALOG.metrics[metric_id].variants)
    answers = engine.answers([MetricQuery(reading, OCTOBER, dimensions=("channel",)) for reading in ids], NOW)
    values = [value for answer in answers for value in (answer.value, *(row.value for row in answer.breakdown or ()))]
    return sorted({value for value in values if value is not None and value > 1_000})


def leaks(secrets: Iterable[float], texts: Iterable[str]) -> list[str]:
    return [place for text in texts for secret in secrets for place in written(secret, text)]


def whole(message: Message) -> str:
    """All that a message carries: its text, its blocks, the values behind its buttons, what it names itself by."""
    carried = [message.blocks, message.metadata, message.files]
    return f"{message.text}\n{json.dumps(carried, ensure_ascii=False)}"


async def reply(slack: LocalSlack, user: str, channel: str, words: str) -> Message:
    """What the bot answers to a command."""
    before = len(bot_messages(slack))
    await slack.acting.command(user, channel, "/kpi", words)
    return await newest(slack, before)


async def mention(slack: LocalSlack, user: str, channel: str, words: str, thread: str = "") -> Message:
    """What the bot answers to a message that mentions it."""
    before = len(bot_messages(slack))
    await slack.acting.say(user, channel, f"<@{BOT_USER}> {words}", thread)
    return await newest(slack, before)


async def press(slack: LocalSlack, user: str, channel: str, ts: str, action_id: str) -> Message:
    """What the bot answers to a button."""
    before = len(bot_messages(slack))
    await slack.acting.press(user, channel, ts, action_id)
    return await newest(slack, before)


async def newest(slack: LocalSlack, before: int) -> Message:
    """The bot's newest message, once there are more than `before`."""
    return (await slack.until(lambda: there if len(there := bot_messages(slack)) > before else None))[-1]


def readers_of(slack: LocalSlack, message: Message) -> set[str]:
    return {message.to} if message.to else slack.workspace.channels[message.channel].members - {BOT_USER}


def given_away(slack: LocalSlack, secrets: Iterable[float]) -> tuple[list[str], int]:
    """Where somebody reads what is not for them, and how many messages hold it at all."""
    entitled, holding, wrong = {"U0MINA", "U0WEI"}, 0, []
    for message in bot_messages(slack):
        if leaks(secrets, [whole(message)]):
            holding += 1
            strangers = set() if message.channel == "C0BOARD" else readers_of(slack, message) - entitled
            foreign = {user for user in readers_of(slack, message) if slack.workspace.users[user].team == "T0OTHER"}
            wrong += [f"{user} in {message.channel}: {message.text[:60]}" for user in strangers | foreign]
    return wrong, holding


def share_a_channel(slack: LocalSlack) -> None:
    """Gus of another workspace reads one channel with Alex and Wei."""
    slack.workspace.users["U0GUS"] = User("U0GUS", "gus", "Gus Gale", team="T0OTHER")
    members = {"U0GUS", "U0ALEX", "U0WEI", BOT_USER}
    slack.workspace.channels["C0SHARED"] = Channel("C0SHARED", "shared", members=members, shared=True)
