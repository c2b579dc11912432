"""The buttons of an answer, the likeliest first: at most five, and a menu of what is asked for less often."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.cards import blocks
from kpi_core.answering.layout import dimensions_of
from kpi_core.formats.notices import dimension_name
from kpi_core.phrases import say
from kpi_core.questions.spelled import can_be_asked, question_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.cards.card import Block
    from kpi_core.answers import Answer
    from kpi_core.metrics import Catalog

ASK, EXPLAIN = "kpi_ask", "kpi_explain"
"""Action ids of buttons, in a row going on as `kpi_ask.2`. The value is a whole question, or a metric id."""
SET_GOAL, ALERT_ME = "set_goal", "alert_me"
"""Action ids of buttons that open a view; the value is the question that the card answers."""
FIND = "kpi_find"
"""A field that suggests KPIs while somebody types; the value of an option is a metric id."""
MORE = "kpi_more"
"""The menu: the value of an option is a verb of MENU, and what it is about."""
MENU = ("explain", "compare", "share", "exact", "sheet")
OPTION_VALUE = 150
_LIKELY_SPLITS = ("channel", "campaign", "region", "device", "platform", "network", "audience")
_TRENDS = {"day": ("weekly", "week"), "week": ("daily", "day"), "month": ("weekly", "week")}


def answer_buttons(answer: Answer, language: str, catalog: Catalog | None, sheet: str = "") -> list[Block]:
    """By a dimension, why, another grain, set a goal, alert me; the menu. `sheet` is the address of the spreadsheet."""
    row = [*_questions(answer, language, catalog), *_views(answer, language)] if can_be_asked(answer.query) else []
    row = [button for button in row if len(button["value"]) < blocks.BUTTON_VALUE]
    return [*blocks.actions(row, [menu(answer, language, sheet)])]


def menu(answer: Answer, language: str, sheet: str = "") -> Block:
    """What is asked for less often; a question too long for an option is left out."""
    question = question_of(answer.query, over=answer.complete) if can_be_asked(answer.query) else ""
    values = {"explain": answer.metric.id, "compare": question, "share": question, "exact": question, "sheet": sheet}
    options = []
    for verb in MENU:
        about = "" if verb == "sheet" else values[verb]
        if not values[verb] or len(f"{verb} {about}") > OPTION_VALUE:
            continue
        option = {"text": blocks.plain(say(language, f"button.{verb}"), blocks.BUTTON), "value": f"{verb} {about}"}
        options.append(option | {"url": sheet} if verb == "sheet" else option)
    return {"type": "overflow", "action_id": MORE, "options": options}


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
