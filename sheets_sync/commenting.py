"""Check-ins by comment: an off-track goal gets one on its row, and what its owner replies is the check-in."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from kpi_core.errors import UsageError
from kpi_core.frozen_dataclass import frozen
from kpi_core.goals.check_ins import CheckIn, confidence_typed
from kpi_core.phrases import say
from kpi_core.settings.values import Goal
from sheets_sync.spreadsheet.arrangement import typed_rows
from sheets_sync.spreadsheet.batches import Json
from sheets_sync.spreadsheet.state import Block, read_state, with_cells
from sheets_sync.spreadsheet.threads import Post, Thread, insert_comment, reply_to, threads_in
from sheets_sync.tabs.cells import text_of
from sheets_sync.tabs.goals.goal_rows import TypedRow
from sheets_sync.tabs.goals.goals_tab import goal_titles

if TYPE_CHECKING:
    from kpi_core.access.doorway import Door
    from sheets_sync.client import SheetsClient

_CONFIDENCE = re.compile(r"\s*(\d{1,3}(?:\s*/\s*10)?|[^\W\d]+)(?!\d)[\s,.:;–—-]*(.*)", re.DOTALL)
LONGEST_NOTE = 500
Times = Callable[[str], Collection[datetime]]
"""When something was said of a goal, by its key, as far as it is known already."""


@frozen
class _Talk:
    """The Goals tab and what is said on its rows."""

    block: Block
    language: str
    goals: Mapping[str, Goal]
    threads: Mapping[int, list[Thread]]

    def requests(self, row: TypedRow) -> Iterator[Json]:
        """A comment where an off-track goal has none that is open, or a question back where a reply cannot be read."""
        ours = self.threads.get(row.row, [])
        waiting = [thread for thread in ours if thread.is_open]
        for thread in waiting:
            last = thread.posts[-1]
            if not last.is_ours and reply_read(last.text) is None:
                yield reply_to(thread, say(self.language, "sheet.comment.again"))
        off_track = text_of(row.cells.get("status", {})) == say(self.language, "goal.off_track")
        if off_track and not ours:
            text = say(self.language, "sheet.comment.off_track", kpi=text_of(row.cells.get("kpi", {})))
            owner = text_of(row.cells.get("owner", {}))
            yield insert_comment(self.block.sheet_id, row.row, 0, text, owner if "@" in owner else "")

    def check_ins(self, row: TypedRow, times: Times) -> Iterator[CheckIn]:
        """What people replied to the bot's comments and nobody has taken in yet."""
        goal = self.goals[row.key]
        before = set(times(goal.key))
        for post in self._replies(row):
            reading = reply_read(post.text)
            if reading is not None and post.at not in before:
                yield CheckIn(goal.key, goal.kpi, post.at, post.by, *reading)

    def _replies(self, row: TypedRow) -> list[Post]:
        posts = [post for thread in self.threads.get(row.row, []) for post in thread.posts[1:]]
        return sorted((post for post in posts if not post.is_ours), key=lambda post: post.at)


def talk_over_goals(client: SheetsClient, door: Door, spreadsheet: str, times: Times) -> list[CheckIn]:
    """Comment on goals that are off track, and answer the check-ins that came as replies, oldest first.

    A goal has one comment; resolved it stays the one. Two reads, and a write where there is something to say.
    """
    state = read_state(client.spreadsheet(spreadsheet))
    if "goals" not in state.blocks:
        return []
    number = state.blocks["goals"].sheet_id
    block = with_cells(state, client.cells(spreadsheet, [number])).blocks["goals"]
    threads: dict[int, list[Thread]] = {}
    for thread in threads_in(client.comments(spreadsheet), number):
        if thread.posts and thread.posts[0].is_ours:
            threads.setdefault(thread.row, []).append(thread)
    talk = _Talk(block, door.settings.locale, {goal.key: goal for goal in door.goals()}, threads)
    rows = [row for row in typed_rows(block, goal_titles(talk.language)) if row.key in talk.goals]
    check_ins = [each for row in rows for each in talk.check_ins(row, times)]
    if requests := [request for row in rows for request in talk.requests(row)]:
        client.write(spreadsheet, requests)
    return sorted(check_ins, key=lambda check_in: check_in.at)


def reply_read(text: str) -> tuple[int, str] | None:
    """Confidence and note of a reply such as "6, new landing page"; None where it does not begin with a confidence."""
    match = _CONFIDENCE.fullmatch(text)
    if match is None:
        return None
    try:
        return confidence_typed(match[1].replace(" ", "")), match[2].strip()[:LONGEST_NOTE]
    except UsageError:
        return None
