"""The local Slack as the page draws it."""

from __future__ import annotations

from typing import Any

from bot.sandbox.slack import LocalSlack
from bot.sandbox.slack.slack_workspace import BOT_USER, Channel, Message, User, Workspace, message_json

Json = dict[str, Any]
MOST_MESSAGES = 300


def slack_json(slack: LocalSlack) -> Json:
    """People, channels, the newest messages, open modals and Homes; the page shows each person their own part."""
    workspace = slack.workspace
    views = {
        user: [workspace.views[view_id] for view_id in stack if view_id in workspace.views]
        for user, stack in workspace.opened.items()
    }
    return {
        "bot": BOT_USER,
        "connected": bool(slack.delivery.sockets),
        "users": [_user(workspace, user) for user in workspace.users.values()],
        "channels": [_channel(channel) for channel in workspace.channels.values()],
        "messages": [_message(message) for message in workspace.messages[-MOST_MESSAGES:]],
        "views": {user: stack for user, stack in views.items() if stack},
        "homes": workspace.homes,
    }


def open_conversations(slack: LocalSlack) -> None:
    """Give everybody their conversation with the bot, as in a workspace that has installed it."""
    for user in list(slack.workspace.users.values()):
        if not user.is_bot:
            slack.workspace.direct(user.id)


def _user(workspace: Workspace, user: User) -> Json:
    groups = sorted(name for name, members in workspace.groups.items() if user.id in members)
    return {
        "id": user.id, "name": user.name, "real_name": user.real_name, "locale": user.locale, "is_bot": user.is_bot,
        "is_admin": user.is_admin, "groups": groups, "tz": user.tz,
    }  # fmt: skip


def _channel(channel: Channel) -> Json:
    return {
        "id": channel.id, "name": channel.name, "kind": channel.kind, "user": channel.user,
        "members": sorted(channel.members),
    }  # fmt: skip


def _message(message: Message) -> Json:
    fields = message_json(message, metadata=True)
    return fields | {"channel": message.channel, "to": message.to, "thread_ts": message.thread_ts}
