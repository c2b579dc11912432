"""The buttons of alerts: seen, acted on, noted, let rest. What is done stands in the alert's thread, for all to see."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.cards.alert import ACKNOWLEDGE, ACTED, NOTE, REST, SNOOZE, person_card, thread_card
from bot.cards.views.incident_view import (
    ACTED_FORM,
    LONGEST,
    NOTE_FORM,
    REST_FORM,
    RESTS,
    acted_view,
    note_view,
    rest_view,
    told_view,
)
from bot.slack.listeners.acts.form_life import Outcome, Sent, about, opens, submits
from bot.slack.listeners.acts.pressing import Press, presses
from bot.slack.listeners.replying import Reply, write_audit
from kpi_core.alerts.record import record_of
from kpi_core.deliveries.incident_course import Event, Known, Step, has_seen, known_incidents, person_did
from kpi_core.errors import KpiBotError
from kpi_core.frozen_dataclass import frozen
from kpi_core.phrases import say

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

    from bot.cards.views.view import View
    from bot.slack.listeners.readers import Place
    from bot.slack.listeners.services import Services
    from bot.slack.listeners.teams import Teams

AT_ONCE = re.compile(rf"^(?:{ACKNOWLEDGE}|{SNOOZE})(?:\.\d+)?$")
"""Pressed and done; a snooze with its days stands in messages of earlier versions."""
_FORMS: dict[str, Callable[[str, str, str], View]] = {ACTED: acted_view, NOTE: note_view, REST: rest_view}
_LONGEST_REST = 90


@frozen
class Deed:
    """What somebody does with an incident, in what words; `days` it rests."""

    incident: str
    step: Step
    words: str = ""
    days: int = 0


def register_alerts(app: AsyncApp, teams: Teams) -> None:
    app.action(AT_ONCE)(presses(teams, _at_once))
    for name in _FORMS:
        app.action(re.compile(rf"^{name}(?:\.\d+)?$"))(opens(teams, _form))
    app.view(ACTED_FORM)(submits(teams, _submitted("acted")))
    app.view(NOTE_FORM)(submits(teams, _submitted("note")))
    app.view(REST_FORM)(submits(teams, _submitted("snoozed")))


async def _at_once(press: Press, action: dict[str, Any]) -> Reply:
    step: Step = "snoozed" if str(action["action_id"]).startswith(SNOOZE) else "seen"
    incident, _colon, days = str(action.get("value") or "").partition(":")
    await note_deed(press, Deed(incident, step, days=_days(days)))
    return Reply(thread_card(say(press.language, "alert.done")), aside=True)


async def _form(press: Press, action: dict[str, Any]) -> View:
    """The form, under the line that says which alert it is about."""
    known = await _incident(press, str(action.get("value") or ""))
    view = _FORMS[str(action["action_id"]).partition(".")[0]]
    travels = about(channel=press.place.channel, incident=known.id)
    return view(str(known.body.get("line") or ""), press.language, travels)


def _submitted(step: Step) -> Callable[[Press, Sent], Awaitable[Outcome]]:
    async def submitted(press: Press, sent: Sent) -> Outcome:
        words, days = sent.typed.get("words", "")[:LONGEST], sent.typed.get("days", "")
        if step == "note" and not words:
            problem = {"words": say(press.language, "form.empty")}
            return Outcome(note_view("", press.language, about(**sent.about)), problem)
        await note_deed(press, Deed(sent.about.get("incident", ""), step, words, _days(days)))
        return Outcome(told_view(press.language))

    return submitted


def _days(typed: str) -> int:
    """How long a rest is to be; the shortest where it is nothing that was ever offered."""
    return int(typed) if re.fullmatch(r"[0-9]{1,2}", typed) and 0 < int(typed) <= _LONGEST_REST else RESTS[0]


async def note_deed(press: Press, deed: Deed) -> None:
    """Write down what a member did with an alert of this place. KpiBotError where that cannot be done any more."""
    known = await _incident(press, deed.incident)
    services, place = press.team.replying.services, press.place
    await asyncio.to_thread(write_down, services, place, Deed(known.id, deed.step, deed.words, deed.days))


async def _incident(press: Press, name: str) -> Known:
    """An incident that was told at this place, to somebody who may see its KPI. KpiBotError for any other."""
    door, store = await press.door(), press.store()

    def look() -> Known:
        now, here = press.team.replying.services.clock(), {press.place.channel, press.place.user}
        there = (each for each in known_incidents(store, now) if each.id == name and each.channel in here)
        known = next(there, None)
        if known is None:
            raise KpiBotError("This alert is not there any more.", code="alert_gone", hint="Nothing is left to do.")
        kpi = record_of(known.body).lead.kpi if known.body.get("traces") else ""
        if kpi and kpi in door.definitions.metrics:
            door.require(kpi)
        return known

    return await asyncio.to_thread(look)


def write_down(services: Services, place: Place, deed: Deed) -> None:
    """Write down what somebody did with an alert. KpiBotError where that cannot be done any more."""
    assert services.store is not None
    # Pressed twice, it is told once.
    if deed.step == "seen" and has_seen(services.store(), deed.incident, place.user):
        return
    settings, now = services.settings, services.clock()
    days = deed.days if deed.step == "snoozed" else settings.attention.look_back
    until = now + timedelta(days=days)
    write_audit(services, place, f"alert {deed.incident} {deed.step} {deed.words}".strip())
    card = person_card(deed.step, place.user, deed.words, settings.calendar.today(until), settings.locale)
    message, due = {"text": card.text, "blocks": card.blocks}, until if deed.step == "acted" else None
    event = Event("", deed.step, now, place.user, deed.words, message, due)
    person_did(services.store(), deed.incident, event, until)
