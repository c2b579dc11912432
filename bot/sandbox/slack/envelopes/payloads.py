"""What Slack sends to an app when somebody types a command, presses a button, submits a view or writes a message."""

from __future__ import annotations

from typing import Any

from bot.sandbox.slack.slack_workspace import (
    APP_ID,
    BOT_USER,
    TEAM_ID,
    Channel,
    Json,
    Message,
    User,
    Workspace,
    message_json,
)

TEAM: Json = {"id": TEAM_ID, "domain": "local"}
# So Slack calls the channel of a direct message, which has no name of its own.
DIRECT = "directmessage"


def command(workspace: Workspace, user: User, channel: Channel, name: str, text: str, response_url: str) -> Json:  # noqa: PLR0913, PLR0917 - the fields of the form
    """A slash command, as the fields of its form."""
    return {
        "token": "local", "team_id": TEAM_ID, "team_domain": "local", "channel_id": channel.id,
        "channel_name": channel.name or DIRECT, "user_id": user.id, "user_name": user.name, "command": name,
        # A form knows nothing but texts, so false is one here.
        "text": text, "api_app_id": APP_ID, "is_enterprise_install": "false", "response_url": response_url,
        "trigger_id": workspace.new_trigger(user.id),
    }  # fmt: skip


def action(workspace: Workspace, user: User, message: Message, element: Json, response_url: str) -> Json:
    """A pressed button or a chosen option of a message; `element` carries block_id, action_id and what was chosen."""
    channel = workspace.channels[message.channel]
    return _by(user) | {
        "type": "block_actions",
        "trigger_id": workspace.new_trigger(user.id),
        "response_url": response_url,
        "container": {
            "type": "message", "message_ts": message.ts, "channel_id": channel.id, "is_ephemeral": bool(message.to),
        },
        "channel": {"id": channel.id, "name": channel.name or DIRECT},
        "message": message_json(message),
        "state": {"values": {}},
        "actions": [{"type": "button", **element, "action_ts": workspace.new_ts()}],
    }  # fmt: skip


def suggestion(user: User, message: Message, element: Json, typed: str) -> Json:
    """What somebody has typed so far into a field of a message that the app is to find options for."""
    return _by(user) | {
        "type": "block_suggestion",
        "action_id": element["action_id"],
        "block_id": element["block_id"],
        "value": typed,
        "container": {"type": "message", "message_ts": message.ts, "channel_id": message.channel},
        "channel": {"id": message.channel},
        "message": message_json(message),
    }


def view_action(workspace: Workspace, user: User, view: Json, values: Json, element: Json) -> Json:
    """A pressed button or a chosen option of a modal or of a Home; `values` is what stands in its inputs."""
    return _by(user) | {
        "type": "block_actions",
        "trigger_id": workspace.new_trigger(user.id),
        "container": {"type": "view", "view_id": view["id"]},
        "view": view | {"state": {"values": values}},
        "actions": [{"type": "button", **element, "action_ts": workspace.new_ts()}],
    }


def view_closed(user: User, view: Json) -> Json:
    return _by(user) | {"type": "view_closed", "view": view, "is_cleared": False}


def home_opened(workspace: Workspace, user: User) -> Json:
    """The inner event of somebody who opens the app's Home."""
    inner: Json = {
        "type": "app_home_opened", "user": user.id, "channel": workspace.direct(user.id).id, "tab": "home",
        "event_ts": workspace.new_ts(),
    }  # fmt: skip
    home = workspace.homes.get(user.id)
    return inner | {"view": home} if home else inner


def view_submission(user: User, view: Json, values: Json) -> Json:
    """A submitted view; `values` is block_id -> action_id -> what was entered."""
    return _by(user) | {"type": "view_submission", "view": view | {"state": {"values": values}}, "response_urls": []}


def event(workspace: Workspace, inner: Json) -> Json:
    """The envelope of an event."""
    channel = workspace.channels.get(str(inner.get("channel") or ""))
    return {
        "token": "local", "team_id": TEAM_ID, "api_app_id": APP_ID, "type": "event_callback", "event": inner,
        "event_id": workspace.new_id("Ev"), "event_time": int(workspace.now()),
        "is_ext_shared_channel": bool(channel and channel.shared),
        "authorizations": [{"team_id": TEAM_ID, "user_id": BOT_USER, "is_bot": True, "is_enterprise_install": False}],
    }  # fmt: skip


def message_event(user: User, channel: Channel, message: Message, kind: str) -> Json:
    """The inner event of a message: kind `message` or `app_mention`."""
    inner: dict[str, Any] = {
        "type": kind, "user": message.user, "text": message.text, "ts": message.ts, "channel": channel.id,
        "event_ts": message.ts, "team": user.team, "client_msg_id": f"local-{message.ts}",
    }  # fmt: skip
    if message.files:
        inner |= {"subtype": "file_share", "upload": False, "files": message.files}
    if message.thread_ts:
        inner["thread_ts"] = message.thread_ts
    # Slack leaves it out of an app_mention.
    if kind == "message":
        inner["channel_type"] = channel.kind
    return inner


def _by(user: User) -> Json:
    return {
        "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team},
        "team": TEAM,
        "api_app_id": APP_ID,
        "token": "local",
        "enterprise": None,
        "is_enterprise_install": False,
    }
