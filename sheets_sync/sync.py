"""One sync: two reads, the goals taken in, the tabs made, and one write with what is still missing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from kpi_core.errors import ServiceError
from kpi_core.formats.notices import notice_text
from kpi_core.metrics import Metric
from kpi_core.phrases import Notice, say
from kpi_core.settings.values import Goal, SheetSync
from sheets_sync.refusals import PlanRefused
from sheets_sync.spreadsheet.drawing import Author
from sheets_sync.spreadsheet.plan import Plan, make_plan
from sheets_sync.spreadsheet.state import State, read_state, with_cells
from sheets_sync.tabs.build import build_tabs
from sheets_sync.tabs.goals import GoalRow, GoalsRead, read_goals, with_seeds
from sheets_sync.tabs.left_out import few_names
from sheets_sync.tabs.queries import FUNNEL, Material, queries_for, shown_kpis
from sheets_sync.tabs.tab import check_tab_names

if TYPE_CHECKING:
    from kpi_core.access.doorway import Door
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
    left_out: tuple[Metric, ...] = ()

    def known_goals(self) -> tuple[Goal, ...]:
        """What people typed, and what the Sheet has just been given."""
        typed = self.goals.goals if self.goals else ()
        return (*typed, *(row.goal for row in self.seeds if row.goal))


def sync(
    client: SheetsClient, door: Door, sheet: SheetSync, now: datetime, keep_goals: KeepGoals | None = None
) -> SyncReport:
    """Bring the tabs of `sheet` up to date and take in the goals that people typed; `door` is that of the spreadsheet.

    SettingsError for an unknown tab or a Sheet that cannot be opened, ServiceError when Google fails.
    """
    check_tab_names(sheet.tabs)
    reads, writes, sent = client.reads, client.writes, client.bytes_sent
    drafts, cells = _write(client, door, sheet, now)
    last = drafts[-1]
    # After the write: a goal whose row Google refused is not in the Sheet, and would seem deleted at the next sync.
    if keep_goals and last.goals is not None:
        keep_goals(sheet.spreadsheet, last.known_goals())
    return SyncReport(
        spreadsheet=sheet.spreadsheet,
        url=last.state.url,
        reads=client.reads - reads,
        writes=client.writes - writes,
        bytes_sent=client.bytes_sent - sent,
        cells_changed=cells,
        conflicts=_sentences(last.goals.conflicts if last.goals else (), door.settings.locale),
        warnings=_warnings(drafts, door.settings.locale),
    )


def _write(client: SheetsClient, door: Door, sheet: SheetSync, now: datetime) -> tuple[list[_Draft], int]:
    """Read, plan, write; once more from the start when the spreadsheet was not as read. The drafts, the cells written.

    An id that exists already means that the first batch had been applied and only its answer was lost.
    """
    drafts: list[_Draft] = []
    cells = 0
    while True:
        draft = _draft(client, door, sheet, now, len(drafts))
        drafts.append(draft)
        try:
            _send(client, sheet, draft.plan)
        except PlanRefused as refused:
            cells += draft.plan.cells_changed if refused.exists else 0
            if len(drafts) == ATTEMPTS:
                raise _lasting(refused, draft.plan) from refused
        else:
            return drafts, cells + draft.plan.cells_changed


def _draft(client: SheetsClient, door: Door, sheet: SheetSync, now: datetime, attempt: int) -> _Draft:
    state, settings = _read(client, sheet), door.settings
    author = Author(settings.locale, client.email)
    if "goals" not in sheet.tabs:
        material = _material(door, sheet, now, door.goals())
        plan = make_plan(state, build_tabs(sheet.tabs, material), author, attempt)
        return _Draft(state, plan, left_out=material.left_out)
    block = state.blocks.get("goals")
    memory = block.memory.tab_memory if block else {}
    # A goal that people typed for a KPI that this sheet may not show counts elsewhere, so it is read all the same.
    typed = read_goals(block.cells if block else (), door.definitions, door.vocabulary(), state.locale)
    configured = [goal for goal in settings.goals if goal.kpi in door.catalog.metrics]
    goals, seeds = with_seeds(typed, configured, frozenset(_texts(memory.get("placed"))))
    draft = _Draft(state, Plan((), 0, ()), goals, seeds)
    # With the goals just placed, so that their rows have a number from the first sync on.
    material = _material(door, sheet, now, draft.known_goals())
    tabs = build_tabs(sheet.tabs, material, goals, seeds, memory)
    return replace(draft, plan=make_plan(state, tabs, author, attempt), left_out=material.left_out)


def _read(client: SheetsClient, sheet: SheetSync) -> State:
    """The spreadsheet with the cells of the blocks that this sync writes; one read where there are none yet."""
    state = read_state(client.spreadsheet(sheet.spreadsheet))
    ours = [block.sheet_id for name, block in state.blocks.items() if name in sheet.tabs]
    return with_cells(state, client.cells(sheet.spreadsheet, ours)) if ours else state


def _material(door: Door, sheet: SheetSync, now: datetime, goals: Sequence[Goal]) -> Material:
    """Everything the tabs are made of that the spreadsheet may show, from one plan of the engine."""
    settings, today = door.settings, door.today(now)
    listed = shown_kpis(settings, door.definitions, door.unavailable_kpis)
    kpis = tuple(metric for metric in listed if door.may_see(metric.id))
    measured = [goal for goal in goals if door.may_see(goal.kpi)]
    queries = queries_for(sheet.tabs, settings, door.catalog, today, kpis, measured)
    answers = dict(zip(queries, door.answers(queries, now), strict=True))
    left_out = door.left_out([*(metric.id for metric in listed), *FUNNEL, *(goal.kpi for goal in goals)])
    return Material(settings, door.definitions, today, kpis, tuple(goals), answers, door.vocabulary(), left_out)


def _send(client: SheetsClient, sheet: SheetSync, plan: Plan) -> None:
    for number, batch in enumerate(plan.batches):
        try:
            client.write(sheet.spreadsheet, [step.request for step in batch])
        except PlanRefused as refused:
            refused.batch = number
            raise


def _lasting(refused: PlanRefused, plan: Plan) -> ServiceError:
    """The error for a batch that Google refuses again: it names the block of the refused request."""
    steps = plan.batches[refused.batch]
    named = refused.request is not None and refused.request < len(steps)
    block = steps[refused.request].block if named and refused.request is not None else ""
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
    sentences = [*_sentences(notices, language), *_sentences(goals.warnings if goals else (), language)]
    if left_out := drafts[-1].left_out:
        sentences.append(say(language, "sheet.warning.left_out", kpis=few_names(left_out, language)))
    for row in goals.rows if goals else ():
        if row.problem:
            problem = notice_text(row.problem, language)
            sentences.append(say(language, "sheet.warning.row", row=row.row + 1, problem=problem))
    # Two drafts of one sync may say the same.
    return tuple(dict.fromkeys(sentences))


def _sentences(notices: Sequence[Notice], language: str) -> tuple[str, ...]:
    return tuple(notice_text(notice, language) for notice in notices)


def _texts(keys: object) -> list[str]:
    return [str(key) for key in keys] if isinstance(keys, list) else []
