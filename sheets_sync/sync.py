"""One sync: two reads, the goals taken in, the tabs made, and one write with what is still missing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from kpi_core.answers import Answer
from kpi_core.errors import KpiBotError, ServiceError
from kpi_core.formats.notices import notice_text
from kpi_core.frozen_dataclass import frozen
from kpi_core.goals.succession import in_series
from kpi_core.metrics import Metric
from kpi_core.phrases import Notice, say
from kpi_core.query import MetricQuery
from kpi_core.reasons.funnel import FUNNEL
from kpi_core.settings.goal_history import Coming, GoalChange, Occasion
from kpi_core.settings.sheet_record import LoggedAlert
from kpi_core.settings.values import Goal, SheetSync
from kpi_core.sources.a1_notation import column_letters
from kpi_core.sources.inputs.kinds import TAB
from kpi_core.sources.inputs.source import titled_columns
from sheets_sync.recording import Account, SyncRecord
from sheets_sync.refusals import PlanRefused
from sheets_sync.spreadsheet.arrangement import typed_rows
from sheets_sync.spreadsheet.batches import Json, Step
from sheets_sync.spreadsheet.drawing import Author
from sheets_sync.spreadsheet.mending import Footprint, undone_print
from sheets_sync.spreadsheet.plan import Plan, make_plan
from sheets_sync.spreadsheet.set_aside import Cells, Copy, copies_in, delete_aside, entered_cells, undone
from sheets_sync.spreadsheet.state import Block, State, read_state, with_cells
from sheets_sync.spreadsheet.written.typed_since import typed_again
from sheets_sync.tabs.build import build_tabs
from sheets_sync.tabs.cells import entered, text_of
from sheets_sync.tabs.goals.goal_rows import GoalRow, GoalsRead, Words, read_goals
from sheets_sync.tabs.goals.goals_tab import goal_titles
from sheets_sync.tabs.goals.settling import with_goals_moved, with_goals_set, with_history, with_seeds
from sheets_sync.tabs.inputs.inputs_tab import plain_rows, with_refusals
from sheets_sync.tabs.left_out import few_names
from sheets_sync.tabs.queries import COHORTS, Material, queries_for, shown_kpis
from sheets_sync.tabs.single_cells import CellQuestion, Reader, cell_questions
from sheets_sync.tabs.tab import Tab, check_tab_names

if TYPE_CHECKING:
    from kpi_core.access.doorway import Door
    from sheets_sync.client import SheetsClient

ATTEMPTS = 3
"""Times that a plan is made: again on what is there now, when the spreadsheet changed under the one before."""


class GoalMemory(Protocol):
    """The goals of spreadsheets, for the answers given outside them, and for a tab that somebody deletes."""

    def last(self, spreadsheet: str) -> Sequence[Goal]:
        """The goals that it had after its last sync."""

    def coming(self, spreadsheet: str) -> Coming:
        """Goals that were set elsewhere since, or are in no spreadsheet yet."""

    def names(self) -> Mapping[str, str]:
        """What the owners of goals are called, by their ids in Slack."""

    def changes(self) -> Mapping[str, GoalChange]:
        """The last change of every goal, by key."""

    def take_in(self, typed: Sequence[Goal], coming: Coming, occasion: Occasion) -> None:
        """Make these all the goals of the spreadsheet, `occasion.place`; what came is settled."""


@frozen
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
    mended: tuple[str, ...] = ()
    """What people had changed of the bot's own, and is as it was."""
    overruled: tuple[tuple[Goal, str, str], ...] = ()
    """What was set elsewhere and does not count: the goal that does, whose owner is to hear of it, and who set it."""

    def to_json(self) -> dict[str, object]:
        """The object that `kpi sync --json` prints."""
        return {
            "spreadsheet": self.spreadsheet,
            "requests": {"read": self.reads, "write": self.writes},
            "bytes_sent": self.bytes_sent,
            "cells_changed": self.cells_changed,
            "conflicts": list(self.conflicts),
            "warnings": list(self.warnings),
            "mended": list(self.mended),
        }


@frozen
class Draft:
    """A plan and the reading it rests on; `goals` and `seeds` only where the goals are a tab of this sync."""

    state: State
    plan: Plan
    goals: GoalsRead | None = None
    seeds: tuple[GoalRow, ...] = ()
    left_out: tuple[Metric, ...] = ()
    coming: Coming = field(default_factory=Coming)
    """Goals that were set elsewhere and are now in the tab."""
    tabs: tuple[Tab, ...] = ()
    conflicts: tuple[Notice, ...] = ()
    """What contradicts itself, and tabs that are shut."""

    def known_goals(self) -> tuple[Goal, ...]:
        """What people typed, and what the Sheet has just been given."""
        typed = self.goals.goals if self.goals else ()
        return (*typed, *(row.goal for row in self.seeds if row.goal))


def sync(  # noqa: PLR0913, PLR0917 - what a sync works with
    client: SheetsClient,
    door: Door,
    sheet: SheetSync,
    now: datetime,
    memory: GoalMemory | None = None,
    record: SyncRecord | None = None,
) -> SyncReport:
    """Bring the tabs of `sheet` up to date and take in the goals that people typed; `door` is that of the spreadsheet.

    SettingsError for an unknown tab or a Sheet that cannot be opened, ServiceError when Google fails.
    """
    check_tab_names(sheet.tabs)
    reads, writes, sent = client.reads, client.writes, client.bytes_sent
    account = Account(record, door.settings, now)
    closed: set[str] = set()
    remembered = _Remembered.of(memory, Occasion(now, "", sheet.spreadsheet), account)
    drafting = _drafting(client, door, sheet, account, remembered, closed)
    drafts, cells = write_until_right(client, sheet.spreadsheet, drafting, account.begin, closed)
    last = drafts[-1]
    placed = last.goals.placed if last.goals and "goals" not in closed else None
    account.close([tab for tab in last.tabs if tab.block not in closed], placed)
    # Before the goals are taken in: then the last change of such a goal is the one that does not count.
    setters = memory.changes() if memory and last.goals and last.goals.overruled else {}
    # After the write: a goal whose row Google refused is not in the Sheet, and would seem deleted at the next sync.
    if memory and last.goals is not None and "goals" not in closed:
        memory.take_in(last.known_goals(), last.coming, Occasion(now, "", sheet.spreadsheet))
    return SyncReport(
        spreadsheet=sheet.spreadsheet,
        url=last.state.url,
        reads=client.reads - reads,
        writes=client.writes - writes,
        bytes_sent=client.bytes_sent - sent,
        cells_changed=cells,
        conflicts=_sentences(last.conflicts, door.settings.locale),
        warnings=account.warnings,
        mended=account.mended,
        overruled=tuple(
            (
                goal,
                notice_text(notice, door.settings.locale),
                setters[goal.key].occasion.who if goal.key in setters else "",
            )
            for goal, notice in (last.goals.overruled if last.goals else ())
        ),
    )


@frozen
class Change:
    """A cell that a sync would write; `before` and `after` as they were and would be entered, "" for nothing."""

    tab: str
    cell: str
    before: str
    after: str


def preview(  # noqa: PLR0913, PLR0917 - as a sync
    client: SheetsClient,
    door: Door,
    sheet: SheetSync,
    now: datetime,
    memory: GoalMemory | None = None,
    record: SyncRecord | None = None,
) -> tuple[Change, ...]:
    """What a sync would write, cell by cell, without writing anything. Errors as `sync`."""
    check_tab_names(sheet.tabs)
    account = Account(record, door.settings, now)
    remembered = _Remembered.of(memory, Occasion(now, "", sheet.spreadsheet), account)
    draft = _drafting(client, door, sheet, account, remembered, is_preview=True)(0, {})
    return tuple(
        Change(
            each.block.title,
            f"{column_letters(column)}{row + 1}",
            text_of(each.before(row, column)),
            text_of(entered(cell)),
        )
        for each in draft.plan.footprints
        for (row, column), cell in each.written.items()
        if column != each.key_column
    )


Slips = Mapping[str, Footprint]
"""What a write that slipped was meant to look like, by its tab."""
Begin = Callable[[Sequence[Footprint]], None]
Drafting = Callable[[int, Slips], Draft]
"""(attempt, tabs whose last write slipped): reads the spreadsheet and says what is to be sent."""


def write_until_right(
    client: SheetsClient,
    spreadsheet: str,
    drafting: Drafting,
    begin: Begin = lambda _prints: None,
    closed: set[str] | None = None,
) -> tuple[list[Draft], int]:
    """Read, plan, write; again from the start when the spreadsheet was not as read. The drafts, the cells written.

    `begin` hears what is about to be written. A tab that somebody has shut goes into `closed`, and the others go on;
    where there is no such set it is an error.
    An id that exists already means that the first batch had been applied and only its answer was lost.
    """
    drafts: list[Draft] = []
    cells = 0
    slips: Slips = {}
    while True:
        draft = drafting(len(drafts), slips)
        drafts.append(draft)
        begin(draft.plan.footprints)
        try:
            slips = _send(client, spreadsheet, draft.plan)
        except PlanRefused as refused:
            cells += draft.plan.cells_changed if refused.exists else 0
            if closed is not None and refused.closed and (shut := _block_refused(refused, draft.plan)):
                closed.add(shut)
                drafts.clear()
            elif len(drafts) == ATTEMPTS:
                raise _lasting(refused, draft.plan) from refused
            # It may have been applied all the same, and on rows that had moved.
            slips = {each.block.block: each for each in draft.plan.footprints if each.block.written}
        else:
            cells += draft.plan.cells_changed
            if not slips or len(drafts) == ATTEMPTS:
                return drafts, cells


def tabs_alone(
    door: Door,
    sheet: SheetSync,
    now: datetime,
    alerts: Sequence[LoggedAlert] = (),
    people: Mapping[str, str] | None = None,
) -> list[Tab]:
    """The tabs as they would stand in a spreadsheet of their own, whose readers are those of `door`; no Google.

    `people` are the names of members by id.
    """
    check_tab_names(sheet.tabs)
    goals = [goal for goal in door.goals() if goal.kpi in door.catalog.metrics]
    read, seeds = with_seeds(GoalsRead(), goals, frozenset())
    return build_tabs(sheet.tabs, _Numbers(door, sheet, now, people, alerts).material(goals), read, seeds)


class _Numbers:
    """The answers of one sync: asked ahead of reading, so that little time passes between reading and writing."""

    def __init__(  # noqa: PLR0913, PLR0917 - what stands in the tabs beside the answers
        self,
        door: Door,
        sheet: SheetSync,
        now: datetime,
        people: Mapping[str, str] | None = None,
        alerts: Sequence[LoggedAlert] = (),
        untold: tuple[str, ...] = (),
    ) -> None:
        self._door, self._sheet, self._now = door, sheet, now
        self._alerts = tuple(alert for alert in alerts if all(map(door.may_see, alert.kpis)))
        self.people, self._untold = people or {}, untold
        self._answers: dict[MetricQuery, Answer] = {}
        self.today = door.today(now)
        self.listed = shown_kpis(door.settings, door.definitions, door.unavailable_kpis)

    def material(self, goals: Sequence[Goal]) -> Material:
        """Everything the tabs are made of that the spreadsheet may show."""
        door = self._door
        settings, today = door.settings, door.today(self._now)
        kpis = tuple(metric for metric in self.listed if door.may_see(metric.id))
        every = in_series(goals)
        measured = [goal for goal in every if door.may_see(goal.kpi)]
        queries = queries_for(self._sheet.tabs, settings, door.catalog, today, kpis, measured)
        cells = self._cells(kpis)
        queries += [each.query for each in cells if each.query and door.may_see(each.query.metric)]
        missing = [query for query in dict.fromkeys(queries) if query not in self._answers]
        if missing:
            self._answers |= dict(zip(missing, door.answers(missing, self._now), strict=True))
        answers = {query: self._answers[query] for query in queries}
        left_out = door.left_out(
            [*(metric.id for metric in self.listed), *self._beside(), *(goal.kpi for goal in goals)]
        )
        words = door.vocabulary()
        return Material(
            settings, door.definitions, today, kpis, every, answers, words, left_out, cells, self.people, self._alerts,
            self._untold,
        )  # fmt: skip

    def _beside(self) -> Sequence[str]:
        """KPIs that stand in a tab whoever has listed them."""
        alarmed = [rule.kpi for rule in self._door.settings.alerts] if "alerts" in self._sheet.tabs else []
        return (*FUNNEL, *(COHORTS if "cohorts" in self._sheet.tabs else ()), *alarmed)

    def _cells(self, kpis: Sequence[Metric]) -> tuple[CellQuestion, ...]:
        if "cells" not in self._sheet.tabs:
            return ()
        door = self._door
        reader = Reader(door.settings, door.vocabulary(), door.today(self._now))
        return cell_questions(kpis, self._sheet.cells, reader)


def _drafting(  # noqa: PLR0913, PLR0917 - what every draft rests on
    client: SheetsClient,
    door: Door,
    sheet: SheetSync,
    account: Account,
    remembered: _Remembered,
    closed: Collection[str] = (),
    *,
    is_preview: bool = False,
) -> Drafting:
    alerts = account.alerts if "alerts" in sheet.tabs else ()
    numbers = _Numbers(door, sheet, remembered.now.at, remembered.people, alerts, account.untold)
    numbers.material(door.goals())
    names = [name for name in sheet.tabs if name != "sync_log"]

    def closing(prints: Sequence[Footprint], cells: int, warnings: Sequence[Notice]) -> Tab:
        account.see(prints, cells)
        account.plan(warnings)
        return account.log_tab()

    def drafted(attempt: int, slips: Slips) -> Draft:
        # A preview writes nothing, not even to undo what a sync that died left.
        number = sheet.spreadsheet
        document, marked = (client.spreadsheet(number), {}) if is_preview else whole_document(client, number, slips)
        state = _with_cells_read(client, sheet, read_state(document))
        slips = slips or slips_of_the_dead(state, marked, account.unfinished(state.blocks))
        draft = _draft(state, door, names, numbers, remembered)
        noted = (account.restated(tab, state.blocks.get(tab.block), door) for tab in draft.tabs)
        inputs = state.blocks.get(TAB)
        with_notes = (_with_refusals(tab, inputs, door, sheet, numbers) if tab.block == TAB else tab for tab in noted)
        shut = tuple(
            Notice("sheet.conflict.closed", {"tab": block.title, "account": client.email or "KPI Bot"})
            for name, block in state.blocks.items()
            if name in closed
        )
        told = (*(draft.goals.conflicts if draft.goals else ()), *shut)
        draft = replace(draft, tabs=tuple(with_notes), conflicts=told)
        conflicts, warnings, sentences = _told(draft, door.settings.locale)
        account.read(conflicts, (*warnings, *account.meets(state)), (*sentences, *account.untold))
        last = closing if "sync_log" in sheet.tabs and "sync_log" not in closed else None
        open_tabs = [tab for tab in draft.tabs if tab.block not in closed]
        plan = make_plan(draft.state, open_tabs, Author(door.settings.locale, account.name), attempt, slips, last)
        if last is None:
            account.see(plan.footprints, plan.cells_changed)
        account.plan(plan.warnings)
        return replace(draft, plan=plan)

    return drafted


def _with_refusals(tab: Tab, block: Block | None, door: Door, sheet: SheetSync, numbers: _Numbers) -> Tab:
    """The tab of inputs with a note at each figure of people's that the next load would keep out."""
    from kpi_core.loading.inputs.refused import refused_inputs, sources_of_inputs

    rows = plain_rows(block.cells) if block else []
    header, columns = titled_columns(rows)
    if not any(rows[header:]):
        return tab
    settings = door.settings
    sources = sources_of_inputs(settings.sources, sheet.spreadsheet)
    # A source of which kpi.yaml says what no tab has is told by the load.
    with suppress(KpiBotError):
        refused = refused_inputs(rows, sources, door.definitions.models, settings.calendar.timezone, numbers.today)
        places = [(each.line - 1, each.column, each.is_open) for each in refused]
        return with_refusals(tab, places, columns, settings.locale)
    return tab


@frozen
class _Remembered:
    """The goals of the last sync, those set elsewhere since, and what is known of their changes."""

    now: Occasion
    last: Sequence[Goal] = ()
    coming: Coming = field(default_factory=Coming)
    changes: Mapping[str, GoalChange] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)
    """Names of members by id."""
    placed: frozenset[str] = frozenset()
    """Keys of the goals of kpi.yaml that ever had a row."""

    @classmethod
    def of(cls, memory: GoalMemory | None, now: Occasion, account: Account) -> _Remembered:
        if memory is None:
            return cls(now, placed=account.placed)
        last, coming = memory.last(now.place), memory.coming(now.place)
        return cls(now, last, coming, memory.changes(), memory.names(), account.placed)


def _draft(state: State, door: Door, names: Sequence[str], numbers: _Numbers, remembered: _Remembered) -> Draft:
    """What the tabs are to be; not planned yet."""
    settings = door.settings
    if "goals" not in names:
        material = numbers.material(door.goals())
        return Draft(state, Plan((), 0, ()), left_out=material.left_out, tabs=tuple(build_tabs(names, material)))
    block = state.blocks.get("goals")
    known = block.memory.tab_memory if block else {}
    placed = frozenset(_texts(known.get("placed"))) | (remembered.placed if known.get("cut") else frozenset())
    # A goal that people typed for a KPI that this sheet may not show counts elsewhere, so it is read all the same.
    rows = typed_rows(block, goal_titles(settings.locale)) if block else ()
    words = Words(
        door.definitions, door.vocabulary(), state.locale, numbers.today, remembered.last, numbers.people,
        settings.calendar,
    )  # fmt: skip
    typed = read_goals(rows, words)
    configured = [goal for goal in settings.goals if goal.kpi in door.catalog.metrics]
    if block is None and "goals" in (state.made or ()) and remembered.last:
        # Somebody deleted the tab, and with it no goal: those that it had come back, and no others.
        placed = frozenset(goal.key for goal in configured)
        configured = [goal for goal in remembered.last if goal.kpi in door.catalog.metrics]
        placed -= {goal.key for goal in configured}
    coming = replace(
        remembered.coming, goals=tuple(goal for goal in remembered.coming.goals if goal.kpi in door.catalog.metrics)
    )
    typed, settled = with_goals_moved(typed, coming.moved)
    new = [goal for goal in coming.goals if goal.key not in settled]
    typed, rowless = with_goals_set(typed, new, remembered.last)
    # A goal of kpi.yaml that was moved before it had a row gets none as it was.
    placed |= {move.base.key for move in coming.moved}
    named = {goal.key for goal in rowless}
    configured = [*rowless, *(goal for goal in configured if goal.key not in named)]
    goals, seeds = with_seeds(typed, configured, placed - named)
    draft = Draft(state, Plan((), 0, ()), goals, seeds, coming=coming)
    before = {goal.key: goal for goal in (*remembered.last, *coming.goals)}
    goals = with_history(goals, tuple(before.values()), draft.known_goals(), remembered.changes, remembered.now)
    draft = replace(draft, goals=goals)
    # With the goals just placed, so that their rows have a number from the first sync on.
    material = numbers.material(draft.known_goals())
    return replace(draft, tabs=tuple(build_tabs(names, material, goals, seeds)), left_out=material.left_out)


def whole_document(
    client: SheetsClient, spreadsheet: str, slips: Slips
) -> tuple[Mapping[str, Any], Mapping[int, Mapping[int, str]]]:
    """Tabs, ids and metadata; a write that slipped, or was the last of a sync that died, is undone first.

    Beside them of each tab in which something was undone the marks of columns as they had been read.
    """
    marked: dict[int, Mapping[int, str]] = {}
    for _attempt in range(ATTEMPTS):
        document = client.spreadsheet(spreadsheet)
        copies = copies_in(document)
        if not copies:
            break
        there = [*(copy.sheet_id for copy in copies), *(copy.home for copy in copies if slips)]
        sheets = client.cells(spreadsheet, there).get("sheets", [])
        cells = {sheet["properties"].get("sheetId", 0): entered_cells(sheet) for sheet in sheets}
        wrong = [copy for copy in copies if not copy.is_as_read(cells.get(copy.sheet_id, {}))]
        right = [copy.sheet_id for copy in copies if copy not in wrong]
        marked |= {copy.home: copy.all_marks for copy in wrong}
        since = [request for copy in wrong for request in _typed_since(copy, cells, slips)]
        # Refused it was done already and the answer lost, or the spreadsheet is another by now.
        with suppress(PlanRefused):
            client.write(spreadsheet, [*map(delete_aside, right), *undone(wrong, document), *since])
    return document, marked


def slips_of_the_dead(state: State, marked: Mapping[int, Mapping[int, str]], begun: Slips) -> Slips:
    """What a sync that is gone has left to be mended: undone by its copy, or `begun` and not looked at."""
    undone_ones = [(block, marked[block.sheet_id]) for block in state.blocks.values() if block.sheet_id in marked]
    return {**begun, **{block.block: undone_print(block, marks) for block, marks in undone_ones}}


def _typed_since(copy: Copy, cells: Mapping[int, Cells], slips: Slips) -> Iterator[Json]:
    """What people typed into a tab between a write that slipped and its undoing, typed anew."""
    written = [slip.written for slip in slips.values() if slip.aside and slip.aside.sheet_id == copy.sheet_id]
    if written and copy.home in cells:
        yield from typed_again(copy, cells[copy.sheet_id], cells[copy.home], written[0])


def _with_cells_read(client: SheetsClient, sheet: SheetSync, state: State) -> State:
    """The state with the cells of the blocks that this sync writes; no read where there are none yet."""
    ours = [block.sheet_id for name, block in state.blocks.items() if name in sheet.tabs]
    return with_cells(state, client.cells(sheet.spreadsheet, ours)) if ours else state


def _send(client: SheetsClient, spreadsheet: str, plan: Plan) -> dict[str, Footprint]:
    """Send all batches; answers the tabs whose rows and columns did not lie where they were meant to."""
    slips: dict[str, Footprint] = {}
    for number, batch in enumerate(plan.batches):
        blocks = {step.block for step in batch}
        looked = [each for each in plan.footprints if each.block.block in blocks and each.block.written]
        last = {step.block for later in plan.batches[number + 1 :] for step in later}
        try:
            answer = _written(client, spreadsheet, batch, [name for each in looked for name in each.ranges()])
        except PlanRefused as refused:
            refused.batch = number
            raise
        sheets = {sheet["properties"].get("sheetId", 0): sheet for sheet in answer.get("sheets", [])}
        # A tab in pieces is right once its last piece is there.
        done = [each for each in looked if each.block.block not in last]
        wrong = [each for each in done if not each.stands(sheets)]
        slips |= {each.block.block: each for each in wrong}
        if right := [delete_aside(each.aside.sheet_id) for each in done if each.aside and each not in wrong]:
            # Refused they are gone already: only the answer was lost.
            with suppress(PlanRefused):
                client.write(spreadsheet, right)
    return slips


def _written(client: SheetsClient, spreadsheet: str, batch: Sequence[Step], ranges: Sequence[str]) -> Mapping[str, Any]:
    values = [step.values for step in batch if step.values]
    if values:
        return client.write_values(spreadsheet, values)
    return client.write(spreadsheet, [request for step in batch for request in step.requests], ranges)


def _lasting(refused: PlanRefused, plan: Plan) -> ServiceError:
    """The error for a batch that Google refuses again: it names the block of the refused request."""
    block = _block_refused(refused, plan)
    where = f" in the tab {block!r}" if block else ""
    return ServiceError(
        f"Google Sheets refused a change{where}.",
        code="sheets_refused",
        hint="Sync again; if it stays, somebody may have changed the protection of the bot's tabs.",
    )


def _block_refused(refused: PlanRefused, plan: Plan) -> str:
    """The block of the refused request; "" where Google names none."""
    blocks = [step.block for step in plan.batches[refused.batch] for _request in step.requests]
    return blocks[refused.request] if refused.request is not None and refused.request < len(blocks) else ""


def _told(draft: Draft, language: str) -> tuple[Sequence[Notice], Sequence[Notice], Sequence[str]]:
    """The conflicts, what people should know, and that in sentences: goals that count no more, rows without sense."""
    goals, sentences = draft.goals or GoalsRead(), list[str]()
    if draft.left_out:
        sentences.append(say(language, "sheet.warning.left_out", kpis=few_names(draft.left_out, language)))
    for row in goals.rows:
        if row.problem:
            problem = notice_text(row.problem, language)
            sentences.append(say(language, "sheet.warning.row", row=row.row + 1, problem=problem))
    return draft.conflicts, (*goals.warnings, *(notice for _goal, notice in goals.overruled)), sentences


def _sentences(notices: Sequence[Notice], language: str) -> tuple[str, ...]:
    return tuple(notice_text(notice, language) for notice in notices)


def _texts(keys: object) -> list[str]:
    return [str(key) for key in keys] if isinstance(keys, list) else []
