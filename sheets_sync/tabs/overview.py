"""The Overview: a row a KPI for the last complete month, scorecards of the headline KPIs above."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from kpi_core.answers import BESIDE_A_NUMBER, Against, Answer, BreakdownRow, Change, GoalState
from kpi_core.formats.findings import finding_text
from kpi_core.formats.movements import swing_text
from kpi_core.formats.notices import notice_text
from kpi_core.formats.periods import date_text, period_label
from kpi_core.goals.standing import against, goal_for
from kpi_core.metrics import STAGES, Metric, localized
from kpi_core.phrases import say
from sheets_sync.tabs.cells import Cell, Day, Formula, Number, Text
from sheets_sync.tabs.left_out import with_left_out
from sheets_sync.tabs.number_formats import change_cell, moves_by_points, telling_apart, value_format
from sheets_sync.tabs.queries import Material
from sheets_sync.tabs.tab import Area, Chart, Column, Shade, Tab, filled

SCORECARD_ROWS = 5
HEADER = 2 + SCORECARD_ROWS
_CARD = 200
"""Pixels from one scorecard to the next."""
_WIDTHS = {"kpi": 220, "status": 150, "measured": 150, "benchmark": 200, "months": 130, "gap": 100}
_WITH_NOTE = {"value", "previous", "change", "year_ago", "year_change", "goal", "gap", "status", "benchmark"}


@dataclass(frozen=True, slots=True)
class _Row:
    """What a row draws on."""

    metric: Metric
    label: str
    answer: Answer | None
    goal: GoalState | None
    asked: Against | None
    """The month of the row beside the goal's target."""
    measured: str
    """What the goal's status is measured over."""
    currency: str
    language: str

    def amount(self, value: float | None) -> Number:
        number_format = value_format(self.metric, self.currency, self.language)
        reached = self.answer.value if self.answer else None
        return Number(value, telling_apart(number_format, reached, self.goal.target if self.goal else None))

    def change(self, basis: str) -> Change | None:
        return change_of(self.answer, basis)


def sparkline(values: Sequence[float | None]) -> Formula | None:
    """A line of the values' shape; None where fewer than two are known.

    The numbers are whole and parted by semicolons: so the formula reads the same in a spreadsheet of any locale.
    """
    points = [value for value in values if value is not None and math.isfinite(value)]
    if len(points) < 2:
        return None
    low = min(points)
    span = max(points) - low
    # Values from both ends of what a float can be.
    if not math.isfinite(span):
        return None
    heights = ";".join(str(round((value - low) / span * 1000) if span else 0) for value in points)
    return Formula(f"=SPARKLINE({{{heights}}})")


def change_of(answer: Answer | BreakdownRow | None, basis: str) -> Change | None:
    changes = answer.comparisons if answer else ()
    return next((change for change in changes if change.basis == basis), None)


def _other(change: Change | None) -> float | None:
    return change.value if change else None


def _moved(row: _Row, basis: str) -> Number:
    change = row.change(basis)
    if change is None:
        return change_cell(row.metric, (None, None), None, row.language)
    return change_cell(row.metric, (change.current, change.value), change.change_ratio, row.language)


def _status(row: _Row) -> Cell:
    """Why there is no number, else what it lacks, else the goal's word, else how the KPI moved."""
    if row.answer is None or row.answer.value is None:
        warnings = row.answer.warnings if row.answer else ()
        return Text(notice_text(warnings[0], row.language) if warnings else say(row.language, "goal.no_data"))
    incomplete = next((note for note in row.answer.health if note.incomplete and note.scope in BESIDE_A_NUMBER), None)
    if incomplete is not None:
        return Text(finding_text(incomplete.finding, row.language))
    if row.goal:
        return Text(say(row.language, f"goal.{row.goal.status}"))
    change = row.change("previous_period")
    if change is None or change.verdict in {None, "neutral"}:
        return None
    if change.verdict == "same" and change.usual is not None:
        swing = swing_text(change, row.metric, row.language, row.currency)
        return Text(say(row.language, "sheet.status.within", swing=swing))
    return Text(say(row.language, f"sheet.status.{change.verdict}"))


_CELLS: dict[str, Callable[[_Row], Cell]] = {
    "kpi": lambda row: Text(row.label),
    "value": lambda row: row.amount(row.answer.value if row.answer else None),
    "previous": lambda row: row.amount(_other(row.change("previous_period"))),
    "change": lambda row: _moved(row, "previous_period"),
    "year_ago": lambda row: row.amount(_other(row.change("year_ago"))),
    "year_change": lambda row: _moved(row, "year_ago"),
    "goal": lambda row: row.amount(row.goal.target if row.goal else None),
    "gap": lambda row: row.amount(row.asked.gap if row.asked else None),
    "status": _status,
    "measured": lambda row: Text(row.measured) if row.measured else None,
    "benchmark": lambda row: (
        Text(localized(row.metric.benchmarks[0].text, row.language)) if row.metric.benchmarks else None
    ),
    "months": lambda row: sparkline([point.value for point in row.answer.trend] if row.answer else []),
    "owner": lambda row: Text(row.goal.owner if row.goal else ""),
    "updated": lambda row: Day(row.answer.freshness.data_through if row.answer else None),
}


def overview_tab(material: Material) -> Tab:
    """KPIs grouped by journey stage, in the order of `material.kpis` within a stage."""
    language = material.language
    rows: list[list[Cell]] = [
        [Text(material.settings.company)],
        [Text(_period_line(material))],
        *([] for _ in range(SCORECARD_ROWS)),
        [Text(column.title) for column in _columns(language)],
    ]
    headings, places = [], {}
    keys: list[str] = []
    for stage in STAGES:
        members = [metric for metric in material.kpis if metric.stage == stage]
        if members:
            headings.append(len(rows))
            keys.append(f"#{stage}")
            rows.append([Text(say(language, f"stage.{stage}"))])
        for metric in members:
            places[metric.id] = len(rows)
            rows.append(_cells(material, metric))
            keys.append(metric.id)
    columns = _columns(language)
    return Tab(
        block="overview",
        title=say(language, "sheet.tab.overview"),
        columns=columns,
        rows=filled(rows, len(columns)),
        header=HEADER,
        headings=tuple(headings),
        keys=tuple(keys),
        charts=_scorecards(material, places),
        shades=status_shades(
            language, Area(HEADER + 1, list(_CELLS).index("status"), None, len(columns)), verdicts=True
        ),
    )


def status_shades(language: str, area: Area, *, verdicts: bool = False) -> tuple[Shade, ...]:
    """Quiet colours for the words of a status column, the left one of `area`."""
    column = (replace(area, right=area.left + 1),)
    words: list[tuple[str, str]] = [
        *((f"goal.{status}", "good") for status in ("met", "on_track")),
        *((f"goal.{status}", "bad") for status in ("at_risk", "off_track")),
    ]
    if verdicts:
        words += [("sheet.status.better", "good"), ("sheet.status.worse", "bad")]
    # Words that a language does not tell apart share one rule.
    by_word = {say(language, key): tone for key, tone in words}
    return tuple(Shade(column, word, tone) for word, tone in by_word.items())  # type: ignore[arg-type]  # tones above


def _columns(language: str) -> tuple[Column, ...]:
    return tuple(
        Column(
            key,
            say(language, f"sheet.column.{key}"),
            say(language, f"sheet.about.{key}") if key in _WITH_NOTE | {"months", "updated"} else "",
            width=_WIDTHS.get(key, 110),
        )
        for key in _CELLS
    )


def _period_line(material: Material) -> str:
    language = material.language
    answers = [answer for metric in material.kpis if (answer := material.month(metric))]
    days = [answer.freshness.data_through for answer in answers if answer.freshness.data_through]
    late = sum(answer.freshness.stale for answer in answers)
    examples = material.headlines() or material.kpis
    line = say(
        language,
        "sheet.line.overview_late" if late else "sheet.line.overview",
        period=period_label(material.period, language),
        through=date_text(max(days), language) if days else say(language, "sheet.line.no_data"),
        late=late,
        kpi=examples[0].id if examples else "cac",
    )
    return with_left_out(line, material.listed_left_out(), language)


def _cells(material: Material, metric: Metric) -> list[Cell]:
    answer = material.month(metric)
    goal = goal_for(metric, answer.query, material.goals) if answer else None
    state = material.standing(goal, metric) if goal else None
    row = _Row(
        metric,
        material.label(metric),
        answer,
        state,
        against(goal, answer) if goal and answer else None,
        measured_over(state, material) if state else "",
        material.settings.currency,
        material.language,
    )
    return [cell(row) for cell in _CELLS.values()]


def measured_over(state: GoalState, material: Material) -> str:
    """The period that a goal stands by, and whether that is so far."""
    period = period_label(state.period, material.language, material.settings.calendar)
    return period if state.complete else say(material.language, "card.so_far", period=period)


def _scorecards(material: Material, places: dict[str, int]) -> tuple[Chart, ...]:
    keys = list(_CELLS)
    value, previous = keys.index("value"), keys.index("previous")
    cards = []
    for index, metric in enumerate(material.headlines()):
        row = places[metric.id]
        # From the second on they hang on one cell and are set apart in pixels: columns are of many widths.
        beyond = max(0, index - 1) * _CARD
        cards.append(
            Chart(
                key=f"card_{index}",
                kind="scorecard",
                title=material.label(metric),
                values=Area(row, value, row + 1, value + 1),
                domain=Area(row, previous, row + 1, previous + 1),
                row=2,
                column=min(index, 1),
                x=8 + beyond,
                width=_CARD - 8,
                height=21 * SCORECARD_ROWS - 6,
                caption=say(material.language, "sheet.scorecard.against"),
                direction=metric.direction,
                compared="ABSOLUTE_DIFFERENCE"
                if moves_by_points(metric, material.language)
                else "PERCENTAGE_DIFFERENCE",
            )
        )
    return tuple(cards)
