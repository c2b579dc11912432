"""One sync: two reads, the goals taken in, the tabs made, and one write with what is still missing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from kpi_core.errors import ServiceError
from kpi_core.formats.notices import notice_text
from kpi_core.phrases import Notice, say
from kpi_core.settings.values import Goal, Settings, SheetSync
from sheets_sync.refusals import PlanRefused
from sheets_sync.spreadsheet.drawing import Author
from sheets_sync.spreadsheet.plan import Plan, make_plan
from sheets_sync.spreadsheet.state import State, read_state, with_cells
from sheets_sync.tabs.build import build_tabs
from sheets_sync.tabs.goals import GoalRow, GoalsRead, read_goals, with_seeds
from sheets_sync.tabs.queries import Material, queries_for, shown_kpis
from sheets_sync.tabs.tab import check_tab_names

if TYPE_CHECKING:
    from kpi_core.answering.engine import Engine
    from sheets_sync.client import SheetsClient

ATTEMPTS = 2
"""Times that a plan is made: once more on what is there now, when the spreadsheet changed under the first."""


KeepGoals = Callable[[str, Sequence[Goal]], None]
"""(spreadsheet, goals): makes these all the goals of that spreadsheet, for the answers given outside it."""


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a sync did. `conflicts` and `warnings` are in the workspace's language."""

    spreadsheet: str
    url: str
    reads: int
    writes: int
    bytes_sent: int
    cells_changed: int
    conflicts: tuple[str, ...]
    warnings: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        """The object that `kpi sync --json` prints."""
        return {
            "spreadsheet": self.spreadsheet,
            "requests": {"read": self.reads, "write": self.writes},
            "bytes_sent": self.bytes_sent,
            "cells_changed": self.cells_changed,
            "conflicts": list(self.conflicts),
            "warnings": list(self.warnings),
        }


@dataclass(frozen=True, slots=True)
class _Draft:
    """A plan and the reading it rests on; `goals` and `seeds` only where the goals are a tab of this sync."""

    state: State
    plan: Plan
    goals: GoalsRead | None = None
    seeds: tuple[GoalRow, ...] = ()

    def known_goals(self) -> tuple[Goal, ...]:
        """What people typed, and what the Sheet has just been given."""
        typed = self.goals.goals if self.goals else ()
        return (*typed, *(row.goal for row in self.seeds if row.goal))


def sync(  # noqa: PLR0913, PLR0917 - the two worlds that meet here, and the clock
    client: SheetsClient,
    settings: Settings,
    engine: Engine,
    sheet: SheetSync,
    now: datetime,
    keep_goals: KeepGoals | None = None,
) -> SyncReport:
    """Bring the tabs of `sheet` up to date and take in the goals that people typed.

    SettingsError for an unknown tab or a Sheet that cannot be opened, ServiceError when Google fails.
    """
    check_tab_names(sheet.tabs)
    reads, writes, sent = client.reads, client.writes, client.bytes_sent
    drafts, cells = _write(client, settings, engine, sheet, now)
    last = drafts[-1]
    if keep_goals and last.goals is not None:
        keep_goals(sheet.spreadsheet, last.known_goals())
    return SyncReport(
        spreadsheet=sheet.spreadsheet,
        url=last.state.url,
        reads=client.reads - reads,
        writes=client.writes - writes,
        bytes_sent=client.bytes_sent - sent,
        cells_changed=cells,
        conflicts=_said(last.goals.conflicts if last.goals else (), settings.locale),
        warnings=_warnings(drafts, settings.locale),
    )


def _write(
    client: SheetsClient, settings: Settings, engine: Engine, sheet: SheetSync, now: datetime
) -> tuple[list[_Draft], int]:
    """Read, plan, write; once more from the start when the spreadsheet was not as read. The drafts, the cells written.

    An id that exists already means that the first batch had been applied and only its answer was lost.
    """
    drafts: list[_Draft] = []
    cells = 0
    while True:
        draft = _draft(client, settings, engine, sheet, now, len(drafts))
        drafts.append(draft)
        try:
            _send(client, sheet, draft.plan)
        except PlanRefused as refused:
            cells += draft.plan.cells_changed if refused.exists else 0
            if len(drafts) == ATTEMPTS:
                raise _lasting(refused, draft.plan) from refused
        else:
            return drafts, cells + draft.plan.cells_changed


def _draft(  # noqa: PLR0913, PLR0917 - as sync
    client: SheetsClient, settings: Settings, engine: Engine, sheet: SheetSync, now: datetime, attempt: int
) -> _Draft:
    state = _read(client, sheet)
    author = Author(settings.locale, client.email)
    if "goals" not in sheet.tabs:
        material = _material(settings, engine, sheet, now, engine.goals())
        return _Draft(state, make_plan(state, build_tabs(sheet.tabs, material), author, attempt))
    block = state.blocks.get("goals")
    kept = block.memory.kept if block else {}
    typed = read_goals(block.cells if block else (), engine.catalog, engine.vocabulary(), state.locale)
    given = [goal for goal in settings.goals if goal.kpi in engine.catalog.metrics]
    goals, seeds = with_seeds(typed, given, frozenset(_texts(kept.get("placed"))))
    known = _Draft(state, Plan((), 0, ()), goals, seeds)
    material = _material(settings, engine, sheet, now, known.known_goals())
    tabs = build_tabs(sheet.tabs, material, goals, seeds, kept)
    return replace(known, plan=make_plan(state, tabs, author, attempt))


def _read(client: SheetsClient, sheet: SheetSync) -> State:
    """The spreadsheet with the cells of the blocks that this sync writes; one read where there are none yet."""
    state = read_state(client.spreadsheet(sheet.spreadsheet))
    ours = [block.sheet_id for name, block in state.blocks.items() if name in sheet.tabs]
    return with_cells(state, client.cells(sheet.spreadsheet, ours)) if ours else state


def _material(settings: Settings, engine: Engine, sheet: SheetSync, now: datetime, goals: Sequence[Goal]) -> Material:
    """Everything the tabs are made of, from one plan of the engine."""
    catalog, today = engine.catalog, engine.today(now)
    kpis = shown_kpis(settings, catalog, engine.unavailable_kpis)
    queries = queries_for(sheet.tabs, settings, catalog, today, kpis, goals)
    answers = dict(zip(queries, engine.answers(queries, now), strict=True))
    return Material(settings, catalog, today, kpis, tuple(goals), answers, engine.vocabulary())


def _send(client: SheetsClient, sheet: SheetSync, plan: Plan) -> None:
    for batch in plan.batches:
        client.write(sheet.spreadsheet, [step.request for step in batch])


def _lasting(refused: PlanRefused, plan: Plan) -> ServiceError:
    """The error for a batch that Google refuses again: it names the block of the refused request."""
    steps = plan.batches[0] if plan.batches else ()
    known = refused.request is not None and refused.request < len(steps)
    block = steps[refused.request].block if known and refused.request is not None else ""
    where = f" in the tab {block!r}" if block else ""
    return ServiceError(
        f"Google Sheets refused a change{where}: {refused.message}",
        code="sheets_refused",
        hint="Sync again; if it stays, somebody may have changed the protection of the bot's tabs.",
    )


def _warnings(drafts: Sequence[_Draft], language: str) -> tuple[str, ...]:
    """What people should know: tabs made again, goals that count no more, rows that cannot be read."""
    goals = drafts[-1].goals
    notices = [notice for draft in drafts for notice in draft.plan.warnings]
    said = [*_said(notices, language), *_said(goals.warnings if goals else (), language)]
    for row in goals.rows if goals else ():
        if row.problem:
            problem = notice_text(row.problem, language)
            said.append(say(language, "sheet.warning.row", row=row.row + 1, problem=problem))
    return tuple(dict.fromkeys(said))


def _said(notices: Sequence[Notice], language: str) -> tuple[str, ...]:
    return tuple(notice_text(notice, language) for notice in notices)


def _texts(found: object) -> list[str]:
    return [str(each) for each in found] if isinstance(found, list) else []
