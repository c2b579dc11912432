"""The Overview: a row a KPI for the last complete month, scorecards of the headline KPIs above."""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import replace

from kpi_core.answers import BESIDE_A_NUMBER, Answer, BreakdownRow, Change, GoalState
from kpi_core.dates.periods import previous
from kpi_core.formats.findings import finding_text
from kpi_core.formats.movements import swing_text
from kpi_core.formats.notices import notice_text
from kpi_core.formats.periods import date_text, pair_labels, period_label
from kpi_core.frozen_dataclass import frozen
from kpi_core.goals.standing import goal_for
from kpi_core.health.facts import Finding
from kpi_core.metrics import STAGES, Metric, localized
from kpi_core.phrases import say
from sheets_sync.tabs.cells import Cell, Day, Formula, Number, NumberFormat, Text, entered, text_of
from sheets_sync.tabs.left_out import with_left_out
from sheets_sync.tabs.number_formats import (
    change_cell,
    gap_cell,
    moves_by_points,
    telling_apart,
    value_format,
    with_no_cost,
    without_cents,
)
from sheets_sync.tabs.queries import Material
from sheets_sync.tabs.tab import Area, Chart, Column, PastNumber, Shade, Tab, filled, width_of

SCORECARD_ROWS = 5
HEADER = 2 + SCORECARD_ROWS
_CARD = 240
"""Pixels from one scorecard to the next: five fill a screen."""
_WIDTHS = {"value": 100, "change": 90, "months": 120, "to_date": 100, "to_date_change": 90, "gap": 90, "landing": 100}
_WIDTHS |= {"goal": 100, "measured": 150, "remark": 420}
_WITH_NOTE = {"value", "previous", "change", "year_ago", "year_change", "goal", "gap", "status", "benchmark"}
_WITH_NOTE |= {"months", "updated", "to_date", "to_date_change", "landing", "measured"}
_ALWAYS = {"kpi", "value", "status", "change"}


@frozen
class _Row:
    """What a row draws on."""

    metric: Metric
    label: str
    answer: Answer | None
    to_date: Answer | None
    goal: GoalState | None
    measured: str
    """What the goal's status is measured over."""
    currency: str
    language: str

    @property
    def benchmark(self) -> float | None:
        return self.metric.benchmarks[0].value if self.metric.benchmarks else None

    @property
    def format(self) -> NumberFormat:
        """One format for all figures of the row."""
        reached, target = self.answer.value if self.answer else None, self.goal.target if self.goal else None
        others = [_other(self.change(basis)) for basis in ("previous_period", "year_ago")]
        number_format = value_format(self.metric, self.currency, self.language)
        number_format = telling_apart(without_cents(number_format, [reached, target, *others]), reached, target)
        return telling_apart(number_format, self.goal.value if self.goal else None, target)

    def amount(self, value: float | None) -> Number:
        return Number(value, with_no_cost(self.format, self.metric, [value], self.language))

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


def _moved(row: _Row, change: Change | None) -> Number:
    if change is None:
        return change_cell(row.metric, (None, None), None, row.language)
    ends, is_news = (change.current, change.value), change.verdict in {"better", "worse"}
    return change_cell(row.metric, ends, change.change_ratio, row.language, is_news=is_news)


def _incomplete(row: _Row) -> Finding | None:
    notes = row.answer.health if row.answer else ()
    return next((note.finding for note in notes if note.incomplete and note.scope in BESIDE_A_NUMBER), None)


def _status(row: _Row) -> Cell:
    """That there is no number or that it is not whole, else the goal's word, else how the KPI moved."""
    if row.answer is None or row.answer.value is None:
        return Text(say(row.language, "goal.no_data"))
    if _incomplete(row):
        return Text(say(row.language, "sheet.status.incomplete"))
    if row.goal:
        return Text(say(row.language, f"goal.{row.goal.status}"))
    change = row.change("previous_period")
    if change is None or change.verdict in {None, "neutral"}:
        return None
    if change.verdict == "same" and change.usual is not None:
        swing = swing_text(change, row.metric, row.language, row.currency)
        return Text(say(row.language, "sheet.status.within", swing=swing))
    return Text(say(row.language, f"sheet.status.{change.verdict}"))


def _remark(row: _Row) -> Cell:
    """Why there is no number, or what it lacks."""
    if row.answer is None or row.answer.value is None:
        warnings = row.answer.warnings if row.answer else ()
        return Text(notice_text(warnings[0], row.language)) if warnings else None
    incomplete = _incomplete(row)
    return Text(finding_text(incomplete, row.language)) if incomplete else None


def _benchmark(row: _Row) -> Cell:
    """In the unit of the value; in words where it is no one figure."""
    if row.benchmark is not None:
        return row.amount(row.benchmark)
    return Text(localized(row.metric.benchmarks[0].text, row.language)) if row.metric.benchmarks else None


# What a glance needs comes first, and fits a screen of 1280 pixels through the gap. Status, gap and landing speak of
# the days that stand behind them; value and change of the month above the table.
_CELLS: dict[str, Callable[[_Row], Cell]] = {
    "kpi": lambda row: Text(row.label),
    "value": lambda row: row.amount(row.answer.value if row.answer else None),
    "status": _status,
    "change": lambda row: _moved(row, row.change("previous_period")),
    "months": lambda row: sparkline([point.value for point in row.answer.trend] if row.answer else []),
    "to_date": lambda row: row.amount(row.to_date.value if row.to_date else None),
    "to_date_change": lambda row: _moved(row, change_of(row.to_date, "previous_period")),
    "goal": lambda row: row.amount(row.goal.target if row.goal else None),
    "gap": lambda row: gap_cell(row.metric, row.goal.gap if row.goal else None, row.format, row.language),
    "landing": lambda row: row.amount(row.goal.landing.value if row.goal and row.goal.landing else None),
    "measured": lambda row: Text(row.measured) if row.measured else None,
    "previous": lambda row: row.amount(_other(row.change("previous_period"))),
    "year_ago": lambda row: row.amount(_other(row.change("year_ago"))),
    "year_change": lambda row: _moved(row, row.change("year_ago")),
    "benchmark": _benchmark,
    "owner": lambda row: Text(row.goal.owner if row.goal else ""),
    "updated": lambda row: Day(row.answer.freshness.data_through if row.answer else None),
    "remark": _remark,
}


def overview_tab(material: Material) -> Tab:
    """The executives' KPIs, money first; then the others by journey stage, in the order of `material.kpis`."""
    language = material.language
    groups = _groups(material)
    rows_of = {metric.id: _row(material, metric) for _heading, members in groups.values() for metric in members}
    keys = [
        key for key, cell in _CELLS.items() if key in _ALWAYS or any(entered(cell(row)) for row in rows_of.values())
    ]
    widths = {
        # Not narrower than the scorecard that hangs on it.
        "kpi": width_of((row.label for row in rows_of.values()), _CARD, 320),
        "status": width_of((text_of(entered(_status(row))) for row in rows_of.values()), 150, 200),
    }
    columns = _columns(keys, _WIDTHS | widths, language)
    rows: list[list[Cell]] = [
        [Text(material.settings.company)],
        [Text(_period_line(material))],
        *([] for _ in range(SCORECARD_ROWS)),
        [Text(column.title) for column in columns],
    ]
    headings, places, row_keys = [], {}, list[str]()
    for group, (heading, members) in groups.items():
        headings.append(len(rows))
        row_keys += [f"#{group}", *(metric.id for metric in members)]
        rows.append([Text(heading)])
        for metric in members:
            places[metric.id] = len(rows)
            rows.append([_CELLS[key](rows_of[metric.id]) for key in keys])
    return Tab(
        block="overview",
        title=say(language, "sheet.tab.overview"),
        columns=columns,
        rows=filled(rows, len(columns)),
        header=HEADER,
        headings=tuple(headings),
        keys=tuple(row_keys),
        charts=_scorecards(material, keys, places),
        shades=status_shades(language, Area(HEADER + 1, keys.index("status"), None, len(columns)), verdicts=True),
        past=dict(_past(rows_of, keys)),
    )


def _past(rows: Mapping[str, _Row], columns: Container[str]) -> Iterator[tuple[tuple[str, str], PastNumber]]:
    """The last month's number of each KPI, and those that it is held against."""
    for kpi, row in rows.items():
        if row.answer is None:
            continue
        yield (kpi, "value"), PastNumber(row.answer, row.answer.query.period)
        for column, basis in (("previous", "previous_period"), ("year_ago", "year_ago")):
            change = row.change(basis)
            if change and column in columns:
                yield (kpi, column), PastNumber(row.answer, change.period)


def _groups(material: Material) -> dict[str, tuple[str, Sequence[Metric]]]:
    """By key: the heading, and the KPIs below it; each KPI once."""
    language, first = material.language, material.executives()
    groups: dict[str, tuple[str, Sequence[Metric]]] = {}
    if first and len(first) < len(material.kpis):
        groups["exec"] = (say(language, "sheet.group.exec"), first)
    above = {metric.id for metric in first} if groups else set()
    for stage in STAGES:
        if members := [metric for metric in material.kpis if metric.stage == stage and metric.id not in above]:
            groups[stage] = (say(language, f"stage.{stage}"), members)
    return groups


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


def _columns(keys: Sequence[str], widths: Mapping[str, int], language: str) -> tuple[Column, ...]:
    return tuple(
        Column(
            key,
            say(language, f"sheet.column.{key}"),
            say(language, f"sheet.about.{key}") if key in _WITH_NOTE else "",
            width=widths.get(key, 110),
        )
        for key in keys
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
        period=_periods(material),
        through=date_text(max(days), language) if days else say(language, "sheet.line.no_data"),
        late=late,
        kpi=examples[0].id if examples else "cac",
    )
    # First: whoever reads it there would not hear of it elsewhere.
    return " · ".join([*material.untold[:1], with_left_out(line, material.listed_left_out(), language)])


def _periods(material: Material) -> str:
    """The month of the tab, and the days of the running one."""
    language, month = material.language, period_label(material.period, material.language)
    running = next((change for metric in material.kpis if (change := _running(material, metric))), None)
    if running is None:
        return month
    days, others = pair_labels(running.compared, running.period, language)
    return say(language, "sheet.line.to_date", period=month, running=days, previous=others)


def _running(material: Material, metric: Metric) -> Change | None:
    """The days of the running month beside as many of the month before, where both have numbers."""
    change = change_of(material.to_date(metric), "previous_period")
    return change if change and change.change is not None else None


def _row(material: Material, metric: Metric) -> _Row:
    answer = material.month(metric)
    goal = goal_for(metric, answer.query, material.goals) if answer else None
    state = material.standing(goal, metric) if goal else None
    return _Row(
        metric,
        material.label(metric),
        answer,
        material.to_date(metric),
        state,
        measured_over(state, material) if state else "",
        material.settings.currency,
        material.language,
    )


def measured_over(state: GoalState, material: Material) -> str:
    """The period that a goal stands by, and whether that is so far."""
    period = period_label(state.period, material.language, material.settings.calendar)
    return period if state.complete else say(material.language, "card.so_far", period=period)


def _scorecards(material: Material, keys: Sequence[str], places: dict[str, int]) -> tuple[Chart, ...]:
    value, before = keys.index("value"), keys.index("previous") if "previous" in keys else None
    caption = say(
        material.language,
        "sheet.scorecard.against",
        previous=period_label(previous(material.period, material.settings.calendar), material.language),
    )
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
                domain=None if before is None else Area(row, before, row + 1, before + 1),
                row=2,
                column=min(index, 1),
                x=8 + beyond,
                width=_CARD - 8,
                height=21 * SCORECARD_ROWS - 6,
                caption=caption,
                direction=metric.direction,
                compared="ABSOLUTE_DIFFERENCE"
                if moves_by_points(metric, material.language)
                else "PERCENTAGE_DIFFERENCE",
            )
        )
    return tuple(cards)
