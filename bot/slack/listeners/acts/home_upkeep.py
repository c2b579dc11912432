"""A person's Home: made of what they may see, published, and made anew after what they do."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.cards.views.alert_view import rule_text
from bot.cards.views.home_view import MOST_KPIS, Home, home_view, words_home
from bot.slack.listeners.replying import unexpected
from bot.slack.showing import publish_home
from kpi_core.dates.periods import Period
from kpi_core.deliveries.summaries import HEADLINES
from kpi_core.errors import KpiBotError, QuestionError
from kpi_core.questions.errors import error_words
from kpi_core.reasons.movers import what_changed
from kpi_core.review.goal_review import reviewed_goals
from kpi_core.state.audit import most_asked
from kpi_core.state.team.open_homes import home_opened, is_home_open
from kpi_core.state.team.own_alerts import all_own_alerts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from slack_sdk.web.async_client import AsyncWebClient

    from bot.cards.views.view import View
    from bot.slack.listeners.readers import Place
    from bot.slack.listeners.services import Services
    from bot.slack.listeners.teams import Team
    from kpi_core.access.doorway import Door
    from kpi_core.answers import Answer
    from kpi_core.reasons.movers import Changes

ASKED_WITHIN = timedelta(days=90)
OPEN_WITHIN = timedelta(days=1)
ONE_DAY = timedelta(days=1)
log = logging.getLogger("kpi_bot.slack")


async def show_home(team: Team, client: AsyncWebClient, place: Place) -> None:
    """Publish somebody's Home, and remember that they look at it."""
    services = team.replying.services
    view, member = await _view(team, client, place)
    try:
        await publish_home(client, place.user, view)
        if services.store is not None and member:
            store = services.store
            await asyncio.to_thread(lambda: home_opened(store(), place.user, services.clock()))
    except KpiBotError as error:
        log.warning("A Home was not shown: %s", error.message)


async def publish_again(team: Team, client: AsyncWebClient, place: Place) -> None:
    """Publish somebody's Home as it is now. ServiceError as `posting`."""
    view, _member = await _view(team, client, place)
    await publish_home(client, place.user, view)


async def after_an_act(team: Team, client: AsyncWebClient, place: Place) -> None:
    """Publish the Home of somebody who has it open: what they have just done may stand there. Raises nothing."""
    services = team.replying.services
    opened = services.store
    if opened is None:
        return
    since = services.clock() - OPEN_WITHIN
    try:
        if await asyncio.to_thread(lambda: is_home_open(opened(), place.user, since)):
            await publish_again(team, client, replace(place, channel=""))
    except KpiBotError as error:
        log.warning("A Home was not shown anew: %s", error.message)


async def _view(team: Team, client: AsyncWebClient, place: Place) -> tuple[View, bool]:
    """The Home, and whether it is one: a failure and a refusal stand there in words."""
    language = await team.replying.language(client, place)
    try:
        member = await team.replying.require_member(client, place, language)
        door = await team.replying.widest(client, place, member)
        return await asyncio.to_thread(_home, team.replying.services, door, place.user, language), True
    except KpiBotError as error:
        return words_home(error_words(error, language)), False
    except Exception as error:  # noqa: BLE001 - whoever opens it reads what became of it
        return words_home(error_words(unexpected(error, language), language)), False


def _home(services: Services, door: Door, user: str, language: str) -> View:
    now = services.clock()
    missing = door.unavailable_kpis()
    goals = [goal for goal in door.goals() if goal.owner == user and goal.by >= door.today(now)]
    alerts = {}
    if services.store is not None:
        own = all_own_alerts(services.store(), user)
        alerts = {entry.id: rule_text(entry.rule, door, language) for entry in own if door.may_see(entry.rule.kpi)}
    home = Home(
        _own_answers(services, door, user, now),
        [entry for entry in reviewed_goals(door, goals, now) if entry.answer is not None],
        _changes(door, missing, now),
        alerts,
        door.health(),
        door.catalog,
    )
    return home_view(home, language)


def _own_answers(services: Services, door: Door, user: str, now: datetime) -> Sequence[Answer]:
    """Of what somebody asks most, then of what their goals are about; then of what a team looks at first."""
    frequent = most_asked(services.store(), user, now - ASKED_WITHIN, MOST_KPIS) if services.store else ()
    own = [*frequent, *(goal.kpi for goal in door.goals() if goal.owner == user)]
    ready = door.catalog.metrics.keys() - door.unavailable_kpis().keys()
    first = [*own, *(door.settings.audiences.get("manager") or HEADLINES)]
    kpis = [kpi for kpi in dict.fromkeys(first) if kpi in ready]
    answers = door.answers([door.question(kpi, now) for kpi in kpis], now)
    # What nobody has chosen is shown only with a number.
    return [answer for answer in answers if answer.metric.id in own or answer.value is not None][:MOST_KPIS]


def _changes(door: Door, missing: Any, now: datetime) -> Changes | None:
    """What yesterday was unlike the day before."""
    today = door.today(now)
    try:
        return what_changed(
            lambda queries: door.answers(queries, now), door.catalog, missing, Period(today - ONE_DAY, today, "day")
        )
    except QuestionError:
        return None
