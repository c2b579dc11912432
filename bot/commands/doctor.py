"""kpi doctor: live checks of tokens, sheet access, warehouse and freshness, each with what mends it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.commands.call import Call
from bot.running.loading import PassingClock, vault_of
from bot.running.renewing import renewing
from bot.slack.app import slack_access
from bot.slack.posting import attempt, slack_client
from kpi_core.access.operator import OPERATOR
from kpi_core.deliveries.ledger import unsettled
from kpi_core.errors import KpiBotError
from kpi_core.formats.findings import finding_text, mend_text
from kpi_core.formats.source_facts import source_json, source_lines
from kpi_core.frozen_dataclass import frozen
from kpi_core.health.facts import Health
from kpi_core.locale.problem_words import in_words_of
from kpi_core.phrases import say
from kpi_core.questions.errors import error_words
from kpi_core.settings.source_types import Connection, services
from kpi_core.settings.values import FILE, Source, file_language
from kpi_core.sources import ReadRequest
from kpi_core.sources.api.access import Access, access_of, days_to_end
from kpi_core.sources.api.outcomes import failure_of
from kpi_core.state.sheets.sheet_log import SheetLog
from kpi_core.warehouse.coverage import oldest_source
from kpi_core.warehouse.reach import last_restated

_SOON = timedelta(days=4)
"""So long before access that renews itself ends it is told."""
_SOON_AT_ALL = timedelta(days=14)
"""The same of access that somebody has to grant anew."""


@frozen
class Finding:
    """One check: `message` is what was found, `hint` what mends it, `details` what else there is to know."""

    check: str
    ok: bool
    message: str
    hint: str = ""
    details: tuple[str, ...] = ()


def run_doctor(call: Call) -> int:
    """Exit 1 if any check failed."""
    findings = list(_findings(call))
    if call.as_json:
        checks = [
            {"check": finding.check, "ok": finding.ok, "message": finding.message, "hint": finding.hint}
            for finding in findings
        ]
        call.show_json({"checks": checks, **_health_json(call)})
    else:
        for finding in findings:
            check = in_words_of(_language(call), finding.check)
            call.show(f"{'ok  ' if finding.ok else 'FAIL'}  {check}: {finding.message}")
            # An error of several lines ends with its own hints.
            if finding.hint and not finding.ok and not finding.message.endswith(finding.hint):
                call.show(f"      {finding.hint}")
            for detail in finding.details:
                call.show(f"      {detail}")
    return 0 if all(finding.ok for finding in findings) else 1


def _findings(call: Call) -> Iterator[Finding]:
    # Each looks for itself when its turn comes: what is broken fails its own line, and the others still run.
    yield _checked(call, "kpi.yaml", lambda: call.workspace.settings.company)
    yield _checked(call, "definitions", lambda: _definitions(call))
    yield _checked(call, "data", lambda: _data(call))
    yield from _sources(call)
    yield from _services(call)
    if any(model.primary_entity for model in call.workspace.catalog.models.values()):
        yield _checked(call, "look-ups", lambda: _lookups(call))
    yield _checked(call, "time zone", lambda: _clock(call))
    yield _checked(call, "Slack", lambda: _slack(call))
    yield from _deliveries(call)
    for sheet in call.workspace.settings.sheets:
        yield _checked(call, f"sheet {sheet.spreadsheet}", partial(_sheet, call, sheet.spreadsheet))


def _checked(call: Call, check: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(check, ok=True, message=look())
    except KpiBotError as error:
        return _failed(call, check, error)


def _failed(call: Call, check: str, error: KpiBotError) -> Finding:
    """A check that an error ended: as JSON in English, like errors everywhere."""
    message, hint = (error.message, error.hint) if call.as_json else error_words(error, _language(call))
    return Finding(check, ok=False, message=message, hint=hint)


def _language(call: Call) -> str:
    """The workspace's, also of one whose kpi.yaml is wrong."""
    try:
        return call.language
    except KpiBotError:
        return file_language(call.config or Path.cwd() / FILE)


def _definitions(call: Call) -> str:
    return say(call.language, "doctor.definitions", count=len(call.workspace.catalog.kpis()))


def _data(call: Call) -> str:
    """How far each table reaches."""
    door = call.workspace.door(OPERATOR)
    oldest = {name: oldest_source(door.health(), name) for name in door.catalog.models}
    there = [
        say(call.language, "doctor.through", table=name, day=str(table.last))
        + (f" ({source.source})" if (source := oldest[name]) else "")
        for name, table in door.coverage(call.now()).items()
        if table.last
    ]
    if not there:
        raise KpiBotError("There is no data yet.", code="no_data", hint="Run kpi load.")
    return ", ".join(there)


def _sources(call: Call) -> Iterator[Finding]:
    """What the loads know of each source; one whose last load was not taken fails."""
    try:
        health = call.workspace.door(OPERATOR).health()
    except KpiBotError:  # the check of the data has told it
        return
    for name in dict.fromkeys([*(each.source for each in health.sources), *_not_loaded(health)]):
        facts = next((each for each in health.sources if each.source == name), None)
        ok = name not in _not_loaded(health)
        if facts is None:
            failure = next(finding for finding in health.findings if finding.source == name)
            yield Finding(f"source {name}", ok, finding_text(failure, call.language), mend_text(failure, call.language))
        else:
            reach, *details = source_lines(facts, health, call.language)
            yield Finding(f"source {name}", ok, reach, details=tuple(details))


def _services(call: Call) -> Iterator[Finding]:
    """Each source that asks a service: its accounts, asked live, and whether the version it asks is about to end."""
    kinds = services()
    today = call.workspace.settings.calendar.today(call.now())
    for source in call.workspace.settings.sources:
        connection = kinds[source.type].connection if source.type in kinds else None
        if connection is None:
            continue
        yield _access(call, source, connection)
        left = days_to_end(connection, today)
        if left is not None:
            own = {"vendor": connection.vendor, "version": connection.version, "day": str(connection.ends)}
            message = say(call.language, "doctor.ends", **own)
            yield Finding(f"version {source.name}", ok=left > 0, message=message, hint="Update KPI Bot.")


def _access(call: Call, source: Source, connection: Connection) -> Finding:
    check = f"access {source.name}"
    try:
        access = _access_of(call, source)
    except KpiBotError as error:
        return _failed(call, check, error)
    language, until = call.language, access.until
    names = ", ".join(account.label for account in access.accounts) or say(language, "doctor.no_account")
    ends = f" {say(language, 'doctor.until', day=str(connection.ends))}" if connection.ends else ""
    message, details = f"{names}; {connection.version}{ends}", tuple(_access_lines(call, source, access))
    if until is not None and until - call.now() < (_SOON_AT_ALL if access.is_fixed else _SOON):
        hint = f"Run kpi load --source {source.name}, and let kpi run load it every day."
        hint = f"Whoever manages the account: run kpi connect {source.name} again." if access.is_fixed else hint
        return Finding(check, ok=False, message=message, hint=hint, details=details)
    return Finding(check, ok=True, message=message, details=details)


def _access_lines(call: Call, source: Source, access: Access) -> Iterator[str]:
    """What the access may do, the calls that are left, the last restatement, and when it ends."""
    language, zone = call.language, call.workspace.settings.calendar.zone
    if access.scopes:
        yield say(language, "doctor.may", scopes=", ".join(access.scopes))
    if access.quota:
        yield say(language, "doctor.calls_left", calls=access.quota)
    if restated := last_restated(call.workspace.warehouse, source.name):
        yield say(language, "doctor.restated", when=f"{restated.astimezone(zone):%Y-%m-%d %H:%M}")
    if access.until:
        key = "doctor.ends_on" if access.is_fixed else "doctor.lasts"
        yield say(language, key, when=f"{access.until.astimezone(zone):%Y-%m-%d %H:%M}")


def _access_of(call: Call, source: Source) -> Access:
    """What it reaches, with no account in trouble. KpiBotError where one is."""
    with TemporaryDirectory() as folder:
        workspace = call.workspace
        own = (source, workspace.settings.folder, Path(folder), workspace.environment)
        access = access_of(ReadRequest(*own, clock=PassingClock(call.now()), vault=vault_of(workspace)))
    for account in access.accounts:
        if account.trouble is not None:
            raise failure_of(f"{source.name}, {account.label}", account.trouble)
    return access


def _deliveries(call: Call) -> Iterator[Finding]:
    """What is not posted and why; one that waits for a person fails."""
    try:
        stuck = [each for each in unsettled(call.workspace.store) if each.error]
    except KpiBotError as error:
        yield _failed(call, "deliveries", error)
        return
    for delivery in stuck:
        yield Finding(f"delivery {delivery.key[:8]} to {delivery.message.channel}", ok=False, message=delivery.error)
    if not stuck:
        yield Finding("deliveries", ok=True, message=say(call.language, "doctor.nothing_waits"))


def _not_loaded(health: Health) -> list[str]:
    failed = {"load_failed", "account_failed", "load_shrunk"}
    return [finding.source for finding in health.findings if finding.code in failed]


def _health_json(call: Call) -> dict[str, object]:
    """The sources as their last loads left them, and of each table the source that it is as fresh as."""
    try:
        health = call.workspace.door(OPERATOR).health()
    except KpiBotError:
        return {"sources": [], "tables": []}
    ends = ((table, oldest_source(health, table)) for table in dict.fromkeys(each.table for each in health.sources))
    return {
        "sources": [source_json(source, health, call.language) for source in health.sources],
        "tables": [
            {"table": table, "through": source.last_day and source.last_day.isoformat(), "source": source.source}
            for table, source in ends
            if source is not None
        ],
    }


def _lookups(call: Call) -> str:
    """Whether each look-up has one row a key."""
    from kpi_core.warehouse.reach import doubled_keys

    doubled = doubled_keys(call.workspace.catalog, call.workspace.warehouse)
    if doubled:
        too_many = ((table, key, f"{rows} {'row' if rows == 1 else 'rows'}") for table, key, rows in doubled)
        message = "; ".join(f"{table}: {rows} too many for their {key}" for table, key, rows in too_many)
        hint = "Keep one row a key: of several, the smallest value of each column counts."
        raise KpiBotError(message, code="lookup_keys", hint=hint)
    return say(call.language, "doctor.one_row")


def _clock(call: Call) -> str:
    """Whether the warehouse cuts local days as questions do."""
    from kpi_core.warehouse.reach import other_clock

    calendar = call.workspace.settings.calendar
    since = other_clock(call.workspace.warehouse, calendar, call.now())
    if since is not None:
        message = f"The warehouse's clock of {calendar.timezone} is another than this machine's by {since:%d %B %Y}."
        hint = "Update the older of the two: DuckDB or the database's time zones, or the package tzdata."
        raise KpiBotError(message, code="time_zone", hint=hint)
    return say(call.language, "doctor.same_clock", zone=calendar.timezone)


def _slack(call: Call) -> str:
    access = renewing(slack_access(call.environment), call.workspace.settings.folder, call.environment)

    async def ask() -> str:
        client = slack_client(access.token, access.api_url)
        answer = await attempt(client.auth_test())
        # auth.test knows the bot's token only; this is the one call that tries the app-level token.
        await attempt(client.apps_connections_open(app_token=access.app_token))
        names = {"user": str(answer.get("user")), "team": str(answer.get("team"))}
        return say(call.language, "doctor.user_in", **names)

    return asyncio.run(ask())


def _sheet(call: Call, spreadsheet: str) -> str:
    from sheets_sync.client import open_client

    return f"{open_client(call.environment).title(spreadsheet)}; {_last_sync(call, spreadsheet)}"


def _last_sync(call: Call, spreadsheet: str) -> str:
    last = SheetLog(call.workspace.store, spreadsheet).state()
    if last.at is None:
        return say(call.language, "doctor.not_synced")
    when = f"{last.at.astimezone(call.workspace.settings.calendar.zone):%Y-%m-%d %H:%M}"
    if last.error:
        return say(call.language, "doctor.sync_failed", when=when, error=last.error)
    return say(call.language, "doctor.synced", when=when)
