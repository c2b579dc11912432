"""The lines of a summary as a table: KPI, value, change, goal, and how the goal stands."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from bot.cards.lines import filters_of, goal_now, headline
from bot.cards.table import Cell, Table
from kpi_core.formats.goals.goal_words import ENDANGERED, share_text
from kpi_core.formats.movements import basis_text, change_text, same_days
from kpi_core.formats.numbers import percent_text, told_apart, value_text
from kpi_core.formats.periods import period_label
from kpi_core.phrases import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpi_core.answers import Change, GoalState
    from kpi_core.deliveries.summaries import Summary, SummaryLine

_COLUMNS = ("kpi", "value", "change", "goal", "state")


def summary_table(summary: Summary, language: str) -> Table | None:
    """A row a line, in the summary's order; columns that nothing fills are left out. None without lines."""
    if not summary.lines:
        return None
    rows = [_row(line, summary, language) for line in summary.lines]
    filled = [place for place in range(len(_COLUMNS)) if any(row[place].text for row in rows)]
    return Table(
        caption=say(
            language, "summary_card.title", period=period_label(summary.period, language), company=summary.company
        ),
        headings=tuple(say(language, f"summary_card.column_{_COLUMNS[place]}") for place in filled),
        rows=tuple(tuple(row[place] for place in filled) for row in rows),
        total=(),
        keys=1,
    )


def line_name(line: SummaryLine, language: str) -> str:
    """The KPI, and the segment that it is narrowed to."""
    return " · ".join([line.metric.name(language), *filters_of(line.answer, language)])


def usual_change(summary: Summary) -> Change | None:
    """One of the changes between the two periods that most lines compare; None where none compares any."""
    changes = [line.change for line in summary.lines if line.change is not None and line.change.change is not None]
    # Of as many, those of the summary's own days.
    changes.sort(key=lambda change: not same_days(change.compared, summary.period))
    pairs = Counter((change.compared, change.period) for change in changes)
    return max(changes, key=lambda change: pairs[change.compared, change.period], default=None)


def line_change(line: SummaryLine, summary: Summary, language: str) -> str:
    """How it moved, with the basis where that is not the usual one of the summary; empty without a comparison."""
    change, usual = line.change, usual_change(summary)
    if change is None or change.change is None or usual is None:
        return ""
    moved = change_text(change, line.metric, language, line.answer.currency)
    is_usual = same_days(change.compared, usual.compared) and same_days(change.period, usual.period)
    return moved if is_usual else f"{moved} · {basis_text(change, language, summary.period)}"


def is_incomplete(line: SummaryLine) -> bool:
    """Whether rows of its own period are known to be missing."""
    return any(note.incomplete and note.scope == "period" for note in line.answer.health)


def _row(line: SummaryLine, summary: Summary, language: str) -> tuple[Cell, ...]:
    change = line.change
    moved = change.change_ratio if change is not None else None
    return (
        Cell(line_name(line, language)),
        Cell(headline(line.answer, language), line.answer.value),
        Cell(line_change(line, summary, language), moved),
        Cell(_target(line, language)),
        Cell(" · ".join(_state(line, language))),
    )


def _target(line: SummaryLine, language: str) -> str:
    """The target, of a sum with the period that it belongs to."""
    goal, metric, currency = line.goal, line.metric, line.answer.currency
    if goal is None:
        return ""
    against = goal.landing.value if goal.landing is not None else goal.value
    apart = told_apart(against, goal.target, metric, currency, language) if against is not None else None
    target = apart[1] if apart else value_text(goal.target, metric, currency, language)
    return f"{target} · {period_label(goal.period, language)}" if goal.per else target


def _state(line: SummaryLine, language: str) -> Iterator[str]:
    if line.goal is not None:
        yield _status(line.goal, line, language)
    if is_incomplete(line):
        yield say(language, "summary_card.incomplete")


def _status(goal: GoalState, line: SummaryLine, language: str) -> str:
    """The status, with where a goal in danger lands, and what came in of a sum whose period runs."""
    metric, currency = line.metric, line.answer.currency
    period, value, status = goal_now(goal, line.answer, language)
    if goal.landing is not None and goal.status in ENDANGERED:
        landing = told_apart(goal.landing.value, goal.target, metric, currency, language)[0]
        share = share_text(goal, language)
        return say(
            language, f"summary_card.state_{'share' if share else 'lands'}", status=status, value=landing, share=share
        )
    if goal.value is None or goal.period == line.answer.query.period:
        return status
    if goal.per and goal.target and goal.status in {"open", "met"}:
        return say(
            language, "summary_card.state_reached", share=percent_text(goal.value / goal.target, language, "axis")
        )
    return say(language, "summary_card.state_so_far", status=status, period=period, value=value)
