"""kpi.yaml as frozen values. `read_settings` reports every problem of the file at once, with line, column and hint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from kpi_core.calendars import Calendar


@dataclass(frozen=True, slots=True)
class Source:
    """One source of kpi.yaml. `options` holds the keys that only its type knows (path, url, spreadsheet, range, …)."""

    name: str
    type: str
    table: str
    columns: Mapping[str, str] = field(default_factory=dict)
    """Model column -> column of the source."""
    query: str | None = None
    timezone: str | None = None
    options: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Goal:
    """A target for a KPI. `per` is the period an additive KPI's target is meant for (day, week, month, quarter, year)."""

    kpi: str
    target: float
    by: date
    owner: str = ""
    where: Mapping[str, str] = field(default_factory=dict)
    per: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class SheetSync:
    spreadsheet: str
    """The spreadsheet's id, taken from its address."""
    tabs: tuple[str, ...]
    every: str = "day 07:00"


@dataclass(frozen=True, slots=True)
class Summary:
    name: str
    channel: str
    audience: str = "manager"
    every: str = "monday 09:00"


@dataclass(frozen=True, slots=True)
class Alert:
    kpi: str
    when: str
    channel: str


@dataclass(frozen=True, slots=True)
class Access:
    """Who may see a KPI; an empty tuple closes that way in."""

    channels: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    users: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
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
    alerts: tuple[Alert, ...] = ()
    access: Mapping[str, Access] = field(default_factory=dict)
    parameters: Mapping[str, float] = field(default_factory=dict)
    """Numbers that formulas use, e.g. lifetime_years."""
