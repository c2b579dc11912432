"""What kpi add says of each file: what it is, what was read of it, what is left out, what is open."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bot.cards.lines import headline, title
from bot.commands.reports.load_report import left_out_texts
from bot.terminal.text import WIDTH, grid, wrapped
from kpi_core.access.operator import OPERATOR
from kpi_core.adding.first_number import first_number
from kpi_core.formats.notices import notice_text
from kpi_core.phrases import Notice, say
from kpi_core.questions.errors import error_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.commands.call import Call
    from kpi_core.adding.addition import Added
    from kpi_core.adding.questions import Question
    from kpi_core.adding.understanding import Understanding
    from kpi_core.answers import Answer
    from kpi_core.metrics import Catalog
_INDENT = "    "


def added_json(item: Added) -> dict[str, Any]:
    """One entry of `added`; `rows` are 0 while the file waits."""
    understanding, waits = item.understanding, item.state == "waits"
    entry: dict[str, Any] = {
        "file": str(item.file),
        "recognised": _recognised(item),
        "table": item.look.table if item.look is not None and item.state != "none_of_ours" else None,
        "rows": understanding.rows if understanding is not None and not waits else 0,
        "left_out": [
            {"reason": left.reason, "rows": left.rows} for left in (understanding.left_out if understanding else ())
        ],
        "questions": [
            {
                "about": question.about,
                "question": notice_text(question.text, "en"),
                "choices": [choice.value for choice in question.choices],
            }
            for question in item.questions
        ],
    }
    if item.error is not None:
        entry["error"] = item.error.to_json()["error"]
    return entry


def _recognised(item: Added) -> str | None:
    return item.look.match.layout.tool if item.look is not None and item.look.match is not None else None


def added_text(item: Added, zone: tzinfo, language: str, width: int = WIDTH) -> str:
    """A file in one screen; times by the clock of `zone`."""
    lines = [line for depth, text in _lines(item, language) for line in wrapped(text, width, indent=_INDENT * depth)]
    if item.understanding is not None and item.understanding.sample and item.state != "there":
        lines += ["", *_table(item.understanding, zone, width), ""]
    return "\n".join(lines)


def _lines(item: Added, language: str) -> Iterator[tuple[int, str]]:
    name = item.file.name
    if item.error is not None:
        message, hint = error_words(item.error, language)
        yield 0, say(language, "add.failed", file=name)
        yield from ((1, line) for line in f"{message}\n{hint}".splitlines() if line.strip())
        return
    if item.state == "none_of_ours" or item.look is None:
        yield 0, say(language, "add.none_of_ours", file=name)
        return
    yield 0, say(language, "add.is", file=name, what=_what(item, language))
    yield from ((1, text) for text in _facts(item, language))
    if item.state == "there":
        yield 1, say(language, "add.there", source=item.source)
    for question in item.questions:
        yield 1, question_text(question, language)
    if item.state == "waits":
        choice = item.questions[0].choices[0].value
        yield 1, say(language, "add.waits", answer=f"{item.questions[0].about}={choice}")


def _what(item: Added, language: str) -> str:
    assert item.look is not None
    if item.look.match is not None:
        title = item.look.match.layout.title
        return title.get(language) or title["en"]
    pairs = item.look.meaning.columns.items() if item.look.meaning is not None else ()
    columns = ", ".join(f"{column} = “{header}”" for column, header in pairs)
    return say(language, "add.by_meaning", table=item.look.table or "", columns=columns)


def _facts(item: Added, language: str) -> Iterator[str]:
    understanding = item.understanding
    if understanding is None:
        return
    if understanding.first_day is not None and understanding.last_day is not None:
        days = {"start": understanding.first_day.isoformat(), "end": understanding.last_day.isoformat()}
        yield notice_text(Notice("add.rows", {"count": f"{understanding.rows:,}", **days}), language)
    yield from left_out_texts(understanding.left_out, understanding.foreign, language)
    kept_out = sum(rejection.count for rejection in understanding.rejections)
    if kept_out and item.state != "waits":
        yield say(language, "add.misfits", count=f"{kept_out:,}")


def question_text(question: Question, language: str) -> str:
    """A question with its numbered choices."""
    choices = [
        f"{number}) {choice.value}"
        + (f" ({notice_text(choice.meaning, language)})" if choice.meaning is not None else "")
        for number, choice in enumerate(question.choices, start=1)
    ]
    return f"{notice_text(question.text, language)}  {'   '.join(choices)}"


def _table(understanding: Understanding, zone: tzinfo, width: int) -> list[str]:
    """The first rows as they were understood."""
    rows = [list(understanding.columns)]
    rows += [["" if value is None else _cell(value, zone) for value in row] for row in understanding.sample]
    figures = {
        number
        for number in range(len(understanding.columns))
        if any(isinstance(row[number], int | float | Decimal) for row in understanding.sample)
    }
    return grid(rows, figures, width, _INDENT)


def _cell(value: object, zone: tzinfo) -> str:
    if isinstance(value, datetime):
        return f"{value.replace(tzinfo=UTC).astimezone(zone):%Y-%m-%d %H:%M}"
    text = str(value)
    return text.rstrip("0").rstrip(".") if isinstance(value, Decimal) and "." in text else text


def closing_text(call: Call) -> str:
    """The first right number; empty where no KPI has one."""
    door = call.workspace.door(OPERATOR)
    first = first_number(door, call.now())
    return "" if first is None else number_text(first.answer, call.language, door.catalog)


def number_text(answer: Answer, language: str, catalog: Catalog) -> str:
    """A number with what it is: "Customer acquisition cost · October 2026: $41.2"."""
    return f"{title(answer, language, catalog)}: {headline(answer, language)}"
