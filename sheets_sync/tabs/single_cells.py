"""Single numbers for cells in people's own tabs: a hidden tab of questions and their numbers, looked up by a formula.

`docs/decisions/sheet.md` says why the bot writes no cell of people's for this.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from kpi_core.answers import Answer
from kpi_core.errors import KpiBotError
from kpi_core.formats.notices import notice_text
from kpi_core.formats.periods import period_label
from kpi_core.frozen_dataclass import frozen
from kpi_core.metrics import Metric
from kpi_core.phrases import say
from kpi_core.query import MetricQuery
from kpi_core.questions.errors import error_words
from kpi_core.questions.parse import parse_question
from kpi_core.questions.period_words import parse_period
from kpi_core.questions.vocabulary import Vocabulary
from kpi_core.settings.values import Settings
from sheets_sync.tabs.cells import Cell, Day, Formula, Number, Text
from sheets_sync.tabs.number_formats import value_format, with_no_cost
from sheets_sync.tabs.tab import Area, Column, Tab, filled

HEADER = 2
PERIODS = ("yesterday", "last_week", "last_month", "last_quarter", "this_month", "this_quarter", "this_year")
NO_NUMBER = Formula("=NA()")
"""No data: a cell that looks it up says so, where an empty one would count as 0."""
QUESTIONS, VALUES = "KpiQuestions", "KpiValues"
"""Names of the two columns, for formulas."""


@frozen
class CellQuestion:
    """A question as formulas name it; without a query, `problem` says why."""

    words: str
    query: MetricQuery | None
    problem: str = ""


@frozen
class Reader:
    """What questions are read with."""

    settings: Settings
    vocabulary: Vocabulary
    today: date


def cell_questions(kpis: Sequence[Metric], more: Sequence[str], reader: Reader) -> tuple[CellQuestion, ...]:
    """Every KPI over the usual periods ("cac last month"), then the questions of kpi.yaml, each once."""
    language, calendar = reader.settings.locale, reader.settings.calendar
    usual = [say(language, f"sheet.cells.{period}") for period in PERIODS]
    periods = {words: parse_period(words, calendar, reader.today) for words in usual}
    questions = {
        f"{metric.id} {words}": CellQuestion(f"{metric.id} {words}", _alone(MetricQuery(metric.id, period)))
        for metric in kpis
        for words, period in periods.items()
    }
    for words in more:
        questions.setdefault(words, _read(words, reader))
    return tuple(questions.values())


def cells_tab(questions: Sequence[CellQuestion], answers: Mapping[MetricQuery, Answer], settings: Settings) -> Tab:
    """The hidden tab: a row a question."""
    language = settings.locale
    keys = ("question", "value", "period", "updated")
    widths = {"question": 320, "period": 240}
    columns = tuple(Column(key, say(language, f"sheet.column.{key}"), width=widths.get(key, 120)) for key in keys)
    rows: list[list[Cell]] = [
        [Text(say(language, "sheet.tab.cells"))],
        [Text(say(language, "sheet.line.cells", formula=_example(questions)))],
        [Text(column.title) for column in columns],
    ]
    rows += [_row(question, answers, settings) for question in questions]
    return Tab(
        block="cells",
        title=say(language, "sheet.tab.cells"),
        columns=columns,
        rows=filled(rows, len(columns)),
        header=HEADER,
        keys=tuple(f"q:{question.words}" for question in questions),
        hidden=True,
        names={QUESTIONS: Area(HEADER, 0, None, 1), VALUES: Area(HEADER, 1, None, 2)},
    )


def _example(questions: Sequence[CellQuestion]) -> str:
    words = questions[0].words if questions else "cac last month"
    return f'XLOOKUP("{words}"; {QUESTIONS}; {VALUES})'


def _alone(query: MetricQuery) -> MetricQuery:
    """The number alone: nothing that it could be held against, no parts, no course."""
    return replace(query, comparisons=(), dimensions=(), top=None, trended=False)


def _read(words: str, reader: Reader) -> CellQuestion:
    try:
        query = parse_question(words, reader.vocabulary, reader.settings.calendar, reader.today)
    except KpiBotError as error:
        return CellQuestion(words, None, " ".join(error_words(error, reader.settings.locale)).strip())
    return CellQuestion(words, _alone(replace(query, question="")))


def _row(question: CellQuestion, answers: Mapping[MetricQuery, Answer], settings: Settings) -> list[Cell]:
    language = settings.locale
    answer = answers.get(question.query) if question.query else None
    if question.query is None or answer is None:
        problem = question.problem or say(language, "sheet.status.limited")
        return [Text(question.words), NO_NUMBER, Text(problem), Day(None)]
    look = value_format(answer.metric, settings.currency, language)
    look = with_no_cost(look, answer.metric, [answer.value], language)
    number = NO_NUMBER if answer.value is None else Number(answer.value, look)
    period = period_label(answer.query.period, language, settings.calendar)
    if answer.value is None and answer.warnings:
        period = notice_text(answer.warnings[0], language)
    elif not answer.complete:
        period = say(language, "card.so_far", period=period)
    return [Text(question.words), number, Text(period), Day(answer.freshness.data_through)]
