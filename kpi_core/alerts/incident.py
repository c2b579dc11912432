"""One incident for each cause: episodes folded along what moved, the segments and the days."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Literal

from kpi_core.alerts.cause import Cause
from kpi_core.alerts.episode import Episode, Segment
from kpi_core.frozen_dataclass import frozen
from kpi_core.settings.values import Alert

NEAR = timedelta(days=7)
"""Episodes that begin so close to each other may have one cause."""


@frozen
class Explained:
    """An episode with its likely cause, and the tables behind its KPI or source."""

    episode: Episode
    cause: Cause
    tables: frozenset[str]


@frozen
class Trace:
    """What of an episode outlives the moment: enough to know it again, and what else has its cause."""

    rule: str
    kpi: str
    segment: Segment
    source: str
    on: date
    first_day: date
    over: date | None
    moved: frozenset[str]
    scope: Segment
    """The segment, and the one within it that is the cause."""
    tables: frozenset[str]
    missing: bool
    """Whether rows that are missing are the cause."""
    ending: Literal["", "back", "adopted", "gone"] = ""
    """How it was over: back to usual, the new usual level, or gone from the data or from kpi.yaml."""

    @property
    def key(self) -> tuple[object, ...]:
        return self.rule, self.kpi, self.segment, self.source


@frozen
class Incident:
    """Episodes of one channel with one cause; the first of `members` leads."""

    members: tuple[Explained, ...]

    @property
    def lead(self) -> Explained:
        return self.members[0]

    @property
    def channel(self) -> str:
        return self.lead.episode.rule.channel

    @property
    def on(self) -> date:
        return min(member.episode.on for member in self.members)

    @property
    def over(self) -> date | None:
        """The day on which the last of its episodes was over."""
        days = [member.episode.over for member in self.members]
        return None if None in days else max(day for day in days if day is not None)

    @property
    def owner(self) -> str:
        """Who is to act: by a rule, else by a goal; empty where nobody is named."""
        episodes = [member.episode for member in self.members]
        owners = [one.rule.owner for one in episodes] + [one.goal.owner for one in episodes if one.goal]
        return next((owner for owner in owners if owner), "")

    @property
    def id(self) -> str:
        """The same for the same first episode, wherever it is worked out."""
        return incident_id(self.channel, trace_of(self.lead))


def incident_id(channel: str, trace: Trace) -> str:
    text = repr((channel, trace.rule, trace.kpi, trace.segment, trace.source, trace.on))
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def rule_name(episode: Episode) -> str:
    """A rule as one text: by it an episode is known again after a restart."""
    return rule_key(episode.rule)


def rule_key(rule: Alert) -> str:
    """The same for the same rule, whatever its channel, owner and limits of attention."""
    words = (rule.when, rule.kpi, sorted(rule.where.items()), rule.by, rule.above, rule.below, rule.change, rule.per)
    return hashlib.sha256(repr(words).encode()).hexdigest()[:10]


def trace_of(member: Explained) -> Trace:
    episode, cause = member.episode, member.cause
    return Trace(
        rule_name(episode),
        episode.kpi,
        episode.segment,
        episode.source,
        episode.on,
        episode.days.start,
        episode.over,
        cause.moved,
        tuple(dict.fromkeys((*episode.segment, *cause.segment))),
        member.tables,
        cause.kind == "source",
        "" if episode.over is None else "adopted" if episode.adopted else "back",
    )


def incidents_of(members: Iterable[Explained]) -> tuple[Incident, ...]:
    """Fold episodes, each channel by itself, in the order in which they began; the first one leads."""
    folded: list[list[Explained]] = []
    for member in sorted(members, key=_first_to_last):
        own = [others for others in folded if others[0].episode.rule.channel == member.episode.rule.channel]
        place = home_of(trace_of(member), [[trace_of(one) for one in others] for others in own])
        if place is None:
            folded.append([member])
        else:
            own[place].append(member)
    return tuple(Incident(tuple(own)) for own in folded)


def _first_to_last(member: Explained) -> tuple[object, ...]:
    return member.episode.on, _rank(member)


def _rank(member: Explained) -> tuple[object, ...]:
    """Who leads among those of one day: the source, then what a goal misses, else the order of kpi.yaml."""
    return not member.episode.source, member.episode.goal is None


def strength(member: Explained) -> float:
    """How far the number is from what is usual, as a share of the larger of both: between 0 and 1."""
    value, usual = member.episode.value, member.episode.usual
    if value is None or usual is None or not (value or usual):
        return 1.0 if member.episode.source else 0.0
    return abs(value - usual) / max(abs(value), abs(usual))


def home_of(trace: Trace, others: Sequence[Sequence[Trace]]) -> int | None:
    """Which of several incidents an episode belongs to: the one with the most in common; None where there is none."""
    nearness = {
        place: max(_in_common(trace, other) for other in traces)
        for place, traces in enumerate(others)
        if any(has_one_cause(trace, other) for other in traces)
    }
    return max(nearness, key=lambda place: nearness[place], default=None)


def _in_common(one: Trace, other: Trace) -> tuple[bool, int, int]:
    return one.key == other.key, len(set(one.scope) & set(other.scope)), -abs((one.first_day - other.first_day).days)


def has_one_cause(one: Trace, other: Trace) -> bool:
    """Whether two episodes meet in time, in what moved, and in no two values of one dimension."""
    if not _meet(one, other):
        return False
    if one.key == other.key:
        return True
    if one.source or other.source or (one.missing and other.missing):
        source, kpi = (one, other) if one.source else (other, one)
        return bool(source.tables & kpi.tables) and (kpi.missing or bool(kpi.source) == bool(source.source))
    return bool(one.moved & other.moved) and _are_compatible(one.scope, other.scope)


def _meet(one: Trace, other: Trace) -> bool:
    """Whether they began at the same time, as far as their days tell; what merely goes on is no sign of one cause."""
    if one.key == other.key or one.source or other.source:
        first, second = (one, other) if one.first_day <= other.first_day else (other, one)
        return first.over is None or second.first_day <= first.over
    return one.first_day <= other.on + NEAR and other.first_day <= one.on + NEAR


def _are_compatible(one: Segment, other: Segment) -> bool:
    values = dict(one)
    return all(values.get(dimension, value) == value for dimension, value in other)


def without_short_breaks(episodes: Iterable[Episode]) -> list[Episode]:
    """Episodes of one rule and segment with less than its cool-down between them are one."""
    joined: dict[tuple[object, ...], list[Episode]] = {}
    for episode in sorted(episodes, key=lambda one: one.on):
        own = joined.setdefault(
            (rule_name(episode), episode.rule.channel, episode.kpi, episode.segment, episode.source), []
        )
        last = own[-1] if own else None
        pause = timedelta(days=episode.rule.cool_down)
        if last is not None and (last.over is None or episode.on <= last.over + pause):
            own[-1] = replace(last, over=episode.over, adopted=episode.adopted, latest=episode)
        else:
            own.append(episode)
    return [episode for own in joined.values() for episode in own]
