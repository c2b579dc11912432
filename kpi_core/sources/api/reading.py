"""Reading a service: account by account, window by window; what did not answer whole is left out and named."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from kpi_core.dates.periods import Days
from kpi_core.errors import DataError
from kpi_core.frozen_dataclass import frozen
from kpi_core.phrases import Notice
from kpi_core.settings.source_types import Connection, source_types
from kpi_core.sources import AccountFailure, Clock, Covered, LeftOut, Place, Raw, ReadRequest, added_up
from kpi_core.sources.api.days_in_rows import Counts, came, counted_day, remembered, with_counts
from kpi_core.sources.api.forms import Forms, LeaveOut, forms_of
from kpi_core.sources.api.grants.refresh_tokens import RotatingToken
from kpi_core.sources.api.http import Line, base_of
from kpi_core.sources.api.outcomes import RefusedError, Trouble, failure_of
from kpi_core.sources.api.reading_windows import OVERLAP, Progress, Reach, Reading, reading_of, with_days
from kpi_core.sources.api.service import (
    Account,
    DeclaredService,
    Row,
    Service,
    against_whole,
    day_of,
    differing,
    moment_text,
    rests,
)
from kpi_core.sources.api.signing import signer_of
from kpi_core.sources.api.tokens import AccessToken, google_assertion
from kpi_core.sources.files import TextFile, load_text_files, write_text_file

if TYPE_CHECKING:
    import duckdb

ACCOUNT = "account_id"
_OVERLAP = timedelta(hours=1)
"""So long before an account was asked for the last time a change may be that was not to be seen yet."""
_TRIES = 2
"""So often a window is read whose rows contradict each other: a page may have moved meanwhile."""
Opening = Callable[[Line, Forms, Mapping[str, str], Mapping[str, tuple[str, ...]], str], DeclaredService]
"""Makes the service of a vendor that cannot be declared whole."""


@frozen
class _Answer:
    """What an account was answered for."""

    account: Account
    rows: tuple[Row, ...]
    covers: tuple[Covered, ...]
    progress: Progress
    unfinished: bool
    trouble: Trouble | None = None
    is_young: bool = False
    """Whether its newest days are among them."""
    is_first: bool = False
    counts: Counts = field(default_factory=dict)
    """What the service does not tell later any more."""


@frozen
class _Asking:
    """What is asked, and of whom. The zone is that of moments."""

    service: Service
    account: Account
    forms: Forms
    zone: str


def read(request: ReadRequest, into: duckdb.DuckDBPyConnection) -> Raw:
    """The rows of a service whose folder declares it whole."""
    return read_service(request, into)


def read_service(request: ReadRequest, into: duckdb.DuckDBPyConnection, opening: Opening = DeclaredService) -> Raw:
    """The rows of all accounts that answered; KpiBotError where none did, with what a person can do."""
    connection = connection_of(request.source.type)
    forms = forms_of(request.source.type).of_source(request.source)
    service = opened(request, opening)
    assert request.clock is not None
    asked_at = moment_text(request.clock.now())
    try:
        accounts = service.accounts()
    except RefusedError as error:
        raise failure_of(request.source.name, error.trouble) from None
    states = dict(request.state.get("accounts", {}))
    chosen, gone = _chosen(accounts, request.texts("account_ids"), states)
    answers = [
        _answer(_Asking(service, account, forms, request.source.timezone or request.zone), states, request, connection)
        for account in chosen
    ]
    failures = [*gone, *(_failure(answer.account, answer.trouble) for answer in answers if answer.trouble)]
    if failures and not any(answer.covers for answer in answers):
        first = failures[0]
        raise failure_of(request.source.name, Trouble(first.outcome, f"{first.name}: {first.reason}"))
    for answer in answers:
        if answer.covers:
            own = states.get(answer.account.id, {})
            asked = {"asked_at": asked_at if answer.is_young else own.get("asked_at", asked_at)}
            states[answer.account.id] = {
                **answer.progress.to_json(),
                "name": answer.account.label,
                **(asked if "moved" in forms.calls else {}),
                **({"counts": answer.counts} if answer.counts else {}),
            }
    raw = _put(request, into, forms, answers)
    return replace(
        raw,
        failures=tuple(failures),
        state={"accounts": states},
        notices=(*service.notices, *_notices(answers, forms, request)),
        unfinished=any(answer.unfinished for answer in answers if not answer.trouble),
    )


def opened(request: ReadRequest, opening: Opening = DeclaredService) -> DeclaredService:
    """The service that a source asks, signed as its options say. KpiBotError where one of them is missing."""
    kind = request.source.type
    forms, connection = forms_of(kind).of_source(request.source), connection_of(kind)
    options = {name: text for name in source_types()[kind].options if (text := _text(request, name))}
    secrets = [text for name, text in options.items() if name in connection.credentials]
    options |= {place: options.get(name, "").rpartition("-")[2].lower() for place, name in forms.ends.items()}
    base = base_of(kind, forms.base, connection.hosts, options, request.environment)
    # A stand-in on this machine has no quota to be careful with.
    forms = replace(forms, rate=0.0) if base.startswith("http:") else forms
    clock = request.clock
    assert clock is not None
    scopes: list[str] = []
    signer = signer_of(forms.sign, request.needed, _token(request, forms, options, secrets, scopes))
    lists = {
        name: request.texts(name) for name, option in source_types()[kind].options.items() if option.kind == "list"
    }
    zone = request.source.timezone or request.zone
    return opening(Line(kind, forms, base, signer, clock, secrets, scopes), forms, options, lists, zone)


def _token(
    request: ReadRequest, forms: Forms, options: Mapping[str, str], secrets: list[str], scopes: list[str]
) -> Callable[[], str]:
    """Fetches the access tokens of a service that has some."""
    call, kind, clock = forms.calls.get("token"), request.source.type, request.clock
    if call is None or clock is None:
        return lambda: ""
    base = base_of(kind, forms.token_base, connection_of(kind).hosts, options, request.environment)
    line = Line(kind, replace(forms, headers={}, rate=0.0), base, lambda _signing: {}, clock, secrets)
    if forms.renewable:
        return rotating_token(request, line, options, secrets)

    def places() -> Mapping[str, str]:
        if "key_file" not in options:
            return options
        path = request.folder / options["key_file"]
        return {**options, "assertion": google_assertion(request.source.name, path, forms.scope, clock.now())}

    return AccessToken(line, call, places, secrets.append, scopes)


def rotating_token(request: ReadRequest, line: Line, options: Mapping[str, str], secrets: list[str]) -> RotatingToken:
    """The access of a source whose refresh tokens are good once. DataError where there is nowhere to keep them."""
    if request.vault is None:
        message = f"Source {request.source.name}: its access renews itself, and there is no state to keep it in."
        raise DataError(message, code="source_vault", hint="Load it with kpi load or kpi run.")
    for name in ("client_id", "client_secret", "refresh_token"):
        request.needed(name)
    return RotatingToken(line, request.source.name, options, request.vault, secrets.append)


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


def _plan(
    asking: _Asking, states: Mapping[str, Any], request: ReadRequest, connection: Connection
) -> tuple[Reading, Reach]:
    """What to read of an account, by the calendar of its own zone."""
    assert request.clock is not None
    account, zone = asking.account, asking.zone
    today = _today(zone if asking.forms.moments else account.zone or request.zone, request.clock, request.zone)
    history = int(request.number("history_days") or connection.history)
    history = min(history, account.most_days or history)
    since = request.since
    if since is not None and account.most_days:
        since = max(since, today - timedelta(days=account.most_days))
    first = min(connection.first, history)
    reach = Reach(connection.recent, connection.long, history, connection.piece, first)
    return reading_of(Progress.of_json(states.get(account.id, {})), today, reach, since), reach


def _today(zone: str, clock: Clock, default: str) -> date:
    try:
        return clock.now().astimezone(ZoneInfo(zone)).date()
    # A zone that this machine does not know, or that is a folder of zones.
    except (ValueError, OSError, KeyError):
        return clock.now().astimezone(ZoneInfo(default)).date()


def _answer(asking: _Asking, states: Mapping[str, Any], request: ReadRequest, connection: Connection) -> _Answer:
    """What an account says of all windows; of none where one fails, so that the next load asks for the same again."""
    account = asking.account
    reading, reach = _plan(asking, states, request, connection)
    try:
        if account.trouble is not None:
            raise RefusedError(account.trouble)  # noqa: TRY301 - told with the others
        reading = _with_moved(asking, reading, states.get(account.id, {}), reach)
        rows = _all(asking, reading) or _all(asking, reading, again=True)
        counts = _counts(asking, rows, states.get(account.id, {}), request)
    except RefusedError as error:
        return _Answer(account, (), (), Progress(), unfinished=False, trouble=error.trouble)
    rows = with_counts(rows, counts) if counts else rows
    windows = reading.windows
    if lag := asking.forms.calls["rows"].lag:
        assert request.clock is not None
        today = _today(account.zone or request.zone, request.clock, request.zone)
        windows = tuple(came(rows, windows, today - timedelta(days=lag)))
    covers = tuple(Covered(account.id, first, last) for first, last in windows)
    after, back, is_first = reading.after, reading.after.back, reading.before.through is None
    is_young = reading.is_again or is_first
    if is_young:
        after = replace(after, rows=_count(rows, asking, (reading.young, date.max)))
    if back is not None and back != reading.before.back:
        after = replace(after, edge=_count(rows, asking, (back, back + timedelta(days=OVERLAP - 1))))
    own = _Answer(account, tuple(rows), covers, after, reading.unfinished, is_young=is_young, is_first=is_first)
    return replace(own, counts=counts)


def _counts(asking: _Asking, rows: Sequence[Row], state: Mapping[str, Any], request: ReadRequest) -> Counts:
    """What the account was told until now and will not be told again: counts of a moment, and columns of new days."""
    forms, fields = asking.forms, asking.forms.calls["rows"].fields
    columns = [column for column in (forms.counted, *forms.forgotten) if column in fields]
    if not columns:
        return {}
    assert request.clock is not None
    counts = remembered(rows, columns, {column: state.get("counts", {}).get(column, {}) for column in columns})
    day = counted_day(request.clock.now(), asking.account.zone or request.zone).isoformat()
    if forms.counted not in counts or day in counts[forms.counted]:
        return counts
    return {**counts, forms.counted: {**counts[forms.counted], day: asking.service.counted(asking.account)}}


def _with_moved(asking: _Asking, reading: Reading, state: Mapping[str, Any], reach: Reach) -> Reading:
    """The windows with the older days on which something changed since the account was asked for the last time."""
    if not reading.is_again or not reading.windows:
        return reading
    try:
        asked_at = datetime.fromisoformat(str(state.get("asked_at")))
    except ValueError:
        return reading
    since, before = asked_at - _OVERLAP, reading.windows[0][0]
    oldest = before - timedelta(days=reach.history)
    days = asking.service.moved(asking.account, since, before)
    return with_days(reading, (day for day in days if day >= oldest), reach.piece)


def _all(asking: _Asking, reading: Reading, *, again: bool = False) -> list[Row]:
    """The rows of all windows. A day may be restated to nothing, weeks with rows may not, however often asked."""
    if again and not reading.expected:
        return []
    rows = [row for window in reading.windows for row in _whole(asking, window)]
    if again and not rows:
        raise RefusedError(Trouble("retry_now", f"no row at all, where {reading.expected} were"))
    return rows


def _whole(asking: _Asking, window: Days, tries: int = _TRIES) -> list[Row]:
    """The rows of a window, which come to what the account says of it; in halves where it is too much at once."""
    try:
        return _checked(asking, window, is_last=tries == 1)
    except RefusedError as error:
        trouble = error.trouble
        if trouble.smaller and window[0] < window[1]:
            middle = window[0] + (window[1] - window[0]) // 2
            halves = (window[0], middle), (middle + timedelta(days=1), window[1])
            return [row for half in halves for row in _whole(asking, half)]
        if trouble.outcome != "retry_now" or tries == 1:
            raise
    return _whole(asking, window, tries - 1)


def _checked(asking: _Asking, window: Days, *, is_last: bool) -> list[Row]:
    service, account, forms = asking.service, asking.account, asking.forms
    rows = list(service.rows(account, *window))
    if strange := [row for row in rows if not _within(row, asking, window)]:
        raise RefusedError(Trouble("our_fault", f"{len(strange)} rows of days that were not asked for"))
    sums = service.sums(account, *window)
    if sums is None:
        return rows
    whole = service.whole(account, *window)
    if whole is not None:
        against_whole(sums, whole, forms)
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


def _count(rows: Sequence[Row], asking: _Asking, days: Days) -> int:
    return sum(_within(row, asking, days) for row in rows)


def _within(row: Row, asking: _Asking, window: Days) -> bool:
    day = day_of(row.get(asking.forms.day), asking.forms, asking.zone)
    return day is not None and window[0] <= day <= window[1]


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
        left_out=_left_out(forms, answers, label),
    )


def _reason_out(row: Row, forms: Forms) -> LeaveOut | None:
    """Why a row is rightly none of the table; None where it is one."""
    return next((each for each in forms.calls["rows"].leave_out if _is_meant(row.get(each.column), each)), None)


def _is_meant(text: str | None, rule: LeaveOut) -> bool:
    return text in rule.words if rule.words else bool(text)


def _left_out(forms: Forms, answers: Sequence[_Answer], label: str) -> tuple[LeftOut, ...]:
    """The rows that are none of the table, by reason."""
    rows = [row for answer in answers for row in answer.rows]
    reasons = [
        LeftOut(rule.reason, 1, ((Place(label, number, "row"), row.get(rule.column) or ""),))
        for number, row in enumerate(rows, start=1)
        if (rule := _reason_out(row, forms)) is not None
    ]
    return added_up(reasons)


def _lines(
    own: Sequence[str], columns: Sequence[str], forms: Forms, answers: Sequence[_Answer]
) -> Iterator[Sequence[str | None]]:
    yield [*own, *columns]
    for answer in answers:
        facts = [answer.account.id, answer.account.currency][: len(own)]
        for row in answer.rows:
            if _reason_out(row, forms) is not None:
                continue
            values = {"currency": answer.account.currency, **forms.constants, **row}
            yield [*facts, *(values.get(name) for name in columns)]


def _notices(answers: Sequence[_Answer], forms: Forms, request: ReadRequest) -> Iterator[Notice]:
    """Accounts whose days are not the workspace's or that have nothing yet, and how far back the history goes."""
    for answer in answers:
        zone = answer.account.zone
        if zone and answer.covers and zone != request.zone and not forms.moments:
            yield Notice("load.other_zone", {"account": answer.account.label, "zone": zone})
        if answer.is_first and not answer.rows:
            yield Notice("load.nothing_yet", {"account": answer.account.label})
    days = [answer.progress.back for answer in answers if answer.unfinished and answer.progress.back is not None]
    if days:
        yield Notice("load.more_history", {"day": max(days).isoformat()})
