"""The summary as a card: seven lines at most, one chart, what is worth acting on, how far the data goes."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from bot.cards import blocks
from bot.cards.answer import ASK, EXPLAIN
from bot.cards.card import Block, Card
from bot.cards.chart import trend_chart
from bot.cards.lines import goal_now, group_name, headline, health_lines
from bot.cards.reasons.why import driver_facts
from bot.cards.summary_table import is_incomplete, line_change, line_name, summary_table, usual_change
from kpi_core.formats.goals.goal_words import ENDANGERED, share_text
from kpi_core.formats.movements import basis_text
from kpi_core.formats.notices import dimension_name, notice_text
from kpi_core.formats.numbers import outcome_text, percent_text, told_apart, value_text
from kpi_core.formats.periods import date_text, period_label
from kpi_core.frozen_dataclass import frozen
from kpi_core.phrases import listed, say
from kpi_core.questions.spelled import can_be_asked, question_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from kpi_core.answers import Answer, BreakdownRow, GoalState
    from kpi_core.deliveries.summaries import Extremes, Late, Summary, SummaryLine
    from kpi_core.metrics import Metric

TEXT = 3000
MOST_GOALS = 3
"""Goals in danger beside the lines; the others are counted."""
SEND_NOW, HOLD_BACK = "kpi_preview_send", "kpi_preview_hold"
"""Action ids of a preview's buttons; the value is the summary's name and when it is due: `weekly|2026-11-23T09:00…`."""
LIST = "list"
"""The words that ask for every KPI."""
_TALLY = ("on_track", "at_risk", "off_track", "running")


@frozen
class SummaryWords:
    """A summary in plain text: `lines` are its KPIs, `acts` what to do, `data` how fresh it is."""

    title: str
    tally: str
    basis: str
    lines: tuple[tuple[str, str], ...]
    """KPI with its number, then how it moved and how its goal stands."""
    acts: tuple[tuple[str, str], ...]
    """What to do or to know, and who has agreed to do it."""
    data: tuple[str, ...]


def summary_card(summary: Summary, language: str, receipt: str = "") -> Card:
    """What a channel reads: title, lines, a chart of the KPI that needs eyes, the agreed action, freshness.

    By its `receipt` the numbers can be asked for again as they were.
    """
    words = summary_words(summary, language)
    if receipt:
        words = replace(words, data=(*words.data, say(language, "card.receipt", receipt=receipt)))
    card_blocks: list[Block] = [blocks.header(words.title)]
    if head := " · ".join(part for part in (words.tally, words.basis) if part):
        card_blocks.append(blocks.context([head]))
    table = summary_table(summary, language)
    if table is not None:
        card_blocks.append(blocks.data_table(table)[0])
    else:
        card_blocks.append(blocks.marked("\n".join(_bold(line) for line in words.lines)))
    if summary.chart and (chart := trend_chart(summary.chart, language)):
        card_blocks.append(chart)
    if words.acts:
        card_blocks += map(_drawn, _by_mention(words.acts))
    if words.data:
        card_blocks.append(blocks.context(words.data))
    if summary.sheet_url:
        link = f"<{summary.sheet_url}|{say(language, 'summary_card.sheet')}>"
        card_blocks.append({"type": "context", "elements": [{"type": "mrkdwn", "text": link}]})
    text = blocks.escaped("\n".join(summary_text(words)), TEXT)
    return Card(text, [*card_blocks, *_buttons(summary, language)])


def summary_text(words: SummaryWords) -> list[str]:
    """Everything in plain lines."""
    lines = [words.title, words.tally, words.basis, *(f"{head}  {rest}".rstrip() for head, rest in words.lines)]
    return [line for line in (*lines, *spoken_acts(words), *words.data) if line]


def spoken_acts(words: SummaryWords) -> list[str]:
    """What to do with who has agreed to it, where a name is known outside Slack."""
    return [f"{act} ({owner})" if owner and not blocks.is_user_id(owner) else act for act, owner in words.acts]


def _by_mention(acts: Sequence[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    """Those that mention somebody apart from the others: in plain text nothing that stands in a name is a mark."""
    for _mentions, group in groupby(acts, key=lambda act: blocks.is_user_id(act[1])):
        yield list(group)


def _drawn(acts: Sequence[tuple[str, str]]) -> Block:
    # Few enough characters for the six that there are to fit into one section.
    if not any(blocks.is_user_id(owner) for _act, owner in acts):
        return blocks.section("\n".join(blocks.cut(act, 480) + (f" ({owner})" if owner else "") for act, owner in acts))
    return blocks.marked("\n".join(f"{blocks.escaped(act, 480)} ({blocks.mention(owner)})" for act, owner in acts))


def _bold(line: tuple[str, str]) -> str:
    head, rest = line
    return f"*{blocks.escaped(head, 200)}*  {blocks.escaped(rest, 300)}".rstrip()


def summary_words(summary: Summary, language: str) -> SummaryWords:
    """Everything a summary says, for Slack and the terminal alike."""
    period = period_label(summary.period, language)
    lines = tuple(_line(line, summary, language) for line in summary.lines)
    return SummaryWords(
        title=say(language, "summary_card.title", period=period, company=summary.company),
        tally=" · ".join(_tally(summary, language)),
        basis=_basis(summary, language),
        lines=lines or ((say(language, "summary_card.nothing"), ""),),
        acts=tuple(_acts(summary, language)),
        data=tuple(_data(summary, language)),
    )


def _line(line: SummaryLine, summary: Summary, language: str) -> tuple[str, str]:
    """Such as "CAC $41.3  ▲ 5.5% (worse) · goal $40.0, off track"."""
    name = line_name(line, language)
    head = say(language, "summary_card.line", name=name, value=headline(line.answer, language))
    # The usual basis stands once above all lines; only another one is said here.
    details = [line_change(line, summary, language), _goal(line, language)]
    if is_incomplete(line):
        details.append(say(language, "summary_card.incomplete"))
    return head, " · ".join(detail for detail in details if detail)


def _goal(line: SummaryLine, language: str) -> str:
    """How the goal stands; where that is by another period than the summary's, with it and what came in it."""
    goal, metric, currency = line.goal, line.metric, line.answer.currency
    if goal is None:
        return ""
    target = value_text(goal.target, metric, currency, language)
    period, value, status = goal_now(goal, line.answer, language)
    if goal.period == line.answer.query.period:
        if line.answer.value is not None:
            target = told_apart(line.answer.value, goal.target, metric, currency, language)[1]
        return say(language, "summary_card.goal", target=target, status=status)
    if goal.landing is not None and goal.status in ENDANGERED:
        return _lands(goal, metric, currency, language)
    if goal.value is None:
        return say(language, "summary_card.goal_to_come", period=period, target=target, status=status)
    # Of a month's sum in a week's summary: how much of it is there so far.
    if goal.per and goal.target and goal.status in {"open", "met"}:
        share, label = percent_text(goal.value / goal.target, language, "axis"), period_label(goal.period, language)
        return say(language, "summary_card.goal_reached", period=label, target=target, share=share)
    target = told_apart(goal.value, goal.target, metric, currency, language)[1]
    return say(language, "summary_card.goal_so_far", period=period, value=value, target=target, status=status)


def _lands(goal: GoalState, metric: Metric, currency: str, language: str) -> str:
    """A goal in danger: where it lands, and of a sum how much of the target that is."""
    assert goal.landing is not None
    value, target = told_apart(goal.landing.value, goal.target, metric, currency, language)
    share, status = share_text(goal, language), say(language, f"goal.{goal.status}")
    key = "summary_card.goal_lands_share" if share else "summary_card.goal_lands"
    period = period_label(goal.period, language)
    return say(language, key, period=period, target=target, value=value, share=share, status=status)


def _tally(summary: Summary, language: str) -> Iterator[str]:
    for status in _TALLY:
        if count := getattr(summary.tally, status):
            yield say(language, f"summary_card.tally_{status}", count=count)


def _basis(summary: Summary, language: str) -> str:
    """What most lines are held against, said once."""
    usual = usual_change(summary)
    return "" if usual is None else basis_text(usual, language, summary.period)


def _acts(summary: Summary, language: str) -> Iterator[tuple[str, str]]:
    if summary.why is not None:
        kpi = summary.why.answer.metric.name(language)
        facts = driver_facts(summary.why, summary.why.splits[0], language)
        yield say(language, "summary_card.driver", kpi=kpi, **facts), ""
    for act in summary.actions:
        playbook = act.metric.playbook.get(language) or act.metric.playbook.get("en") or ""
        key, action_text = ("action", act.agreed) if act.agreed else ("suggestion", playbook)
        yield say(language, f"summary_card.{key}", kpi=act.metric.name(language), action=action_text), act.owner
    if (narrow := summary.bottleneck) is not None:
        names = {"above": narrow.above.name(language), "step": narrow.step.name(language)}
        words = say(language, "sheet.funnel.bottleneck", share=percent_text(narrow.rate, language), **names)
        period = period_label(narrow.period, language)
        yield say(language, "summary_card.bottleneck", period=period, words=words), ""
    if summary.incidents:
        newest, more = summary.incidents[0], len(summary.incidents) - 1
        yield say(language, "summary_card.open_more" if more else "summary_card.open", line=newest, more=more), ""
    if summary.endangered:
        goals, more = summary.endangered[:MOST_GOALS], len(summary.endangered[MOST_GOALS:])
        between = say(language, "value.comma_long")
        words = between.join(f"{line_name(line, language)} · {_goal(line, language)}" for line in goals)
        key = "summary_card.other_goals_more" if more else "summary_card.other_goals"
        yield say(language, key, goals=words, more=more), ""
    if summary.extremes:
        yield from ((extreme, "") for extreme in _extremes(summary.extremes, language))


def _extremes(extremes: Extremes, language: str) -> Iterator[str]:
    answer = extremes.answer
    dimension = dimension_name(answer.query.dimensions[0], language)
    for key, rows in (("best", extremes.best), ("worst", extremes.worst)):
        if rows:
            groups = _groups(rows, answer, language)
            kpi = answer.metric.name(language)
            yield say(language, f"summary_card.{key}", dimension=dimension, kpi=kpi, groups=groups)


def _groups(rows: Iterable[BreakdownRow], answer: Answer, language: str) -> str:
    return listed(
        language,
        (
            f"{blocks.cut(group_name(row.keys[0], row.folded, language), blocks.MOST_CELL)} "
            f"{outcome_text(row.value, row.parts, answer.metric, answer.currency, language)}"
            for row in rows
        ),
    )


def _data(summary: Summary, language: str) -> Iterator[str]:
    """How far the data goes, what is late or missing, what was left out."""
    fresh = []
    if summary.data_through and not summary.late:
        fresh.append(say(language, "summary_card.through", day=_day(summary.data_through, summary, language)))
    fresh += [_late(late, summary, language) for late in summary.late]
    if fresh:
        yield " · ".join(fresh)
    yield from health_lines(summary.health, language)
    for missing in summary.missing:
        reason = (
            notice_text(missing.reason, language, missing.metric) if missing.reason else say(language, "value.no_data")
        )
        yield say(language, "summary_card.missing", kpi=missing.metric.name(language), reason=reason)
    if summary.more:
        yield say(language, "summary_card.more", count=summary.more)
    if summary.missed_since:
        yield say(language, "summary_card.missed", day=date_text(summary.missed_since.date(), language))


def _late(late: Late, summary: Summary, language: str) -> str:
    kpis = listed(language, (metric.name(language) for metric in late.metrics))
    if late.through is None:
        return say(language, "summary_card.never", kpis=kpis)
    day = _day(late.through, summary, language)
    lines = {line.metric.id for line in summary.lines}
    if len(lines) > 1 and lines == {metric.id for metric in late.metrics}:
        return say(language, "summary_card.late_all", day=day)
    return say(language, "summary_card.late", kpis=kpis, day=day)


def _day(day: date, summary: Summary, language: str) -> str:
    """Without its year where that is the year of the summary."""
    return date_text(day, language, year=day.year != summary.period.last_day.year, short=True)


def _buttons(summary: Summary, language: str) -> list[Block]:
    """Look closer at the KPI that needs eyes."""
    if summary.chart is None or not can_be_asked(summary.chart.query):
        return []
    metric = summary.chart.metric
    question = question_of(summary.chart.query, over=summary.chart.complete)
    see = blocks.button(say(language, "button.ask", kpi=metric.name(language)), ASK, question)
    explain = blocks.button(say(language, "button.explain"), EXPLAIN, metric.id)
    everything = [blocks.button(say(language, "button.list"), ASK, LIST)] if summary.more else []
    return blocks.actions([see, explain, *everything])
