"""What kpi.yaml may hold: the shape of the whole file and the rules for single values. `values.py` reads by it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import get_args
from zoneinfo import ZoneInfo

from kpi_core.dates.calendars import Pattern
from kpi_core.documents.shapes import (
    AnyOf,
    Boolean,
    Day,
    Field,
    Finding,
    ListOf,
    MappingOf,
    Number,
    OneOf,
    Record,
    Shape,
    Tagged,
    Text,
    Verdict,
    WithKey,
    meant,
)
from kpi_core.documents.yaml_file import Steps
from kpi_core.layouts.declared_breaks import BREAK_NAME, OWN_BREAK
from kpi_core.layouts.export_layout import layout_ids
from kpi_core.layouts.landed import landed_names
from kpi_core.metrics import AUDIENCES, LANGUAGES
from kpi_core.settings.addresses import Address, AddressError, source_address, state_address, warehouse_address
from kpi_core.settings.source_types import Option, OptionKind, SourceType
from kpi_core.settings.values import ALERT_PER, ALERTS, BOARDS, PER, TABS, VARIABLE, AlertKind

TEXT_OR_WHOLE_NUMBER = AnyOf((Text(), Number(whole=True)))

_SPREADSHEET = re.compile(r"https?://[^/]+/(?:.*/)?spreadsheets/(?:u/\d+/)?d/([A-Za-z0-9_-]+)")
_PASSWORD = re.compile(r"://[^/@:\s]*:(?P<password>[^@\s]+)@")
_TOKEN = re.compile(
    r"xox[a-z]-|xapp-|-----BEGIN|\bAIza[\w-]{20}|\bgh[pousr]_\w{20}|\bglpat-|\bsk_live_|\bya29\.|\bEAA[A-Za-z0-9]{30}"
)
_SECRET_PARAMETER = re.compile(r"[?&](password|pwd|token|secret|api_?key|access_?key)=(?!\$\{)[^&\s]", re.IGNORECASE)
_NAME = re.compile(r"[\w][\w .-]*")


def timezone(text: str) -> Verdict:
    try:
        ZoneInfo(text)
    # A zone is a file to Python: the name of a folder of zones, such as Asia, is an OSError.
    except (ValueError, OSError, KeyError):
        from zoneinfo import available_timezones

        hint = meant(text, tuple(sorted(available_timezones())))
        return f"timezone {text} is not known", hint or "Use a name such as Asia/Seoul or Europe/London."
    return None


def currency(text: str) -> Verdict:
    from babel.core import get_global

    codes = tuple(get_global("all_currencies"))
    if text in codes:
        return None
    hint = f"Did you mean {text.upper()}?" if text.upper() in codes else ""
    return f"currency {text} is not known", hint or "Use its ISO code, such as KRW, TWD or USD."


def country(text: str) -> Verdict:
    from babel import Locale

    code = text.partition("-")[0]
    # Two letters, for CLDR's territories also hold the world, 001, and its parts.
    if len(code) == 2 and code in Locale("en").territories:
        return None
    return f"the country {text} is not known", "Use its ISO code, such as KR, TW or US."


def warehouse(text: str) -> Verdict:
    return _address(warehouse_address, text)


def state(text: str) -> Verdict:
    return _address(state_address, text)


def source_url(text: str) -> Verdict:
    return _address(source_address, text)


def _address(read: Callable[[str], Address], text: str) -> Verdict:
    """What is wrong with an address; one with variables is judged when they are filled, by `address_rules.py`."""
    if variables_of(text):
        return None
    try:
        read(text)
    except AddressError as error:
        return error.verdict
    return None


def every(text: str) -> Verdict:
    from kpi_core.dates.schedule import ScheduleError, parse_every

    try:
        parse_every(text)
    except ScheduleError as error:
        return error.message, error.hint
    return None


def wait(text: str) -> Verdict:
    from kpi_core.dates.schedule import ScheduleError, parse_wait

    try:
        parse_wait(text)
    except ScheduleError as error:
        return error.message, error.hint
    return None


def hours(text: str) -> Verdict:
    if re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d", text) and text[:5] != text[6:]:
        return None
    return f"{text} are no hours", "Write when they begin and end: 22:00-08:00."


def spreadsheet_id(text: str) -> str | None:
    """The id within a spreadsheet's address, or the text itself when it looks like an id."""
    match = _SPREADSHEET.match(text)
    if match:
        return match[1]
    # Google's ids are far longer than that, and names far shorter.
    return text if re.fullmatch(r"[A-Za-z0-9_-]{10,}", text) else None


def spreadsheet(text: str) -> Verdict:
    if spreadsheet_id(text):
        return None
    return "this is no address of a spreadsheet", "Copy it from the browser: https://docs.google.com/spreadsheets/d/…"


def channel(text: str) -> Verdict:
    if re.fullmatch(r"[CGD][A-Z0-9]{2,}", text):
        return None
    hint = "Names change, ids do not: open the channel's details in Slack, its id (C…) stands at the bottom."
    return f"{text} is not a channel's id", hint


def month(text: str) -> Verdict:
    if re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", text):
        return None
    return f"{text} is not a month", "Write it like 2026-11."


def listener(text: str) -> Verdict:
    return None if user(text) is None else channel(text)


def group(text: str) -> Verdict:
    if re.fullmatch(r"S[A-Z0-9]{2,}", text):
        return None
    return f"{text} is not a user group's id", "It looks like S0456: copy it from the user group's menu in Slack."


def user(text: str) -> Verdict:
    if re.fullmatch(r"[UW][A-Z0-9]{2,}", text):
        return None
    return f"{text} is not a member's id", "It looks like U0123: copy it from the member's profile in Slack."


def layout(text: str) -> Verdict:
    ids = layout_ids()
    if text in ids or text in landed_names():
        return None
    near = meant(text, ids)
    return f"there is no layout {text}", near or "docs/exports.md lists them; leave it out for a file of your own."


def plain_name(text: str) -> Verdict:
    if _NAME.fullmatch(text):
        return None
    return f"the name {text} holds signs that names may not", "Use letters, digits, - and _."


def variables_of(text: str) -> tuple[str, ...]:
    """The names of the `${NAME}`s in a text."""
    return tuple(VARIABLE.findall(text)) if "${" in text else ()


def holds_secret(text: str) -> bool:
    """Whether a text looks like a token, a private key or an address with its password."""
    if _TOKEN.search(text) or _SECRET_PARAMETER.search(text):
        return True
    # `${NAME}` in its place is how it should be.
    password = _PASSWORD.search(text)
    return password is not None and not VARIABLE.fullmatch(password["password"])


SECRET_HINT = "Put it into an environment variable and write ${NAME} here."  # noqa: S105  (a hint, no secret)


def secrets(value: object, path: Steps = ()) -> Iterator[Finding]:
    """Every text of a document that looks like a secret; the findings never repeat it."""
    if isinstance(value, str) and holds_secret(value):
        yield Finding(path, "a secret stands in this file", SECRET_HINT)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from secrets(item, (*path, number))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from secrets(item, (*path, key))


_TEXT = Text()
_KPI = Text(says="a KPI's id")
_CHANNEL = Text(channel, "a channel's id such as C0123ABCD")
_EVERY = Text(every, "a time such as `monday 09:00`")
_VALUE = AnyOf((Text(), Number(), Boolean()))
_TEXTS = AnyOf((Text(), ListOf(Text(), at_least=1)))

_FISCAL = Record(
    {
        "starts": Field(Number(whole=True, least=1, most=12), description="Its first month, 1 to 12"),
        "named_by": Field(OneOf(("start", "end")), description="Which year names it, the one it starts or ends in"),
        "pattern": Field(
            OneOf(get_args(Pattern)),
            description="The weeks of a quarter's three months, where the year is made of whole weeks; default: none",
        ),
    }
)
GOAL = Record(
    {
        "kpi": Field(_KPI, required=True, description="Its id; a variant such as cac@paid too"),
        "target": Field(Number(), required=True, description="In the KPI's own scale: 0.03 for 3 %"),
        "by": Field(Day(), required=True, description="The day by which it is to be met"),
        "owner": Field(_TEXT, description="Who answers for it: a member's id in Slack"),
        "where": Field(MappingOf(_VALUE), description="The segment it is for, e.g. {channel: search}"),
        "per": Field(OneOf(PER), description="The period that the target of a count or an amount is meant for"),
        "note": Field(_TEXT, description="Anything worth knowing"),
        "action": Field(_TEXT, description="What was agreed to do when it is off track"),
    }
)
_MONTHLY = Record(
    {
        "kpi": GOAL.fields["kpi"],
        "plan": Field(
            MappingOf(Number(), Text(month, "a month such as 2026-11"), at_least=1),
            required=True,
            description="A target a month, e.g. {2026-11: 80, 2026-12: 95}; instead of target and by",
        ),
        **{name: GOAL.fields[name] for name in ("owner", "where", "note", "action")},
    }
)
_SHEET = Record(
    {
        "spreadsheet": Field(
            Text(spreadsheet, "a spreadsheet's address"),
            required=True,
            description="Its address, as the browser shows it",
        ),
        "tabs": Field(
            ListOf(OneOf(TABS), at_least=1),
            description="What the bot keeps in it; all but campaigns, regions, devices, funnel and cells by default",
        ),
        "every": Field(_EVERY, description="When to sync; default: day 07:00"),
        "comments": Field(
            Boolean(), description="Whether a goal off track gets a comment, whose replies are check-ins; default: no"
        ),
        "cells": Field(
            ListOf(_TEXT), description="Questions for formulas, beside those of every KPI; needs the tab cells"
        ),
    }
)
_SUMMARY = Record(
    {
        "name": Field(Text(plain_name), required=True, description="What kpi summary calls it by"),
        "channel": Field(_CHANNEL, required=True, description="The channel's id in Slack"),
        "audience": Field(OneOf(AUDIENCES), description="Whose KPIs it shows; default: manager"),
        "every": Field(_EVERY, description="When to post; default: monday 09:00"),
        "timezone": Field(Text(timezone), description="Whose time that is; default: the workspace's"),
        "on_holidays": Field(
            OneOf(("run", "skip", "move")),
            description="On a public holiday: it comes, not at all, or on the next working day; default: run",
        ),
        "wait_for_data": Field(
            Text(wait, "a time such as `3h`"), description="How long to wait for data that is late; default: not at all"
        ),
        "if_late": Field(
            OneOf(("post", "skip")), description="What to do when it has not come by then; default: post it"
        ),
        "preview": Field(
            Text(wait, "a time such as `30m`"),
            description="How long before it goes out `owner:` reads it, to send it now or hold it back; default: never",
        ),
    }
)
_REMINDER = Record(
    {
        "name": Field(Text(plain_name), required=True, description="What kpi schedule calls it by"),
        "about": Field(
            OneOf(("goals", "numbers")),
            required=True,
            description="goals: how sure their owners are; numbers: to bring a source up to date that is kept by hand",
        ),
        "every": Field(_EVERY, description="When to remind; default: friday 10:00"),
        "to": Field(
            Text(listener), description="A member's or channel's id; default: each goal's owner, or owner: of kpi.yaml"
        ),
        "source": Field(_TEXT, description="Of numbers: the source that is kept by hand; default: all without every:"),
    }
)
_ALERT_KEYS: Mapping[str, Field] = {
    "kpi": Field(_KPI, required=True, description="Its id"),
    "when": Field(OneOf(ALERTS), required=True, description="What to speak up about"),
    "channel": Field(_CHANNEL, required=True, description="The channel's id in Slack"),
    "cool_down": Field(
        Number(whole=True, least=0, most=90), description="Within so many days after its end it goes on; default 3"
    ),
    "owner": Field(_TEXT, description="Who is to act: a member's id in Slack; default: the goal's owner"),
    "urgent": Field(Boolean(), description="Whether it comes in quiet hours, too, and beside the daily budget"),
}
_WHERE = Field(MappingOf(_VALUE), description="The segment it watches, e.g. {channel: search}")
_IN_A_ROW = Field(
    Number(whole=True, least=1, most=30), description="So many periods, or looks, in a row must show it; default 1"
)
_SPLIT: Mapping[str, Field] = {
    "where": _WHERE,
    "by": Field(_TEXT, description="A dimension: each of its values is watched by itself, e.g. channel"),
    "least": Field(
        Number(least=0), description="The least volume: of the number itself, or of what a ratio divides by"
    ),
}
_PERIODS: Mapping[str, Field] = {
    "per": Field(
        OneOf(ALERT_PER), description="The periods that are judged; default: as often as the KPI is looked at"
    ),
    "in_a_row": _IN_A_ROW,
}
_SIDE = Field(
    OneOf(("worse", "better", "both")), description="Which news counts; default: worse, both of a KPI that is neutral"
)
ALERT_KINDS: Mapping[AlertKind, tuple[str, Mapping[str, Field]]] = {
    "target_missed": ("A goal of the KPI is missed", {"where": _WHERE, "in_a_row": _IN_A_ROW}),
    "target_at_risk": ("A goal of the KPI is missed, or about to be", {"where": _WHERE, "in_a_row": _IN_A_ROW}),
    "threshold": (
        "The KPI is past a limit",
        {
            **_SPLIT,
            **_PERIODS,
            "above": Field(Number(), description="The limit, in the KPI's own scale: 0.03 for 3 %"),
            "below": Field(Number(), description="The same, from the other side"),
            "margin": Field(
                Number(least=0, most=1), description="How far back past it, as a share, it is over; default 0.05"
            ),
        },
    ),
    "change": (
        "The KPI has moved against a fair basis",
        {
            **_SPLIT,
            **_PERIODS,
            "change": Field(
                Number(least=0), description="By at least this share, 0.2 for 20 %; default: any beyond its usual swing"
            ),
            "against": Field(OneOf(("previous_period", "year_ago")), description="Default: previous_period"),
            "side": _SIDE,
        },
    ),
    "anomaly": ("Days of the KPI are far from what those before them led to expect", {**_SPLIT, "side": _SIDE}),
    "stale": (
        "Data is late or incomplete, or closed days have changed",
        {"kpi": Field(_KPI, description="Only the sources behind it; default: every source")},
    ),
}
"""What each kind of alert is for, and the keys that it has beside those of all."""
_ALERT = Tagged("when", {kind: Record({**_ALERT_KEYS, **own}) for kind, (_what, own) in ALERT_KINDS.items()})
_ATTENTION = Record(
    {
        "per_day": Field(
            Number(whole=True, least=0, most=100),
            description="So many alerts a channel and day stand alone, the rest come in one message; default 5",
        ),
        "quiet": Field(Text(hours, "hours such as 22:00-08:00"), description="When no alert comes: it waits"),
        "weekends": Field(OneOf(("post", "wait")), description="Whether alerts come on weekends; default: post"),
        "holidays": Field(OneOf(("post", "wait")), description="Whether they come on public holidays; default: post"),
        "look_back": Field(
            Number(whole=True, least=1, most=60),
            description="Days after which it is told what an action has changed; default 7",
        ),
    }
)
_ACCESS = Record(
    {
        "channels": Field(ListOf(_CHANNEL), description="Channels in which it may be shown"),
        "groups": Field(ListOf(Text(group)), description="User groups whose members may see it"),
        "users": Field(ListOf(Text(user)), description="Members who may see it"),
        "sheets": Field(
            ListOf(Text(spreadsheet, "a spreadsheet's address or its id")),
            description="Spreadsheets in which it may stand, as under sheets:",
        ),
    }
)
_ADD_DATA = Record(
    {
        "users": Field(ListOf(Text(user)), description="Members who may"),
        "groups": Field(ListOf(Text(group)), description="User groups whose members may"),
    }
)
_BOARD = Record(
    {
        "tool": Field(OneOf(BOARDS), required=True, description="Where tasks are made"),
        "place": Field(
            AnyOf((Text(), Number(whole=True))),
            required=True,
            description="The id of Asana's project, of Trello's list or of monday.com's board",
        ),
        "token": Field(Text(says="a text, a secret as ${NAME}"), required=True, description="Its access, as ${NAME}"),
        "key": Field(Text(says="a text, a secret as ${NAME}"), description="Trello's API key, as ${NAME}"),
        "status": Field(Text(), description="monday.com: the id of the status column; default: status"),
        "due": Field(Text(), description="monday.com: the id of the date column"),
        "done": Field(Text(), description="monday.com: the label that means done; default: Done, 완료, 完成"),
    }
)
_VAT_RATE = Number(least=0, most=1)
SOURCE_KEYS = {
    "name": Field(Text(plain_name), required=True, description="What kpi load calls it by"),
    "type": Field(_TEXT, required=True, description="What it reads"),
    "table": Field(_TEXT, required=True, description="The model whose rows it gives"),
    "columns": Field(
        MappingOf(TEXT_OR_WHOLE_NUMBER), description="Column of the model: column of the source, where the names differ"
    ),
    "values": Field(
        MappingOf(MappingOf(_VALUE)),
        description="Column of the model: {what stands in the source: what it means}, e.g. {channel: {fb: facebook}}",
    ),
    "query": Field(
        _TEXT, description="SQL that gives the model's rows, over the relation source or in the database read"
    ),
    "timezone": Field(Text(timezone), description="The zone of times that name none; default: the workspace's"),
    "replace": Field(
        OneOf(("days", "all")), description="What a load replaces: the days it has read (default), or all"
    ),
    "decimal": Field(
        OneOf((".", ",")),
        description='Its decimal sign, where its columns do not prove one: "," reads 1.000 as a thousand',
    ),
    "dates": Field(
        OneOf(("dmy", "mdy", "ymd", "serial")),
        description="The order of 05/06/2026 where no day above 12 proves it; ymd for 26/06/05, serial for 46178",
    ),
    "every": Field(_EVERY, description="When `kpi run` loads it by itself; default: `kpi load` alone does"),
    "layout": Field(
        Text(layout, "the id of a layout such as shopify/orders"),
        description="The tool's export that its files are; a pattern in path takes those of its files that are. Of a "
        "database: fivetran, airbyte or dlt, or one vendor of it such as fivetran/shopify",
    ),
    "set": Field(MappingOf(_VALUE), description="Columns of the model that are the same in all rows: {platform: meta}"),
    "leave_out": Field(
        ListOf(AnyOf((Text(), MappingOf(_TEXTS, at_least=1)))),
        description="Rows that are none: {column of the source: texts}, or a text that stands in one of their cells",
    ),
    "currency": Field(Text(currency, "a currency such as USD"), description="The currency of its amounts"),
    "vat": Field(OneOf(("with", "without")), description="Whether VAT is in its amounts"),
    "vat_rate": Field(_VAT_RATE, description="The rate of its VAT, where it is another than the workspace's"),
    "breaks": Field(
        ListOf(AnyOf((BREAK_NAME, OWN_BREAK))),
        description="From which days on its columns mean something else: names such as naver_report_vat, or "
        "{since: 2026-05-01, columns: [conversions], text: new tracking}",
    ),
    "accounts": Field(
        OneOf(("one", "several")),
        description="Whether reports of the same days are of one account, so that one counts, or of several, "
        "which add up without a word",
    ),
}


_MONEY_AND_CHANNELS: Mapping[str, Field] = {
    "vat": Field(
        OneOf(("with", "without")),
        description="Whether VAT is to be in all amounts; default: as each source has it",
    ),
    "vat_rate": Field(_VAT_RATE, description="The rate of VAT as a fraction; default: KRW 0.1, TWD 0.05"),
    "rates": Field(
        _TEXT,
        description="Converts other currencies: ecb, or the source that fills the table rates; "
        "default: such amounts are left out",
    ),
    "channels": Field(
        MappingOf(_TEXTS),
        description="Channel: what tools write for it, e.g. {social: [facebook, 밴드], search: [google / cpc]}",
    ),
}


_PLACES: Mapping[str, Field] = {
    "warehouse": Field(Text(warehouse), description="Where the data lies; default: duckdb:///kpi.duckdb"),
    "rollups": Field(_TEXT, description="The schema of Postgres or database of ClickHouse for sums by day"),
    "state": Field(Text(state), description="Goals, schedules and deliveries; default: sqlite:///state.db"),
}


_OUTSIDE: Mapping[str, Field] = {
    "tasks": Field(_BOARD, description="The board on which a goal's next step becomes a task; none without it"),
    "apps": Field(
        ListOf(_TEXT),
        description="Other apps and workflows in Slack whose mentions are answered, by id; none without it",
    ),
}
"""Other tools of the team."""


def source_shape(kind: SourceType) -> Record:
    """The keys of one type of source: those that all have, and its own."""
    own = {
        name: Field(option_shape(option), option.required, option.description["en"])
        for name, option in kind.options.items()
    }
    return Record({**SOURCE_KEYS, **own})


def option_shape(option: Option) -> Shape:
    """What an option of a source may be."""
    word = OneOf(option.values) if option.values else None
    shapes: dict[OptionKind, Shape] = {
        "text": word or _TEXT,
        "secret": Text(says="a text, a secret as ${NAME}"),
        "spreadsheet": Text(spreadsheet, "a spreadsheet's address"),
        "address": Text(source_url, "a database's address"),
        "number": Number(option.whole, option.least, option.most),
        "boolean": Boolean(),
        "date": Day(),
        "list": ListOf(word or TEXT_OR_WHOLE_NUMBER),
        "map": MappingOf(word or _VALUE),
        "texts": AnyOf((word or _TEXT, ListOf(word or _TEXT, at_least=1))),
    }
    return shapes[option.kind]


def settings_shape(types: Mapping[str, SourceType]) -> Record:
    """The shape of kpi.yaml, with the sources that are installed."""
    return Record(
        {
            "company": Field(_TEXT, description="The name on summaries and sheets"),
            "timezone": Field(
                Text(timezone, "a time zone such as Asia/Seoul"),
                required=True,
                description="Days, weeks and months are cut in this zone",
            ),
            "week_start": Field(OneOf(("monday", "sunday")), description="Default: monday"),
            "fiscal_year": Field(_FISCAL, description="Default: the calendar year"),
            "holidays": Field(Text(country), description="The country whose holidays are known by name"),
            "locale": Field(
                OneOf(LANGUAGES), description="Default language; each person in Slack sees their own. Default: en"
            ),
            "currency": Field(
                Text(currency, "a currency such as KRW"), required=True, description="The currency of all amounts"
            ),
            **_MONEY_AND_CHANNELS,
            "owner": Field(
                _TEXT, description="Who hears of what waits for a person, in a direct message: a member's id in Slack"
            ),
            "admins": Field(
                ListOf(Text(user)),
                description="Members who may pause and send in Slack what comes by itself; default: the Slack's admins",
            ),
            **_PLACES,
            "catalog": Field(
                ListOf(_TEXT), description="Folders of own KPIs and models, over or beside the built-in ones"
            ),
            "sources": Field(
                ListOf(Tagged("type", {name: source_shape(kind) for name, kind in types.items()})),
                description="What kpi load reads, each into one table",
            ),
            "goals": Field(
                ListOf(WithKey("plan", _MONTHLY, GOAL)), description="Targets; more can be typed in the Sheet"
            ),
            "audiences": Field(
                Record({name: Field(ListOf(_KPI)) for name in AUDIENCES}),
                description="The KPIs of each audience, most important first",
            ),
            "sheets": Field(ListOf(_SHEET), description="Google Sheets to keep up to date"),
            "summaries": Field(ListOf(_SUMMARY), description="Posts at fixed times"),
            "reminders": Field(ListOf(_REMINDER), description="Direct messages that ask for check-ins and numbers"),
            "alerts": Field(ListOf(_ALERT), description="What to speak up about"),
            "attention": Field(_ATTENTION, description="How many alerts a channel bears, and when"),
            "access": Field(
                MappingOf(_ACCESS), description="Who may see a KPI; one that is not named is open to everybody"
            ),
            "add_data": Field(
                _ADD_DATA, description="Who may add data by sending files to the bot in Slack; nobody without it"
            ),
            **_OUTSIDE,
            "parameters": Field(MappingOf(Number()), description="Numbers that formulas use, e.g. lifetime_years"),
        }
    )
