"""What one sync does, written down as it goes: for its report, the log in the Sheet, and the sync after it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cached_property
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Protocol

from kpi_core.answering.layout import models_of
from kpi_core.answers import Answer
from kpi_core.deliveries.posted_number import PostedNumber
from kpi_core.deliveries.restatements import restatement
from kpi_core.formats.movements import restated_text
from kpi_core.formats.notices import notice_text
from kpi_core.formats.numbers import told_apart, worth_text
from kpi_core.formats.periods import date_text
from kpi_core.phrases import Notice, say
from kpi_core.settings.sheet_record import LoggedAlert, SheetEntry, SheetState
from kpi_core.settings.values import Settings
from sheets_sync.spreadsheet.mending import Footprint
from sheets_sync.spreadsheet.state import Block, State
from sheets_sync.spreadsheet.written.begun import begun, unfinished
from sheets_sync.spreadsheet.written.mended import left_by, mended
from sheets_sync.spreadsheet.written.past_numbers import periods_of, with_restatements
from sheets_sync.tabs.logs.sync_log import sync_log_tab
from sheets_sync.tabs.tab import PastNumber, Tab

if TYPE_CHECKING:
    from kpi_core.access.doorway import Door

_ONCE = frozenset({"sheet.warning.settings_differ", "sheet.warning.archived"})
"""What nobody has to mend: told when it begins, and not at every sync for as long as it lasts."""


_MOMENT = timedelta(seconds=1)
_MOST_WRITES = 40
"""Of tabs, over all syncs that did not end well."""
_BOT = "#bot"
"""Among what tabs hold: by what name this bot signs."""
_PLACED = "#placed"
"""Among what tabs hold: which goals of kpi.yaml ever had a row."""
_PERIODS = "#periods"
"""Among what tabs hold: of each tab the columns whose period changes as time goes on, each with its first day."""
_NUMBERS = "#numbers"
"""Among what tabs hold: of each KPI the definition and the last day of its numbers."""


class SyncRecord(Protocol):
    """The syncs with one spreadsheet before this one."""

    def state(self) -> SheetState:
        """How the last one ended."""

    def entries(self) -> Sequence[SheetEntry]:
        """Those that changed or told something, the newest first."""

    def alerts(self) -> Sequence[LoggedAlert]:
        """The incidents of the workspace, the newest first."""

    def untold(self) -> Sequence[str]:
        """What owners should have heard and Slack does not carry, in the workspace's language."""

    def begun(self) -> Sequence[Mapping[str, Any]]:
        """What syncs that did not end well were about to write, the oldest first."""

    def begin(self, writes: Sequence[Mapping[str, Any]]) -> None:
        """These are about to be written."""

    def add(self, state: SheetState, entry: SheetEntry | None) -> None:
        """One more has ended so."""


class Account:
    """One sync, over all its attempts."""

    def __init__(self, record: SyncRecord | None, settings: Settings, now: datetime) -> None:
        self._record, self._settings = record, settings
        self._before = record.state() if record else SheetState()
        self._entries = tuple(record.entries()) if record else ()
        # Two at one moment of a clock that stands still are two.
        same = [each.at for each in self._entries if now <= each.at < now + _MOMENT]
        self._now = max(same) + timedelta(microseconds=1) if same else now
        self._cells = 0
        self._conflicts: dict[str, None] = {}
        self._found: dict[str, Notice | None] = {}
        self._planned: dict[str, Notice | None] = {}
        self._mended: dict[str, None] = {}
        self._writes = list(record.begun()) if record else []
        # Another one than before the first sync, so that two bots on one spreadsheet hear of each other.
        self._known_as = self._before.left.get(_BOT, {}).get("", {}).get("id", "")
        self.name = (self._known_as or token_hex(4)) if record else ""

    @property
    def alerts(self) -> tuple[LoggedAlert, ...]:
        return tuple(self._record.alerts()) if self._record else ()

    @cached_property
    def untold(self) -> tuple[str, ...]:
        return tuple(self._record.untold()) if self._record else ()

    @property
    def placed(self) -> frozenset[str]:
        return frozenset(self._before.left.get(_PLACED, ()))

    @property
    def mended(self) -> tuple[str, ...]:
        return tuple(self._mended)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What people should know now."""
        standing = self._before.standing
        return tuple(
            words
            for words, notice in self._warnings().items()
            if notice is None or notice.key not in _ONCE or words not in standing
        )

    def meets(self, state: State) -> tuple[Notice, ...]:
        """What is to be said where another bot has written since the last sync."""
        other = self._known_as and state.author and state.author != self.name
        return (Notice("sheet.warning.two_bots"),) if other else ()

    def unfinished(self, blocks: Mapping[str, Block]) -> Mapping[str, Footprint]:
        """Writes of syncs that are gone which have reached these tabs and may have come to lie beside their lines."""
        return unfinished(self._writes, blocks)

    def begin(self, prints: Sequence[Footprint]) -> None:
        """What an attempt is about to write, so that it can be put right when it slips and this sync is gone, too."""
        writes = begun(prints)
        if self._record is None or not writes:
            return
        self._writes = [*self._writes, *writes][-_MOST_WRITES:]
        self._record.begin(self._writes)

    def see(self, prints: Sequence[Footprint], cells: int) -> None:
        """What an attempt is about to write."""
        self._cells = max(self._cells, cells)
        for each in prints:
            notices = mended(each, self._before.left.get(each.block.block, {}))
            self._mended |= dict.fromkeys(self._said(notice) for notice in notices)

    def read(self, conflicts: Collection[Notice], warnings: Collection[Notice], sentences: Collection[str]) -> None:
        """What an attempt has read, in place of what the attempt before it had."""
        self._conflicts = dict.fromkeys(self._said(notice) for notice in conflicts)
        self._found = {self._said(notice): notice for notice in warnings} | dict.fromkeys(sentences)

    def plan(self, warnings: Collection[Notice]) -> None:
        """What an attempt does that people should know; of several attempts it is said once."""
        self._planned |= {self._said(notice): notice for notice in warnings}

    def restated(self, tab: Tab, block: Block | None, door: Door) -> Tab:
        """The tab with a note at each number of the past that moved past its tolerance since the last sync."""

        def note_of(row: str, column: str, before: float, after: float | None) -> str:
            return self._was(tab.past[row, column], (before, after), door)

        periods = self._before.left.get(_PERIODS, {}).get(tab.block, {})
        return with_restatements(tab, block, self._before.left.get(tab.block, {}), periods, note_of)

    def _was(self, past: PastNumber, ends: tuple[float, float | None], door: Door) -> str:
        course = past.course
        language, at = self._settings.locale, self._before.at or self._now
        metric, posted = course.metric, self._before.left.get(_NUMBERS, {}).get(course.metric.id, {})
        query = replace(course.query, period=past.period)
        through = date.fromisoformat(posted["through"]) if posted.get("through") else None
        number = PostedNumber(query, ends[0], posted.get("version", ""), data_through=through)
        models = door.definitions.models
        tables = [table for name in models_of(metric, door.definitions) for table in (name, *models[name].reads)]
        before = worth_text(ends[0], metric, course.currency, language)
        if ends[1] is not None:
            before, _after = told_apart(ends[0], ends[1], metric, course.currency, language)
        day = date_text(self._settings.calendar.today(at), language, short=True)
        reason = restated_text(restatement(number, course, tables, door.health(), at), language)
        return say(language, "sheet.note.was", before=before, day=day, reason=reason)

    def log_tab(self) -> Tab:
        """The log with this sync on top, if it has anything to say."""
        entry = self._entry()
        return sync_log_tab(self._settings, (*((entry,) if entry else ()), *self._entries))

    def close(self, tabs: Sequence[Tab], placed: Collection[str] | None = None) -> None:
        """The sync has ended, and these tabs stand in the spreadsheet; `placed` only where the goals are among them."""
        if self._record is None:
            return
        courses = {past.course.metric.id: past.course for tab in tabs for past in tab.past.values()}
        numbers = {**self._before.left.get(_NUMBERS, {}), **{kpi: _posted(each) for kpi, each in courses.items()}}
        periods = {tab.block: periods_of(tab) for tab in tabs}
        left = {**self._before.left, **{tab.block: left_by(tab) for tab in tabs}, _NUMBERS: numbers}
        left[_PERIODS] = {**self._before.left.get(_PERIODS, {}), **periods}
        left[_BOT] = {"": {"id": self.name}}
        if placed is not None:
            left[_PLACED] = {key: {} for key in sorted(placed)}
        standing = (*self._conflicts, *self._found)
        self._record.add(SheetState(self._now, "", standing, left), self._entry())

    def _entry(self) -> SheetEntry | None:
        """What is in the log of this sync; None where nothing happened that the log does not say already."""
        standing = self._before.standing
        conflicts = tuple(words for words in self._conflicts if words not in standing)
        warnings = tuple(words for words in self._warnings() if words not in standing)
        if not (self._cells or conflicts or warnings or self._mended):
            return None
        return SheetEntry(self._now, self._cells, conflicts, self.mended, warnings)

    def _warnings(self) -> dict[str, Notice | None]:
        return self._planned | self._found

    def _said(self, notice: Notice) -> str:
        return notice_text(notice, self._settings.locale)


def _posted(course: Answer) -> dict[str, str]:
    through = course.freshness.data_through
    return {"version": course.definition.version, "through": through.isoformat() if through else ""}
