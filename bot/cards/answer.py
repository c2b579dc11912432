"""The answer card: the number first, then how it moved, then whether that is good."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import TYPE_CHECKING

from bot.cards import blocks
from bot.cards.backdrop import benchmark_line, course_line, definition_line
from bot.cards.card import Block, Card
from bot.cards.chart import trend_chart
from bot.cards.lines import goal_line, headline, movements, receipt, title, warnings
from bot.cards.onward.buttons import ALERT_ME, ASK, EXPLAIN, SET_GOAL, answer_buttons
from bot.cards.table import Table, breakdown_table
from kpi_core.frozen_dataclass import frozen
from kpi_core.phrases import say

if TYPE_CHECKING:
    from kpi_core.answers import Answer
    from kpi_core.metrics import Catalog

__all__ = ["ALERT_ME", "ASK", "EXPLAIN", "SET_GOAL", "Around", "answer_card"]

TEXT_ROWS = 5
TEXT = 3000


@frozen
class Around:
    """What a card shows that no answer knows.

    People's names by their ids, the spreadsheet's address, who shared it, the last word of the goal's owner, and the
    receipt by which the number can be asked for again as it was.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    sheet: str = ""
    shared_by: str = ""
    check_in: str = ""
    receipt: str = ""
    task: str = ""
    """The key of the goal that a task may be made for; empty for none."""


NOTHING = Around()


def answer_card(answer: Answer, language: str, catalog: Catalog | None = None, around: Around = NOTHING) -> Card:
    """What Slack shows for one answer: head, movement, goal, chart or table, receipt line, buttons. It pings nobody.

    `catalog` tells which splits to offer as buttons; without it, only those that need no knowledge of tables.
    `check_in` is the last word of the goal's owner; by `receipt_name` the number can be asked for again as it was.
    """
    table = breakdown_table(answer, language, catalog)
    card_blocks: list[Block] = [
        blocks.context([*_sharing(around, language), title(answer, language, catalog)]),
        blocks.header(headline(answer, language)),
    ]
    moved = movements(answer, language)
    if moved:
        card_blocks.append(blocks.section("\n".join(moved)))
    if goal := _goal(answer, language, around):
        card_blocks.append(blocks.section(goal))
    notes = warnings(answer, language)
    if table:
        block, rows = blocks.data_table(table)
        if rows < len(table.rows):
            notes.append(say(language, "card.rows_cut", count=rows, total=len(table.rows)))
        card_blocks.append(block)
    elif chart := trend_chart(answer, language):
        card_blocks.append(chart)
    if notes:
        # Right below the number, before whatever else says how it moved: a doubt is of no use at the end.
        card_blocks.insert(2, blocks.context(notes))
    if made_of := _foot(answer, language, around):
        card_blocks.append(blocks.context(made_of))
    buttons = answer_buttons(answer, language, catalog, around.sheet, around.task)
    return Card(_text(answer, table, language, catalog, around), [*card_blocks, *buttons])


def _text(answer: Answer, table: Table | None, language: str, catalog: Catalog | None, around: Around) -> str:
    """The card in words, for notifications and screen readers: all that the blocks say, the course in a sentence."""
    head = say(language, "card.text", title=title(answer, language, catalog), value=headline(answer, language))
    lines = [*_sharing(around, language), head, *movements(answer, language)]
    if goal := _goal(answer, language, around):
        lines.append(goal)
    lines += warnings(answer, language)
    lines += _first_rows(table, language) if table else [course_line(answer, language)]
    lines += _foot(answer, language, around)
    return blocks.escaped("\n".join(filter(None, lines)), TEXT)


def _sharing(around: Around, language: str) -> list[str]:
    return [say(language, "card.shared_by", who=around.shared_by)] if around.shared_by else []


def _foot(answer: Answer, language: str, around: Around) -> list[str]:
    """What the number is made of, what it may be held against, what the KPI is."""
    named = say(language, "card.receipt", receipt=around.receipt) if around.receipt else ""
    made_of = " · ".join(part for part in (receipt(answer, language), named) if part)
    return [line for line in (made_of, benchmark_line(answer, language), definition_line(answer, language)) if line]


def _first_rows(table: Table, language: str) -> list[str]:
    lines = []
    for row in table.rows[:TEXT_ROWS]:
        keys = ", ".join(blocks.cut(cell.text, blocks.MOST_CELL) for cell in row[: table.keys])
        lines.append(f"{keys}: " + " · ".join(cell.text for cell in row[table.keys : table.keys + 2]))
    if len(table.rows) > TEXT_ROWS:
        lines.append(say(language, "catalogue.more", count=len(table.rows) - TEXT_ROWS))
    return lines


def _goal(answer: Answer, language: str, around: Around) -> str:
    """The goal with its owner by name: an id that nobody has a name for says nothing."""
    line = " · ".join(part for part in (goal_line(answer, language), around.check_in) if part)
    owner = answer.goal.owner if answer.goal else ""
    named = around.names.get(owner, "" if blocks.is_user_id(owner) else owner)
    return f"{line} · {say(language, 'goal.owner', owner=blocks.cut(named, 200))}" if line and named else line
