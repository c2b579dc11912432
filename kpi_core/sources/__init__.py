"""Sources: a folder each. `source.yaml` says what it is and which options it takes, `source.py` reads it.

A `source.py` holds one function, `read(request, into) -> Raw`: it creates the table `source` in the private DuckDB
connection `into`, one row for each row it finds, in order. All the rest (query, renames, types) is the same for all of
them and lies in `loading/intake.py`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import field
from datetime import date, datetime
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from kpi_core.errors import DataError
from kpi_core.frozen_dataclass import frozen
from kpi_core.phrases import Notice
from kpi_core.settings.addresses import Address
from kpi_core.settings.values import Source, fill

if TYPE_CHECKING:
    import duckdb

SheetReader = Callable[[str, str], Sequence[Sequence[object]]]
"""(spreadsheet id, range) -> rows of cells: text, numbers, booleans, None. Dates come as serial numbers (43831 is
2020-01-01), so that nobody has to guess a format."""

EMPTY = "(empty)"
"""What stands in a place where nothing stands."""
EXAMPLES = 5
"""How many offending values of a column are shown."""


@frozen
class Place:
    """Where a row stands, counted from 1: a line of a text file, a row of a table, or a row of what a query gave."""

    file: str
    number: int
    unit: Literal["line", "row", "query"] = "line"

    def __str__(self) -> str:
        return (
            f"row {self.number} of {self.file}" if self.unit == "query" else f"{self.file}, {self.unit} {self.number}"
        )


@frozen
class Rejection:
    """Values of one column that do not fit; the rows that hold them are kept out, or go without them.

    Without a column whole rows are: of `fields` they have too few or too many, of `quotes` one that nothing closes. A
    value `differs` where the lines of one order name several amounts of it.
    """

    column: str
    count: int
    examples: tuple[tuple[Place, str], ...]
    """The first few: where it stands, what stands there; of `fields`, how many there are."""
    reason: Literal["value", "word", "differs", "fields", "quotes"] = "value"
    fields: int = 0
    """How many there should be."""
    is_open: bool = False
    """Whether they could mean two things, so that kpi.yaml has to say which."""
    header: str = ""
    """The column as the file names it, where that is not how the model does."""


@frozen
class SourceFile:
    """A file of a source. Its rows follow in `source` after the first `before` ones, up to those of the next file."""

    label: str
    before: int
    modified: int = 0
    """When it was last written, in nanoseconds."""
    size: int = 0
    """Bytes of its text."""
    ends_whole: bool = True
    """Whether its last line has an end."""
    header: tuple[tuple[str, str], ...] = ()
    """The names of its columns as they stand in it, each with its name in `source`, in its order."""
    above: tuple[str, ...] = ()
    """The texts of the lines above its header."""


@frozen
class LeftOut:
    """Rows of a file that are rightly no rows of the table: a total, a footer, what stands above the header."""

    reason: str
    rows: int
    examples: tuple[tuple[Place, str], ...] = ()
    """The first few: where it stands, what stands there."""


def added_up(left_out: Iterable[LeftOut]) -> tuple[LeftOut, ...]:
    """One for each reason, in their order."""
    by_reason: dict[str, LeftOut] = {}
    for each in left_out:
        before = by_reason.get(each.reason, LeftOut(each.reason, 0))
        examples = (*before.examples, *each.examples)[:EXAMPLES]
        by_reason[each.reason] = LeftOut(each.reason, before.rows + each.rows, examples)
    return tuple(by_reason.values())


@frozen
class Covered:
    """The days `[first, last]` for which a service answered for an account, whether there were rows or not."""

    account: str
    first: date
    last: date


Outcome = Literal["retry_now", "retry_tomorrow", "reconnect", "our_fault"]
"""Why a service did not answer, by what mends it: the next load, the next day, a person with access to the account, or
a newer KPI Bot."""


@frozen
class AccountFailure:
    """An account that a service did not answer for: its last good rows stay. `reason` is the service's, no secret."""

    account: str
    name: str
    outcome: Outcome
    reason: str = ""


@frozen
class Raw:
    """What a source says about the rows it has put into the table `source`.

    A source that asks a service says what it was answered for in `covers`: the load replaces exactly these days of
    these accounts. An account that failed is left out, keeps its last good rows, and stands in `failures`. Files say
    None: a load then replaces the days among their rows.
    """

    place: Callable[[int], Place]
    """The place of a row, counted from 1."""
    unreadable: tuple[Rejection, ...] = ()
    """Rows that are no rows at all, e.g. with too many fields; they are not in the table."""
    serial_dates: bool = False
    """Whether a number in a date column is a spreadsheet's serial number."""
    written_by: Literal["people", "cells", "database"] = "people"
    """Who wrote its numbers as text: people in any style, or a spreadsheet's cells or a database, whose 1.5 is always
    one and a half."""
    queried: bool = False
    """Whether `query:` has been answered by the source itself."""
    covers: tuple[Covered, ...] | None = None
    account: str | None = None
    """The column of `source` that names each row's account; None where there is one account, called ''."""
    state: Mapping[str, Any] | None = None
    """JSON that the next load of this source gets as `request.state`; None leaves it as it was. No secrets."""
    warnings: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()
    """What is to be said of the reading, in the reader's language."""
    failures: tuple[AccountFailure, ...] = ()
    vat: Mapping[str, Literal["with", "without"]] = field(default_factory=dict)
    """By column of the table whether VAT is in its amounts, where the source knows."""
    by_tool: bool = False
    """Whether a tool wrote it, so that channels are named by the shipped list, too."""
    unfinished: bool = False
    """Whether the next load of the same day would bring more of the history."""
    files: tuple[SourceFile, ...] = ()
    """The files that the rows come from, in order; empty where they come from no files."""
    header: frozenset[tuple[str, str]] = frozenset()
    """The names that columns have in the files, each with its name in `source`, where the two may differ."""
    left_out: tuple[LeftOut, ...] = ()
    """Rows that are rightly none; they are not in the table."""


class Clock(Protocol):
    """The time while a service is asked."""

    def now(self) -> datetime:
        """An aware instant."""
        ...

    def wait(self, seconds: float) -> None: ...


class Vault(Protocol):
    """Where secrets that renew themselves are, sealed."""

    @property
    def folder(self) -> Path | None:
        """A folder for an answer until it is here; None where nothing outlives the process anyway."""
        ...

    def read(self, name: str) -> str | None: ...

    def write(self, name: str, sealed: str, now: datetime) -> None: ...

    def alone(self, name: str, now: datetime) -> AbstractContextManager[bool]:
        """Whether nobody else renews what is under a name, until the block ends."""
        ...


@frozen
class ReadRequest:
    """All that a source needs: its settings, where relative paths start, and the doors it may use."""

    source: Source
    folder: Path
    workspace: Path
    """A folder for files that live as long as this load."""
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    since: date | None = None
    sheet_reader: SheetReader | None = None
    off_limits: Address | None = None
    """Where the workspace keeps its own state, which no source reads."""
    states: Callable[[], Mapping[str, Mapping[str, Any]]] = dict
    """What the sources keep between loads, by their names; read when the first of them asks."""
    today: date | None = None
    """The day of the load; without it no day is too far ahead."""
    clock: Clock | None = None
    """The time that passes while it reads."""
    zone: str = "UTC"
    """The workspace's."""
    vault: Vault | None = field(default=None, repr=False)

    @property
    def state(self) -> Mapping[str, Any]:
        """The `Raw.state` of the last load of this source that went in; empty before the first."""
        return self.states().get(self.source.name, {})

    def option(self, name: str) -> str | None:
        """An option as text with its `${NAME}`s filled; SettingsError when a variable is not set."""
        value = self.source.options.get(name)
        return None if value is None else self._text(name, value)

    def needed(self, name: str) -> str:
        value = self.option(name)
        if value is None:
            raise lacking_option(self.source.name, name)
        return value

    def number(self, name: str) -> int | float | None:
        value = self.source.options.get(name)
        return value if isinstance(value, int | float) else None

    def flag(self, name: str) -> bool:
        """An option that is true or false; false when it is left out."""
        return self.source.options.get(name) is True

    def day(self, name: str) -> date | None:
        value = self.source.options.get(name)
        return value if isinstance(value, date) else None

    def texts(self, name: str) -> tuple[str, ...]:
        """A list, each item as text, empty when it is left out; a single text is a list of one."""
        items = self.source.options.get(name)
        if isinstance(items, str):
            return (self._text(name, items),)
        return tuple(self._text(name, item) for item in items) if isinstance(items, list | tuple) else ()

    def mapping(self, name: str) -> dict[str, str]:
        """A map, each value as text, empty when it is left out."""
        items = self.source.options.get(name)
        return {key: self._text(name, item) for key, item in items.items()} if isinstance(items, Mapping) else {}

    def _text(self, name: str, value: object) -> str:
        """A single value as text: true and false as data writes them."""
        text = str(value).lower() if isinstance(value, bool) else str(value)
        return fill(text, self.environment, f"source {self.source.name}, {name}")


def lacking_option(source: str, option: str) -> DataError:
    """A source that cannot be read without one of its options."""
    message, hint = f"Source {source} has no {option}.", f"Add {option}: to the source in kpi.yaml."
    return DataError(message, code="source_option", hint=hint, params={"option": option})


class Reader(Protocol):
    def __call__(self, request: ReadRequest, into: duckdb.DuckDBPyConnection) -> Raw: ...


def reader_of(kind: str) -> Reader:
    """The `read` of a type of source; its module is imported only now.

    A folder without a `source.py` has its requests declared.
    """
    own = f"{__name__}.{kind}.source"
    is_declared = own not in sys.modules and find_spec(f"{__name__}.{kind}") is not None and find_spec(own) is None
    reader: Reader = import_module(f"{__name__}.api.reading" if is_declared else own).read
    return reader
