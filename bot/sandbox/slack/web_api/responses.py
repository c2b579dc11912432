"""What an app answers to one person's command or press: through its ack, or through a response_url."""

from __future__ import annotations

from bot.sandbox.slack.slack_workspace import (
    BOT_USER,
    MOST_TEXT,
    RESPONSE_SECONDS,
    RESPONSE_USES,
    Json,
    Message,
    Workspace,
)
from bot.sandbox.slack.web_api.methods import Refusal, checked, truth


def use_response_url(workspace: Workspace, key: str, body: Json) -> tuple[int, str]:
    """Carry out a post to a response_url; the status and text of Slack's answer."""
    target = workspace.response_urls.get(key)
    if target is None:
        return 404, '{"ok":false,"error":"no_such_url"}'
    if workspace.now() - target.made > RESPONSE_SECONDS:
        return 404, '{"ok":false,"error":"expired_url"}'
    if target.uses >= RESPONSE_USES:
        return 404, '{"ok":false,"error":"used_url"}'
    target.uses += 1
    try:
        show_response(workspace, target.channel, target.user, body, target.message_ts)
    except Refusal as refusal:
        return 400, str(refusal)
    return 200, "ok"


def show_response(workspace: Workspace, channel: str, user: str, body: Json, original: str = "") -> None:
    """Show what an app answered; ephemeral unless it says in_channel. A Refusal where Slack would refuse it."""
    message = workspace.find(channel, original) if original else None
    if message is not None and truth(body.get("delete_original")):
        workspace.remove(message)
        return
    # Only now: what deletes the original needs no text of its own.
    text, blocks = checked(workspace, body)
    if message is not None and truth(body.get("replace_original")):
        message.text, message.blocks, message.edited = text, blocks, workspace.new_ts()
        workspace.changed()
        return
    to = "" if body.get("response_type") == "in_channel" else user
    thread = str(body.get("thread_ts") or "")
    ts = workspace.new_ts()
    workspace.add(Message(ts, channel, BOT_USER, text[:MOST_TEXT], blocks, None, thread, to))
