"""What nobody uses any more, proposed once to whoever answers for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from bot.cards import blocks
from bot.cards.blocks import is_user_id
from bot.running.telling.rules_at_work import rules_at_work
from bot.workspace import Workspace
from kpi_core.access.audiences import Person
from kpi_core.alerts.incident import rule_key
from kpi_core.alerts.record import record_of
from kpi_core.dates.schedule import Fire
from kpi_core.deliveries.incident_course import Known, known_incidents
from kpi_core.deliveries.messages import Message, Posting
from kpi_core.deliveries.proposing import propose
from kpi_core.formats.periods import date_text
from kpi_core.metrics import Catalog
from kpi_core.phrases import say
from kpi_core.review.disuse import Standing, Subject, Unused, to_propose, unused
from kpi_core.settings.values import Alert, Goal, Settings
from kpi_core.state.in_use.last_uses import LastUses, last_uses
from kpi_core.state.in_use.subject_rows import subject_rows
from kpi_core.state.transactions import Row

EVERY = "monday 10:00"
MOST_LINES = 20
"""Things of one message; the others are counted, and `kpi audit --unused` has them all."""
TEXT = 3000


def propose_retirement(workspace: Workspace, now: datetime, fire: Fire) -> Sequence[Message]:
    """Put on its way to each owner what nobody has used for eight weeks; nobody is asked twice."""
    subjects = subjects_of(workspace, now)

    def choose(rows: Sequence[Row]) -> list[tuple[Posting, list[str]]]:
        by_owner: dict[str, list[Unused]] = {}
        for one in to_propose(subjects, _standings(rows), now):
            # Whoever is no member of Slack cannot be asked: the owner of the workspace is.
            owner = one.subject.owner if is_user_id(one.subject.owner) else workspace.settings.owner
            if owner:
                by_owner.setdefault(owner, []).append(one)
        return [(_post(workspace, owner, own), [one.subject.key for one in own]) for owner, own in by_owner.items()]

    propose(workspace.store, [subject.key for subject in subjects], fire, now, choose)
    return ()


def out_of_use(workspace: Workspace, now: datetime) -> list[Unused]:
    """All that nobody has used for eight weeks, asked about or not."""
    with workspace.store.reading() as transaction:
        standings = _standings(subject_rows(transaction))
    return list(unused(subjects_of(workspace, now), standings, now))


def subjects_of(workspace: Workspace, now: datetime) -> list[Subject]:
    """What the team set up, with its last use."""
    uses, settings = last_uses(workspace.store), workspace.settings
    goals, rules = _running_goals(workspace, now), rules_at_work(workspace)
    watched = {goal.kpi for goal in goals} | {rule.kpi for rule in rules}
    return [
        *_alerts(rules, uses, known_incidents(workspace.store, now) if rules else ()),
        *(_goal(goal, uses) for goal in goals),
        *(_summary(each.name, uses) for each in settings.summaries),
        *_kpis(settings, uses, watched),
    ]


def _running_goals(workspace: Workspace, now: datetime) -> list[Goal]:
    """Each once, as those who answer for goals see them."""
    readers = dict.fromkeys(filter(is_user_id, (workspace.settings.owner, *workspace.goal_owners())))
    doors = [workspace.door(Person(reader)) for reader in readers]
    goals = {goal.key: goal for door in doors for goal in door.goals() if goal.by >= door.today(now)}
    return list(goals.values())


def _goal(goal: Goal, uses: LastUses) -> Subject:
    # Whoever asks for its KPI reads how the goal stands.
    times = [each for each in (uses.goals.get(goal.key), uses.kpis.get(goal.kpi)) if each]
    return Subject("goal", goal.key, goal.owner, max(times, default=None), thing=goal)


def _summary(name: str, uses: LastUses) -> Subject:
    return Subject("summary", name, last_use=uses.posts.get(f"summary:{name}"))


def _kpis(settings: Settings, uses: LastUses, watched: set[str]) -> Iterator[Subject]:
    """Those that were chosen for an audience, and stand for themselves alone: for the others their goal or alert is."""
    for kpi in dict.fromkeys(kpi for kpis in settings.audiences.values() for kpi in kpis):
        if kpi not in watched:
            yield Subject("kpi", kpi, last_use=uses.kpis.get(kpi))


def _alerts(rules: Sequence[Alert], uses: LastUses, incidents: Sequence[Known]) -> Iterator[Subject]:
    spoke = {incident.id: {trace.rule for trace in record_of(incident.body).traces} for incident in incidents}
    for rule in rules:
        own = [each for each in incidents if each.channel == rule.channel and rule_key(rule) in spoke[each.id]]
        times = [uses.incidents.get(each.id) for each in own] + [uses.posts.get(f"alert:{each.id}") for each in own]
        last = max(filter(None, times), default=None)
        unheard = [each.opened_at for each in own if last is None or each.opened_at > last]
        name, first = f"{rule_key(rule)}:{rule.channel}", min(unheard, default=None)
        yield Subject("alert", name, rule.owner, last, first, rule)


def _standings(rows: Sequence[Row]) -> Mapping[str, Standing]:
    return {row["name"]: Standing(row["since"], row["proposed_at"]) for row in rows}


def _post(workspace: Workspace, owner: str, proposals: Sequence[Unused]) -> Posting:
    language = workspace.settings.locale
    lines = [say(language, "retire.head"), *(line_of(one, workspace) for one in proposals[:MOST_LINES])]
    if len(proposals) > MOST_LINES:
        lines.append(say(language, "retire.more", count=len(proposals) - MOST_LINES))
    lines.append(say(language, "retire.stays"))
    return Posting(owner, blocks.escaped("\n".join(lines), TEXT), tuple(blocks.section(line) for line in lines))


def line_of(one: Unused, workspace: Workspace) -> str:
    """Such as "Summary weekly: not used since 12 Sep 2026. Take it out of summaries: in kpi.yaml."."""
    language, calendar = workspace.settings.locale, workspace.settings.calendar
    day = date_text(calendar.today(one.since), language)
    name, subject = name_of(one.subject, workspace.catalog, language), one.subject
    idle = say(language, "retire.unheard" if subject.kind == "alert" else "retire.unused", day=day)
    # What somebody set in Slack stands in no file.
    is_own = subject.kind == "alert" and subject.thing not in workspace.settings.alerts
    how = say(language, "retire.own_alert_how" if is_own else f"retire.{subject.kind}_how")
    return f"{say(language, f'retire.{subject.kind}', name=name)}: {idle} {how}"


def name_of(subject: Subject, catalog: Catalog, language: str) -> str:
    """What people call it: a KPI by its name, with the segment or the date that sets it apart."""
    thing = subject.thing
    kpi = subject.name if subject.kind == "kpi" else thing.kpi if thing else ""
    name = catalog.metrics[kpi].name(language) if kpi in catalog.metrics else kpi or subject.name
    if isinstance(thing, Goal):
        return " · ".join([name, *thing.where.values(), date_text(thing.by, language)])
    if isinstance(thing, Alert):
        name = name if thing.kpi else ""
        channel = "" if is_user_id(thing.channel) else thing.channel
        return " · ".join(part for part in (name, thing.when, *thing.where.values(), channel) if part)
    return name
