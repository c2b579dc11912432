"""Requests about comments, which need to know who makes them: insert, reply, edit, delete."""

from __future__ import annotations

from collections.abc import Callable

from sheets_sync.sandbox.api_errors import invalid
from sheets_sync.sandbox.batch.fields import need
from sheets_sync.sandbox.document.area import Area
from sheets_sync.sandbox.document.comment_threads import (
    Hand,
    add_reply,
    add_thread,
    find_thread,
    post_json,
    posts_of,
    rewrite,
    thread_json,
)
from sheets_sync.sandbox.document.spreadsheet import Json, Spreadsheet


def insert_comment(spreadsheet: Spreadsheet, request: Json, hand: Hand) -> Json:
    """A thread on one cell, which it follows when rows and columns move."""
    place = need(request, "coordinate")
    sheet = spreadsheet.sheet(place.get("sheetId", 0))
    row, column = place.get("rowIndex", 0), place.get("columnIndex", 0)
    if row >= sheet.row_count or column >= sheet.column_count:
        raise invalid("The commented cell is outside the grid.")
    anchor_id = f"AAAC{spreadsheet.new_id():x}"
    assignee = request.get("assigneeEmailAddress", "")
    thread = add_thread(spreadsheet, hand, request.get("content", ""), assignee, anchorId=anchor_id)
    area = Area(sheet.sheet_id, row, column, row + 1, column + 1)
    sheet.objects["commentAnchors"].append({"anchorId": anchor_id, "range": area.to_json()})
    return {"commentThread": thread_json(thread, hand.email)}


def _thread(spreadsheet: Spreadsheet, request: Json) -> Json:
    thread = find_thread(spreadsheet, need(request, "commentId"))
    if thread is None:
        raise invalid(f"No comment with id: {request['commentId']}")
    return thread


def _post(thread: Json, request: Json) -> Json:
    for post in posts_of(thread):
        if post["postId"] == need(request, "postId"):
            return post
    raise invalid(f"No post with id: {request['postId']}")


def reply(spreadsheet: Spreadsheet, request: Json, hand: Hand) -> Json:
    post = need(request, "post")
    thread = _thread(spreadsheet, request)
    action, assignee = post.get("commentAction", ""), post.get("assigneeEmail", "")
    made = add_reply(spreadsheet, thread, hand, post.get("content", ""), action, assignee)
    return {"post": post_json(made, hand.email)}


def update_post(spreadsheet: Spreadsheet, request: Json, hand: Hand) -> None:
    rewrite(_post(_thread(spreadsheet, request), request), hand, request.get("content", ""))


def delete_comment(spreadsheet: Spreadsheet, request: Json, hand: Hand) -> None:
    thread = _thread(spreadsheet, request)
    if thread["headPost"]["by"] != hand.email:
        raise invalid("Only the author of a comment can delete it.")
    spreadsheet.comments.remove(thread)
    for sheet in spreadsheet.sheets:
        anchors = sheet.objects["commentAnchors"]
        sheet.objects["commentAnchors"] = [one for one in anchors if one["anchorId"] != thread.get("anchorId")]


def delete_reply(spreadsheet: Spreadsheet, request: Json, hand: Hand) -> None:
    thread = _thread(spreadsheet, request)
    post = _post(thread, request)
    if post["by"] != hand.email or post is thread["headPost"] or "commentAction" in post or "assignee" in post:
        raise invalid("Only the author of a plain reply can delete it.")
    thread["replies"].remove(post)


HANDLERS: dict[str, Callable[[Spreadsheet, Json, Hand], Json | None]] = {
    "insertComment": insert_comment,
    "addCommentReply": reply,
    "updateCommentPost": update_post,
    "deleteComment": delete_comment,
    "deleteCommentReply": delete_reply,
}
