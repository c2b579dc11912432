"""The Home of one person: their KPIs and goals, what changed, their alerts, the data behind it, quick questions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from bot.cards import blocks
from bot.cards.lines import headline, movements, title
from bot.cards.onward.buttons import ALERT_ME, SET_GOAL
from bot.cards.reasons.movers import changes_lines
from bot.cards.views.alert_view import stop_button
from bot.cards.views.goal_view import NO_QUESTION, goal_buttons, heading_of
from bot.cards.views.view import View
from kpi_core.formats.findings import finding_text
from kpi_core.formats.periods import date_text
from kpi_core.frozen_dataclass import frozen
from kpi_core.phrases import say
from kpi_core.questions.spelled import can_be_asked, question_of

if TYPE_CHECKING:
    from bot.cards.card import Block
    from kpi_core.answers import Answer
    from kpi_core.health.facts import Health
    from kpi_core.metrics import Catalog
    from kpi_core.reasons.movers import Changes
    from kpi_core.review.goal_review import ReviewedGoal

HOME_ASK = "kpi_home_ask"
"""Action id of a question asked from the Home, in a row going on as `kpi_home_ask.2`; answered in the conversation."""
MOST_BLOCKS = 100
MOST_KPIS, MOST_GOALS, MOST_ALERTS, MOST_SOURCES, MOST_CHANGES = 6, 8, 8, 15, 8
QUICK = ("goals", "changes", "list")


@frozen
class Home:
    """What one person may see of a workspace at a moment. `alerts` are those they have set: id -> what it says."""

    answers: Sequence[Answer]
    goals: Sequence[ReviewedGoal]
    changes: Changes | None
    alerts: Mapping[str, str]
    health: Health
    catalog: Catalog


def home_view(home: Home, language: str) -> View:
    """Within Slack's 100 blocks: each part is bounded, and says how much it leaves out."""
    body = [
        *_part("kpis", _kpis(home, language), language),
        *_part("goals", _goals(home, language), language),
        *_part("changes", _changes(home, language), language),
        *_part("alerts", _alerts(home, language), language),
        *_part("data", _data(home.health, language), language),
        *_quick(language),
    ]
    return {"type": "home", "blocks": body[:MOST_BLOCKS]}


def words_home(lines: Iterable[str]) -> View:
    """A Home that only says something."""
    return {"type": "home", "blocks": [blocks.section(line) for line in lines if line]}


def _part(name: str, part: Iterable[Block], language: str) -> list[Block]:
    """A part under its heading; one without content is left out."""
    drawn = list(part)
    return [blocks.header(say(language, f"home.{name}")), *drawn] if drawn else []


def _kpis(home: Home, language: str) -> Iterator[Block]:
    for answer in home.answers[:MOST_KPIS]:
        first = say(
            language, "card.text", title=title(answer, language, home.catalog), value=headline(answer, language)
        )
        moved = list(movements(answer, language))[:1]
        # Goals have a part of their own; a glance takes a number and how it moved.
        section = blocks.section("\n".join((first, *moved)))
        if can_be_asked(answer.query):
            question = question_of(answer.query, over=answer.complete)
            section["accessory"] = blocks.button(say(language, "home.more"), HOME_ASK, question)
        yield section


def _goals(home: Home, language: str) -> Iterator[Block]:
    for reviewed in home.goals[:MOST_GOALS]:
        yield blocks.section(heading_of(reviewed, language, home.catalog))
        yield from goal_buttons(reviewed.goal, language)
    if len(home.goals) > MOST_GOALS:
        yield blocks.context([say(language, "goal_list.more", count=len(home.goals) - MOST_GOALS)])


def _changes(home: Home, language: str) -> Iterator[Block]:
    if home.changes is not None:
        _title, *lines = changes_lines(home.changes, language)
        yield blocks.section("\n".join(lines[:MOST_CHANGES]))


def _alerts(home: Home, language: str) -> Iterator[Block]:
    for name, rule in list(home.alerts.items())[:MOST_ALERTS]:
        yield blocks.section(rule)
        yield from stop_button(name, language)
    if len(home.alerts) > MOST_ALERTS:
        yield blocks.context([say(language, "home.more_alerts", count=len(home.alerts) - MOST_ALERTS)])


def _data(health: Health, language: str) -> Iterator[Block]:
    """How far each source reaches, and the gravest of what is wrong with it."""
    lines = []
    for facts in health.sources:
        through = date_text(facts.last_day, language) if facts.last_day else say(language, "home.no_rows")
        of_it = [finding for finding in health.findings if finding.source == facts.source]
        gravest = sorted(of_it, key=lambda finding: not finding.incomplete)[:1]
        words = finding_text(gravest[0], language) if gravest else say(language, "home.sound")
        lines.append(say(language, "home.source", source=facts.source, through=through, words=words))
    if len(lines) > MOST_SOURCES:
        lines[MOST_SOURCES:] = [say(language, "home.more_sources", count=len(lines) - MOST_SOURCES)]
    if lines:
        yield blocks.section("\n".join(lines))


def _quick(language: str) -> list[Block]:
    asks = [say(language, f"home.ask_{name}") for name in QUICK]
    row = [blocks.button(ask, HOME_ASK, ask) for ask in asks]
    goal = blocks.button(say(language, "button.set_goal"), SET_GOAL, NO_QUESTION)
    alert = blocks.button(say(language, "button.alert_me"), ALERT_ME, NO_QUESTION)
    return blocks.actions([*row, goal, alert])
