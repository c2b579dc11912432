"""A list that comes in pages, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
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
    if paging.kind == "key" and paging.total and (total := _whole(pages[0], call)) != count:
        _refuse(f"{count} of {total} rows came")
    if paging.rows and (total := value_at(pages[-1], paging.rows)) != count:
        _refuse(f"{count} of {total} rows came")
    if paging.most and count >= paging.most:
        raise RefusedError(Trouble("retry_now", f"{count} rows came, and no more can", smaller=True))
    return pages


def newest_rows(line: Line, call: Call, places: Mapping[str, str], is_older: Callable[[Any], bool]) -> list[Any]:
    """The rows of a list whose newest come first, from the pages until one ends with a row that is too old.

    RefusedError where the list ends before and has another total, or a page is short.
    """
    rows: list[Any] = []
    total = 0
    for document in _pages(line, call, places):
        own = list(_rows(document, call))
        rows += own
        total = _whole(document, call) if call.paging.total else len(rows)
        if len(own) < call.paging.size and len(rows) != total:
            break
        if own and is_older(own[-1]):
            return rows
    if total != len(rows):
        _refuse(f"{len(rows)} of {total} rows came")
    return rows


@dataclass(slots=True)
class _Course:
    """How far a list has been read, and the parameters of its next page."""

    call: Call
    moved: dict[str, Any] = field(default_factory=dict)
    before: set[str] = field(default_factory=set)
    count: int = 0
    number: int = 0

    def begin(self) -> Mapping[str, Any]:
        paging = self.call.paging
        if paging.kind in {"page", "offset"}:
            self.moved[paging.send] = paging.first + self.number if paging.kind == "page" else self.count
        return self.moved

    def goes_on(self, document: Any) -> bool:
        """Whether there is a page after this one. RefusedError where it came before."""
        paging, length = self.call.paging, len(list(_rows(document, self.call)))
        self.count += length
        self.number += 1
        if paging.kind == "cursor":
            cursor = value_at(document, paging.at)
            return bool(cursor) and (not paging.more or bool(value_at(document, paging.more))) and self._is_new(cursor)
        if paging.kind == "key":
            keys = values_at(document, f"{self.call.rows}[].{paging.at}")
            return length >= paging.size and bool(keys) and self._is_new(keys[-1])
        if paging.kind == "offset":
            return length >= paging.size and not (paging.total and self.count >= _whole(document, self.call))
        return paging.kind == "page" and self.number < _whole(document, self.call)

    def _is_new(self, cursor: Any) -> bool:
        if str(cursor) in self.before:
            _refuse("the same page came again")
        self.before.add(str(cursor))
        self.moved[self.call.paging.send] = cursor
        return True


def _pages(line: Line, call: Call, places: Mapping[str, str]) -> Iterator[Any]:
    course = _Course(call)
    for _number in range(_MOST_PAGES):
        document = line.ask(call, places, course.begin())
        yield document
        if not course.goes_on(document):
            return
    _refuse("the pages do not end")


def _whole(document: Any, call: Call) -> int:
    """How many rows, or pages, a service says there are."""
    number = value_at(document, call.paging.total)
    if number is None and call.may_lack:
        return 0
    if not str(number).isdecimal():
        raise RefusedError(Trouble("our_fault", f"{call.paging.total} is not there"))
    return int(number)


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
