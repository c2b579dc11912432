"""Alerts set on from Slack, for oneself or for a channel whose readers may see the KPI; said where they will come."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bot.cards.onward.buttons import ALERT_ME
from bot.cards.views.alert_view import (
    ALERT_FORM,
    STOP_ALERT,
    RuleWords,
    alert_saved_view,
    alert_set_card,
    alert_stopped_card,
    alert_view,
    rule_text,
)
from bot.cards.views.goal_view import NO_QUESTION
from bot.slack.listeners.acts.form_life import Outcome, Sent, about, opens, submits
from bot.slack.listeners.acts.goal_forms import segment_of, typed_values
from bot.slack.listeners.acts.pressing import Press, presses
from bot.slack.listeners.replying import Reply, write_audit
from bot.slack.listeners.request import read_request
from bot.slack.posting import post
from kpi_core.alerts.all_rules import why_silent
from kpi_core.alerts.scopes import scope_of
from kpi_core.errors import KpiBotError, ServiceError
from kpi_core.formats.notices import notice_text
from kpi_core.phrases import say
from kpi_core.questions.errors import error_words
from kpi_core.settings.values import Alert
from kpi_core.state.team.own_alerts import add_own_alert, all_own_alerts, remove_own_alert

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

    from bot.cards.views.view import View
    from bot.slack.listeners.teams import Teams
    from kpi_core.access.doorway import Door
    from kpi_core.state.team.own_alerts import OwnAlert

OPEN, STOP = (re.compile(rf"^{name}(?:\.\d+)?$") for name in (ALERT_ME, STOP_ALERT))


def register_own_alerts(app: AsyncApp, teams: Teams) -> None:
    app.action(OPEN)(opens(teams, _open))
    app.view(ALERT_FORM)(submits(teams, _save))
    app.action(STOP)(presses(teams, _stop))


async def _open(press: Press, action: dict[str, Any]) -> View:
    door = await press.door()
    value = str(action.get("value") or NO_QUESTION)

    def proposed() -> RuleWords:
        typed = read_request(value).words if value != NO_QUESTION else ""
        if not typed:
            return RuleWords()
        query = door.question(typed, press.team.replying.services.clock())
        door.require(query.metric)
        where = ", ".join(f"{dimension}={value}" for dimension, value in segment_of(query).items())
        return RuleWords(
            query.metric, where, "above" if door.catalog.metrics[query.metric].direction == "lower" else "below"
        )

    words = await asyncio.to_thread(proposed)
    return alert_view(words, press.language, about=about(channel=press.place.channel))


async def _save(press: Press, sent: Sent) -> Outcome:
    door = await press.door()
    words = RuleWords(**{name: sent.typed.get(name, "") for name in RuleWords.__dataclass_fields__})
    read = await asyncio.to_thread(typed_values(press).alert, words, door, press.language)
    if not isinstance(read, Alert):
        problems = {name: notice_text(notice, press.language) for name, notice in read.items()}
        return Outcome(alert_view(words, press.language, problems, about(**sent.about)), problems)
    rule = replace(read, channel=words.channel or press.place.user, owner=press.place.user)
    try:
        await _require_readers(press, rule)
        text = await asyncio.to_thread(rule_text, rule, door, press.language)
        await _written(press, rule, text)
    except ServiceError as error:
        # It would come nowhere: the channel is the one field that can mend it.
        problems = {"channel": " ".join(error_words(error, press.language))}
        return Outcome(alert_view(words, press.language, problems, about(**sent.about)), problems)
    notes = await asyncio.to_thread(_doubts, press, door, rule)
    return Outcome(alert_saved_view(text, notes, press.language))


async def _require_readers(press: Press, rule: Alert) -> None:
    """ServiceError where not all who read in the channel may see the KPI."""
    if rule.channel == press.place.user:
        return
    place = replace(press.place, channel=rule.channel)
    readers = press.team.replying.services.door(await press.team.replying.readers(press.client, place))
    if not await asyncio.to_thread(readers.may_see, rule.kpi):
        raise ServiceError(
            "Not everybody who reads there may see this KPI.",
            code="alert_not_for_all",
            hint="Leave the channel empty to be told yourself.",
        )


async def _written(press: Press, rule: Alert, text: str) -> None:
    """Write the alert down, and say so where it will come; where that cannot be said it is taken back."""
    services, store, user = press.team.replying.services, press.store(), press.place.user
    direct = rule.channel == user

    there = {alert.id for alert in await asyncio.to_thread(all_own_alerts, store, user)}

    def write() -> OwnAlert:
        write_audit(services, press.place, f"alert me {rule.when} {rule.kpi} in {rule.channel}", kpi=rule.kpi)
        return add_own_alert(store, user, rule, direct=direct, now=services.clock())

    own = await asyncio.to_thread(write)
    language = press.language if direct else services.settings.locale
    try:
        await post(press.client, rule.channel, alert_set_card(user, text, own.id, language))
    except ServiceError:
        # One that stood before stands on.
        if own.id not in there:
            await asyncio.to_thread(remove_own_alert, store, own.id)
        raise


def _doubts(press: Press, door: Door, rule: Alert) -> list[str]:
    """Why it can never speak up as things are."""
    now = press.team.replying.services.clock()
    reason = why_silent(rule, scope_of(door, door.today(now), now), door.unavailable_kpis())
    return [say(press.language, "alert.never", reason=notice_text(reason, press.language))] if reason else []


async def _stop(press: Press, action: dict[str, Any]) -> Reply:
    """Whoever set it stops it; one of a channel any member."""
    await press.require_member()
    door, store, name = await press.door(), press.store(), str(action.get("value") or "")

    def stop() -> Reply:
        own = next((alert for alert in all_own_alerts(store) if alert.id == name), None)
        if own is None or (own.direct and own.who != press.place.user):
            raise KpiBotError("This alert is not there any more.", code="alert_gone", hint="Nothing is left to do.")
        write_audit(press.team.replying.services, press.place, f"stop alert {own.rule.when}", kpi=own.rule.kpi)
        remove_own_alert(store, name)
        rule = rule_text(own.rule, door, press.language) if door.may_see(own.rule.kpi) else own.rule.kpi
        # In the Home there is no channel: its own list says that it is gone.
        return Reply(alert_stopped_card(press.place.user, rule, press.language), private=own.direct)

    return await asyncio.to_thread(stop)
