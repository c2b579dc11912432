"""kpi alerts: the rules, what is open, what people did; kpi alerts test: what history would have told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bot.cards.alert import Reader, alert_line, alert_words, person_card
from bot.commands.call import Call
from bot.running.telling.alerting import reader_of, rules_of
from bot.running.telling.rules_at_work import audience_of, rules_at_work
from kpi_core.access.doorway import Door
from kpi_core.alerts.all_rules import incidents, why_silent
from kpi_core.alerts.incident import Incident, trace_of
from kpi_core.alerts.record import record_of
from kpi_core.alerts.scopes import scope_of
from kpi_core.deliveries.incident_course import Event, Known, Step, known_incidents, person_did
from kpi_core.errors import UsageError
from kpi_core.formats.findings import finding_json
from kpi_core.formats.notices import notice_text
from kpi_core.formats.periods import date_text
from kpi_core.formats.why_json import why_json
from kpi_core.phrases import say
from kpi_core.settings.values import Alert
from kpi_core.state.team.own_alerts import all_own_alerts

TESTED = timedelta(days=90)
STEPS: dict[str, Step] = {"seen": "seen", "snooze": "snoozed", "assign": "assigned", "note": "note", "acted": "acted"}


def run_alerts(call: Call) -> int:
    """List them, replay them, or say what was done about one."""
    action = call.options.action
    if action == "list":
        return _list(call)
    if action == "test":
        return _test(call)
    return _person(call, action)


def _list(call: Call) -> int:
    settings, language = call.workspace.settings, call.language
    now = call.now()
    listed = [*((rule, "") for rule in settings.alerts), *_own_rules(call)]
    doors = {rule.channel: call.workspace.door(audience_of(rule.channel)) for rule, _who in listed}
    notes = [_note(rule, doors[rule.channel], now, language) for rule, _who in listed]
    entries = known_incidents(call.workspace.store)
    if call.as_json:
        rules = [
            _rule_json(rule) | {"set_by": who or None, "note": note or None}
            for (rule, who), note in zip(listed, notes, strict=True)
        ]
        call.show_json({"alerts": rules, "open": [_known_json(entry) for entry in entries]})
        return 0
    if not notes:
        call.show(say(language, "alert.none"))
    for (rule, who), note in zip(listed, notes, strict=True):
        set_by = say(language, "alert.set_by", who=who) if who else ""
        call.show("  ".join(part for part in (*_rule_words(rule), set_by, note) if part))
    if notes and not entries:
        call.show("\n" + say(language, "alert.nothing_open"))
    for entry in entries:
        state = say(language, f"alert.state_{entry.state}")
        day = date_text(settings.calendar.today(entry.opened_at), language)
        call.show(f"\n{entry.id}  {state}  {day}  {entry.owner}".rstrip())
        call.show(f"  {record_of(entry.body).line}")
    return 0


def _own_rules(call: Call) -> list[tuple[Alert, str]]:
    """What people set in Slack for themselves or for a channel, with who it was."""
    if not call.workspace.has_state:
        return []
    own = all_own_alerts(call.workspace.store)
    return [(alert.rule, alert.who) for alert in own if alert.rule not in call.workspace.settings.alerts]


def _note(rule: Alert, door: Door, now: datetime, language: str) -> str:
    """Why a rule says nothing in its channel; empty where it may."""
    if rule.kpi and rule.kpi not in door.definitions.metrics:
        return say(language, "alert.never", reason=say(language, "alert.never_kpi"))
    if rule not in rules_of(door, rule.channel, [rule]):
        return say(language, "alert.not_visible", channel=rule.channel)
    reason = why_silent(rule, scope_of(door, door.today(now), now), door.unavailable_kpis())
    return say(language, "alert.never", reason=notice_text(reason, language)) if reason else ""


def _test(call: Call) -> int:
    """Hold the rules against the past, by the data as it is today."""
    now, language = call.now(), call.language
    today = call.workspace.settings.calendar.today(now)
    since = _day(call.options.since) if call.options.since else today - TESTED
    if since > today:
        message = f"{since} is yet to come."
        raise UsageError(message, code="usage", hint=f"Write an earlier day, such as --since {today - TESTED}.")
    replayed: list[tuple[Incident, Door]] = []
    rules = rules_at_work(call.workspace) if call.workspace.has_state else call.workspace.settings.alerts
    for channel in dict.fromkeys(rule.channel for rule in rules):
        door = call.workspace.door(audience_of(channel))
        scope = scope_of(door, since, now)
        every = incidents(rules_of(door, channel, rules), scope, door.vocabulary().splits_of)
        replayed += [(incident, door) for incident in every if incident.on >= since]
    replayed.sort(key=lambda pair: (pair[0].on, pair[0].id))
    if call.as_json:
        document = {"since": since.isoformat(), "through": (today - timedelta(days=1)).isoformat()}
        call.show_json(
            document | {"incidents": [incident_json(incident, reader_of(door)) for incident, door in replayed]}
        )
        return 0
    first, last = date_text(since, language), date_text(today - timedelta(days=1), language)
    key = "alert.would_have" if replayed else "alert.would_have_none"
    call.show(say(language, key, first=first, last=last, count=len(replayed)))
    for incident, door in replayed:
        call.show("\n" + "\n".join(_shown(incident, reader_of(door))))
    return 0


def _shown(incident: Incident, reader: Reader) -> list[str]:
    language = reader.language
    over = incident.over
    until = (
        say(language, "alert.goes_on")
        if over is None
        else say(language, "alert.until", day=date_text(over, language, short=True))
    )
    title, *lines = alert_words(incident, reader).text
    return [
        f"{date_text(incident.on, language)}  {incident.channel}  ({until})",
        f"  {title}",
        *(f"    {line}" for line in lines),
    ]


def _person(call: Call, action: str) -> int:
    """What somebody at this machine did about an incident."""
    words = call.options.words
    if not words:
        message = f"kpi alerts {action} needs the id of an incident."
        raise UsageError(message, code="usage", hint="kpi alerts lists them with their ids.")
    settings, now = call.workspace.settings, datetime.now(UTC)
    days = call.options.days or (1 if action == "snooze" else settings.attention.look_back)
    until, spoken = now + timedelta(days=days), " ".join(words[1:])
    if action in {"assign", "note"} and not spoken:
        raise UsageError(f"kpi alerts {action} needs words.", code="usage", hint=f"kpi alerts {action} {words[0]} …")
    call.audit(f"alerts {action} {words[0]} {spoken}".strip())
    card = person_card(STEPS[action], call.options.who, spoken, settings.calendar.today(until), settings.locale)
    due = until if action == "acted" else None
    message_body = {"text": card.text, "blocks": card.blocks}
    event = Event("", STEPS[action], now, call.options.who, spoken, message_body, due)
    entry = person_did(call.workspace.store, words[0], event, until)
    if call.as_json:
        call.show_json(_known_json(entry))
    else:
        call.show(card.text)
    return 0


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text} is no date.", code="usage", hint="Write it like 2026-09-01.") from None


def _rule_words(rule: Alert) -> Sequence[str]:
    where = ", ".join(f"{dimension}={value}" for dimension, value in sorted(rule.where.items()))
    limits = [
        f"{name} {limit:g}" for name in ("above", "below", "change") if (limit := getattr(rule, name)) is not None
    ]
    return [rule.kpi, rule.when, *limits, where, f"by {rule.by}" if rule.by else "", rule.channel]


def _rule_json(rule: Alert) -> dict[str, Any]:
    return {
        "kpi": rule.kpi or None,
        "when": rule.when,
        "channel": rule.channel,
        "where": dict(rule.where),
        "by": rule.by or None,
        "above": rule.above,
        "below": rule.below,
        "change": rule.change,
        "per": rule.per,
    }


def _known_json(entry: Known) -> dict[str, Any]:
    record = record_of(entry.body)
    return {
        "id": entry.id,
        "channel": entry.channel,
        "state": entry.state,
        "opened_at": entry.opened_at.isoformat(),
        "owner": entry.owner or None,
        "until": entry.until.isoformat() if entry.until else None,
        "kpi": record.lead.kpi or None,
        "where": dict(record.lead.segment),
        "line": record.line,
    }


def incident_json(incident: Incident, reader: Reader) -> dict[str, Any]:
    """An incident with its cause, full precision."""
    lead, cause = incident.lead.episode, incident.lead.cause
    step = cause.steps[0] if cause.steps else None
    return {
        "id": incident.id,
        "channel": incident.channel,
        "when": lead.rule.when,
        "kpi": lead.kpi or None,
        "where": dict(lead.segment),
        "source": lead.source or None,
        "on": incident.on.isoformat(),
        "since": lead.days.start.isoformat(),
        "over": incident.over.isoformat() if incident.over else None,
        "value": lead.value,
        "usual": lead.usual,
        "cause": {
            "kind": cause.kind,
            "segment": dict(cause.segment),
            "by": None if cause.reason is None else "weight" if cause.by_weight else "rate",
            "step": {"part": step.part, "per": step.per or None, "effect": step.effect} if step else None,
            "share": cause.share,
            "findings": [finding_json(finding, reader.language) for finding in cause.findings],
        },
        "why": why_json(cause.why, reader.language) if cause.why else None,
        "touches": [
            {
                "kpi": trace.kpi or None,
                "where": dict(trace.segment),
                "source": trace.source or None,
                "on": trace.on.isoformat(),
            }
            for trace in map(trace_of, incident.members[1:])
        ],
        "owner": incident.owner or None,
        "line": alert_line(incident, reader),
        "text": alert_words(incident, reader).text,
    }
