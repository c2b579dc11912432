"""Comments of people and of the bot on the rows of a tab, as an answer of Google's shows them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from kpi_core.frozen_dataclass import frozen
from sheets_sync.spreadsheet.batches import Json

THREAD_FIELDS = "comments,sheets(properties(sheetId),commentAnchors)"


@frozen
class Post:
    """What somebody said; `by` is their name, for Google tells no more of them."""

    at: datetime
    by: str
    text: str
    is_ours: bool


@frozen
class Thread:
    """A comment on a cell of row `row`, counted from 0, with its replies; the first post is the comment."""

    comment_id: str
    row: int
    is_open: bool
    posts: tuple[Post, ...]


def threads_in(answer: Mapping[str, Any], sheet_id: int) -> list[Thread]:
    """The threads on cells of a tab, in an answer with THREAD_FIELDS and comments included."""
    sheets = [sheet for sheet in answer.get("sheets", []) if sheet["properties"].get("sheetId", 0) == sheet_id]
    rows = {
        anchor["anchorId"]: anchor.get("range", {}).get("startRowIndex", 0)
        for sheet in sheets
        for anchor in sheet.get("commentAnchors", [])
    }
    return [
        Thread(
            each["commentId"],
            rows[each["anchorId"]],
            each.get("status") != "RESOLVED",
            tuple(_post(post) for post in (each["headPost"], *each.get("replies", [])) if not post.get("deleted")),
        )
        for each in answer.get("comments", [])
        if each.get("anchorId") in rows
    ]


def insert_comment(sheet_id: int, row: int, column: int, text: str, assignee: str) -> Json:
    """A comment on a cell, assigned where there is a mail address: Google then writes to its owner."""
    where = {"sheetId": sheet_id, "rowIndex": row, "columnIndex": column}
    assigned = {"assigneeEmailAddress": assignee} if assignee else {}
    return {"insertComment": {"coordinate": where, "content": text, **assigned}}


def reply_to(thread: Thread, text: str) -> Json:
    return {"addCommentReply": {"commentId": thread.comment_id, "post": {"content": text}}}


def _post(post: Mapping[str, Any]) -> Post:
    author = post.get("author", {})
    at = datetime.fromisoformat(post["createTime"])
    return Post(at, author.get("displayName", ""), post.get("content", ""), bool(author.get("me")))
