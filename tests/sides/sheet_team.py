"""A team's spreadsheet on the local Sheets: the bot's client and engine, and the person who works in it too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from kpi_core.access.audiences import Spreadsheet
from kpi_core.access.doorway import Door
from kpi_core.answering.engine import Engine
from kpi_core.dates.calendars import Calendar
from kpi_core.settings.goal_history import Coming, GoalChange, Occasion, changes_between
from kpi_core.settings.values import Goal, SheetSync
from sheets_sync.client import Patience, SheetsClient
from sheets_sync.sandbox import LocalSheets
from sheets_sync.sandbox.person import Person
from sheets_sync.sync import SyncReport, sync

from tables import Row, engine_on

NOW = datetime(2026, 11, 23, 0, tzinfo=UTC)
TABS = ("overview", "goals", "trends", "channels", "dictionary")
AUDIENCES = {"exec": ("cac", "sales_revenue"), "manager": ("repeat_purchase_rate", "unique_visitors")}
HOSTILE = '=HYPERLINK("https://evil.example";"free")'


def tables(october: float = 200.0) -> dict[str, list[Row]]:
    """Orders and ad spend by channel through 20 November, one channel with a hostile name."""
    orders: list[Row] = []
    spend: list[Row] = []
    for month, amount in ((8, 100.0), (9, 100.0), (10, october), (11, 100.0)):
        for number, channel in enumerate(("search", "display", HOSTILE, None)):
            customer = f"c{month}{number}"
            day = datetime(2026, month, 17 + number, 12)
            orders.append(
                {
                    "order_id": f"o{month}{number}",
                    "customer_id": customer,
                    "ordered_at": day,
                    "channel": channel,
                    "revenue": amount,
                }
            )
            spend.append({"date": day.date(), "channel": channel, "spend": 10.0 + number})
    return {
        "orders": orders,
        "ad_performance": spend,
        "costs": [{"date": date(2026, 9, 1), "category": "tools", "amount": 0}],
    }


@dataclass
class Store:
    """Keeps what a sync hands over."""

    kept: dict[str, list[Goal]] = field(default_factory=dict)
    changed: dict[str, GoalChange] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)

    def last(self, spreadsheet: str) -> list[Goal]:
        return self.kept.get(spreadsheet, [])

    def coming(self, _spreadsheet: str) -> Coming:
        return Coming(tuple(self.kept.get("", [])))

    def names(self) -> dict[str, str]:
        return self.people

    def changes(self) -> dict[str, GoalChange]:
        return dict(self.changed)

    def take_in(self, typed: Sequence[Goal], coming: Coming, occasion: Occasion) -> None:
        before = {goal.key: goal for goal in (*self.last(occasion.place), *coming.goals)}
        self.changed |= {each.goal.key: each for each in changes_between(tuple(before.values()), typed, occasion)}
        self.kept[occasion.place] = list(typed)
        self.kept[""] = [goal for goal in self.kept.get("", []) if goal not in coming.goals]


@dataclass
class Team:
    """A spreadsheet, the bot's client and engine, and the person who works in it too."""

    sheets: LocalSheets
    spreadsheet: str
    client: SheetsClient
    engine: Engine
    folder: Path
    store: Store = field(default_factory=Store)

    @property
    def person(self) -> Person:
        return Person(self.sheets.backend.files)

    def sync(self, tabs: tuple[str, ...] = TABS, goals: tuple[Goal, ...] = ()) -> SyncReport:
        engine = Engine(replace(self.engine.settings, goals=goals), self.engine.catalog, self.engine.warehouse)
        door = Door(engine, Spreadsheet(self.spreadsheet))
        return sync(self.client, door, SheetSync(self.spreadsheet, tabs), NOW, self.store)

    def shown(self, cell: str) -> str:
        return self.person.shown(self.spreadsheet, cell)

    def data(self, october: float, locale: str = "en") -> None:
        """Other numbers from now on."""
        path = self.folder / f"{october}.duckdb"
        self.engine = engine_on(
            path,
            tables(october),
            audiences=AUDIENCES,
            locale=locale,
            calendar=Calendar("Asia/Seoul"),
            company="Hanok Goods",
        )

    def tabs(self) -> list[str]:
        return [sheet.properties["title"] for sheet in self.sheets.spreadsheet(self.spreadsheet).sheets]

    def guards(self, title: str) -> tuple[int, list[dict[str, Any]]]:
        """The id of a tab, and its protected ranges."""
        sheet = self.sheets.spreadsheet(self.spreadsheet).titled(title)
        assert sheet is not None
        return sheet.sheet_id, sheet.objects["protectedRanges"]

    def rules(self, title: str) -> tuple[int, list[dict[str, Any]]]:
        """The id of a tab, and its conditional formats in their order."""
        sheet = self.sheets.spreadsheet(self.spreadsheet).titled(title)
        assert sheet is not None
        return sheet.sheet_id, list(sheet.objects["conditionalFormats"])

    def batches(self) -> list[list[dict[str, Any]]]:
        """The requests of every batch that was sent."""
        return [call.body["requests"] for call in self.sheets.requests if call.path.endswith(":batchUpdate")]


def env(sheets: LocalSheets) -> dict[str, str]:
    return {
        "KPI_SHEETS_API_URL": sheets.url,
        "KPI_DRIVE_API_URL": sheets.drive_url,
        "GOOGLE_APPLICATION_CREDENTIALS": str(sheets.credentials_file),
    }


def patient() -> Patience:
    """Patience that takes no time: the clock moves when it sleeps."""
    at = [1000.0]
    return Patience(sleep=lambda seconds: at.append(at[-1] + seconds), clock=lambda: at[-1], jitter=lambda: 0.5)
