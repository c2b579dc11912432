"""The forms of goals: set one, change one, say how sure one is. What is typed is read as in the Sheet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from bot.cards import blocks
from bot.cards.lines import goal_line, headline, title
from bot.cards.onward.buttons import TASK
from bot.cards.views.view import (
    View,
    choice_field,
    modal,
    person_field,
    text_field,
    words_view,
)
from kpi_core.formats.goals.goal_words import check_in_text, remark_text
from kpi_core.formats.periods import date_text
from kpi_core.frozen_dataclass import frozen
from kpi_core.phrases import say
from kpi_core.settings.values import PER

if TYPE_CHECKING:
    from datetime import date

    from bot.cards.card import Block
    from kpi_core.goals.check_ins import CheckIn
    from kpi_core.metrics import Catalog, Metric
    from kpi_core.review.goal_review import ReviewedGoal
    from kpi_core.settings.values import Goal

EDIT_GOAL, CHECK_IN = "edit_goal", "check_in"
"""Action ids of buttons, in a row going on as `edit_goal.2`. The value is `Goal.key`; that of `SET_GOAL` a question."""
GOAL_FORM, EDIT_FORM, CHECK_IN_FORM = "kpi_goal_form", "kpi_goal_edit_form", "kpi_check_in_form"
"""Callback ids of the modals."""
NO_QUESTION = "-"
"""The value of a button that sets a goal for any KPI."""


@frozen
class GoalWords:
    """A goal as it is typed. `owner` is a member's id, a name or a mail address; what may be empty is empty."""

    kpi: str = ""
    target: str = ""
    by: str = ""
    owner: str = ""
    where: str = ""
    per: str = ""
    note: str = ""
    action: str = ""


def words_of(goal: Goal, metric: Metric) -> GoalWords:
    """A goal in the words in which it could be typed again."""
    where = ", ".join(f"{dimension}={value}" for dimension, value in goal.where.items())
    target = _target(goal.target, metric)
    return GoalWords(goal.kpi, target, goal.by.isoformat(), goal.owner, where, goal.per or "", goal.note, goal.action)


def _target(target: float, metric: Metric) -> str:
    """All digits: a target that nobody changes stays the same."""
    number, sign = (target * 100, "%") if metric.unit == "percent" else (target, "")
    return f"{number:.10f}".rstrip("0").rstrip(".") + sign


def goal_view(words: GoalWords, language: str, problems: Mapping[str, str] | None = None, about: str = "") -> View:
    """The form for a new goal, or another target of one that is there."""

    def label(name: str) -> str:
        return say(language, f"form.{name}")

    body = [
        *_problems(problems or {}),
        text_field("kpi", label("kpi"), words.kpi),
        *_numbers(words, language),
        _per(words.per, language),
        *_free(words, language),
    ]
    submit = say(language, "form.save")
    return modal(label("goal_title"), body, language, form=GOAL_FORM, submit=submit, about=about)


def edit_view(
    words: GoalWords, heading: str, language: str, problems: Mapping[str, str] | None = None, about: str = ""
) -> View:
    """The form for a goal that is there: its KPI stays, the rest may change."""
    body = [*_problems(problems or {}), blocks.section(heading), *_numbers(words, language), *_free(words, language)]
    edit, submit = say(language, "form.edit_title"), say(language, "form.save")
    return modal(edit, body, language, form=EDIT_FORM, submit=submit, about=about)


def check_in_view(heading: str, language: str, about: str) -> View:
    """How sure somebody is that a goal will be met."""
    scale = {str(number): str(number) for number in range(11)}
    scale |= {"0": say(language, "form.surely_not"), "10": say(language, "form.surely")}
    body = [
        blocks.section(heading),
        choice_field("confidence", say(language, "form.confidence"), scale),
        text_field("note", say(language, "form.why"), optional=True, long=True),
    ]
    check_in, submit = say(language, "form.check_in_title"), say(language, "form.save")
    return modal(check_in, body, language, form=CHECK_IN_FORM, submit=submit, about=about)


def saved_view(reviewed: ReviewedGoal, language: str, catalog: Catalog, check_in: str = "") -> View:
    """How the goal stands now, and what is wrong with how it was set."""
    remarks = [remark_text(remark, language) for remark in reviewed.remarks]
    lines = [heading_of(reviewed, language, catalog), check_in, *remarks, say(language, "form.in_sheet")]
    return words_view(say(language, "form.saved"), lines, language)


def heading_of(reviewed: ReviewedGoal, language: str, catalog: Catalog) -> str:
    """What a goal is and how it stands, in plain text."""
    answer, goal = reviewed.answer, reviewed.goal
    if answer is None:
        return f"{goal.kpi} · {date_text(goal.by, language)}"
    first = say(language, "card.text", title=title(answer, language, catalog), value=headline(answer, language))
    return "\n".join(part for part in (first, goal_line(answer, language)) if part)


def checked_in(check_in: CheckIn, language: str, day: date) -> str:
    return check_in_text(check_in, language, day)


def goal_buttons(goal: Goal, language: str, *, task: bool = False) -> list[Block]:
    """Beneath a goal: change it, say how sure one is, make its task."""
    row = [
        blocks.button(say(language, "button.edit_goal"), EDIT_GOAL, goal.key),
        blocks.button(say(language, "button.check_in"), CHECK_IN, goal.key),
    ]
    return blocks.actions([blocks.button(say(language, "button.task"), TASK, goal.key), *row] if task else row)


def _per(per: str, language: str) -> Block:
    choices: dict[str, str] = {period: say(language, f"sheet.per.{period}") for period in PER}
    return choice_field(
        "per", say(language, "form.per"), choices, per, hint=say(language, "form.per_hint"), optional=True
    )


def _numbers(words: GoalWords, language: str) -> Iterator[Block]:
    """For which part, how much, by when."""
    for name in ("where", "target", "by"):
        label, hint = say(language, f"form.{name}"), say(language, f"form.{name}_hint")
        yield text_field(name, label, getattr(words, name), hint=hint, optional=name == "where")


def _free(words: GoalWords, language: str) -> Iterator[Block]:
    yield person_field("owner", say(language, "form.owner"), words.owner)
    yield text_field("action", say(language, "form.action"), words.action, optional=True)
    yield text_field("note", say(language, "form.note"), words.note, optional=True, long=True)


def _problems(problems: Mapping[str, str]) -> list[Block]:
    """Above the fields, where Slack waited too long to show them at the fields."""
    return [blocks.section("\n".join(problems.values()))] if problems else []
