"""The batchUpdate: a list of requests of many kinds, carried out whole or not at all.

One module per family of requests; each has a HANDLERS table from the request's name to a function
`(spreadsheet, request) -> reply or None` that changes the spreadsheet it is given. Those of comments take a Hand too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from sheets_sync.sandbox.api_errors import ApiError, invalid, not_local, unknown_field
from sheets_sync.sandbox.batch import (
    cell_writes,
    comments,
    developer_metadata,
    dimensions,
    floating_objects,
    formats_and_filters,
    marked_ranges,
    moves,
    sheet_tables,
    sheets,
)
from sheets_sync.sandbox.batch.guards import check_guards, check_result, needs_result, sign_guards
from sheets_sync.sandbox.document.comment_threads import Hand
from sheets_sync.sandbox.document.spreadsheet import Json, Spreadsheet
from sheets_sync.sandbox.drive_files import PERSON

Handler = Callable[[Spreadsheet, Json], Json | None]

FAMILIES = (
    cell_writes,
    developer_metadata,
    dimensions,
    floating_objects,
    formats_and_filters,
    marked_ranges,
    moves,
    sheet_tables,
    sheets,
)
HANDLERS: dict[str, Handler] = {name: handler for family in FAMILIES for name, handler in family.HANDLERS.items()}
AN_INSTANT = datetime(2000, 1, 1, tzinfo=UTC)


NOT_HERE = frozenset(
    {
        *("addDataSource", "cancelDataSourceRefresh", "deleteDataSource", "refreshDataSource", "updateDataSource"),
        *("autoFill", "pasteData", "randomizeRange", "textToColumns"),
    }
)
"""Kinds that Google has and the local Sheets has not."""


def apply_batch(
    spreadsheet: Spreadsheet, requests: Sequence[Json], author: str = PERSON, at: datetime = AN_INSTANT
) -> tuple[Spreadsheet, list[Json]]:
    """The changed copy and one reply per request (`{}` where the API has none). Raises a 400 that names the request.

    Other authors than the person who owns the file are held up by guards that do not name them as editors. `at` is
    what comments are stamped with.
    """
    if not requests:
        raise invalid("Must specify at least one request.")
    draft = spreadsheet.copy()
    replies = [_apply(draft, index, request, Hand(author, at)) for index, request in enumerate(requests)]
    # At the end: one batch may make a guard and then change its editors.
    sign_guards(spreadsheet, draft, author)
    return draft, replies


def _apply(draft: Spreadsheet, index: int, request: Json, hand: Hand) -> Json:
    if not isinstance(request, dict) or not all(isinstance(body, dict) for body in request.values()):
        raise invalid(f"Invalid value at 'requests[{index}]', \"{request}\"")
    if len(request) != 1:
        raise invalid(f"Invalid value at 'requests[{index}]' (oneof), oneof field 'kind' must be set exactly once.")
    ((name, body),) = request.items()
    handler = HANDLERS.get(name) or _signed(comments.HANDLERS.get(name), hand)
    if handler is None:
        raise not_local(f"The request {name}") if name in NOT_HERE else unknown_field(name, f"requests[{index}]")
    try:
        check_guards(draft, name, body, hand.email)
        before = draft.copy() if needs_result(name, hand.email) else draft
        reply = handler(draft, body)
        check_result(before, draft, name, hand.email)
        draft.check_size()
    except ApiError as refusal:
        if refusal.code != 400:
            raise
        raise invalid(f"Invalid requests[{index}].{name}: {refusal.message}") from refusal
    return {} if reply is None else {name: reply}


def _signed(handler: Callable[[Spreadsheet, Json, Hand], Json | None] | None, hand: Hand) -> Handler | None:
    return None if handler is None else lambda spreadsheet, request: handler(spreadsheet, request, hand)
