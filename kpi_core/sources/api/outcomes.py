"""What an answer of a service comes to, judged by its body as well as by its status. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from datetime import datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any, NoReturn

from kpi_core.errors import DataError, KpiBotError, ServiceError
from kpi_core.frozen_dataclass import frozen
from kpi_core.sources import Outcome
from kpi_core.sources.api.value_places import values_at

_LONGEST_REASON = 160
_BY_STATUS: Mapping[int, Outcome] = {
    401: "reconnect",
    403: "reconnect",
    408: "retry_now",
    425: "retry_now",
    429: "retry_now",
}


@frozen
class Trouble:
    """Why there is no answer.

    `pause` is after how many seconds the service wants to be asked again, where it says.
    """

    outcome: Outcome
    reason: str
    pause: float | None = None
    smaller: bool = False
    """Whether fewer days at once might be answered."""


class RefusedError(Exception):
    """A service has not answered, however often it was asked."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.reason)
        self.trouble = trouble


@frozen
class ErrorRules:
    """How a service writes errors into its answers.

    `codes` are places of codes in the answer, the most telling first; `outcomes` what they mean: a code, a status such
    as HTTP 530, or a range such as 200-299 in each; `fine` are codes that stand in good answers, too, `smaller` those
    of too many days at once.
    """

    codes: tuple[str, ...] = ()
    text: tuple[str, ...] = ()
    pause: str = ""
    fine: tuple[str, ...] = ()
    smaller: tuple[str, ...] = ()
    outcomes: Mapping[Outcome, tuple[str, ...]] = field(default_factory=dict)
    trace: str = ""
    """The header by which the vendor's support knows a request, in small letters."""
    bucket: str = ""
    """Where an answer says what it costs, what there is, and how much comes back a second."""

    def outcome_of(self, codes: Iterable[str]) -> Outcome | None:
        """What the first code that is listed means."""
        for code in codes:
            for outcome, listed in self.outcomes.items():
                if any(_is_among(code, code_range) for code_range in listed):
                    return outcome
        return None


def _is_among(code: str, listed: str) -> bool:
    first, dash, last = listed.partition("-")
    if dash and first.isdigit() and last.isdigit() and code.isdigit():
        return int(first) <= int(code) <= int(last)
    return code == listed


@frozen
class Reply:
    """What came over the wire."""

    status: int
    headers: Mapping[str, str]
    """By their names in small letters."""
    body: bytes


def judged(reply: Reply, rules: ErrorRules, now: datetime) -> Any:
    """The document of a good answer. RefusedError with what is wrong with any other."""
    if 300 <= reply.status < 400:
        _refuse("our_fault", "it leads to another address")
    document = _document(reply)
    codes = [code for place in rules.codes for code in _texts(document, place) if code not in rules.fine]
    if reply.status < 300 and not codes:
        return _whole(document)
    outcome = rules.outcome_of([*codes, f"HTTP {reply.status}"]) or _by_status(reply.status)
    said = next((text for place in rules.text for text in _texts(document, place)), "")
    trace = reply.headers.get(rules.trace, "") if rules.trace else ""
    words = [f"HTTP {reply.status}", f"code {codes[0]}" if codes else "", _short(said), f"[{trace}]" if trace else ""]
    reason = " ".join(filter(None, words))
    smaller = any(_is_among(code, code_range) for code in codes for code_range in rules.smaller)
    raise RefusedError(Trouble(outcome, reason, _pause(reply, document, rules, now), smaller))


def _refuse(outcome: Outcome, reason: str) -> NoReturn:
    raise RefusedError(Trouble(outcome, reason))


def _whole(document: Any) -> Any:
    """A list or a mapping; whatever else an answer holds, it was cut off or is a page for people."""
    if not isinstance(document, dict | list):
        _refuse("retry_now", "the answer is cut off")
    return document


def _document(reply: Reply) -> Any:
    """The JSON of the body, numbers exact; None where it is none."""
    try:
        return json.loads(reply.body, parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None


def _no_constant(text: str) -> NoReturn:
    raise ValueError(text)


def _by_status(status: int) -> Outcome:
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    return "our_fault" if 400 <= status < 500 else "retry_now"


def _texts(document: Any, place: str) -> Iterator[str]:
    for value in values_at(document, place):
        if value is not None and not isinstance(value, dict | list):
            yield str(value)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_REASON else f"{line[: _LONGEST_REASON - 1]}…"


def _pause(reply: Reply, document: Any, rules: ErrorRules, now: datetime) -> float | None:
    """Seconds until the service wants to be asked again."""
    if (seconds := _refilled(document, rules)) is not None:
        return seconds
    named = [*(_texts(document, rules.pause) if rules.pause else ()), reply.headers.get("retry-after", "")]
    for text in filter(None, named):
        try:
            return max(0.0, float(text.removesuffix("s")))
        except ValueError:
            pass
        try:
            return max(0.0, (parsedate_to_datetime(text) - now).total_seconds())
        except (ValueError, TypeError, OverflowError):
            pass
    return None


def quota_in(reply: Reply, quota: Mapping[str, str]) -> str:
    """What an answer says of the calls that are left; empty where it says nothing."""
    if header := quota.get("header"):
        return _short(reply.headers.get(header, ""))
    place = quota.get("at")
    return next(_texts(_document(reply), place), "") if place else ""


def _refilled(document: Any, rules: ErrorRules) -> float | None:
    """Seconds until the bucket of calls holds what a call costs."""
    if not rules.bucket:
        return None
    places = ("requestedQueryCost", "throttleStatus.currentlyAvailable", "throttleStatus.restoreRate")
    numbers = [next(iter(values_at(document, f"{rules.bucket}.{place}")), None) for place in places]
    if not all(isinstance(number, int | Decimal) for number in numbers):
        return None
    cost, there, rate = (float(number) for number in numbers if number is not None)
    return max(1.0, (cost - there) / rate) if rate > 0 else None


def failure_of(source: str, trouble: Trouble) -> KpiBotError:
    """The error of a source that could not be read at all."""
    params = {"source": source, "reason": trouble.reason}
    if trouble.outcome == "reconnect":
        message = f"Source {source}: access is refused ({trouble.reason})."
        hint = f"Whoever manages the account: run kpi connect {source} again."
        return DataError(message, code="source_reconnect", hint=hint, params=params)
    if trouble.outcome == "our_fault":
        message = f"Source {source}: the service does not take this call ({trouble.reason})."
        return ServiceError(message, code="source_call", hint="Update KPI Bot.", params=params)
    message = f"Source {source}: no answer ({trouble.reason})."
    when = "tomorrow" if trouble.outcome == "retry_tomorrow" else "in some minutes"
    code = f"source_{trouble.outcome}"
    return ServiceError(message, code=code, hint=f"Nothing to do; load again {when}.", params=params)
