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
    """The rows of all pages, as `pages_of`."""
    return [row for document in pages_of(line, call, places) for row in _rows(document, call)]


def pages_of(line: Line, call: Call, places: Mapping[str, str]) -> list[Any]:
    """All pages. RefusedError where one is missing, comes again, or may have been cut without a word."""
    pages, paging = list(_pages(line, call, places)), call.paging
    count = sum(1 for document in pages for _row in _rows(document, call))
    if paging.total and paging.kind in {"offset", "cursor"} and (total := _whole(pages[-1], call)) != count:
        _refuse(f"{count} of {total} rows came")
    if paging.rows and (total := value_at(pages[-1], paging.rows)) != count:
        _refuse(f"{count} of {total} rows came")
    if paging.most and count >= paging.most:
        raise RefusedError(Trouble("retry_now", f"{count} rows came, and no more can", smaller=True))
    return pages


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
            if length < paging.size or (paging.total and count >= _whole(document, call)):
                return
        elif paging.kind == "none" or number + 1 >= _whole(document, call):
            return
    _refuse("the pages do not end")


def _whole(document: Any, call: Call) -> int:
    """How many rows, or pages, a service says there are."""
    number = value_at(document, call.paging.total)
    if number is None and call.may_lack:
        return 0
    if not isinstance(number, int):
        raise RefusedError(Trouble("our_fault", f"{call.paging.total} is not there"))
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
