"""The answer card: the number first, then how it moved, then whether that is good."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.cards import blocks
from bot.cards.card import Block, Card
from bot.cards.chart import trend_chart
from bot.cards.lines import goal_line, headline, movements, receipt, title, warnings
from bot.cards.table import Table, breakdown_table
from kpi_core.answering.layout import dimensions_of
from kpi_core.formats.notices import dimension_name
from kpi_core.phrases import say
from kpi_core.questions.spelled import can_be_asked, question_of

if TYPE_CHECKING:
    from kpi_core.answers import Answer
    from kpi_core.metrics import Catalog

ASK, EXPLAIN = "kpi_ask", "kpi_explain"
"""Action ids of buttons, in a row going on as `kpi_ask.2`. The value is a whole question, or a metric id."""
TEXT_ROWS = 5
TEXT = 3000
_LIKELY_SPLITS = ("channel", "campaign", "region", "device", "platform", "network", "audience")
_SPLIT_BUTTONS = 2
_TRENDS = {"day": ("weekly", "week"), "week": ("daily", "day"), "month": ("weekly", "week")}


def answer_card(
    answer: Answer, language: str, catalog: Catalog | None = None, *, check_in: str = "", receipt_name: str = ""
) -> Card:
    """What Slack shows for one answer: head, movement, goal, chart or table, receipt line, at most 5 buttons.

    `catalog` tells which splits to offer as buttons; without it, only those that need no knowledge of tables.
    `check_in` is the last word of the goal's owner; by `receipt_name` the number can be asked for again as it was.
    """
    table = breakdown_table(answer, language, catalog)
    card_blocks: list[Block] = [
        blocks.context([title(answer, language, catalog)]),
        blocks.header(headline(answer, language)),
    ]
    moved = movements(answer, language)
    if moved:
        card_blocks.append(blocks.section("\n".join(moved)))
    if goal := " · ".join(part for part in (goal_line(answer, language), check_in) if part):
        card_blocks.append(blocks.marked(_goal(goal, answer, language)))
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
    named = say(language, "card.receipt", receipt=receipt_name) if receipt_name else ""
    if made_of := " · ".join(part for part in (receipt(answer, language), named) if part):
        card_blocks.append(blocks.context([made_of]))
    text = "\n".join(part for part in (_text(answer, table, goal, language, catalog), named) if part)
    return Card(text, [*card_blocks, *_buttons(answer, language, catalog)])


def _text(answer: Answer, table: Table | None, goal: str, language: str, catalog: Catalog | None) -> str:
    """The card in words, for notifications and screen readers."""
    head = say(language, "card.text", title=title(answer, language, catalog), value=headline(answer, language))
    lines = [head, *movements(answer, language)]
    if goal:
        lines.append(goal)
    lines += warnings(answer, language)
    lines += _first_rows(table, language) if table else []
    return blocks.escaped("\n".join(lines), TEXT)


def _first_rows(table: Table, language: str) -> list[str]:
    lines = []
    for row in table.rows[:TEXT_ROWS]:
        keys = ", ".join(blocks.cut(cell.text, blocks.MOST_CELL) for cell in row[: table.keys])
        lines.append(f"{keys}: " + " · ".join(cell.text for cell in row[table.keys : table.keys + 2]))
    if len(table.rows) > TEXT_ROWS:
        lines.append(say(language, "catalogue.more", count=len(table.rows) - TEXT_ROWS))
    return lines


def _goal(line: str, answer: Answer, language: str) -> str:
    """The goal with its owner; a Slack user is shown by name."""
    owner = answer.goal.owner if answer.goal else ""
    if not owner:
        return blocks.escaped(line, blocks.SECTION)
    # With room for the owner in the same section.
    return f"{blocks.escaped(line, 2500)} · {say(language, 'goal.owner', owner=blocks.mention(owner))}"


def _buttons(answer: Answer, language: str, catalog: Catalog | None) -> list[Block]:
    """The likeliest next questions first."""
    query = answer.query
    row = []
    if can_be_asked(query):
        row += [
            blocks.button(
                say(language, "button.by", dimension=dimension_name(dimension, language, catalog)),
                ASK,
                question_of(query, by=dimension, over=answer.complete),
            )
            for dimension in _splits(answer, catalog)
        ]
        if query.period.grain in _TRENDS and not query.dimensions:
            every, grain = _TRENDS[query.period.grain]
            row.append(
                blocks.button(
                    say(language, f"button.trend_{grain}"), ASK, question_of(query, every=every, over=answer.complete)
                )
            )
    return blocks.actions([*row, blocks.button(say(language, "button.explain"), EXPLAIN, answer.metric.id)])


def _splits(answer: Answer, catalog: Catalog | None) -> list[str]:
    """The likeliest dimensions that the KPI has and the question does not use."""
    dimensions = dimensions_of(answer.metric, catalog) if catalog else ()
    used = {*answer.query.dimensions, *(condition.dimension for condition in answer.query.filters)}
    likely = [dimension for dimension in _LIKELY_SPLITS if dimension in dimensions and dimension not in used]
    return likely[:_SPLIT_BUTTONS]
