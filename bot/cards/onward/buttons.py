"""The buttons of an answer, the likeliest first: at most five, and a menu of what is asked for less often."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.cards import blocks
from kpi_core.answering.layout import dimensions_of
from kpi_core.formats.goals.goal_words import ENDANGERED
from kpi_core.formats.notices import dimension_name
from kpi_core.phrases import say
from kpi_core.questions.spelled import can_be_asked, question_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bot.cards.card import Block
    from kpi_core.answers import Answer, GoalStatus
    from kpi_core.goals.goal_task import GoalTask
    from kpi_core.metrics import Catalog

ASK, EXPLAIN = "kpi_ask", "kpi_explain"
"""Action ids of buttons, in a row going on as `kpi_ask.2`. The value is a whole question, or a metric id."""
SET_GOAL, ALERT_ME = "set_goal", "alert_me"
"""Action ids of buttons that open a view; the value is the question that the card answers."""
FIND = "kpi_find"
"""A field that suggests KPIs while somebody types; the value of an option is a metric id."""
MORE = "kpi_more"
"""The menu: the value of an option is a verb of MENU, and what it is about."""
MENU = ("task", "explain", "compare", "share", "exact", "sheet")
TASK = "kpi_goal_task"
"""A button that makes the task of a goal; the value is `Goal.key`, beneath an alert behind the incident's id."""
OPTION_VALUE = 150
_LIKELY_SPLITS = ("channel", "campaign", "region", "device", "platform", "network", "audience")
_TRENDS = {"day": ("weekly", "week"), "week": ("daily", "day"), "month": ("weekly", "week")}


def answer_buttons(
    answer: Answer, language: str, catalog: Catalog | None, sheet: str = "", task: str = ""
) -> list[Block]:
    """By a dimension, why, another grain, set a goal, alert me; the menu.

    `sheet` is the address of the spreadsheet, `task` the key of a goal that a task may be made for.
    """
    row = [*_questions(answer, language, catalog), *_views(answer, language)] if can_be_asked(answer.query) else []
    row = [button for button in row if len(button["value"]) < blocks.BUTTON_VALUE]
    return [*blocks.actions(row, [menu(answer, language, sheet, task)])]


def menu(answer: Answer, language: str, sheet: str = "", task: str = "") -> Block:
    """What is asked for less often; a question too long for an option is left out."""
    question = question_of(answer.query, over=answer.complete) if can_be_asked(answer.query) else ""
    values = {
        "task": task, "explain": answer.metric.id, "compare": question, "share": question, "exact": question,
        "sheet": sheet,
    }  # fmt: skip
    options = []
    for verb in MENU:
        about = "" if verb == "sheet" else values[verb]
        if not values[verb] or len(f"{verb} {about}") > OPTION_VALUE:
            continue
        option = {"text": blocks.plain(say(language, f"button.{verb}"), blocks.BUTTON), "value": f"{verb} {about}"}
        options.append(option | {"url": sheet} if verb == "sheet" else option)
    return {"type": "overflow", "action_id": MORE, "options": options}


def needs_task(goal: str, status: GoalStatus, tasks: Mapping[str, GoalTask] | None) -> bool:
    """Whether a goal lacks what it should have: it is in danger and no task of it is there. None: no board is named."""
    there = tasks.get(goal) if tasks is not None else None
    return tasks is not None and status in ENDANGERED and (there is None or there.gone)


def _questions(answer: Answer, language: str, catalog: Catalog | None) -> Iterator[Block]:
    query = answer.query
    if dimension := next(_splits(answer, catalog), ""):
        label = say(language, "button.by", dimension=dimension_name(dimension, language, catalog))
        yield blocks.button(label, ASK, question_of(query, by=dimension, over=answer.complete))
    if any(change.change for change in answer.comparisons):
        whole = replace(query, dimensions=(), top=None, order=None, grain=None)
        yield blocks.button(say(language, "button.why"), ASK, f"why {question_of(whole, over=answer.complete)}")
    if query.period.grain in _TRENDS and not query.dimensions:
        every, grain = _TRENDS[query.period.grain]
        label = say(language, f"button.trend_{grain}")
        yield blocks.button(label, ASK, question_of(query, every=every, over=answer.complete))


def _views(answer: Answer, language: str) -> Iterator[Block]:
    question = question_of(answer.query, over=answer.complete)
    yield blocks.button(say(language, "button.set_goal"), SET_GOAL, question)
    yield blocks.button(say(language, "button.alert_me"), ALERT_ME, question)


def _splits(answer: Answer, catalog: Catalog | None) -> Iterator[str]:
    """The likeliest dimensions that the KPI has and the question does not use."""
    dimensions = dimensions_of(answer.metric, catalog) if catalog else ()
    used = {*answer.query.dimensions, *(condition.dimension for condition in answer.query.filters)}
    return (dimension for dimension in _LIKELY_SPLITS if dimension in dimensions and dimension not in used)
