"""The comments of the Drive API v3: threads and replies of a file, by anyone who may open it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sheets_sync.sandbox.api.api_call import Call
from sheets_sync.sandbox.api.drive_opened import opened
from sheets_sync.sandbox.api_errors import ApiError, invalid
from sheets_sync.sandbox.document.comment_threads import (
    Hand,
    add_reply,
    add_thread,
    drive_comment,
    drive_reply,
    find_thread,
    rewrite,
)
from sheets_sync.sandbox.document.spreadsheet import Json, Spreadsheet


def _read(call: Call) -> Spreadsheet:
    # Drive's own words; there is no usual set of fields for comments.
    if not call.option("fields"):
        raise invalid("The 'fields' parameter is required for this method.")
    return opened(call).spreadsheet


def _changed(call: Call) -> tuple[Spreadsheet, Hand]:
    return opened(call).spreadsheet.copy(), Hand(call.email, call.files.clock())


def _thread(call: Call, spreadsheet: Spreadsheet) -> Json:
    thread = find_thread(spreadsheet, call.path["item"])
    if thread is None:
        raise ApiError(404, "NOT_FOUND", f"Comment not found: {call.path['item']}.")
    return thread


def _reply(call: Call, thread: Json) -> Json:
    replies: list[Json] = thread["replies"]
    for post in replies:
        if post["postId"] == call.path["below"]:
            return post
    raise ApiError(404, "NOT_FOUND", f"Reply not found: {call.path['below']}.")


def list_comments(call: Call) -> Json:
    """Those of which something changed since `startModifiedTime`, all on one page."""
    since = call.option("startModifiedTime")
    comments = [drive_comment(thread, call.email) for thread in _read(call).comments]
    return {"kind": "drive#commentList", "comments": [one for one in comments if one["modifiedTime"] >= since]}


def get_comment(call: Call) -> Json:
    return drive_comment(_thread(call, _read(call)), call.email)


def create_comment(call: Call) -> Json:
    _read(call)
    draft, hand = _changed(call)
    anchor = {"anchor": call.body["anchor"]} if "anchor" in call.body else {}
    thread = add_thread(draft, hand, call.body.get("content", ""), **anchor)
    call.keep(draft)
    return drive_comment(thread, call.email)


def update_comment(call: Call) -> Json:
    _read(call)
    draft, hand = _changed(call)
    thread = _thread(call, draft)
    rewrite(thread["headPost"], hand, call.body.get("content", ""))
    call.keep(draft)
    return drive_comment(thread, call.email)


def delete_comment(call: Call) -> None:
    draft, _hand = _changed(call)
    draft.comments.remove(_thread(call, draft))
    call.keep(draft)


def list_replies(call: Call) -> Json:
    replies = _thread(call, _read(call))["replies"]
    return {"kind": "drive#replyList", "replies": [drive_reply(post, call.email) for post in replies]}


def get_reply(call: Call) -> Json:
    return drive_reply(_reply(call, _thread(call, _read(call))), call.email)


def create_reply(call: Call) -> Json:
    """With `action` "resolve" or "reopen", or just a text."""
    _read(call)
    draft, hand = _changed(call)
    action = call.body.get("action", "").upper()
    post = add_reply(draft, _thread(call, draft), hand, call.body.get("content", ""), action, "")
    call.keep(draft)
    return drive_reply(post, call.email)


def update_reply(call: Call) -> Json:
    _read(call)
    draft, hand = _changed(call)
    post = _reply(call, _thread(call, draft))
    rewrite(post, hand, call.body.get("content", ""))
    call.keep(draft)
    return drive_reply(post, call.email)


def delete_reply(call: Call) -> None:
    draft, _hand = _changed(call)
    thread = _thread(call, draft)
    thread["replies"].remove(_reply(call, thread))
    call.keep(draft)


_COMMENT, _REPLY = ("*", "comments"), ("*", "comments", "*", "replies")
CALLS: dict[tuple[str, tuple[str, ...]], Callable[[Call], Any]] = {
    ("GET", _COMMENT): list_comments,
    ("POST", _COMMENT): create_comment,
    ("GET", (*_COMMENT, "*")): get_comment,
    ("PATCH", (*_COMMENT, "*")): update_comment,
    ("DELETE", (*_COMMENT, "*")): delete_comment,
    ("GET", _REPLY): list_replies,
    ("POST", _REPLY): create_reply,
    ("GET", (*_REPLY, "*")): get_reply,
    ("PATCH", (*_REPLY, "*")): update_reply,
    ("DELETE", (*_REPLY, "*")): delete_reply,
}
