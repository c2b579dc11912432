"""A service as the reading sees it: its accounts, the rows of some days of one, and what they have to come to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn, Protocol
from zoneinfo import ZoneInfo

from kpi_core.frozen_dataclass import frozen
from kpi_core.phrases import Notice
from kpi_core.sources.api.forms import Call, Forms, Value
from kpi_core.sources.api.http import Line
from kpi_core.sources.api.outcomes import RefusedError, Trouble
from kpi_core.sources.api.pages import rows_of
from kpi_core.sources.api.value_places import value_at

Row = Mapping[str, str | None]
"""By column, as text that a database would write."""
Sums = Mapping[date, Mapping[str, Decimal]]
"""By day and column."""


@frozen
class Account:
    """An account that the access reaches. `places` are what its calls are filled with beside its id."""

    id: str
    name: str
    currency: str = ""
    zone: str = ""
    places: Mapping[str, str] = field(default_factory=dict)
    trouble: Trouble | None = None
    """Why nothing is known of it, where it was asked by itself."""
    most_days: int = 0
    """How many days of history the access reaches at most; 0 where it does not say."""
    scopes: tuple[str, ...] = ()
    """What the access may do there, where the service says."""

    @property
    def label(self) -> str:
        return f"{self.name} ({self.id})" if self.name and self.name != self.id else self.id


class Service(Protocol):
    """What a vendor can be asked for. Each raises RefusedError where there is no whole answer."""

    notices: list[Notice]
    """What is to be said of the answers."""

    def accounts(self) -> Sequence[Account]:
        """All accounts that the access reaches."""
        ...

    def rows(self, account: Account, first: date, last: date) -> Sequence[Row]:
        """The rows of some days, both inside."""
        ...

    def sums(self, account: Account, first: date, last: date) -> Sums | None:
        """What the days of the whole account come to, asked apart; None where the vendor cannot say."""
        ...

    def whole(self, account: Account, first: date, last: date) -> Mapping[str, Decimal] | None:
        """What the days come to in one row, of which none can be cut off; None where the vendor cannot say."""
        ...

    def counted(self, account: Account) -> int:
        """How many there are now of what is told for now alone."""
        ...

    def moved(self, account: Account, since: datetime, before: date) -> Sequence[date]:
        """The days before one on which rows changed since a moment; empty where such days are not to be known."""
        ...


@dataclass(slots=True)
class DeclaredService:
    """A service whose `requests.yaml` says everything: the calls accounts, rows and, where there is one, sums."""

    line: Line
    forms: Forms
    options: Mapping[str, str] = field(default_factory=dict)
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Options that hold several texts."""
    zone: str = "UTC"
    """Whose days those of moments are."""
    notices: list[Notice] = field(default_factory=list)

    def accounts(self) -> list[Account]:
        if self.forms.singly:
            return [self._account(id_) for id_ in self.lists.get("account_ids", ())]
        call = self.forms.calls["accounts"]
        return [account_of(row) for row in read_rows(self.line, self.forms, call, self.options)]

    def _account(self, id_: str) -> Account:
        """One account by its id; what it answers concerns no other."""
        try:
            places = {**self.options, "account": id_}
            rows = read_rows(self.line, self.forms, self.forms.calls["accounts"], places)
        except RefusedError as error:
            return Account(id_, id_, trouble=error.trouble)
        gone = Trouble("reconnect", "it is not among the accounts")
        return account_of(rows[0]) if rows else Account(id_, id_, trouble=gone)

    def rows(self, account: Account, first: date, last: date) -> list[Row]:
        places = self.places(account, first, last)
        rows = read_rows(self.line, self.forms, self.forms.calls["rows"], places)
        self.hold_against_count(len(rows), places)
        return rows

    def hold_against_count(self, count: int, places: Mapping[str, str]) -> None:
        """RefusedError where the service, asked apart, says that there are more rows or fewer."""
        call = self.forms.calls.get("count")
        if call is None:
            return
        whole = value_at(self.line.ask(call, places), call.rows)
        if whole is None or int(whole) != count:
            _refuse("retry_now", f"{count} of {whole} rows came")

    def is_within(self, moment: str | None, first: date, last: date) -> bool:
        """Whether a moment falls on one of some days, both inside."""
        day = day_of(moment, self.forms, self.zone)
        return day is not None and first <= day <= last

    def sums(self, account: Account, first: date, last: date) -> Sums | None:
        call = self.forms.calls.get("sums")
        if call is None:
            return None
        rows = read_rows(self.line, self.forms, call, self.places(account, first, last))
        return sums_of(rows, tuple(name for name in call.fields if name != self.forms.day))

    def whole(self, account: Account, first: date, last: date) -> dict[str, Decimal] | None:
        call = self.forms.calls.get("whole")
        if call is None or not set(self.forms.adds_up) <= set(call.fields):
            return None
        rows = read_rows(self.line, self.forms, call, self.places(account, first, last))
        return {name: sum((exact_number(row.get(name)) for row in rows), Decimal(0)) for name in self.forms.adds_up}

    def scopes(self) -> tuple[str, ...]:
        """What the access may do, where the service can be asked; nothing where it does not answer."""
        call = self.forms.calls.get("scopes")
        if call is None:
            return ()
        try:
            rows = read_rows(self.line, self.forms, call, self.options)
        except RefusedError:
            return ()
        return tuple(str(row["scope"]) for row in rows if row.get("status") in {None, "granted"})

    def counted(self, account: Account) -> int:
        call = self.forms.calls["counted"]
        number = value_at(self.line.ask(call, {**self.options, **account.places, "account": account.id}), call.rows)
        if not isinstance(number, int):
            _refuse("our_fault", f"{call.rows} is not there")
        return number

    def moved(self, account: Account, since: datetime, before: date) -> list[date]:
        call = self.forms.calls.get("moved")
        if call is None:
            return []
        moments = {"since": moment_text(since), "until": moment_text(self.line.clock.now())}
        places = {**self.places(account, before, before), **moments}
        days = (day_of(row.get(self.forms.day), self.forms, self.zone) for row in self.changed(call, places))
        return sorted({day for day in days if day is not None and day < before})

    def changed(self, call: Call, places: Mapping[str, str]) -> list[Row]:
        """The rows of the call `moved`."""
        return read_rows(self.line, self.forms, call, places)

    def places(self, account: Account, first: date, last: date) -> dict[str, str]:
        days = {"first": first.isoformat(), "last": last.isoformat()}
        moments = {"start": first, "end": last + timedelta(days=1)} if self.forms.moments else {}
        texts = {name: moment_text(midnight(day, self.zone)) for name, day in moments.items()}
        return {**self.options, **account.places, "account": account.id, **days, **texts}


def agreeing(rows: list[Row], again: list[Row], name: str) -> list[Row]:
    """The rows of a list without a total. RefusedError where a second listing has others: a part of one was cut off."""
    if {row[name] for row in rows} != {row[name] for row in again}:
        _refuse("retry_now", f"{len(rows)} rows came, then {len(again)}")
    return rows


def midnight(day: date, zone: str) -> datetime:
    """The instant at which a day begins."""
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))


def moment_text(instant: datetime) -> str:
    """An instant in UTC, to the second."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def day_of(text: str | None, forms: Forms, zone: str) -> date | None:
    """The day of a row, of a moment that in the zone; None where it is none."""
    try:
        if text is None or not forms.moments:
            return date.fromisoformat(text[:10]) if text is not None else None
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return instant.astimezone(ZoneInfo(zone)).date() if instant.tzinfo else None


def account_of(row: Row) -> Account:
    """An account, as the call `accounts` gives it."""
    own = {name: value or "" for name, value in row.items()}
    places = {name: own[name] for name in own if name not in {"id", "name", "currency", "zone"}}
    return Account(own["id"], own.get("name", ""), own.get("currency", ""), own.get("zone", ""), places)


def read_rows(line: Line, forms: Forms, call: Call, places: Mapping[str, str]) -> list[Row]:
    """The rows of a call with the columns that it names, each row once."""
    return rows_in(rows_of(line, call, places), forms, call)


def rows_in(items: Iterable[Any], forms: Forms, call: Call) -> list[Row]:
    """Items of an answer as rows of a call."""
    rows: list[Row] = []
    keys: set[tuple[str | None, ...]] = set()
    for item in items:
        row = {name: text_of(item, name, value, forms) for name, value in call.fields.items()}
        key = tuple(row[name] for name in call.key)
        if call.key and key in keys:
            _refuse("retry_now", f"a row came twice ({', '.join(part or '' for part in key)})")
        keys.add(key)
        rows.append(row)
    return rows


def text_of(item: Any, name: str, value: Value, forms: Forms) -> str | None:
    """A value of a row as text. RefusedError where it has to be there and is not, or is not what it should be."""
    there = value_at(item, value.at) if value.at else item
    if there is None or str(there) in forms.blank or isinstance(there, dict | list):
        if there is None and value.absent is not None:
            return value.absent
        if value.needed:
            _refuse("our_fault", f"the field {name} is not there")
        return None
    text = str(there)
    if value.dates:
        return _date(text, name, value.dates)
    return _moved(text, name, value.scale) if value.scale else text


def _date(text: str, name: str, form: str) -> str:
    try:
        return datetime.strptime(text, form).date().isoformat()  # noqa: DTZ007 - a day without a time
    except ValueError:
        _refuse("our_fault", f"the field {name} is no date")


def _moved(text: str, name: str, scale: int) -> str:
    try:
        return f"{Decimal(text).scaleb(scale):f}"
    except InvalidOperation:
        _refuse("our_fault", f"the field {name} is no number")


def exact_number(text: str | None) -> Decimal:
    """A number as text, nothing as 0. RefusedError where it is none."""
    try:
        return Decimal(text or 0)
    except InvalidOperation:
        _refuse("our_fault", "a number is none")


def against_whole(sums: Sums, whole: Mapping[str, Decimal], forms: Forms) -> None:
    """RefusedError where the days of an account do not come to its one sum over all of them: some were cut off."""
    for name in forms.adds_up:
        own, all_ = sum((day[name] for day in sums.values()), Decimal(0)), whole[name]
        if abs(own - all_) > Decimal("0.005") * abs(all_) + len(sums) * _slack(forms, name):
            _refuse("retry_now", f"{name}: its days come to {own:f}, all of them to {all_:f}")


def _refuse(outcome: Any, reason: str) -> NoReturn:
    raise RefusedError(Trouble(outcome, reason))


def sums_of(rows: Sequence[Row], columns: Sequence[str]) -> dict[date, dict[str, Decimal]]:
    """By day what some columns of rows come to. RefusedError for a day or a number that is none."""
    sums: dict[date, dict[str, Decimal]] = {}
    for row in rows:
        try:
            day = sums.setdefault(date.fromisoformat(str(row.get("date"))), dict.fromkeys(columns, Decimal(0)))
            for name in columns:
                day[name] += Decimal(row.get(name) or 0)
        except (ValueError, InvalidOperation):
            _refuse("our_fault", "a day or a number is none")
    return sums


@frozen
class Difference:
    """A day on which the rows of an account do not come to what it says of itself."""

    day: date
    column: str
    rows: Decimal
    account: Decimal

    def __str__(self) -> str:
        return f"{self.day}, {self.column}: its rows come to {self.rows:f}, the account to {self.account:f}"


def differing(rows: Sequence[Row], sums: Sums, forms: Forms) -> Iterator[Difference]:
    """Where rows do not add up. Half a percent, and what rounding makes, is no difference."""
    added = sums_of(rows, forms.adds_up)
    nothing = dict.fromkeys(forms.adds_up, Decimal(0))
    for day in sorted(added.keys() | sums.keys()):
        for name in forms.adds_up:
            own, whole = added.get(day, nothing)[name], sums.get(day, nothing)[name]
            if abs(own - whole) > Decimal("0.005") * abs(whole) + _slack(forms, name):
                yield Difference(day, name, own, whole)


def rests(rows: Sequence[Row], sums: Sums, forms: Forms) -> Iterator[Row]:
    """What an account did on a day beyond its rows, as a row that names nothing: deleted campaigns are not listed."""
    measures = next((tuple(day) for day in sums.values()), ())
    added = sums_of(rows, measures)
    for day, whole in sorted(sums.items()):
        own = added.get(day, dict.fromkeys(measures, Decimal(0)))
        rest = {name: whole[name] - own[name] for name in measures}
        if any(rest[name] > _slack(forms, name) for name in forms.adds_up):
            yield {"date": day.isoformat(), **{name: f"{number:f}" for name, number in rest.items()}}


def _slack(forms: Forms, name: str) -> Decimal:
    return Decimal(str(forms.slack.get(name, 0)))
