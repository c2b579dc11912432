"""Comments: threads of posts that hang on a cell, one store for both APIs that write them.

A stored thread has the Sheets API's fields; a post has `by`, its author's address, from which each reader's view is
made: `CommentThread` for Sheets, `Comment` for Drive.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kpi_core.frozen_dataclass import frozen
from sheets_sync.sandbox.api_errors import invalid
from sheets_sync.sandbox.document.spreadsheet import Json, Spreadsheet

MOST_CHARACTERS = 2048
"""Of a post, in UTF-8 code units."""
ACTIONS = {"RESOLVE": "RESOLVED", "REOPEN": "OPEN"}


@frozen
class Hand:
    """Who does something, and when."""

    email: str
    at: datetime

    @property
    def stamp(self) -> str:
        return self.at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{self.at.microsecond // 1000:03d}Z"


def add_thread(spreadsheet: Spreadsheet, hand: Hand, content: str, assignee: str = "", **more: Any) -> Json:
    """A new open thread; `more` are `anchorId`, `anchor` (Drive's) and `plainTextQuote`, where there are any."""
    head = _post(spreadsheet, hand, _checked(content), assignee)
    thread = {"commentId": f"AAAA{spreadsheet.new_id():x}", **more, "headPost": head, "replies": [], "status": "OPEN"}
    spreadsheet.comments.append(thread)
    return thread


def add_reply(spreadsheet: Spreadsheet, thread: Json, hand: Hand, content: str, action: str, assignee: str) -> Json:  # noqa: PLR0913, PLR0917 - the parts of a reply
    """A reply, which may resolve or reopen the thread; answers the post."""
    if assignee and ("assignee" not in thread["headPost"] or action in ACTIONS):
        raise invalid("Only a thread with an assignee can be assigned anew, and not while it is resolved or reopened.")
    post = _post(spreadsheet, hand, content if action in ACTIONS else _checked(content), assignee)
    if action in ACTIONS:
        post["commentAction"] = action
        thread["status"] = ACTIONS[action]
    thread["replies"].append(post)
    return post


def find_thread(spreadsheet: Spreadsheet, comment_id: str) -> Json | None:
    return next((thread for thread in spreadsheet.comments if thread["commentId"] == comment_id), None)


def posts_of(thread: Json) -> list[Json]:
    return [thread["headPost"], *thread["replies"]]


def rewrite(post: Json, hand: Hand, content: str) -> None:
    """Raises a 400 unless the hand is the author's."""
    if post["by"] != hand.email:
        raise invalid("Only the author of a post can edit it.")
    post.update(content=_checked(content), updateTime=hand.stamp)


def _post(spreadsheet: Spreadsheet, hand: Hand, content: str, assignee: str) -> Json:
    stamps = {"createTime": hand.stamp, "updateTime": hand.stamp}
    post: Json = {"postId": f"AAAB{spreadsheet.new_id():x}", "by": hand.email, "content": content, **stamps}
    return post | ({"assignee": assignee} if assignee else {})


def _checked(content: str) -> str:
    if not content:
        raise invalid("The content of a comment must not be empty.")
    if len(content.encode()) > MOST_CHARACTERS:
        raise invalid(f"The content of a comment must not exceed {MOST_CHARACTERS} characters.")
    return content


def thread_json(thread: Json, reader: str) -> Json:
    """The Sheets API's CommentThread."""
    names = ("commentId", "anchorId", "plainTextQuote", "status")
    replies = [post_json(post, reader) for post in thread["replies"]]
    return {
        **{name: thread[name] for name in names if name in thread},
        "headPost": post_json(thread["headPost"], reader),
        **({"replies": replies} if replies else {}),
    }


def post_json(post: Json, reader: str) -> Json:
    """The Sheets API's Post."""
    names = ("postId", "content", "createTime", "updateTime", "commentAction")
    author = {"displayName": post["by"].partition("@")[0], "me": post["by"] == reader}
    assignee = {"assigneeEmail": post["assignee"]} if "assignee" in post else {}
    return {**{name: post[name] for name in names if post.get(name)}, "author": author, **assignee}


def drive_comment(thread: Json, reader: str) -> Json:
    """Drive's Comment."""
    anchor = {"anchor": thread["anchor"]} if "anchor" in thread else {}
    quote = {"quotedFileContent": {"value": thread["plainTextQuote"]}} if "plainTextQuote" in thread else {}
    return {
        **_drive_post(thread["headPost"], reader),
        "kind": "drive#comment",
        "id": thread["commentId"],
        "modifiedTime": max(post["updateTime"] for post in posts_of(thread)),
        "resolved": thread["status"] == "RESOLVED",
        "replies": [drive_reply(post, reader) for post in thread["replies"]],
        **anchor,
        **quote,
    }


def drive_reply(post: Json, reader: str) -> Json:
    """Drive's Reply."""
    action = {"action": post["commentAction"].lower()} if "commentAction" in post else {}
    return {**_drive_post(post, reader), "kind": "drive#reply", "id": post["postId"], **action}


def _drive_post(post: Json, reader: str) -> Json:
    # Drive says who wrote it by name only.
    author = {"kind": "drive#user", "displayName": post["by"].partition("@")[0], "me": post["by"] == reader}
    assignee = {"assigneeEmailAddress": post["assignee"]} if "assignee" in post else {}
    times = {"createdTime": post["createTime"], "modifiedTime": post["updateTime"]}
    return {"content": post["content"], "author": author, "deleted": False, **times, **assignee}
