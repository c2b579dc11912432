"""Cards made of words: how to ask, and what went wrong with the next step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from bot.cards import blocks
from bot.cards.answer import ASK
from bot.cards.card import Card
from bot.cards.lines import goal_line, headline, title
from bot.cards.onward.buttons import SET_GOAL, needs_task
from bot.cards.views.goal_view import NO_QUESTION, goal_buttons
from kpi_core.phrases import say
from kpi_core.questions.errors import error_words

if TYPE_CHECKING:
    from kpi_core.errors import KpiBotError
    from kpi_core.goals.goal_task import GoalTask
    from kpi_core.metrics import Catalog
    from kpi_core.review.goal_review import ReviewedGoal

TOPICS = ("last_month", "by", "vs", "where", "explain", "list", "hide")
TEXT = 3000


def help_card(language: str, command: str = "/kpi") -> Card:
    """How to ask, by example."""
    title, private = say(language, "help.title"), say(language, "help.private")
    lines = help_lines(language, command)
    marked = "\n".join(f"`{blocks.escaped(question)}`  {blocks.escaped(says)}" for question, says in lines)
    asks = [question.removeprefix(command).strip() for question, _says in lines[:3]]
    text = "\n".join([title, *(f"{question}: {says}" for question, says in lines), private])
    card_blocks = [
        blocks.section(title),
        blocks.marked(marked),
        blocks.context([private]),
        *blocks.actions([blocks.button(ask, ASK, ask) for ask in asks]),
    ]
    return Card(blocks.escaped(text, TEXT), card_blocks)


def help_lines(language: str, command: str) -> list[tuple[str, str]]:
    """Examples and what each is good for."""
    return [(say(language, f"help.{topic}", command=command), say(language, f"help.{topic}_says")) for topic in TOPICS]


def error_card(error: KpiBotError, language: str) -> Card:
    """What happened and the next step, with a button for every suggested question."""
    message, hint = error_words(error, language)
    card_blocks = [blocks.section(message)]
    if hint:
        card_blocks.append(blocks.context([hint]))
    card_blocks += blocks.actions([blocks.button(question, ASK, question) for question in error.suggestions])
    return Card(blocks.escaped(f"{message}\n{hint}".strip(), TEXT), card_blocks)


MOST_GOALS = 20
"""Goals with a section of their own; the others are counted."""


def goal_list_card(  # noqa: PLR0913, PLR0917 - what each section says, and in what words
    reviewed: Sequence[ReviewedGoal],
    language: str,
    catalog: Catalog,
    check_ins: Mapping[str, str],
    names: Mapping[str, str],
    tasks: Mapping[str, GoalTask] | None = None,
) -> Card:
    """A section a goal, in their order; how to set one where there is none.

    `check_ins`: by goal, its owner's word. `names`: what owners are called, by their ids in Slack. `tasks` by goal;
    None where there is no board to make one on.
    """
    heading = say(language, "goal_list.title")
    stand = [each for each in reviewed[:MOST_GOALS] if each.answer is not None]
    sections = [_goal(each, language, catalog, check_ins, names) for each in stand]
    drawn = [
        block
        for each, section in zip(stand, sections, strict=True)
        for block in (blocks.section(section), *goal_buttons(each.goal, language, task=_needs_task(each, tasks)))
    ]
    if len(reviewed) > MOST_GOALS:
        sections.append(say(language, "goal_list.more", count=len(reviewed) - MOST_GOALS))
        drawn.append(blocks.section(sections[-1]))
    if not sections:
        sections = [say(language, "goals_command.none")]
        drawn = [blocks.section(sections[0])]
    new = blocks.actions([blocks.button(say(language, "button.set_goal"), SET_GOAL, NO_QUESTION)])
    text = "\n".join([heading, *sections])
    return Card(blocks.escaped(text, TEXT), [blocks.header(heading), *drawn, *new])


def _needs_task(reviewed: ReviewedGoal, tasks: Mapping[str, GoalTask] | None) -> bool:
    state = reviewed.answer.goal if reviewed.answer else None
    return state is not None and needs_task(reviewed.goal.key, state.status, tasks)


def _goal(
    reviewed: ReviewedGoal, language: str, catalog: Catalog, check_ins: Mapping[str, str], names: Mapping[str, str]
) -> str:
    answer = reviewed.answer
    assert answer is not None
    first = say(language, "card.text", title=title(answer, language, catalog), value=headline(answer, language))
    # As on the card: an id that nobody has a name for says nothing.
    named = names.get(reviewed.goal.owner, "" if blocks.is_user_id(reviewed.goal.owner) else reviewed.goal.owner)
    owner = say(language, "goal.owner", owner=blocks.cut(named, 200)) if named else ""
    check_in = blocks.cut(check_ins.get(reviewed.goal.key, ""), 300)
    details = " · ".join(part for part in (goal_line(answer, language), owner, check_in) if part)
    return f"{first}\n{details}" if details else first
