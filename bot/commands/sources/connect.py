"""kpi connect: from a vendor's own screen to numbers: what to do there, the secrets, the accounts, the source."""

from __future__ import annotations

import getpass
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bot.commands.call import Call, progress
from bot.commands.reports.load_report import terminal_load
from bot.commands.sources.load import exit_code_of, readiness
from bot.running.loading import PassingClock, load_sources, vault_of
from kpi_core.documents.amendments import with_entries, write_whole
from kpi_core.errors import DataError, UsageError
from kpi_core.phrases import say
from kpi_core.settings.source_types import Connection, SourceType, services
from kpi_core.settings.values import FILE, VARIABLE, Source, find_settings
from kpi_core.sources import ReadRequest
from kpi_core.sources.api.access import accounts_of, service_named
from kpi_core.sources.api.forms import forms_of
from kpi_core.sources.api.service import Account

EVERY = "day 06:00"
_LIST = re.compile(r"[,\s]+")


def run_connect(call: Call) -> int:
    """Connect a service, or a source of kpi.yaml anew; exit 1 where access is refused or something is missing."""
    config = find_settings(call.config, Path.cwd())
    if config is None:
        hint = "Run kpi init first; it asks four questions."
        raise DataError(f"There is no {FILE} here.", code="add_no_settings", hint=hint)
    name = call.options.name
    if not name:
        call.show("\n".join(_listed(call.language)))
        return 0
    before = next((source for source in call.workspace.settings.sources if source.name == name), None)
    kind = services().get(before.type) if before else service_named(name)
    if kind is None or kind.connection is None:
        hint = "Add newer files with kpi add."
        raise UsageError(f"{name} is read from files, not from a service.", code="no_service", hint=hint)
    is_asked = not call.options.yes and sys.stdin.isatty()
    if not call.as_json:
        call.show("\n".join(_steps(kind, kind.connection, call.language)))
    source = _source(call, kind, kind.connection, before, is_asked=is_asked)
    call = Call(call.options, {**call.environment, **_typed(call, kind, source, is_asked=is_asked)})
    accounts = _accounts(call, source, kind.connection)
    write_whole(config, with_entries(config.read_text("utf-8"), "sources", [_entry(source)], config.name))
    return _loaded(call, source, accounts)


def _listed(language: str) -> Iterator[str]:
    """The services that can be connected, each with how long that takes."""
    for name, kind in services().items():
        assert kind.connection is not None
        yield f"{name}  {kind.title.get(language, kind.title['en'])}: {kind.connection.waiting[language]}"


def _steps(kind: SourceType, connection: Connection, language: str) -> Iterator[str]:
    """What a person must do at the vendor, and how long it takes."""
    yield kind.title[language]
    for number, step in enumerate(connection.steps, start=1):
        yield f"{number}. {step[language]}"
    yield say(language, "connect.waiting", waiting=connection.waiting[language])
    yield say(language, "connect.untried", vendor=connection.vendor)


def _source(call: Call, kind: SourceType, connection: Connection, before: Source | None, *, is_asked: bool) -> Source:
    """The source as it will stand in kpi.yaml, its secrets as names of variables."""
    options = dict(before.options) if before else {}
    options |= {name: f"${{{variable}}}" for name, variable in connection.credentials.items() if name not in options}
    settings = dict(_settings(call))
    table = _table(settings.pop("table", None), kind, connection)
    for name, text in settings.items():
        option = kind.options.get(name)
        if option is None or option.kind == "secret":
            hint = f"It takes {', '.join(each for each in kind.options if each not in connection.credentials)}."
            raise UsageError(f"--set {name}= is no option of {kind.name}.", code="usage", hint=hint)
        options[name] = _value(text, option.kind)
    for name, option in kind.options.items():
        if option.required and name not in options:
            text = input(f"{option.description[call.language]}\n{name}: ").strip() if is_asked else ""
            if not text:
                hint = f"Add --set {name}=…"
                raise DataError(f"{kind.name} needs {name}.", code="connect_option", hint=hint, params={"option": name})
            options[name] = _value(text, option.kind)
    names = {source.name for source in call.workspace.settings.sources}
    free = next(item for item in (kind.name, *(f"{kind.name} {n}" for n in range(2, 99))) if item not in names)
    is_other = before is None or (table is not None and table != before.table)
    made = Source(call.options.source_name or free, kind.name, table or connection.table, every=EVERY)
    return replace(made if is_other or before is None else before, options=options)


def _table(named: str | None, kind: SourceType, connection: Connection) -> str | None:
    """The table that a source is to fill, where one is named. UsageError where the service does not fill it."""
    tables = (connection.table, *forms_of(kind.name).tables)
    if named is not None and named not in tables:
        raise UsageError(f"{kind.name} does not fill {named}.", code="usage", hint=f"It fills {' or '.join(tables)}.")
    return named


def _settings(call: Call) -> Mapping[str, str]:
    pairs = [text.partition("=") for text in call.options.set]
    if any(not sign for _name, sign, _text in pairs):
        raise UsageError("--set says nothing.", code="usage", hint="Write it like --set account_ids=123,456.")
    return {name.strip(): text.strip() for name, _sign, text in pairs}


def _value(text: str, kind: str) -> Any:
    if kind == "list":
        return [part for part in _LIST.split(text) if part]
    if kind == "number":
        with suppress(ValueError):
            return int(text)
    return text


def _typed(call: Call, kind: SourceType, source: Source, *, is_asked: bool) -> dict[str, str]:
    """The secrets that are not in the environment, as somebody types them; they are written nowhere."""
    typed: dict[str, str] = {}
    assert kind.connection is not None
    for option in kind.connection.credentials:
        words = kind.options[option].description[call.language]
        for variable in VARIABLE.findall(str(source.options[option])):
            if call.environment.get(variable):
                continue
            text = getpass.getpass(f"{words}\n{option}: ").strip() if is_asked else ""
            if not text:
                hint = f"Set the variable {variable}, then run kpi connect again."
                message = f"{variable} is not set."
                raise DataError(message, code="connect_variable", hint=hint, params={"variable": variable})
            typed[variable] = text
    if typed:
        call.say(say(call.language, "connect.keep", variables=", ".join(typed)))
    return typed


def _accounts(call: Call, source: Source, connection: Connection) -> list[Account]:
    """The accounts that the access reaches, tried live. DataError where there is none."""
    with TemporaryDirectory() as folder:
        request = ReadRequest(
            *(source, call.workspace.settings.folder, Path(folder), call.environment),
            clock=PassingClock(call.now()),
            vault=vault_of(call.workspace),
        )
        accounts = list(accounts_of(request))
    if not accounts:
        message = f"The access reaches no account of {connection.vendor}."
        hint = "Give it the accounts to read, as the steps above say."
        raise DataError(message, code="connect_no_account", hint=hint, params={"vendor": connection.vendor})
    if not call.as_json:
        for account in accounts:
            trouble = account.trouble.reason if account.trouble else ""
            call.show("    " + ", ".join(filter(None, (account.label, account.currency, account.zone, trouble))))
    return accounts


def _entry(source: Source) -> dict[str, Any]:
    every = {"every": source.every} if source.every else {}
    return {"name": source.name, "type": source.type, "table": source.table, **source.options, **every}


def _loaded(call: Call, source: Source, accounts: list[Account]) -> int:
    """The last days at once, then the history, which the next load goes on with wherever it is broken off."""
    workspace = call.workspace
    with progress() as tell:
        report = load_sources(workspace, call.now(), only=source.name, progress=tell, history=False)
    if call.as_json:
        named = [
            {"id": item.id, "name": item.name, "currency": item.currency, "timezone": item.zone} for item in accounts
        ]
        call.show_json({"source": source.name, "type": source.type, "accounts": named, "rows": report.sources[0].rows})
        return exit_code_of(report)
    call.show(say(call.language, "connect.written", source=source.name))
    catalog, currency = workspace.catalog, workspace.settings.currency
    call.show(terminal_load(report, catalog, call.language, currency=currency))
    if report.sources[0].unfinished and not call.options.first:
        call.say(say(call.language, "connect.history"))
        try:
            with progress() as tell:
                report = load_sources(workspace, call.now(), only=source.name, progress=tell)
        except KeyboardInterrupt:
            call.say(say(call.language, "connect.stopped"))
            return 0
        call.show(terminal_load(report, catalog, call.language, currency=currency))
    call.show(readiness(call))
    return exit_code_of(report)
