"""Every goal as it stands, as a card: the KPI with its number, and how far it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.cards import blocks
from bot.cards.card import Card
from bot.cards.lines import goal_line, headline, title
from kpi_core.phrases import say

if TYPE_CHECKING:
    from kpi_core.metrics import Catalog
    from kpi_core.review.goal_review import ReviewedGoal

MOST = 20
"""Goals with a section of their own; the others are counted."""


def goal_list_card(reviewed: Sequence[ReviewedGoal], language: str, catalog: Catalog) -> Card:
    """A section a goal, in their order; how to set one where there is none."""
    heading = say(language, "goal_list.title")
    sections = [_section(each, language, catalog) for each in reviewed[:MOST] if each.answer is not None]
    if len(reviewed) > MOST:
        sections.append(say(language, "goal_list.more", count=len(reviewed) - MOST))
    if not sections:
        sections = [say(language, "goals_command.none")]
    text = "\n".join([heading, *sections])
    return Card(blocks.escaped(text), [blocks.header(heading), *map(blocks.section, sections)])


def _section(reviewed: ReviewedGoal, language: str, catalog: Catalog) -> str:
    answer = reviewed.answer
    assert answer is not None
    first = say(language, "card.text", title=title(answer, language, catalog), value=headline(answer, language))
    owner = say(language, "goal.owner", owner=reviewed.goal.owner) if reviewed.goal.owner else ""
    details = " · ".join(part for part in (goal_line(answer, language) or "", owner) if part)
    return f"{first}\n{details}" if details else first
