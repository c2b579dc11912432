"""Goals set, changed and checked in on from Slack: they count at once, and stand in the Sheet after its next sync."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bot.cards.blocks import is_user_id
from bot.cards.onward.buttons import SET_GOAL
from bot.cards.views.goal_view import (
    CHECK_IN,
    CHECK_IN_FORM,
    EDIT_FORM,
    EDIT_GOAL,
    GOAL_FORM,
    NO_QUESTION,
    GoalWords,
    check_in_view,
    checked_in,
    edit_view,
    goal_view,
    heading_of,
    saved_view,
    words_of,
)
from bot.slack.listeners.acts.form_life import Outcome, Sent, about, opens, submits
from bot.slack.listeners.replying import write_audit
from bot.slack.listeners.request import read_request
from kpi_core.errors import KpiBotError
from kpi_core.formats.notices import notice_text
from kpi_core.goals.check_ins import CheckIn, confidence_typed
from kpi_core.questions.errors import error_words
from kpi_core.review.goal_review import reviewed_goals
from kpi_core.settings.goal_history import Occasion
from kpi_core.settings.values import Goal
from kpi_core.state.check_in_rows import add_check_in
from kpi_core.state.goals import move_goal, set_goal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slack_bolt.async_app import AsyncApp

    from bot.cards.views.view import View
    from bot.slack.listeners.acts.pressing import Press
    from bot.slack.listeners.services import TypedValues
    from bot.slack.listeners.teams import Teams
    from kpi_core.access.doorway import Door
    from kpi_core.phrases import Notice
    from kpi_core.query import MetricQuery
    from kpi_core.review.goal_review import ReviewedGoal

ACTIONS = {name: re.compile(rf"^{name}(?:\.\d+)?$") for name in (SET_GOAL, EDIT_GOAL, CHECK_IN)}
PLACE = "slack"
"""Where a goal was set, in its history."""


def register_goals(app: AsyncApp, teams: Teams) -> None:
    app.action(ACTIONS[SET_GOAL])(opens(teams, _set))
    app.action(ACTIONS[EDIT_GOAL])(opens(teams, _edit))
    app.action(ACTIONS[CHECK_IN])(opens(teams, _check_in))
    app.view(GOAL_FORM)(submits(teams, _save))
    app.view(EDIT_FORM)(submits(teams, _change))
    app.view(CHECK_IN_FORM)(submits(teams, _note))


async def _set(press: Press, action: dict[str, Any]) -> View:
    """The form for the KPI and the segment that was asked for, with the goal that is there."""
    door = await press.door()
    words = await asyncio.to_thread(_proposed, press, door, str(action.get("value") or ""))
    return goal_view(words, press.language, about=about(channel=press.place.channel))


def _proposed(press: Press, door: Door, value: str) -> GoalWords:
    typed = read_request(value).words if value != NO_QUESTION else ""
    if not typed:
        return GoalWords(owner=press.place.user)
    now = press.team.replying.services.clock()
    query = door.question(typed, now)
    door.require(query.metric)
    goal = Goal(query.metric, 0.0, door.today(now), press.place.user, segment_of(query))
    there = [entry for entry in door.goals() if entry.kpi == goal.kpi and dict(entry.where) == dict(goal.where)]
    running = [entry for entry in there if entry.by >= door.today(now)]
    if running:
        return words_of(min(running, key=lambda entry: entry.by), door.definitions.metrics[goal.kpi])
    return replace(words_of(goal, door.definitions.metrics[goal.kpi]), target="", by="")


def segment_of(query: MetricQuery) -> dict[str, str]:
    """The part of the data that a goal or an alert can be for: one value of each dimension."""
    one = [entry for entry in query.filters if len(entry.values) == 1 and not entry.excludes]
    return {entry.dimension: str(entry.values[0]) for entry in one if entry.values[0]}


async def _edit(press: Press, action: dict[str, Any]) -> View:
    door = await press.door()

    def form() -> View:
        reviewed = _reviewed(press, door, goal_named(door, str(action.get("value"))))
        assert reviewed.metric
        heading = heading_of(reviewed, press.language, door.catalog)
        travels = about(channel=press.place.channel, goal=reviewed.goal.key)
        return edit_view(words_of(reviewed.goal, reviewed.metric), heading, press.language, about=travels)

    return await asyncio.to_thread(form)


async def _check_in(press: Press, action: dict[str, Any]) -> View:
    door = await press.door()

    def form() -> View:
        reviewed = _reviewed(press, door, goal_named(door, str(action.get("value"))))
        heading = heading_of(reviewed, press.language, door.catalog)
        return check_in_view(heading, press.language, about(channel=press.place.channel, goal=reviewed.goal.key))

    return await asyncio.to_thread(form)


async def _save(press: Press, sent: Sent) -> Outcome:
    """A new goal, or another target of one that is there: what the form does not name stays as it was."""
    door = await press.door()
    words = GoalWords(**{name: sent.typed.get(name, "") for name in GoalWords.__dataclass_fields__})

    def save() -> Outcome:
        read = typed_values(press).goal(words, door, press.language)
        if isinstance(read, Goal):
            return Outcome(_written(press, door, read))
        problems = {name: notice_text(notice, press.language) for name, notice in read.items()}
        return Outcome(goal_view(words, press.language, problems, about(**sent.about)), problems)

    return await asyncio.to_thread(save)


async def _change(press: Press, sent: Sent) -> Outcome:
    """Another target, day, segment, owner, action or note; what is emptied is empty."""
    door = await press.door()

    def change() -> Outcome:
        goal = goal_named(door, sent.about.get("goal", ""))
        reviewed = _reviewed(press, door, goal)
        assert reviewed.metric
        words = _retyped(words_of(goal, reviewed.metric), sent.typed)
        problems: Mapping[str, str]
        read = _read_again(press, door, goal, words)
        if isinstance(read, Goal):
            try:
                return Outcome(_written(press, door, read, was=goal))
            except KpiBotError as error:
                if error.code != "goal_there":
                    raise
                problems = {"by": " ".join(error_words(error, press.language))}
        else:
            problems = {name: notice_text(notice, press.language) for name, notice in read.items()}
        heading = heading_of(reviewed, press.language, door.catalog)
        return Outcome(edit_view(words, heading, press.language, problems, about(**sent.about)), problems)

    return await asyncio.to_thread(change)


def _retyped(own: GoalWords, typed: Mapping[str, str]) -> GoalWords:
    """The goal's words with those of the form; a field that an older form lacks stays."""
    free = {name: typed.get(name, "") for name in ("target", "owner", "action", "note")}
    free |= {name: typed[name] for name in ("by", "where") if name in typed}
    # An owner who is no member cannot be picked, and stays when nobody is.
    owner = free["owner"] or ("" if is_user_id(own.owner) else own.owner)
    return replace(own, **{**free, "owner": owner})


def _read_again(press: Press, door: Door, goal: Goal, words: GoalWords) -> Goal | Mapping[str, Notice]:
    """The goal as the form has it now. A segment that nobody changed stays, whether or not it could be typed."""
    metric = door.definitions.metrics[goal.kpi]
    stays = words.where == words_of(goal, metric).where
    read = typed_values(press).goal(replace(words, where="") if stays else words, door, press.language)
    if isinstance(read, Goal):
        return replace(read, where=goal.where, per=goal.per) if stays else replace(read, per=goal.per)
    return read


def _written(press: Press, door: Door, goal: Goal, *, was: Goal | None = None) -> View:
    """Write a goal down, or what has become of another, who set it and when; how it stands."""
    now, user = press.team.replying.services.clock(), press.place.user
    store, occasion = press.store(), Occasion(now, user, PLACE)
    spelled = " ".join(f"{dimension}={value}" for dimension, value in goal.where.items())
    command = f"goals set {goal.kpi} {goal.target:g} --by {goal.by}"
    write_audit(press.team.replying.services, press.place, f"{command} {spelled}".strip(), kpi=goal.kpi)
    if was is None or was.key == goal.key:
        set_goal(store, goal, occasion, whole=was is not None)
    else:
        move_goal(store, was, goal, occasion)
    return saved_view(_reviewed(press, door, goal), press.language, door.catalog)


async def _note(press: Press, sent: Sent) -> Outcome:
    """How sure somebody is of a goal, and why."""
    door = await press.door()

    def note() -> Outcome:
        goal, services = goal_named(door, sent.about.get("goal", "")), press.team.replying.services
        confidence = confidence_typed(sent.typed.get("confidence", ""))
        check_in = CheckIn(
            goal.key, goal.kpi, services.clock(), press.place.user, confidence, sent.typed.get("note", "")
        )
        write_audit(services, press.place, f"goals check-in {goal.kpi} --confidence {confidence}", kpi=goal.kpi)
        add_check_in(press.store(), check_in)
        words = checked_in(check_in, press.language, door.today(services.clock()))
        return Outcome(saved_view(_reviewed(press, door, goal), press.language, door.catalog, words))

    return await asyncio.to_thread(note)


def goal_named(door: Door, key: str) -> Goal:
    """The goal of a key, among those that its reader may see. KpiBotError where it is not there any more."""
    goal = next((entry for entry in door.goals() if entry.key == key), None)
    if goal is None:
        raise KpiBotError(
            "This goal is not there any more.", code="goal_gone", hint="Ask for goals to see those that are."
        )
    return goal


def _reviewed(press: Press, door: Door, goal: Goal) -> ReviewedGoal:
    (reviewed,) = reviewed_goals(door, [goal], press.team.replying.services.clock())
    return reviewed


def typed_values(press: Press) -> TypedValues:
    """What reads typed values. KpiBotError where the bot runs without it."""
    typed = press.team.replying.services.typed
    if typed is None:
        raise KpiBotError("This bot keeps no goals.", code="no_state", hint="Run it with kpi run.")
    return typed
