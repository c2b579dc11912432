"""Reading a service: account by account, window by window; what did not answer whole is left out and named."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from kpi_core.dates.periods import Days
from kpi_core.phrases import Notice
from kpi_core.settings.source_types import Connection, source_types
from kpi_core.sources import AccountFailure, Clock, Covered, Place, Raw, ReadRequest
from kpi_core.sources.api.forms import Forms, forms_of
from kpi_core.sources.api.http import Line, base_of
from kpi_core.sources.api.outcomes import RefusedError, Trouble, failure_of
from kpi_core.sources.api.reading_windows import OVERLAP, Progress, Reach, Reading, reading_of
from kpi_core.sources.api.service import Account, DeclaredService, Row, Service, differing, rests
from kpi_core.sources.api.signing import signer_of
from kpi_core.sources.api.tokens import AccessToken, google_assertion
from kpi_core.sources.files import TextFile, load_text_files, write_text_file

if TYPE_CHECKING:
    import duckdb

ACCOUNT = "account_id"
_TRIES = 2
"""So often a window is read whose rows contradict each other: a page may have moved meanwhile."""
Opening = Callable[[Line, Forms, Mapping[str, str], Mapping[str, tuple[str, ...]]], Service]
"""Makes the service of a vendor that cannot be declared whole."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """What an account was answered for."""

    account: Account
    rows: tuple[Row, ...]
    covers: tuple[Covered, ...]
    progress: Progress
    unfinished: bool
    trouble: Trouble | None = None


def read(request: ReadRequest, into: duckdb.DuckDBPyConnection) -> Raw:
    """The rows of a service whose folder declares it whole."""
    return read_service(request, into)


def read_service(request: ReadRequest, into: duckdb.DuckDBPyConnection, opening: Opening = DeclaredService) -> Raw:
    """The rows of all accounts that answered; KpiBotError where none did, with what a person can do."""
    kind = request.source.type
    forms, connection = forms_of(kind), connection_of(kind)
    service = opened(request, opening)
    try:
        accounts = service.accounts()
    except RefusedError as error:
        raise failure_of(request.source.name, error.trouble) from None
    states = dict(request.state.get("accounts", {}))
    chosen, gone = _chosen(accounts, request.texts("account_ids"), states)
    answers = [_answer(service, account, forms, _plan(account, states, request, connection)) for account in chosen]
    failures = [*gone, *(_failure(answer.account, answer.trouble) for answer in answers if answer.trouble)]
    if failures and not any(answer.covers for answer in answers):
        first = failures[0]
        raise failure_of(request.source.name, Trouble(first.outcome, f"{first.name}: {first.reason}"))
    for answer in answers:
        if answer.covers:
            states[answer.account.id] = {**answer.progress.to_json(), "name": answer.account.label}
    raw = _put(request, into, forms, answers)
    return replace(
        raw,
        failures=tuple(failures),
        state={"accounts": states},
        notices=(*service.notices, *_notices(answers, request)),
        unfinished=any(answer.unfinished for answer in answers if not answer.trouble),
    )


def opened(request: ReadRequest, opening: Opening = DeclaredService) -> Service:
    """The service that a source asks, signed as its options say. KpiBotError where one of them is missing."""
    kind = request.source.type
    forms, connection = forms_of(kind), connection_of(kind)
    options = {name: text for name in source_types()[kind].options if (text := _text(request, name))}
    secrets = [text for name, text in options.items() if name in connection.credentials]
    base = base_of(kind, forms.base, connection.hosts, options, request.environment)
    # A stand-in on this machine has no quota to be careful with.
    forms = replace(forms, rate=0.0) if base.startswith("http:") else forms
    clock = request.clock
    assert clock is not None
    signer = signer_of(forms.sign, request.needed, _token(request, forms, options, secrets))
    lists = {
        name: request.texts(name) for name, option in source_types()[kind].options.items() if option.kind == "list"
    }
    return opening(Line(kind, forms, base, signer, clock, secrets), forms, options, lists)


def _token(request: ReadRequest, forms: Forms, options: Mapping[str, str], secrets: list[str]) -> Callable[[], str]:
    """Fetches the access tokens of a service that has some."""
    call, kind, clock = forms.calls.get("token"), request.source.type, request.clock
    if call is None or clock is None:
        return lambda: ""
    base = base_of(kind, forms.token_base, connection_of(kind).hosts, options, request.environment)
    line = Line(kind, replace(forms, headers={}, rate=0.0), base, lambda _signing: {}, clock, secrets)

    def places() -> Mapping[str, str]:
        if "key_file" not in options:
            return options
        path = request.folder / options["key_file"]
        return {**options, "assertion": google_assertion(request.source.name, path, forms.scope, clock.now())}

    return AccessToken(line, call, places, secrets.append)


def connection_of(kind: str) -> Connection:
    """What the folder of a service says of its access."""
    connection = source_types()[kind].connection
    assert connection is not None
    return connection


def _text(request: ReadRequest, name: str) -> str | None:
    value = request.source.options.get(name)
    return request.option(name) if isinstance(value, str | int | float) else None


def _chosen(
    accounts: Sequence[Account], ids: Sequence[str], states: Mapping[str, Any]
) -> tuple[list[Account], list[AccountFailure]]:
    """The accounts to read, and those that are named, or were read before, and cannot be reached any more."""
    by_id = {account.id: account for account in accounts}
    named = list(dict.fromkeys(ids)) or list(dict.fromkeys([*by_id, *states]))
    gone = [
        AccountFailure(
            item, states.get(item, {}).get("name", item), "reconnect", "it is not among the accounts any more"
        )
        for item in named
        if item not in by_id
    ]
    return [by_id[item] for item in named if item in by_id], gone


def _plan(account: Account, states: Mapping[str, Any], request: ReadRequest, connection: Connection) -> Reading:
    """What to read of an account, by the calendar of its own zone."""
    assert request.clock is not None
    today = _today(account.zone or request.zone, request.clock, request.zone)
    history = request.number("history_days")
    reach = Reach(
        connection.recent, connection.long, int(history or connection.history), connection.piece, connection.first
    )
    return reading_of(Progress.of_json(states.get(account.id, {})), today, reach, request.since)


def _today(zone: str, clock: Clock, default: str) -> date:
    try:
        return clock.now().astimezone(ZoneInfo(zone)).date()
    # A zone that this machine does not know, or that is a folder of zones.
    except (ValueError, OSError, KeyError):
        return clock.now().astimezone(ZoneInfo(default)).date()


def _answer(service: Service, account: Account, forms: Forms, reading: Reading) -> _Answer:
    """What an account says of all windows; of none where one fails, so that the next load asks for the same again."""
    rows: list[Row] = []
    try:
        if account.trouble is not None:
            raise RefusedError(account.trouble)  # noqa: TRY301 - told with the others
        rows = _all(service, account, forms, reading) or _all(service, account, forms, reading, again=True)
    except RefusedError as error:
        return _Answer(account, (), (), Progress(), unfinished=False, trouble=error.trouble)
    covers = tuple(Covered(account.id, first, last) for first, last in reading.windows)
    after, back = reading.after, reading.after.back
    if reading.is_again or reading.before.through is None:
        after = replace(after, rows=_count(rows, forms, (reading.young, date.max)))
    if back is not None and back != reading.before.back:
        after = replace(after, edge=_count(rows, forms, (back, back + timedelta(days=OVERLAP - 1))))
    return _Answer(account, tuple(rows), covers, after, reading.unfinished)


def _all(service: Service, account: Account, forms: Forms, reading: Reading, *, again: bool = False) -> list[Row]:
    """The rows of all windows. A day may be restated to nothing, weeks with rows may not, however often asked."""
    if again and not reading.expected:
        return []
    rows = [row for window in reading.windows for row in _whole(service, account, forms, window)]
    if again and not rows:
        raise RefusedError(Trouble("retry_now", f"no row at all, where {reading.expected} were"))
    return rows


def _whole(service: Service, account: Account, forms: Forms, window: Days, tries: int = _TRIES) -> list[Row]:
    """The rows of a window, which come to what the account says of it; in halves where it is too much at once."""
    try:
        return _checked(service, account, forms, window, is_last=tries == 1)
    except RefusedError as error:
        trouble = error.trouble
        if trouble.smaller and window[0] < window[1]:
            middle = window[0] + (window[1] - window[0]) // 2
            halves = (window[0], middle), (middle + timedelta(days=1), window[1])
            return [row for half in halves for row in _whole(service, account, forms, half)]
        if trouble.outcome != "retry_now" or tries == 1:
            raise
    return _whole(service, account, forms, window, tries - 1)


def _checked(service: Service, account: Account, forms: Forms, window: Days, *, is_last: bool) -> list[Row]:
    rows = list(service.rows(account, *window))
    if strange := [row for row in rows if not _within(row.get(forms.day), window)]:
        raise RefusedError(Trouble("our_fault", f"{len(strange)} rows of days that were not asked for"))
    sums = service.sums(account, *window)
    if sums is None:
        return rows
    differences = list(differing(rows, sums, forms))
    # Rows that lack may be a page that was cut: they are believed to be deleted campaigns when they lack again.
    lacks = not forms.lists_all and is_last and all(one.rows < one.account for one in differences)
    if differences and not lacks:
        raise RefusedError(Trouble("retry_now", str(differences[0])))
    rest = [] if forms.lists_all else list(rests(rows, sums, forms))
    notice = Notice("load.without_campaign", {"account": account.label})
    if rest and notice not in service.notices:
        service.notices.append(notice)
    return [*rows, *rest]


def _count(rows: Sequence[Row], forms: Forms, days: Days) -> int:
    return sum(_within(row.get(forms.day), days) for row in rows)


def _within(text: str | None, window: Days) -> bool:
    try:
        return text is not None and window[0] <= date.fromisoformat(text[:10]) <= window[1]
    except ValueError:
        return False


def _failure(account: Account, trouble: Trouble) -> AccountFailure:
    return AccountFailure(account.id, account.label, trouble.outcome, trouble.reason)


def _put(request: ReadRequest, into: duckdb.DuckDBPyConnection, forms: Forms, answers: Sequence[_Answer]) -> Raw:
    """The rows as the table `source`, with their account and currency."""
    path = request.workspace / "rows.csv"
    columns = [*forms.calls["rows"].fields, *forms.constants]
    has_currency = "currency" in columns
    own = [ACCOUNT, *([] if has_currency else ["currency"])]
    write_text_file(path, _lines(own, columns, forms, answers))
    label = request.source.name
    raw = load_text_files([TextFile(label, path)], into)
    return replace(
        raw,
        place=lambda row: Place(label, row, "row"),
        written_by="database",
        covers=tuple(window for answer in answers for window in answer.covers),
        account=ACCOUNT,
        files=(),
        vat=forms.vat,
        by_tool=True,
    )


def _lines(
    own: Sequence[str], columns: Sequence[str], forms: Forms, answers: Sequence[_Answer]
) -> Iterator[Sequence[str | None]]:
    yield [*own, *columns]
    for answer in answers:
        facts = [answer.account.id, answer.account.currency][: len(own)]
        for row in answer.rows:
            values = {"currency": answer.account.currency, **forms.constants, **row}
            yield [*facts, *(values.get(name) for name in columns)]


def _notices(answers: Sequence[_Answer], request: ReadRequest) -> Iterator[Notice]:
    """Accounts whose days are not the workspace's, and how far back the history goes so far."""
    for answer in answers:
        zone = answer.account.zone
        if zone and answer.covers and zone != request.zone:
            yield Notice("load.other_zone", {"account": answer.account.label, "zone": zone})
    days = [answer.progress.back for answer in answers if answer.unfinished and answer.progress.back is not None]
    if days:
        yield Notice("load.more_history", {"day": max(days).isoformat()})
