"""The Goals: people type what they want into their own columns, the bot answers in its own beside them.

A row is known by a key in a hidden column. The two sets of columns never meet: the bot reads people's columns and
writes them only when a goal of kpi.yaml gets its row, or takes a value that was set elsewhere.
`docs/decisions/sheet.md` says who wins.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence

from kpi_core.answers import SO_FAR, Answer, GoalState
from kpi_core.formats.goals.goal_changes import by_name, change_text
from kpi_core.formats.goals.goal_words import ENDANGERED
from kpi_core.formats.notices import notice_text
from kpi_core.formats.numbers import percent_text
from kpi_core.metrics import Metric
from kpi_core.phrases import say
from kpi_core.settings.goal_history import GoalChange
from kpi_core.settings.values import PER, Goal
from sheets_sync.tabs.cells import KEEP, Cell, Day, Number, NumberFormat, Text
from sheets_sync.tabs.goals.goal_rows import HEADER, PEOPLE, GoalRow, GoalsRead, Place
from sheets_sync.tabs.number_formats import gap_cell, telling_apart, value_format, without_cents
from sheets_sync.tabs.overview import measured_over, status_shades
from sheets_sync.tabs.queries import Material
from sheets_sync.tabs.tab import HEADER_KEY, Area, Column, Tab, filled
from sheets_sync.tabs.typed import spelled

BOT = ("actual", "gap", "landing", "probability", "required", "status", "measured", "changed")
COLUMNS = (
    *PEOPLE[:6],
    "status",
    "actual",
    "gap",
    "landing",
    "probability",
    "required",
    "measured",
    *PEOPLE[6:],
    "changed",
)
"""From left to right: a screen of 1,280 pixels holds the goal, how it stands, and what is in."""
_SURE = NumberFormat("PERCENT", "0%")
_WIDTHS = {
    "kpi": 200,
    "segment": 150,
    "per": 80,
    "status": 240,
    "measured": 150,
    "note": 200,
    "action": 200,
    "changed": 220,
    "actual": 100,
    "gap": 100,
}
_ABOUT = {"gap": "goal_gap", "status": "goal_status", "landing": "goal_landing"}
_NO_NUMBERS = (None,) * BOT.index("status")
MOST_PLACED = 1_500
"""Keys that a tab's metadata remembers: Google takes 30,000 characters."""
FAR_FROM_VALUE = 20
"""A rate's target this many times its value was probably meant in percent."""


def goals_tab(material: Material, read: GoalsRead, seeds: Sequence[GoalRow]) -> Tab:
    """The tab with the bot's cells filled."""
    language = material.language
    columns = _columns(material)
    rows: list[list[Cell]] = [
        [Text(say(language, "sheet.tab.goals"))],
        [Text(say(language, "sheet.line.goals"))],
        [Text(column.title) for column in columns],
    ]
    lines = sorted(read.rows, key=lambda row: row.row)
    past = read.history
    rows += [_in_order(_typed_cells(material, row), _bot_cells(material, row, past)) for row in lines]
    rows += [_in_order(_people_cells(material, row), _bot_cells(material, row, past)) for row in seeds]
    status = COLUMNS.index("status")
    return Tab(
        block="goals",
        title=say(language, "sheet.tab.goals"),
        columns=columns,
        rows=filled(rows, len(columns)),
        header=HEADER,
        shades=status_shades(language, Area(HEADER + 1, status, None, status + 1)),
        memory=_placed(read, {row.key for row in (*lines, *seeds)}),
        keys=tuple(row.key for row in (*lines, *seeds)),
        places={row.key: row.row for row in lines},
        fingerprints={row.key: row.fingerprint for row in (*lines, *seeds)},
        remarks=dict(_remarks(material, read)),
        beside=dict(_months(material, lines)),
    )


def _placed(read: GoalsRead, there: Container[str]) -> dict[str, object]:
    """Which goals of kpi.yaml ever had a row; of too many for a tab's metadata those without one, that is archived.

    The others are found in the rows, and all of them in the state.
    """
    if len(read.placed) <= MOST_PLACED:
        return {"placed": sorted(read.placed)}
    return {"placed": sorted(key for key in read.placed if key not in there)[:MOST_PLACED], "cut": True}


def _in_order(typed: Sequence[Cell], answered: Sequence[Cell]) -> list[Cell]:
    cells = dict(zip((*PEOPLE, *BOT), (*typed, *answered), strict=True))
    return [cells[key] for key in COLUMNS]


def goal_titles(language: str) -> dict[str, str]:
    """The words of the header row by column."""
    return {key: say(language, f"sheet.column.{key}") for key in COLUMNS}


def _columns(material: Material) -> tuple[Column, ...]:
    language = material.language
    offered = {
        "kpi": tuple(material.vocabulary.words_for(metric.id, language) for metric in material.kpis),
        "per": tuple(say(language, f"sheet.per.{period}") for period in PER),
    }
    return tuple(
        Column(
            key,
            say(language, f"sheet.column.{key}"),
            say(language, f"sheet.about.{_ABOUT.get(key, key)}"),
            width=_WIDTHS.get(key, 110),
            people=key in PEOPLE,
            choices=offered.get(key, ()),
        )
        for key in COLUMNS
    )


def _remarks(material: Material, read: GoalsRead) -> Iterator[tuple[tuple[str, Place], str]]:
    """What is wrong with a cell, at the cell; and what stands below the title of a month."""
    for row in read.rows:
        for place, problem in row.problems.items():
            yield (row.key, place), notice_text(problem, material.language)
    for place in read.titles:
        yield (HEADER_KEY, place), say(material.language, "sheet.about.month_targets")


def _months(material: Material, rows: Sequence[GoalRow]) -> Iterator[tuple[tuple[str, int], Cell]]:
    """The targets of months that were set or moved away elsewhere, in the columns that people made for them."""
    for row in rows:
        yield from (((row.key, place), None) for place in row.emptied)
        for goal in row.plan:
            if goal.key in row.set_elsewhere:
                look = value_format(material.catalog.metrics[goal.kpi], material.settings.currency, material.language)
                yield (row.key, row.months[goal.key]), Number(goal.target, look)


def _typed_cells(material: Material, row: GoalRow) -> list[Cell]:
    """People's cells as they are, but for what was set elsewhere."""
    if not row.elsewhere:
        return [KEEP] * len(PEOPLE)
    written = zip(PEOPLE, _people_cells(material, row), strict=True)
    return [cell if column in row.elsewhere else KEEP for column, cell in written]


def _people_cells(material: Material, row: GoalRow) -> list[Cell]:
    """What people would have typed for a goal of kpi.yaml."""
    assert row.goal
    goal, language = row.goal, material.language
    metric = material.catalog.metrics[goal.kpi]
    return [
        Text(material.vocabulary.words_for(metric.id, language)),
        Text(spelled(goal.where)),
        # With cents, whatever it is: people type the next one here.
        Number(goal.target, value_format(metric, material.settings.currency, language)),
        Text(say(language, f"sheet.per.{goal.per}")) if goal.per else None,
        Day(goal.by),
        Text(material.owner(goal)),
        Text(goal.note),
        Text(goal.action),
    ]


def _bot_cells(material: Material, row: GoalRow, history: Mapping[str, GoalChange]) -> list[Cell]:
    goal = row.current(material.today)
    ending = [_last_change(material, row, goal, history)]
    problem = notice_text(row.problem, material.language) if row.problem else ""
    if goal is None:
        return [*_NO_NUMBERS, Text(problem), None, *ending]
    metric = material.catalog.metrics[goal.kpi]
    if metric in material.left_out:
        return [*_NO_NUMBERS, Text(problem or say(material.language, "sheet.status.limited")), None, *ending]
    answer, state = material.measured(goal, metric), material.standing(goal, metric)
    reached = state.value if state else None
    number_format = value_format(metric, material.settings.currency, material.language)
    number_format = telling_apart(without_cents(number_format, [reached, goal.target]), reached, goal.target)
    if problem and row.still:
        problem = say(material.language, "sheet.problem.still", problem=problem)
    return [
        *_numbers(state, metric, number_format, material.language),
        Text(problem or _status(material, metric, answer, state)),
        Text(measured_over(state, material)) if state else None,
        *ending,
    ]


def _numbers(state: GoalState | None, metric: Metric, number_format: NumberFormat, language: str) -> Iterator[Cell]:
    """What is in, how far that is from the target, where it lands, how likely that is enough, what it takes."""
    yield Number(state.value if state else None, number_format)
    yield gap_cell(metric, state.gap if state else None, number_format, language)
    yield Number(state.landing.value if state and state.landing else None, number_format)
    yield Number(state.probability if state else None, _SURE)
    # What is met takes nothing more.
    needed = state.required_rate if state and state.status in SO_FAR | ENDANGERED else None
    yield Number(needed if needed and needed > 0 else None, number_format)


def _last_change(material: Material, row: GoalRow, goal: Goal | None, history: Mapping[str, GoalChange]) -> Cell:
    """The day, and where the history knows it, what became what and who did it."""
    change = history.get(goal.key) if goal else None
    if goal is None or change is None or not change.fields():
        at = change.occasion.at.astimezone(material.settings.calendar.zone).date() if change else None
        return Day(at or row.changed or material.today)
    day = change.occasion.at.astimezone(material.settings.calendar.zone).date().isoformat()
    metric, change = material.catalog.metrics[goal.kpi], by_name(change, material.people)
    text = change_text(change, metric, material.settings.currency, material.language)
    return Text(" · ".join(part for part in (day, text, change.occasion.who) if part))


def _status(material: Material, metric: Metric, answer: Answer | None, state: GoalState | None) -> str:
    language = material.language
    if answer and answer.value is None and answer.warnings and state and state.status == "no_data":
        return notice_text(answer.warnings[0], language)
    word = say(language, f"goal.{state.status}" if state else "goal.no_data")
    if answer and answer.value and state and _forgot_percent(metric, state.target, answer.value):
        typed, meant = percent_text(state.target, language), percent_text(state.target / 100, language)
        return say(language, "sheet.problem.percent", status=word, typed=typed, meant=meant)
    return word


def _forgot_percent(metric: Metric, target: float, value: float) -> bool:
    """Whether 5 was typed for 5 %: a target of 100 % or more, and far from what the KPI ever was."""
    return metric.unit == "percent" and target >= 1 and target / abs(value) >= FAR_FROM_VALUE
