"""kpi.yaml as frozen values; `file.py` reads them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from kpi_core.dates.calendars import Calendar
from kpi_core.dates.periods import Grain
from kpi_core.errors import Problem, SettingsError
from kpi_core.frozen_dataclass import frozen
from kpi_core.metrics import LANGUAGES

if TYPE_CHECKING:
    from kpi_core.layouts.declared_breaks import DeclaredBreak

FILE = "kpi.yaml"
DEFAULT_WAREHOUSE = "duckdb:///kpi.duckdb"
DEFAULT_STATE = "sqlite:///state.db"
TABS = (
    "overview", "goals", "trends", "trends_weekly", "trends_daily", "channels", "campaigns", "regions", "devices",
    "funnel", "cohorts", "dictionary", "alerts", "sync_log", "cells", "inputs",
)  # fmt: skip
"""What the bot can keep in a spreadsheet."""
PER: tuple[Grain, ...] = ("day", "week", "month", "quarter", "year")
"""The periods that a target may be meant for."""
AlertKind = Literal["target_missed", "target_at_risk", "threshold", "change", "anomaly", "stale"]
ALERTS: tuple[AlertKind, ...] = get_args(AlertKind)
"""What an alert may speak up about."""
ALERT_PER: tuple[Grain, ...] = ("day", "week", "month", "quarter")
"""The periods that a threshold or a change may be about."""
Vat = Literal["with", "without"]
BoardTool = Literal["asana", "trello", "monday"]
BOARDS: tuple[BoardTool, ...] = get_args(BoardTool)
"""Where tasks can be made."""
ECB = "ecb"
"""`rates: ecb`: those of the European Central Bank."""
VAT_RATES = {"KRW": 0.1, "TWD": 0.05}
"""By the firm's currency, the rate of VAT where kpi.yaml does not say. Korea: 부가가치세법, article 30; Taiwan:
加值型及非加值型營業稅法, article 10, as it is levied."""
VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
"""`${NAME}`: a value of the environment."""
_LOCALE = re.compile(r"^locale:\s*['\"]?([A-Za-z-]+)", re.MULTILINE)


@frozen
class Source:
    """One source of kpi.yaml. `options` holds the keys that only its type knows (path, url, spreadsheet, range, …)."""

    name: str
    type: str
    table: str
    columns: Mapping[str, str] = field(default_factory=dict)
    """Model column -> column of the source."""
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Model column -> what stands in the source -> what it means."""
    query: str | None = None
    timezone: str | None = None
    replace: Literal["days", "all"] = "days"
    """Whether a load replaces the days it has read, or all that the source gave before."""
    decimal: Literal[".", ","] | None = None
    """The decimal sign of its texts; without it, the one that each column proves."""
    dates: Literal["dmy", "mdy", "ymd", "serial"] | None = None
    """The order of day, month and year where the year does not come first, or that numbers are a spreadsheet's days."""
    every: str | None = None
    """When `kpi run` loads it by itself; without it, `kpi load` alone does."""
    layout: str | None = None
    """The layout of its files, by id; what else stands here wins over it."""
    set: Mapping[str, str] = field(default_factory=dict)
    """Model column -> what all rows have in it."""
    leave_out: tuple[Mapping[str, tuple[str, ...]] | str, ...] = ()
    """Rows that are none: {header: texts} that all hold, or a text that stands in one of its cells."""
    currency: str | None = None
    """The ISO code of its amounts; without it, what its files say, else the workspace's."""
    vat: Vat | None = None
    """Whether VAT is in its amounts; without it, what its files say."""
    vat_rate: float | None = None
    """The rate of its VAT as a fraction; without it, the workspace's."""
    breaks: tuple[DeclaredBreak, ...] = ()
    """From which days on its columns mean something else than before."""
    accounts: Literal["one", "several"] | None = None
    """Whether its files of the same days are reports of one account or shop, or of several, which add up."""
    options: Mapping[str, object] = field(default_factory=dict)


@frozen
class Goal:
    """A target for a KPI. `per` is the period that an additive KPI's target is meant for: day, week, month, …"""

    kpi: str
    target: float
    by: date
    owner: str = ""
    where: Mapping[str, str] = field(default_factory=dict)
    per: Grain | None = None
    note: str = ""
    action: str = ""
    """What was agreed to do when it is off track."""
    since: date | None = field(default=None, compare=False)
    """The first day of it: of a plan's month, or where it follows another goal of its kind; None counts from ever."""

    @property
    def key(self) -> str:
        """What a goal is about, short: the same for another target, owner, note or action, and on every machine."""
        about = f"{self.kpi}|{sorted(self.where.items())}|{self.per or ''}|{self.by.isoformat()}"
        return "g" + sha256(about.encode()).hexdigest()[:9]


@frozen
class SheetSync:
    spreadsheet: str
    """The spreadsheet's id, taken from its address."""
    tabs: tuple[str, ...]
    every: str = "day 07:00"
    comments: bool = False
    """Whether goals that are off track get a comment, whose replies are check-ins."""
    cells: tuple[str, ...] = ()
    """Questions whose numbers formulas may look up, beside those of every KPI, with the tab `cells`."""


@frozen
class Summary:
    name: str
    channel: str
    audience: str = "manager"
    every: str = "monday 09:00"
    timezone: str = ""
    """Whose time `every` names; that of the workspace without one."""
    on_holidays: Literal["run", "skip", "move"] = "run"
    wait_for_data: str = ""
    """For so long it waits for data that is late; it does not where nothing is said."""
    if_late: Literal["post", "skip"] = "post"
    """What becomes of it when the data has not come by then."""
    preview: str = ""
    """So long before it goes out the owner of the workspace reads it; not at all where nothing is said."""


@frozen
class Reminder:
    """A direct message that asks for something: how sure owners are of their `goals`, or `numbers` kept by hand."""

    name: str
    about: Literal["goals", "numbers"]
    every: str = "friday 10:00"
    to: str = ""
    """A member's or a channel's id; without it each goal's owner, or the owner of the workspace."""
    source: str = ""
    """Of numbers: the source that is kept by hand; without one, all files and tabs that nothing loads by itself."""


@frozen
class Alert:
    """What to speak up about; which keys count depends on `when`. Empty ones leave it to the KPI."""

    when: AlertKind
    channel: str
    kpi: str = ""
    """Empty only of `stale`: every source."""
    where: Mapping[str, str] = field(default_factory=dict)
    by: str = ""
    """A dimension whose values are watched one by one."""
    above: float | None = None
    below: float | None = None
    change: float | None = None
    """The least change as a share; without it, whatever lies beyond the usual swing."""
    per: Grain | None = None
    against: Literal["previous_period", "year_ago"] = "previous_period"
    side: Literal["worse", "better", "both"] = "worse"
    least: float | None = None
    in_a_row: int = 1
    margin: float = 0.05
    """How far back past its limit, as a share of it, a number must be for the alert to be over."""
    cool_down: int = 3
    owner: str = ""
    urgent: bool = False


@frozen
class Attention:
    """How many alerts a channel bears, and when."""

    per_day: int = 5
    quiet: str = ""
    """Local hours in which none comes, such as 22:00-08:00."""
    weekends: Literal["post", "wait"] = "post"
    holidays: Literal["post", "wait"] = "post"
    look_back: int = 7
    """Days after which it is told what an action has changed."""


@frozen
class Access:
    """Who may see a KPI; an empty tuple closes that way in."""

    channels: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    sheets: tuple[str, ...] = ()
    """Ids of spreadsheets in which it may stand."""


@frozen
class AddData:
    """Who may add data by sending files in Slack; an empty tuple closes that way in."""

    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


@frozen
class Board:
    """Where tasks are made: `place` is Asana's project, Trello's list or monday.com's board, by its id.

    `key` is Trello's. `status` and `due` are the ids of monday.com's columns, `done` the label that means done.
    """

    tool: BoardTool
    place: str
    token: str = field(repr=False)
    key: str = field(default="", repr=False)
    status: str = "status"
    due: str = ""
    done: str = ""


@frozen
class Settings:
    """A workspace. `folder` is where kpi.yaml lies: relative paths start there."""

    company: str
    calendar: Calendar
    locale: str
    currency: str
    warehouse: str
    state: str
    folder: Path
    catalog: tuple[Path, ...] = ()
    sources: tuple[Source, ...] = ()
    goals: tuple[Goal, ...] = ()
    audiences: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sheets: tuple[SheetSync, ...] = ()
    summaries: tuple[Summary, ...] = ()
    reminders: tuple[Reminder, ...] = ()
    alerts: tuple[Alert, ...] = ()
    attention: Attention = Attention()
    access: Mapping[str, Access] = field(default_factory=dict)
    parameters: Mapping[str, float] = field(default_factory=dict)
    """Numbers that formulas use, e.g. lifetime_years."""
    vat: Vat | None = None
    """Whether VAT is to be in all amounts; without it, as each source has it."""
    vat_rate: float | None = None
    """The rate of VAT as a fraction; without it, that of the country of the currency, where it is one of VAT_RATES."""
    rates: str | None = None
    """What converts amounts in other currencies: ECB, or the source that fills the table of rates."""
    rollups: str | None = None
    """Where loads into Postgres (a schema) and ClickHouse (a database) keep day rollups; nowhere without it."""
    channels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Channel -> what tools write for it."""
    add_data: AddData = AddData()
    admins: tuple[str, ...] = ()
    """The members' ids of who may pause and send what comes by itself; without any, the admins of the Slack."""
    apps: tuple[str, ...] = ()
    """Ids of other apps and of workflows in Slack whose mentions are answered."""
    owner: str = ""
    """The member's id in Slack of who hears what waits for a person."""
    tasks: Board | None = None
    """Where a goal's next step becomes a task; nowhere without it."""


def find_settings(explicit: Path | None, cwd: Path) -> Path | None:
    """The file named, else the kpi.yaml of `cwd`, else None. SettingsError when the file named is not there."""
    if explicit is None:
        here = cwd / FILE
        return here if here.is_file() else None
    path = cwd / explicit
    if path.is_dir():
        path /= FILE
    if not path.is_file():
        hint = "Check the path after --config, or run kpi init to make a new file."
        raise SettingsError([Problem(str(explicit), 0, 0, "there is no such file", hint)])
    return path


def file_language(path: Path | None) -> str:
    """The `locale:` of a file that may be wrong elsewhere; English where it says none of ours."""
    try:
        text = path.read_text("utf-8") if path is not None else ""
    except (OSError, UnicodeDecodeError):
        return "en"
    named = _LOCALE.search(text)
    return named[1] if named and named[1] in LANGUAGES else "en"


def fill(text: str, environment: Mapping[str, str], what: str) -> str:
    """`text` with its `${NAME}`s from the environment. SettingsError naming `what` when one is missing or empty."""

    def value(match: re.Match[str]) -> str:
        if not environment.get(match[1]):
            message = f"{what}: the environment variable {match[1]} is not set"
            raise SettingsError([Problem(FILE, 0, 0, message, f"Set it before starting: export {match[1]}=…")])
        return environment[match[1]]

    return VARIABLE.sub(value, text)
