"""The alert card: what is out of the ordinary, since when, the likely cause in arithmetic, what to do, who acts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.cards import blocks
from bot.cards.answer import ASK
from bot.cards.card import Card
from bot.cards.lines import filters_of, group_name, health_lines
from bot.cards.onward.buttons import TASK, needs_task
from bot.cards.reasons.why import effect_text
from kpi_core.answers import Change
from kpi_core.dates.periods import Period
from kpi_core.formats.findings import finding_text, mend_text
from kpi_core.formats.goals.task_words import task_text
from kpi_core.formats.movements import change_cell, change_text
from kpi_core.formats.notices import dimension_name, part_name
from kpi_core.formats.numbers import amount_text, percent_text, told_apart, value_text, worth_text
from kpi_core.formats.periods import date_text, period_label
from kpi_core.frozen_dataclass import frozen
from kpi_core.phrases import listed, say
from kpi_core.query import Comparison, MetricQuery
from kpi_core.questions.spelled import can_be_asked, question_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from bot.cards.card import Block
    from kpi_core.alerts.cause import Cause, FunnelStep
    from kpi_core.alerts.episode import Episode, Segment
    from kpi_core.alerts.incident import Explained, Incident, Trace
    from kpi_core.answers import Answer
    from kpi_core.goals.goal_task import GoalTask
    from kpi_core.metrics import Catalog, Metric

ACKNOWLEDGE, ACTED, REST, NOTE = "kpi_alert_seen", "kpi_alert_acted", "kpi_alert_rest", "kpi_alert_note"
"""Action ids of the buttons; the value is the incident's id. All but the first open a form."""
SNOOZE = "kpi_alert_snooze"
"""In messages of earlier versions: it rests at once, for the days behind the id, `3f2a…:7`."""
TEXT = 3000
WHOLE = 0.995
"""The share of a change that is said to be all of it."""
MOST_FINDINGS = 2


@frozen
class Reader:
    """For whom an alert is written."""

    language: str
    catalog: Catalog
    currency: str


@frozen
class AlertWords:
    """An alert in plain text, the same on every face."""

    title: str
    lines: tuple[str, ...]
    """The number, the likely cause, what else it touches."""
    action: str
    owner: str
    caveats: tuple[str, ...] = ()

    @property
    def text(self) -> list[str]:
        owner = [] if blocks.is_user_id(self.owner) or not self.owner else [self.owner]
        return [self.title, *self.lines, *filter(None, [self.action, *owner]), *self.caveats]


def alert_words(incident: Incident, reader: Reader) -> AlertWords:
    """Everything an alert says."""
    lead = incident.lead
    lines = [*number_lines(lead.episode, reader), *cause_lines(lead.cause, lead.episode, reader)]
    if touched := [name for other in incident.members[1:] if (name := subject(other.episode, reader))]:
        lines.append(say(reader.language, "alert.touches", kpis=listed(reader.language, dict.fromkeys(touched))))
    caveats = health_lines(lead.cause.why.answer.health, reader.language) if lead.cause.why else []
    unsaid = [line for line in caveats if not any(line.startswith(text) for text in lines)]
    visible = [] if lead.cause.kind == "source" else unsaid
    title = say(reader.language, f"alert.title_{_kind(lead.episode)}", name=subject(lead.episode, reader))
    return AlertWords(title, tuple(lines), action_text(incident, reader), incident.owner, tuple(visible))


def _kind(episode: Episode) -> str:
    """What a rule has to say, as the words of a title have it: a goal that cannot be met any more is not at risk."""
    if episode.status != "off_track":
        return episode.rule.when
    return "target_missed" if episode.landing is None else "target_off_track"


def alert_line(incident: Incident, reader: Reader) -> str:
    """An incident in one line, for the message in which several come together and for lists."""
    episode = incident.lead.episode
    numbers = list(number_lines(episode, reader))
    if episode.source:
        # What is known of a source names it.
        return numbers[0] if numbers else episode.source
    # Of a goal that runs the number so far says little without where it lands.
    number = " ".join(numbers[: 2 if episode.landing else 1])
    return say(reader.language, "alert.line", name=subject(episode, reader), number=number)


def alert_card(
    incident: Incident, reader: Reader, receipt_name: str = "", tasks: Mapping[str, GoalTask] | None = None
) -> Card:
    """What a channel reads, with what may be done about it; by the receipt its numbers can be asked for again.

    `tasks` by the key of their goal; None where there is no board to make one on.
    """
    words, language = alert_words(incident, reader), reader.language
    drawn: list[Block] = [blocks.header(words.title), blocks.section("\n".join(words.lines))]
    goal = next((member.episode.goal for member in incident.members if member.episode.goal), None)
    task = tasks.get(goal.key) if goal and tasks else None
    if task is not None:
        words = replace(words, action="\n".join(filter(None, [words.action, task_text(task, language)])))
    act = blocks.escaped(words.action, 2000)
    if words.owner:
        who = say(language, "goal.owner", owner="\x00")
        act = f"{act}\n{blocks.escaped(who)}".strip().replace("\x00", blocks.mention(words.owner))
    if act:
        drawn.append(blocks.marked(act))
    named = [say(language, "card.receipt", receipt=receipt_name)] if receipt_name else []
    if foot := [*words.caveats, *named]:
        drawn.append(blocks.context(foot))
    return Card(
        blocks.escaped("\n".join([*words.text, *named]), TEXT),
        [*drawn, *_buttons(incident, language, goal.key if goal and needs_task(goal.key, "off_track", tasks) else "")],
    )


def _buttons(incident: Incident, language: str, goal: str = "") -> list[Block]:
    """At most five: where a task can be made of the `goal`, what was done is noted with it, or typed as an action."""
    named = incident.id
    row = [
        blocks.button(say(language, "button.alert_seen"), ACKNOWLEDGE, named),
        blocks.button(say(language, "button.acted"), ACTED, named),
        blocks.button(say(language, "button.snooze"), REST, named),
        blocks.button(say(language, "button.task"), TASK, f"{named} {goal}")
        if goal
        else blocks.button(say(language, "button.alert_note"), NOTE, named),
    ]
    query = why_query(incident.lead)
    if query is not None and can_be_asked(query):
        row.insert(2, blocks.button(say(language, "button.why"), ASK, f"why {question_of(query, over=True)}"))
    return blocks.actions(row)


def why_query(member: Explained) -> MetricQuery | None:
    """The question that takes the change apart: the days of the episode against those just before them."""
    why = member.cause.why
    if why is None:
        return None
    days, base = why.change.compared, why.change.period
    last = Period(base.end - (days.end - days.start), base.end) if base.days >= 2 * days.days else base
    return MetricQuery(why.answer.metric.id, days, (Comparison("period", last),), (), why.answer.query.filters)


def subject(episode: Episode, reader: Reader) -> str:
    """What an episode is about: a KPI with its segment, or a source."""
    if episode.source:
        return episode.source
    name = reader.catalog.metrics[episode.kpi].name(reader.language)
    return " · ".join([name, *segment_words(episode.segment, reader)])


def segment_words(segment: Segment, reader: Reader) -> Iterator[str]:
    for dimension, value in segment:
        named = dimension_name(dimension, reader.language, reader.catalog)
        yield say(reader.language, "card.where", dimension=named, values=group_name(value, 0, reader.language))


def number_lines(episode: Episode, reader: Reader) -> Iterator[str]:
    """The number beside what it is held against."""
    language = reader.language
    if episode.source:
        for finding in episode.findings[:MOST_FINDINGS]:
            yield say(language, "card.health", what=finding_text(finding, language), mend=mend_text(finding, language))
        return
    metric = reader.catalog.metrics[episode.kpi]
    value, usual = _apart(episode, metric, reader)
    moved = _moved(episode, metric, reader)
    period = period_label(episode.days, language)
    # Whole months are held against those before; days against what was expected of them.
    is_month = episode.rule.when == "anomaly" and episode.days.grain not in {"day", "span"}
    if episode.landing is not None and episode.chance is not None:
        # What is in so far misses any goal: what is held against it is where that lands.
        yield say(language, "alert.so_far", value=value, period=period, usual=usual)
        ends = (episode.landing.value, episode.landing.low, episode.landing.high)
        lands, low, high = (value_text(end, metric, reader.currency, language) for end in ends)
        chance = percent_text(episode.chance, language, "axis")
        moved = _moved(replace(episode, value=episode.landing.value), metric, reader)
        yield say(language, "alert.landing", lands=lands, moved=moved, low=low, high=high, chance=chance)
    else:
        key = "change" if is_month else _kind(episode)
        yield say(language, f"alert.{key}", value=value, period=period, usual=usual, moved=moved)
    if episode.band is not None:
        low, high = (value_text(end, metric, reader.currency, language) for end in episode.band)
        yield say(language, "alert.band", low=low, high=high)


def _apart(episode: Episode, metric: Metric, reader: Reader) -> tuple[str, str]:
    if episode.value is None or episode.usual is None:
        return worth_text(episode.value, metric, reader.currency, reader.language), ""
    return told_apart(episode.value, episode.usual, metric, reader.currency, reader.language)


def _moved(episode: Episode, metric: Metric, reader: Reader) -> str:
    """How far the number is from that."""
    if episode.value is None or episode.usual is None:
        return ""
    gap = episode.value - episode.usual
    ratio = gap / abs(episode.usual) if episode.usual else None
    change = Change("usual", episode.days, episode.usual, gap, ratio, None, episode.days, episode.value)
    return change_cell(change, metric, reader.language, reader.currency)


def cause_lines(cause: Cause, episode: Episode, reader: Reader) -> Iterator[str]:
    """The likely cause with its part of the change; nothing where the arithmetic tells none."""
    language = reader.language
    if episode.source:
        return
    if cause.kind == "source":
        for finding in cause.findings[:1]:
            yield say(language, "alert.cause_source", what=finding_text(finding, language))
        return
    if cause.why is None or cause.kind == "unknown":
        return
    if cause.kind == "segment" and cause.split is not None and cause.reason is not None:
        yield say(
            language,
            "alert.cause_weight"
            if cause.by_weight
            else "alert.cause_rate"
            if cause.split.has_mix
            else "alert.cause_part",
            dimension=dimension_name(cause.split.dimension, language, reader.catalog),
            segment=group_name(cause.reason.name, 0, language),
            effect=effect_text(cause.why, cause.reason.effect, language),
            change=effect_text(cause.why, cause.why.change.change or 0.0, language),
        )
    elif cause.why.splits and not episode.segment:
        yield say(language, "alert.cause_everywhere")
    if cause.steps and (len(cause.steps) > 1 or cause.steps[0].per):
        yield _step(cause.steps[0], cause, reader)
    key = "alert.beside_weeks" if cause.why.change.period.days >= 2 * cause.why.change.compared.days else "alert.beside"
    yield say(language, key, period=period_label(cause.why.change.period, language))


def _step(step: FunnelStep, cause: Cause, reader: Reader) -> str:
    assert cause.why is not None
    language, metric = reader.language, cause.why.answer.metric
    name = _part(step.part, metric, reader)
    if step.per:
        name = say(language, "alert.per", part=name, whole=_part(step.per, metric, reader))
    unit = metric.inputs[step.part].unit if step.part in metric.inputs else "count"
    if step.per and unit == "count":
        unit = "percent"
    before, after = (
        amount_text(value, unit, reader.currency, language, "headline") for value in (step.before, step.after)
    )
    change = cause.why.change.change or 0.0
    share = step.effect / change if change else 0.0
    # More than all of it is no share that a reader knows what to make of: something else went the other way.
    key = "alert.step_all" if share >= WHOLE else "alert.step"
    told = percent_text(share, language, "axis")
    return say(language, key, part=name[:1].upper() + name[1:], before=before, after=after, share=told)


def _part(name: str, metric: Metric, reader: Reader) -> str:
    if name in metric.inputs:
        return part_name(name, metric, reader.language)
    return reader.catalog.metrics[name].name(reader.language)


def action_text(incident: Incident, reader: Reader) -> str:
    """What to do: agreed where the goal's people have agreed on it, else suggested by the catalogue."""
    goals = [member.episode.goal for member in incident.members if member.episode.goal]
    if agreed := next((text for goal in goals if (text := goal.action)), ""):
        return say(reader.language, "alert.agreed", action=agreed)
    lead = incident.lead.episode
    if lead.source:
        return ""
    playbook = reader.catalog.metrics[lead.kpi].playbook
    suggested = playbook.get(reader.language) or playbook.get("en") or ""
    return say(reader.language, "alert.suggested", action=suggested) if suggested else ""


def digest_card(lines: Sequence[str], language: str, receipt_name: str = "") -> Card:
    """Several alerts of a day beyond those that stand alone, the gravest first."""
    title = say(language, "alert.more", count=len(lines))
    named = [say(language, "card.receipt", receipt=receipt_name)] if receipt_name else []
    drawn = [blocks.header(title), blocks.section("\n".join(lines)), *map(blocks.context, [named] if named else [])]
    return Card(blocks.escaped("\n".join([title, *lines, *named]), TEXT), drawn)


def thread_card(text: str) -> Card:
    """A plain reply in an alert's thread."""
    return Card(blocks.escaped(text, TEXT), [blocks.section(text)])


def ending_text(trace: Trace, reader: Reader) -> str:
    """How an incident was over."""
    assert trace.over is not None
    key = {"back": "over", "adopted": "adopted"}.get(trace.ending, "restated")
    if key == "restated" and trace.kpi and trace.kpi not in reader.catalog.metrics:
        key = "kpi_gone"
    return say(reader.language, f"alert.{key}", day=date_text(trace.over, reader.language, short=True), kpi=trace.kpi)


def looked_back_text(own: Answer, others: Sequence[Answer], reader: Reader, days: int) -> str:
    """What a KPI was before and after an action, and which others moved beyond their usual swing over the same days."""
    language, metric = reader.language, own.metric
    name = " · ".join([metric.name(language), *filters_of(own, language, reader.catalog)])
    change = next(iter(own.comparisons), None)
    if change is None or change.change is None:
        return say(language, "alert.no_number", days=days, name=name)
    before, after = (worth_text(end, metric, own.currency, language) for end in (change.value, change.current))
    moved = change_cell(change, metric, language, own.currency)
    first = say(language, "alert.looked_back", days=days, name=name, before=before, after=after, moved=moved)
    moves = [f"{other.metric.name(language)} {_movement(other, language)}" for other in others]
    rest = (
        say(language, "alert.also_moved", moves=listed(language, moves))
        if moves
        else say(language, "alert.nothing_else")
    )
    return f"{first} {rest}"


def _movement(answer: Answer, language: str) -> str:
    return change_text(answer.comparisons[0], answer.metric, language, answer.currency)


def person_card(step: str, who: str, words: str, until: date, language: str) -> Card:
    """What somebody did with an alert, for its thread: people by their names in Slack."""
    key = f"{step}_words" if step in {"acted", "snoozed"} and words else step
    spoken = blocks.mention(words) if step == "assigned" else blocks.escaped(words, 1000)
    day = date_text(until, language, short=True)
    text = say(language, f"alert.{key}", who=blocks.mention(who), words=spoken, day=day)
    return Card(text, [blocks.marked(text)])
