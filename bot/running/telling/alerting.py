"""Alerts at work: after each load and each day the rules are looked at, and what is new is written down to be told."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from math import isclose
from secrets import token_hex

from bot.cards.alert import (
    Reader,
    alert_card,
    alert_line,
    cause_lines,
    digest_card,
    ending_text,
    number_lines,
    thread_card,
)
from bot.cards.blocks import is_user_id
from bot.running.telling.looking_back import look_back
from bot.running.telling.rules_at_work import audience_of, rules_at_work
from bot.workspace import Workspace
from kpi_core.access.doorway import Door
from kpi_core.alerts.all_rules import episodes_of, explain, explained_without_cause
from kpi_core.alerts.episode import Episode, Scope, filters_of
from kpi_core.alerts.incident import Explained, Incident, Trace, home_of, incidents_of, strength, trace_of
from kpi_core.alerts.record import (
    Record,
    goes_on_in,
    record_json,
    record_of,
    with_trace,
    without_gone,
    without_second_thoughts,
)
from kpi_core.alerts.scopes import scope_of
from kpi_core.dates.schedule import Fire
from kpi_core.deliveries.incident_course import SNOOZED, Event, Known, Step, go_on, known_incidents, open_incident
from kpi_core.deliveries.incident_posts import tell_incidents
from kpi_core.deliveries.messages import Message
from kpi_core.deliveries.posted_number import PostedNumber, number_json, posted_number
from kpi_core.deliveries.receipts import receipt_name
from kpi_core.goals.goal_task import GoalTask
from kpi_core.phrases import say
from kpi_core.query import MetricQuery
from kpi_core.settings.values import Alert
from kpi_core.state.incidents import RESOLVED
from kpi_core.state.leases import release_lease, take_lease
from kpi_core.state.team.goal_tasks import goal_tasks_of

MOST_NUMBERS = 7
"""So many KPIs of an alert stand in its receipt, as in that of a summary."""
BACK = timedelta(days=35)
"""What began within so many days, or has not ended, is looked at."""
LEASE = "alerts"
LEASE_SECONDS = 300.0
log = logging.getLogger("kpi_bot.alerts")


@dataclass(slots=True)
class Alerting:
    """The alerts of one workspace, each round of the wheel."""

    workspace: Workspace
    closed: Callable[[Iterable[str]], Collection[str]] = frozenset
    """Of some channels those in which strangers read; all of them where nothing else says. KpiBotError as Slack's."""
    _seen: tuple[object, ...] = ()
    """Which data and day were looked at last."""
    _holder: str = field(default_factory=lambda: token_hex(8))

    def __call__(self, now: datetime, _fire: Fire) -> Sequence[Message]:
        settings, store = self.workspace.settings, self.workspace.store
        rules = rules_at_work(self.workspace)
        state = (self.workspace.warehouse.version(), settings.calendar.today(now), rules)
        if state != self._seen and state[0] and take_lease(store, LEASE, self._holder, now, LEASE_SECONDS):
            try:
                heard = self._heard(rules)
                for channel in dict.fromkeys(rule.channel for rule in heard):
                    look(self.workspace, channel, now, heard)
                self._seen = state
            finally:
                release_lease(store, LEASE, self._holder)
        wake(self.workspace, now)
        look_back(self.workspace, now)
        count = tell_incidents(store, settings.attention, settings.calendar, now, self._together)
        if count:
            log.info("alerts: %d messages on their way", count)
        return ()

    def _heard(self, rules: Sequence[Alert]) -> list[Alert]:
        """Without those that somebody set for a channel in which strangers read by now; kpi.yaml's are a decision."""
        named = self.workspace.settings.alerts
        own = {rule.channel for rule in rules if rule not in named and not is_user_id(rule.channel)}
        closed = self.closed(own) if own else ()
        return [rule for rule in rules if rule in named or rule.channel not in closed]

    def _together(self, lines: Sequence[str], receipt: str) -> tuple[str, Sequence[dict[str, object]]]:
        card = digest_card(lines, self.workspace.settings.locale, receipt)
        return card.text, card.blocks


def rules_of(door: Door, channel: str, rules: Sequence[Alert] | None = None) -> tuple[Alert, ...]:
    """The rules of a channel whose KPI all of its readers may see; those of kpi.yaml unless others are named."""
    own = (rule for rule in (door.settings.alerts if rules is None else rules) if rule.channel == channel)
    return tuple(rule for rule in own if not rule.kpi or (rule.kpi in door.catalog.metrics and door.may_see(rule.kpi)))


def reader_of(door: Door) -> Reader:
    return Reader(door.settings.locale, door.catalog, door.settings.currency)


def look(workspace: Workspace, channel: str, now: datetime, rules: Sequence[Alert] | None = None) -> None:
    """Hold the rules of one channel against the data, and write down what is new, over or back again."""
    door = workspace.door(audience_of(channel))
    scope = scope_of(door, door.today(now) - BACK, now)
    looking = _Looking(workspace, door, scope, now)
    looking.all([episode for rule in rules_of(door, channel, rules) for episode in episodes_of(rule, scope)], channel)


class _Looking:
    """One look at one channel."""

    def __init__(self, workspace: Workspace, door: Door, scope: Scope, now: datetime) -> None:
        self._store, self._scope, self._now = workspace.store, scope, now
        self._reader, self._door = reader_of(door), door

    def all(self, episodes: Sequence[Episode], channel: str) -> None:
        entries = {entry.id: entry for entry in known_incidents(self._store, self._now) if entry.channel == channel}
        records = {name: record_of(entry.body) for name, entry in entries.items()}
        before = dict(records)
        joined: dict[str, list[Explained]] = {}
        current: dict[str, set[tuple[object, ...]]] = {}
        new: list[Explained] = []
        back: set[str] = set()
        for episode in episodes:
            trace = trace_of(explained_without_cause(episode, self._scope))
            home = self._own(records, trace, episode.rule.cool_down)
            if home is None and episode.over is not None:
                continue
            if home is None:
                member = explain(episode, self._scope, self._dimensions)
                trace = trace_of(member)
                home = self._kin(entries, records, trace)
                if home is None:
                    new.append(member)
                    continue
                joined.setdefault(home, []).append(member)
            if episode.goal is not None:
                trace = without_second_thoughts(records[home], trace, episode.days.last_day)
            is_lead = trace.key == records[home].lead.key
            if entries[home].state == RESOLVED and trace.over is None and (is_lead or home not in back):
                # It is back with a number of its own, not with that of the first time.
                own = explained_without_cause(episode.latest or episode, self._scope)
                records[home] = replace(records[home], line=alert_line(Incident((own,)), self._reader))
                back.add(home)
            records[home] = with_trace(records[home], trace)
            current.setdefault(home, set()).add(trace.key)
        yesterday = self._scope.today - timedelta(days=1)
        for name, entry in entries.items():
            after = without_gone(records[name], current.get(name, ()), yesterday)
            self._go_on(entry, before[name], after, joined.get(name, []))
        for incident in incidents_of(new):
            self._open(incident)

    def _dimensions(self, kpi: str) -> Sequence[str]:
        return self._door.vocabulary().splits_of(kpi)

    @staticmethod
    def _own(records: Mapping[str, Record], trace: Trace, cool_down: int) -> str | None:
        return next((name for name, record in records.items() if goes_on_in(record, trace, cool_down)), None)

    @staticmethod
    def _kin(entries: Mapping[str, Known], records: Mapping[str, Record], trace: Trace) -> str | None:
        names = [name for name, entry in entries.items() if entry.state != RESOLVED]
        place = home_of(trace, [records[name].traces for name in names])
        return None if place is None else names[place]

    def _open(self, incident: Incident) -> None:
        numbers, lead = self._numbers(incident), incident.lead
        card = alert_card(incident, self._reader, receipt_name(numbers), self._tasks())
        urgent = any(member.episode.rule.urgent for member in incident.members)
        rank = strength(lead) + 2 * (lead.episode.goal is not None) + bool(lead.episode.source)
        line = alert_line(incident, self._reader)
        record = self._record(incident, line, rank, urgent=urgent)
        message = {
            "text": card.text, "blocks": card.blocks, "line": line, "rank": rank, "urgent": urgent,
            "numbers": [number_json(number) for number in numbers],
        }  # fmt: skip
        entry = Known(incident.id, incident.channel, "open", self._now, incident.owner, None, record_json(record))
        if open_incident(self._store, entry, message):
            log.info("alerts: incident %s of %s", incident.id, lead.episode.kpi or lead.episode.source)

    def _tasks(self) -> Mapping[str, GoalTask] | None:
        """Of goals, as they were read last; None where no board is named."""
        return goal_tasks_of(self._store) if self._door.settings.tasks else None

    def _record(self, incident: Incident, line: str, rank: float, *, urgent: bool) -> Record:
        lead = incident.lead
        return Record(
            tuple(trace_of(member) for member in incident.members),
            line,
            rank,
            urgent,
            kind=lead.episode.rule.when,
            size=" ".join(number_lines(lead.episode, self._reader)),
            reason=" ".join(cause_lines(lead.cause, lead.episode, self._reader)),
        )

    def _numbers(self, incident: Incident) -> list[PostedNumber]:
        """What the alert says of its KPIs, as questions that can be asked again."""
        episodes = [member.episode for member in incident.members if member.episode.kpi and not member.episode.source]
        queries = [
            MetricQuery(one.kpi, one.days, (), (), filters_of(one.segment), trended=False, judged=False)
            for one in episodes[:MOST_NUMBERS]
        ]
        answers = zip(episodes, self._door.answers(queries, self._now), strict=False) if queries else ()
        # A receipt never says another number than the message: several periods in a row tell the last one's.
        return [posted_number(answer) for one, answer in answers if _are_equal(one.value, answer.value)]

    def _go_on(self, entry: Known, before: Record, after: Record, joined: Sequence[Explained]) -> None:
        events = list(self._events(entry, after, joined))
        if before == after and not events:
            return
        state = ""
        if after.last is not None and entry.state != RESOLVED:
            state = RESOLVED
        elif after.last is None and entry.state == RESOLVED:
            state = "open"
        go_on(self._store, entry.id, record_json(after), state, events)

    def _events(self, entry: Known, after: Record, joined: Sequence[Explained]) -> Iterator[Event]:
        language, resting = self._reader.language, entry.state == SNOOZED
        if after.last is None and entry.state == RESOLVED:
            yield self._event(entry, "again", say(language, "alert.again", line=after.line))
        elif not resting:
            for number, member in enumerate(joined):
                line = alert_line(Incident((member,)), self._reader)
                yield self._event(entry, "joined", say(language, "alert.joined", line=line), number)
        if after.last is not None and entry.state != RESOLVED:
            yield self._event(entry, "resolved", ending_text(after.last, self._reader))

    def _event(self, entry: Known, what: Step, text: str, number: int = 0) -> Event:
        card = thread_card(text)
        at = self._now + timedelta(microseconds=number)
        return Event(entry.id, what, at, message={"text": card.text, "blocks": card.blocks})


def _are_equal(one: float | None, other: float | None) -> bool:
    return one is not None and other is not None and isclose(one, other, rel_tol=1e-6, abs_tol=1e-9)


def wake(workspace: Workspace, now: datetime) -> None:
    """What rested long enough and goes on is told again, in its thread."""
    language = workspace.settings.locale
    for entry in known_incidents(workspace.store):
        if entry.state == SNOOZED and entry.until is not None and entry.until <= now:
            card = thread_card(say(language, "alert.awake", line=record_of(entry.body).line))
            event = Event(entry.id, "awake", now, message={"text": card.text, "blocks": card.blocks})
            go_on(workspace.store, entry.id, entry.body, "open", [event])
