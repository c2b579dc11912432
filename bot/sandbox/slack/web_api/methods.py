"""The Web API: one function a method, from the call's parameters to its answer; a Refusal becomes `ok: false`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from bot.sandbox.slack.block_rules.problems import Surface, problems
from bot.sandbox.slack.slack_workspace import (
    APP_ID,
    BOT_ID,
    BOT_USER,
    MOST_TEXT,
    TEAM_ID,
    Channel,
    Json,
    Message,
    Workspace,
    channel_json,
    message_json,
    user_json,
)

MOST_PROMPTS = 4
Params = Mapping[str, Any]
Method = Callable[[Workspace, Params], Json]


class Refusal(Exception):  # noqa: N818 - Slack refuses, nothing failed
    """An error code as Slack gives it, with what else stands in the answer."""

    def __init__(self, code: str, **more: Any) -> None:
        super().__init__(code)
        self.answer: Json = {"ok": False, "error": code, **more}


def call(workspace: Workspace, method: str, params: Params) -> Json:
    """Carry out one call whose token was found good."""
    run = METHODS.get(method)
    if run is None:
        raise Refusal("unknown_method", req_method=method)
    needed = _scopes_for(workspace, method, params)
    if needed and not workspace.scopes & set(needed):
        raise Refusal("missing_scope", needed=needed[0], provided=",".join(sorted(workspace.scopes)))
    return {"ok": True, **run(workspace, params)}


def _scopes_for(workspace: Workspace, method: str, params: Params) -> tuple[str, ...]:
    """Any one of these opens the call: of a channel that it names, the one for channels of its kind."""
    scopes = SCOPE_OF.get(method, ())
    channel = workspace.channel(str(params.get("channel") or "")) if scopes in {READ, HISTORY} else None
    return scopes if channel is None else (f"{KINDS[channel.kind]}:{scopes[0].partition(':')[2]}",)


def checked(workspace: Workspace, params: Params, surface: Surface = "message") -> tuple[str, list[Json]]:
    """The text and the blocks of something to be shown; a Refusal in Slack's words where Slack would refuse them."""
    blocks = decoded(params.get("blocks"), "invalid_blocks_format") or []
    refuse_blocks(workspace, blocks, surface)
    text = str(params.get("text") or "")
    if not text.strip() and not blocks and not params.get("attachments"):
        raise Refusal("no_text")
    if len(text) > MOST_TEXT:
        raise Refusal("msg_too_long")
    return text, blocks


def refuse_blocks(workspace: Workspace, blocks: object, surface: Surface) -> None:
    lines = problems(blocks, surface, workspace.unsupported)
    if lines:
        errors = [line.removeprefix("[ERROR] ") for line in lines]
        raise Refusal("invalid_blocks", errors=errors, response_metadata={"messages": lines})


def decoded(value: object, code: str) -> Any:
    """A parameter that may travel as JSON text."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value) if value else None
    except ValueError:
        raise Refusal(code) from None


def truth(value: object) -> bool:
    # A form carries texts, a JSON body true ones.
    if isinstance(value, list | dict):
        raise Refusal("invalid_arguments")
    return value in {True, "1", "true", "True"}


def _page(items: Iterable[Json], params: Params, key: str, most: int = 200) -> Json:
    """One page of a list; the cursor is the number of items before it."""
    whole = list(items)
    limit = max(1, min(int(params.get("limit") or most), 1000))
    start = int(params.get("cursor") or 0)
    more = str(start + limit) if start + limit < len(whole) else ""
    return {key: whole[start : start + limit], "response_metadata": {"next_cursor": more}}


def _channel(workspace: Workspace, params: Params, *, to_write: bool = False) -> Channel:
    """The channel a call is about, if the bot may know it."""
    name = str(params.get("channel") or "")
    # Slack takes the id of a person for the conversation with them when it is written to, and only then.
    channel = workspace.direct(name) if to_write and name in workspace.users else workspace.channel(name)
    if channel is None or (channel.kind in {"group", "mpim"} and BOT_USER not in channel.members):
        raise Refusal("channel_not_found")
    if to_write and BOT_USER not in channel.members:
        raise Refusal("not_in_channel")
    return channel


def _own_message(workspace: Workspace, params: Params, refusal: str) -> Message:
    message = workspace.find(_channel(workspace, params).id, str(params.get("ts")))
    if message is None or message.to:
        raise Refusal("message_not_found")
    if message.user != BOT_USER:
        raise Refusal(refusal)
    return message


def _metadata(params: Params) -> Json | None:
    metadata = decoded(params.get("metadata"), "invalid_metadata_format")
    if metadata is None:
        return None
    if not isinstance(metadata, dict) or not metadata.get("event_type") or "event_payload" not in metadata:
        raise Refusal("invalid_metadata_schema")
    return {"event_type": metadata["event_type"], "event_payload": metadata["event_payload"]}


def _auth_test(workspace: Workspace, params: Params) -> Json:
    bot, team = workspace.users[BOT_USER], str(params.get("token_team") or TEAM_ID)
    return {
        "url": "https://local.slack.com/", "team": "Local workspace", "team_id": team, "user": bot.name,
        "user_id": bot.id, "bot_id": BOT_ID, "is_enterprise_install": False,
    }  # fmt: skip


def _post(workspace: Workspace, params: Params) -> Json:
    channel = _channel(workspace, params, to_write=True)
    text, blocks = checked(workspace, params)
    metadata = _metadata(params)
    thread = str(params.get("thread_ts") or "")
    message = Message(workspace.new_ts(), channel.id, BOT_USER, text, blocks, metadata, thread)
    workspace.add(message)
    return {"channel": channel.id, "ts": message.ts, "message": message_json(message, metadata=True)}


def _post_ephemeral(workspace: Workspace, params: Params) -> Json:
    channel = _channel(workspace, params, to_write=True)
    reader = str(params.get("user") or "")
    if reader not in channel.members:
        raise Refusal("user_not_in_channel")
    text, blocks = checked(workspace, params)
    thread = str(params.get("thread_ts") or "")
    message = Message(workspace.new_ts(), channel.id, BOT_USER, text, blocks, None, thread, to=reader)
    workspace.add(message)
    return {"message_ts": message.ts}


def _update(workspace: Workspace, params: Params) -> Json:
    message = _own_message(workspace, params, "cant_update_message")
    text, blocks = checked(workspace, params)
    message.text, message.blocks, message.edited = text, blocks, workspace.new_ts()
    if params.get("metadata"):
        message.metadata = _metadata(params)
    workspace.changed()
    return {"channel": message.channel, "ts": message.ts, "text": text, "message": message_json(message)}


def _delete(workspace: Workspace, params: Params) -> Json:
    message = _own_message(workspace, params, "cant_delete_message")
    workspace.remove(message)
    return {"channel": message.channel, "ts": message.ts}


def _permalink(workspace: Workspace, params: Params) -> Json:
    channel, ts = _channel(workspace, params), str(params.get("message_ts"))
    if workspace.find(channel.id, ts) is None:
        raise Refusal("message_not_found")
    return {
        "channel": channel.id,
        # Slack's form: behind a p the stamp without its dot.
        "permalink": f"https://local.slack.com/archives/{channel.id}/p{ts.replace('.', '')}",
    }


def _known_channels(workspace: Workspace, params: Params) -> list[Channel]:
    types = {kind.strip() for kind in str(params.get("types") or "public_channel").split(",")}
    names = {"channel": "public_channel", "group": "private_channel", "im": "im", "mpim": "mpim"}
    seen = [channel for channel in workspace.channels.values() if names[channel.kind] in types]
    return [channel for channel in seen if channel.kind == "channel" or BOT_USER in channel.members]


def _list(workspace: Workspace, params: Params) -> Json:
    return _page(map(channel_json, _known_channels(workspace, params)), params, "channels")


def _users_conversations(workspace: Workspace, params: Params) -> Json:
    member = str(params.get("user") or BOT_USER)
    mine = [channel for channel in _known_channels(workspace, params) if member in channel.members]
    return _page(map(channel_json, mine), params, "channels")


def _info(workspace: Workspace, params: Params) -> Json:
    return {"channel": channel_json(_channel(workspace, params))}


def _members(workspace: Workspace, params: Params) -> Json:
    return _page(sorted(_channel(workspace, params).members), params, "members")  # type: ignore[arg-type]


def _window(params: Params, messages: Iterable[Message]) -> Json:
    """Messages between `oldest` and `latest`, which are outside it unless `inclusive`."""
    oldest, latest = float(params.get("oldest") or 0), float(params.get("latest") or "inf")
    edges = {oldest, latest} if truth(params.get("inclusive")) else set()
    inside = [message for message in messages if oldest < float(message.ts) < latest or float(message.ts) in edges]
    with_metadata = truth(params.get("include_all_metadata"))
    page = _page((message_json(message, metadata=with_metadata) for message in inside), params, "messages", 100)
    return page | {"has_more": bool(page["response_metadata"]["next_cursor"])}


def _history(workspace: Workspace, params: Params) -> Json:
    # To read is for members only, as well.
    channel = _channel(workspace, params, to_write=True)
    top = [message for message in workspace.in_channel(channel.id) if message.thread_ts in {"", message.ts}]
    # Slack gives a history newest first, yet a thread oldest first.
    return _window(params, reversed(top))


def _replies(workspace: Workspace, params: Params) -> Json:
    channel, thread = _channel(workspace, params, to_write=True), str(params.get("ts"))
    messages = [message for message in workspace.in_channel(channel.id) if thread in {message.ts, message.thread_ts}]
    if not messages:
        raise Refusal("thread_not_found")
    return _window(params, messages)


def _open(workspace: Workspace, params: Params) -> Json:
    users = [user for user in str(params.get("users") or "").split(",") if user]
    if len(users) != 1 or users[0] not in workspace.users:
        raise Refusal("user_not_found" if users else "users_list_not_supplied")
    return {"channel": channel_json(workspace.direct(users[0]))}


def _user(workspace: Workspace, params: Params) -> Json:
    user = workspace.users.get(str(params.get("user")))
    if user is None:
        raise Refusal("user_not_found")
    return {"user": user_json(user, locale=truth(params.get("include_locale")))}


def _users(workspace: Workspace, params: Params) -> Json:
    locale = truth(params.get("include_locale"))
    return _page((user_json(user, locale=locale) for user in workspace.users.values()), params, "members")


def _group_members(workspace: Workspace, params: Params) -> Json:
    group = str(params.get("usergroup"))
    if group not in workspace.groups:
        raise Refusal("no_such_subteam")
    return {"users": sorted(workspace.groups[group])}


def _view(workspace: Workspace, params: Params) -> Json:
    view = decoded(params.get("view"), "invalid_arguments")
    if not isinstance(view, dict):
        raise Refusal("invalid_arguments")
    refuse_blocks(workspace, view.get("blocks"), "home" if view.get("type") == "home" else "modal")
    for key in ("title", "submit", "close"):
        if len((view.get(key) or {}).get("text", "")) > 24:
            message = f"[ERROR] must be less than 25 characters [json-pointer:/view/{key}/text]"
            raise Refusal("invalid_arguments", response_metadata={"messages": [message]})
    return view


def new_view(workspace: Workspace, view: Json, root: str = "") -> Json:
    """Keep a view under a new id."""
    view_id = workspace.new_id("V")
    made = {**view, "id": view_id, "team_id": TEAM_ID, "app_id": APP_ID, "bot_id": BOT_ID, "hash": workspace.new_ts()}
    workspace.views[view_id] = {**made, "root_view_id": root or view_id, "state": {"values": {}}}
    return workspace.views[view_id]


def _views_open(workspace: Workspace, params: Params) -> Json:
    trigger = str(params.get("trigger_id") or "")
    refused = workspace.use_trigger(trigger)
    if refused:
        raise Refusal(refused)
    view = new_view(workspace, _view(workspace, params))
    workspace.opened.setdefault(workspace.askers.pop(trigger, ""), []).append(view["id"])
    workspace.changed()
    return {"view": view}


def _views_update(workspace: Workspace, params: Params) -> Json:
    # Not "" in place of a missing one: a view may carry that as its external_id.
    ids = (str(params.get("view_id") or ""), str(params.get("external_id") or "-"))
    old = next(
        (view for view in workspace.views.values() if view["id"] == ids[0] or view.get("external_id") == ids[1]),
        None,
    )
    if old is None:
        raise Refusal("not_found")
    if params.get("hash") and params["hash"] != old["hash"]:
        raise Refusal("hash_conflict")
    old |= _view(workspace, params) | {"hash": workspace.new_ts()}
    workspace.changed()
    return {"view": old}


def _views_publish(workspace: Workspace, params: Params) -> Json:
    user = str(params.get("user_id"))
    if user not in workspace.users:
        raise Refusal("user_not_found")
    workspace.homes[user] = new_view(workspace, _view(workspace, params))
    workspace.changed()
    return {"view": workspace.homes[user]}


def _react(workspace: Workspace, params: Params) -> Json:
    message = workspace.find(_channel(workspace, params).id, str(params.get("timestamp")))
    if message is None:
        raise Refusal("message_not_found")
    name = str(params.get("name"))
    if name in message.reactions:
        raise Refusal("already_reacted")
    message.reactions.append(name)
    return {}


def _team(_workspace: Workspace, _params: Params) -> Json:
    return {"team": {"id": TEAM_ID, "name": "Local workspace", "domain": "local"}}


def _bot(workspace: Workspace, _params: Params) -> Json:
    return {"bot": {"id": BOT_ID, "app_id": APP_ID, "user_id": BOT_USER, "name": workspace.users[BOT_USER].real_name}}


def _upload_url(workspace: Workspace, params: Params) -> Json:
    if not params.get("filename") or int(params.get("length") or 0) <= 0:
        raise Refusal("invalid_arguments")
    file_id = workspace.new_id("F")
    workspace.files[file_id] = {"id": file_id, "name": params["filename"], "size": int(params["length"])}
    return {"upload_url": f"{params['base_url']}/upload/{file_id}", "file_id": file_id}


def _complete_upload(workspace: Workspace, params: Params) -> Json:
    uploads = decoded(params.get("files"), "invalid_arguments") or []
    ids = [str(upload.get("id")) for upload in uploads if isinstance(upload, dict)]
    if not ids or any(file_id not in workspace.uploads for file_id in ids):
        raise Refusal("file_not_found")
    files = [
        workspace.files[file_id] | {"title": upload.get("title")} for file_id, upload in zip(ids, uploads, strict=True)
    ]
    target = params.get("channel_id") or params.get("channels")
    if target:
        channel = _channel(workspace, {"channel": target}, to_write=True)
        comment, thread = str(params.get("initial_comment") or ""), str(params.get("thread_ts") or "")
        message = Message(workspace.new_ts(), channel.id, BOT_USER, comment, thread_ts=thread, files=files)
        workspace.add(message)
    return {"files": files}


def _file_info(workspace: Workspace, params: Params) -> Json:
    file = workspace.files.get(str(params.get("file") or ""))
    if file is None:
        raise Refusal("file_not_found")
    return {"file": file}


def _prompts(workspace: Workspace, params: Params) -> Json:
    channel = _channel(workspace, {"channel": params.get("channel_id")}, to_write=True)
    prompts = decoded(params.get("prompts"), "invalid_arguments") or []
    if not 1 <= len(prompts) <= MOST_PROMPTS or any(
        not prompt.get("title") or not prompt.get("message") for prompt in prompts
    ):
        raise Refusal("invalid_arguments")
    workspace.prompts[channel.id] = prompts
    return {}


METHODS: Mapping[str, Method] = {
    "api.test": lambda _workspace, _params: {},
    "assistant.threads.setSuggestedPrompts": _prompts,
    "auth.test": _auth_test,
    "bots.info": _bot,
    "chat.delete": _delete,
    "chat.getPermalink": _permalink,
    "chat.postEphemeral": _post_ephemeral,
    "chat.postMessage": _post,
    "chat.update": _update,
    "conversations.history": _history,
    "conversations.info": _info,
    "conversations.list": _list,
    "conversations.members": _members,
    "conversations.open": _open,
    "conversations.replies": _replies,
    "files.completeUploadExternal": _complete_upload,
    "files.getUploadURLExternal": _upload_url,
    "files.info": _file_info,
    "reactions.add": _react,
    "team.info": _team,
    "usergroups.users.list": _group_members,
    "users.conversations": _users_conversations,
    "users.info": _user,
    "users.list": _users,
    "views.open": _views_open,
    "views.publish": _views_publish,
    "views.push": _views_open,
    "views.update": _views_update,
}

KINDS = {"channel": "channels", "group": "groups", "im": "im", "mpim": "mpim"}
"""Kind of a conversation -> what its scopes begin with."""
READ = ("channels:read", "groups:read", "im:read", "mpim:read")
HISTORY = ("channels:history", "groups:history", "im:history", "mpim:history")
SCOPE_OF: Mapping[str, tuple[str, ...]] = {
    "assistant.threads.setSuggestedPrompts": ("assistant:write",),
    "chat.delete": ("chat:write",),
    "chat.postEphemeral": ("chat:write",),
    "chat.postMessage": ("chat:write",),
    "chat.update": ("chat:write",),
    "conversations.history": HISTORY,
    "conversations.info": READ,
    "conversations.list": READ,
    "conversations.members": READ,
    "conversations.open": ("im:write", "channels:manage"),
    "conversations.replies": HISTORY,
    "files.completeUploadExternal": ("files:write",),
    "files.getUploadURLExternal": ("files:write",),
    "files.info": ("files:read",),
    "reactions.add": ("reactions:write",),
    "team.info": ("team:read",),
    "usergroups.users.list": ("usergroups:read",),
    "users.conversations": READ,
    "users.info": ("users:read",),
    "users.list": ("users:read",),
}
"""Any one of these scopes opens the method."""
