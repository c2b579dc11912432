"""A list that comes in pages, whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from kpi_core.sources.api.forms import Call
from kpi_core.sources.api.http import Line
from kpi_core.sources.api.outcomes import RefusedError, Trouble
from kpi_core.sources.api.value_places import value_at, values_at

_MOST_PAGES = 10_000


def rows_of(line: Line, call: Call, places: Mapping[str, str]) -> list[Any]:
    """The rows of all pages. RefusedError where one is missing, comes again, or may have been cut without a word."""
    rows: list[Any] = []
    for document in _pages(line, call, places):
        page = list(_rows(document, call))
        rows += page
        total = value_at(document, call.paging.total) if call.paging.total else None
    if call.paging.kind in {"offset", "cursor"} and total is not None and int(total) != len(rows):
        _refuse(f"{len(rows)} of {total} rows came")
    if call.paging.most and len(rows) >= call.paging.most:
        raise RefusedError(Trouble("retry_now", f"{len(rows)} rows came, and no more can", smaller=True))
    return rows


def _pages(line: Line, call: Call, places: Mapping[str, str]) -> Iterator[Any]:
    paging = call.paging
    moved: dict[str, Any] = {}
    before: set[str] = set()
    count = 0
    for number in range(_MOST_PAGES):
        if paging.kind == "page":
            moved[paging.send] = paging.first + number
        elif paging.kind == "offset":
            moved[paging.send] = count
        document = line.ask(call, places, moved)
        yield document
        length = len(list(_rows(document, call)))
        count += length
        if paging.kind == "cursor":
            cursor = value_at(document, paging.at)
            if not cursor or (paging.more and not value_at(document, paging.more)):
                return
            if str(cursor) in before:
                _refuse("the same page came again")
            before.add(str(cursor))
            moved[paging.send] = cursor
        elif paging.kind == "offset":
            if length < paging.size or (paging.total and count >= _whole(document, paging.total)):
                return
        elif paging.kind == "none" or number + 1 >= _whole(document, paging.total):
            return
    _refuse("the pages do not end")


def _whole(document: Any, place: str) -> int:
    number = value_at(document, place)
    if not isinstance(number, int):
        raise RefusedError(Trouble("our_fault", f"{place} is not there"))
    return number


def _rows(document: Any, call: Call) -> Iterator[Any]:
    """The rows of a page. An answer without their place is none, unless the service leaves it out when empty."""
    lists = values_at(document, call.rows.removesuffix("[]")) if call.rows else [document]
    if not lists and call.may_lack:
        return
    if not lists:
        raise RefusedError(Trouble("our_fault", f"{call.rows} is not there"))
    for rows in lists:
        if not isinstance(rows, list):
            raise RefusedError(Trouble("our_fault", f"{call.rows} is no list"))
        yield from rows


def _refuse(reason: str) -> NoReturn:
    raise RefusedError(Trouble("retry_now", reason))
