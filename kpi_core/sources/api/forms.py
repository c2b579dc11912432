"""What is asked of a service, as `requests.yaml` of its folder has it: frozen values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field, replace
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from kpi_core.documents.yaml_file import read_text
from kpi_core.frozen_dataclass import frozen
from kpi_core.settings.values import Source
from kpi_core.sources import Outcome
from kpi_core.sources.api.outcomes import ErrorRules

PagingKind = Literal["none", "cursor", "offset", "page", "key"]
_PLACE = re.compile(r"\{(\w+)\}")


@frozen
class Paging:
    """How the rest of a list is asked for.

    `send` is the parameter that moves on, in the query, or in the body after `body:`. A `cursor` stands `at` its place
    in the answer, and there is more only while something stands at `more`; `page` numbers begin at `first`; a `key` is
    what stands `at` the last row, where rows come by rising keys. `total` is where the answer says how many rows there
    are, or how many pages.
    """

    kind: PagingKind = "none"
    send: str = ""
    at: str = ""
    more: str = ""
    size: int = 0
    first: int = 1
    total: str = ""
    rows: str = ""
    """Where the answer says how many rows there are, of a kind whose `total` says something else."""
    most: int = 0
    """Rows from which on a service may have left out some without a word; 0 where it never does."""


@frozen
class Value:
    """A column of a row: where it stands, what stands for nothing, and by which power of ten it is to be moved."""

    at: str
    absent: str | None = None
    """What it is where it does not stand in the row; without it, nothing."""
    needed: bool = False
    scale: int = 0
    dates: str = ""
    """The form of its dates, as strptime has it; else as ISO 8601."""


@frozen
class LeaveOut:
    """Rows that are rightly none of the table: where a column is one of some words, or has any value at all."""

    reason: str
    column: str
    words: tuple[str, ...] = ()


@frozen
class Call:
    """One request and how its answer is read. Places such as {account} are filled when it is made."""

    path: str
    method: str = "GET"
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    rows: str = ""
    """Where its rows stand; the answer itself where nothing is said."""
    may_lack: bool = False
    """Whether a service leaves the place of the rows out where there are none."""
    fields: Mapping[str, Value] = field(default_factory=dict)
    key: tuple[str, ...] = ()
    """Columns in which no two rows are equal."""
    paging: Paging = Paging()
    leave_out: tuple[LeaveOut, ...] = ()
    day: str = ""
    """The column that says on which day its rows fall, where that is another one than elsewhere."""
    moments: bool = False
    """Whether that is a moment."""
    lag: int = 0
    """After so many days a day has a row in any case; 0 where days without anything have none."""


@frozen
class Forms:
    """All that is asked of a service."""

    base: str
    sign: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    rate: float = 0.0
    """Calls a second; 0 for any number."""
    errors: ErrorRules = field(default_factory=ErrorRules)
    calls: Mapping[str, Call] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    """Columns that are the same in all rows."""
    token_base: str = ""
    """Where access tokens are fetched by the call `token`."""
    token_lasts: int = 3_600
    """Seconds, where a grant does not say."""
    renewable: int = 0
    """Seconds for which a refresh token lasts that is good once, where a grant does not say; 0 where it stays good."""
    granted: str = ""
    """Where a grant stands in the answer; the answer itself where nothing is said."""
    fixed_end: bool = False
    """Whether a grant ends when it does, however often its tokens are renewed."""
    scope: str = ""
    """What a token of a service account is for."""
    day: str = "date"
    """The column that says on which day a row falls."""
    blank: tuple[str, ...] = ()
    """What stands for nothing."""
    counted: str = ""
    """A column of which the service says only how it is now, by the call `counted`."""
    forgotten: tuple[str, ...] = ()
    """Columns that the service tells for its newest days alone."""
    adds_up: tuple[str, ...] = ()
    """Columns whose rows of a day come to what the service says of the whole account."""
    singly: bool = False
    """Whether the call `accounts` is made for each account of `account_ids` by itself."""
    lists_all: bool = True
    """Whether the rows come to the account; else what they lack of it, deleted campaigns, stands in rows of its own."""
    slack: Mapping[str, float] = field(default_factory=dict)
    """By such a column, how much a day may differ beyond half a percent: what rounding makes."""
    vat: Mapping[str, Literal["with", "without"]] = field(default_factory=dict)
    tables: tuple[str, ...] = ()
    """Tables beside the first one that it fills, each by the call of its name."""
    choice: str = ""
    """The option that says what the rows are, each by the call of its name."""
    quota: Mapping[str, str] = field(default_factory=dict)
    """Where answers say how many calls are left: in a `header`, in small letters, or `at` a place of the body."""
    ends: Mapping[str, str] = field(default_factory=dict)
    """Places that are filled with what stands behind the last dash of an option."""
    unencoded: str = ":,()"
    """Signs that stay as they are in a query."""
    moments: bool = False
    """Whether rows have a moment, not a day: then days are those of the source's zone, whatever the account's."""

    def of_source(self, source: Source) -> Forms:
        """The same where the rows are those that a source asks for."""
        chosen = source.options.get(self.choice) if self.choice else None
        chosen = chosen or (source.table if source.table in self.tables else None)
        rows = self.calls[str(chosen or "rows")]
        day, moments = rows.day or self.day, rows.moments or self.moments
        return replace(self, calls={**self.calls, "rows": rows}, day=day, moments=moments)


@cache
def forms_of(kind: str) -> Forms:
    """The requests of a type of source."""
    text = (files("kpi_core") / "sources" / kind / "requests.yaml").read_text("utf-8")
    document = read_text(text, f"{kind}/requests.yaml").value
    return forms_in(document)


def forms_in(document: Any) -> Forms:
    """The requests that a document describes."""
    calls = {name: _call(call) for name, call in document.pop("calls").items()}
    errors = document.pop("errors", {})
    outcomes: dict[Outcome, tuple[str, ...]] = {name: tuple(map(str, errors.get(name, ()))) for name in _OUTCOMES}
    rules = ErrorRules(
        tuple(errors.get("codes", ())),
        tuple(errors.get("text", ())),
        errors.get("pause", ""),
        tuple(map(str, errors.get("fine", ()))),
        tuple(map(str, errors.get("smaller", ()))),
        outcomes,
        errors.get("trace", ""),
        errors.get("bucket", ""),
    )
    lists: dict[str, Any] = {
        name: tuple(document.pop(name, ())) for name in ("blank", "adds_up", "tables", "forgotten")
    }
    return Forms(calls=calls, errors=rules, **lists, **document)


_OUTCOMES: tuple[Outcome, ...] = ("retry_tomorrow", "retry_now", "reconnect", "our_fault")


def _call(call: Mapping[str, Any]) -> Call:
    values = {name: Value(at) if isinstance(at, str) else Value(**at) for name, at in call.get("fields", {}).items()}
    own = {
        "fields": values,
        "key": tuple(call.get("key", ())),
        "paging": Paging(**call.get("paging", {})),
        "leave_out": tuple(
            LeaveOut(each["reason"], each["column"], tuple(each.get("words", ()))) for each in call.get("leave_out", ())
        ),
    }
    return Call(**{**call, **own})


def filled(form: Any, places: Mapping[str, str]) -> Any:
    """A text, list or mapping with its {places} filled; a text that is one place alone becomes what is there."""
    if isinstance(form, str):
        return _PLACE.sub(lambda match: str(places.get(match[1], match[0])), form)
    if isinstance(form, Mapping):
        return {key: filled(value, places) for key, value in form.items()}
    return [filled(value, places) for value in form] if isinstance(form, list | tuple) else form
