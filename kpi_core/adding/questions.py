"""What only somebody who knows the data can say of a file, each question with its proof and its choices."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Literal

from kpi_core.errors import KpiBotError
from kpi_core.frozen_dataclass import frozen
from kpi_core.layouts.currencies import SHARED_SIGNS
from kpi_core.layouts.meaning import Meaning
from kpi_core.loading.intake import Intake
from kpi_core.loading.laid_out.whole_periods import begin_longer_times
from kpi_core.locale.data_words import column_words, table_words, word
from kpi_core.metrics import LANGUAGES, Model
from kpi_core.phrases import Notice, listed
from kpi_core.sources import Rejection

_FIRST_SERIAL = date(1899, 12, 30)
"""The day 0 of a spreadsheet."""

_OF_DAYS = frozenset({"ad_performance", "traffic"})
"""Tables of sums of days, of which people export sums of months, too."""

About = Literal[
    "year",
    "dates",
    "days",
    "decimal",
    "currency",
    "columns",
    "lines",
    "states",
    "accounts",
    "encoding",
    "sheet",
    "delimiter",
    "channels",
]


@frozen
class Choice:
    """An answer: what goes into kpi.yaml, and what it means in this file."""

    value: str
    meaning: Notice | None = None


@frozen
class Question:
    """A question that a file waits for. `about` names what it settles, for `--answer about=choice`."""

    about: About
    text: Notice
    choices: tuple[Choice, ...]


def questions_of(intake: Intake, model: Model, meaning: Meaning | None, answers: Mapping[str, str]) -> list[Question]:
    """What is open in a file that has been read, but for what `answers` say already."""
    made = [
        *_of_styles([*intake.rejections, *intake.left_empty], model),
        *_of_currencies(intake),
        *_of_one_day(intake),
        *_of_longer_times(intake, meaning),
        *_of_columns(meaning),
        *_of_lines(intake, model, meaning),
    ]
    return list({question.about: question for question in made if question.about not in answers}.values())


_CHOICES: Mapping[str, tuple[About, tuple[str, ...]]] = {
    "source_encoding_open": ("encoding", ("encodings",)),
    "source_delimiter_open": ("delimiter", ("sign", "other")),
    "source_sheets": ("sheet", ("sheets",)),
}
"""Code of an error -> what it asks for, and the parameters that name the choices."""


def question_of_error(error: KpiBotError) -> Question | None:
    """The question behind a file that cannot be read before somebody says how; None where there is none."""
    if error.code not in _CHOICES:
        return None
    about, params = _CHOICES[error.code]
    choices = error.suggestions or tuple(choice for name in params for choice in error.params[name].split(", "))
    return Question(about, Notice(f"add.ask_{about}", {}), tuple(map(Choice, choices)))


def _of_styles(rejections: list[Rejection], model: Model) -> Iterator[Question]:
    for rejection in rejections:
        if not rejection.is_open or not rejection.examples:
            continue
        text = rejection.examples[0][1]
        column = model.columns.get(rejection.column)
        if column is not None and column.type in {"integer", "decimal"}:
            yield Question("decimal", Notice("add.ask_decimal", {"text": text}), _signs(text))
        else:
            yield Question("dates", Notice("add.ask_dates", {"text": text}), _orders(text))


def _signs(text: str) -> tuple[Choice, ...]:
    """1.250 is one and a quarter by its point, and 1250 by the comma."""
    figures = re.search(r"\d[\d.,]*", text)
    if figures is None:
        return Choice("."), Choice(",")
    by_point = figures[0].replace(",", "")
    by_comma = figures[0].replace(".", "").replace(",", ".")
    return tuple(
        Choice(sign, Notice("add.number", {"number": number.rstrip("0").rstrip(".") if "." in number else number}))
        for sign, number in ((".", by_point), (",", by_comma))
    )


def _of_currencies(intake: Intake) -> Iterator[Question]:
    """Which dollar it is: asked only where rates would convert it, for without them it is left out in any case."""
    for foreign in intake.money.foreign:
        if foreign.rated and foreign.currency in SHARED_SIGNS:
            choices = map(Choice, sorted(SHARED_SIGNS[foreign.currency]))
            yield Question("currency", Notice("add.ask_currency", {"text": foreign.currency}), tuple(choices))


def _of_one_day(intake: Intake) -> Iterator[Question]:
    """Whether a single day is one, in the export of a tool that writes the first day of longer times."""
    if intake.is_one_day and intake.first_day is not None:
        text = Notice("add.ask_days", {"day": intake.first_day.isoformat()})
        yield Question("days", text, (Choice("day"), Choice("period")))


def _of_longer_times(intake: Intake, meaning: Meaning | None) -> Iterator[Question]:
    """Whether days that all begin months or weeks are days, in a table that nobody knows."""
    if meaning is not None and meaning.table in _OF_DAYS and begin_longer_times(intake.days):
        text = Notice("add.ask_long_days", {"day": intake.days[0].isoformat()})
        yield Question("days", text, (Choice("day"), Choice("period")))


def _orders(text: str) -> tuple[Choice, ...]:
    """11/03/26 is 3 November, 11 March or 26 March 2011; 46329 is a spreadsheet's number of a day."""
    numbers = re.findall(r"\d+", text)
    if len(numbers) < 3 or len(numbers[0]) > 4:
        return (Choice("serial", _day(_FIRST_SERIAL + timedelta(int(numbers[0]))) if numbers else None),)
    choices = []
    for order in ("mdy", "dmy", "ymd"):
        parts = dict(zip(order, numbers, strict=False))
        with contextlib.suppress(ValueError):
            # Nobody adds files of before 2020 written with two digits, the year first.
            if len(parts["y"]) in {2, 4} and (order != "ymd" or int(parts["y"]) >= 20):
                year = int(parts["y"]) + (2000 if len(parts["y"]) == 2 else 0)
                choices.append(Choice(order, _day(date(year, int(parts["m"]), int(parts["d"])))))
    return tuple(choices)


def _day(day: date) -> Notice:
    return Notice("add.day", {"day": day.isoformat()})


def _of_columns(meaning: Meaning | None) -> Iterator[Question]:
    if meaning is not None and meaning.doubts:
        text = Notice("add.ask_columns", {"table": table_words(meaning.table), "pairs": _pairs(meaning)})
        yield Question("columns", text, (Choice("yes"), Choice("no")))


def _pairs(meaning: Meaning) -> dict[str, str]:
    """The doubtful columns with their headers, in each language."""
    words = {column: column_words(column) for column in meaning.doubts}
    return {
        language: listed(
            language, (f"{word(its, language)} = “{meaning.columns[column]}”" for column, its in words.items())
        )
        for language in LANGUAGES
    }


def _of_lines(intake: Intake, model: Model, meaning: Meaning | None) -> Iterator[Question]:
    """Several lines of one key: only somebody who knows the tool can say what its amounts stand for."""
    if meaning is not None and intake.repeated and model.key:
        text = Notice(
            "add.ask_lines", {"key": meaning.columns.get(model.key[0], model.key[0]), "count": intake.repeated}
        )
        yield Question("lines", text, (Choice("last"), Choice("no")))
