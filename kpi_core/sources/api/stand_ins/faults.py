"""What all stand-ins share: what was asked, what is answered, and the faults that can be ordered."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal, Protocol, get_args
from zoneinfo import ZoneInfo

from kpi_core.frozen_dataclass import frozen

Fault = Literal[
    "unauthorized", "forbidden", "throttled", "throttled_for_long", "broken", "no_answer", "cut", "error_with_200",
    "empty_page", "doubled_page", "silent_cut", "elsewhere",
]  # fmt: skip
FAULTS: tuple[Fault, ...] = get_args(Fault)
_STATUS: Mapping[Fault, int] = {
    "unauthorized": 401, "forbidden": 403, "throttled": 429, "throttled_for_long": 429, "broken": 500,
    "error_with_200": 200,
}  # fmt: skip


@frozen
class Asked:
    """One request. Names of headers are in small letters; the path has its escapes resolved."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""
    written: str = ""
    """The query as it was written."""

    def json(self) -> Any:
        return json.loads(self.body or b"null")


@frozen
class Answered:
    """A document, and where its rows stand, for the faults that take some away; '' where it is a list itself."""

    document: Any
    rows: str | None = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class StandIn(Protocol):
    """A vendor's stand-in."""

    def answer(self, request: Asked) -> Answered: ...

    def refusal(self, status: int) -> Any:
        """The vendor's document of an error with a status."""
        ...


@dataclass(slots=True)
class Order:
    """Faults to order: of which kind, for which requests, and how often (None for ever)."""

    fault: Fault | None = None
    concerns: Callable[[Asked], bool] = lambda _asked: True
    times: int | None = None
    cut_at: int | None = None
    """After how many bytes an answer is cut; else in its middle."""
    requests: list[Asked] = field(default_factory=list)
    """All requests that came."""

    def next_fault(self, request: Asked) -> Fault | None:
        if self.fault is None or self.times == 0 or not self.concerns(request):
            return None
        if self.times is not None:
            self.times -= 1
        return self.fault


@frozen
class Wire:
    """What goes over the wire; None in place of a body breaks the connection."""

    status: int
    headers: Mapping[str, str]
    body: bytes | None


def wired(stand_in: StandIn, request: Asked, order: Order) -> Wire:
    """The answer to a request, with the fault that is ordered for it."""
    order.requests.append(request)
    fault = order.next_fault(request)
    if fault == "no_answer":
        return Wire(0, {}, None)
    if fault == "elsewhere":
        return Wire(302, {"Location": "https://example.com/"}, b"")
    if fault is not None and fault in _STATUS:
        pause = {"throttled": "30", "throttled_for_long": "90000"}.get(fault)
        status = _STATUS[fault]
        document = stand_in.refusal(500 if fault == "error_with_200" else status)
        return Wire(status, {"Retry-After": pause} if pause else {}, _bytes(document))
    answered = stand_in.answer(request)
    body = _bytes(_spoilt(answered, fault))
    if fault == "cut":
        body = body[: len(body) // 2 if order.cut_at is None else min(order.cut_at, len(body) - 1)]
    return Wire(answered.status, answered.headers, body)


def _bytes(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


def _spoilt(answered: Answered, fault: Fault | None) -> Any:
    """The document with rows that lack or stand twice, and nothing that says so."""
    if fault not in {"empty_page", "doubled_page", "silent_cut"} or answered.rows is None:
        return answered.document
    holder, name = answered.document, None
    for step in filter(None, answered.rows.split(".")):
        holder, name = (holder if name is None else holder[name]), step
    rows = holder if name is None else holder.get(name, [])
    changed = {"empty_page": [], "doubled_page": [*rows, *rows], "silent_cut": rows[: len(rows) // 2]}[fault]
    if name is None:
        return changed
    holder[name] = changed
    return answered.document


@dataclass(slots=True)
class Today:
    """A clock that is set by hand."""

    instant: datetime

    def __call__(self) -> datetime:
        return self.instant

    def day(self, zone: str) -> date:
        return self.instant.astimezone(ZoneInfo(zone)).date()


def days_between(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
