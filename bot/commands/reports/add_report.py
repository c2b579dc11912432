"""What kpi add says of each file: what it is, what was read of it, what is left out, what is open."""

from __future__ import annotations

from datetime import tzinfo
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bot.additions.added_card import choice_text, file_lines, number_text, sample_rows
from bot.terminal.text import WIDTH, grid, wrapped
from kpi_core.access.operator import OPERATOR
from kpi_core.adding.first_number import first_number
from kpi_core.formats.notices import notice_text
from kpi_core.phrases import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.commands.call import Call
    from kpi_core.adding.addition import Added
    from kpi_core.adding.questions import Question
    from kpi_core.adding.understanding import Understanding
_INDENT = "    "


def added_json(item: Added) -> dict[str, Any]:
    """One entry of `added`; `rows` are 0 while the file waits."""
    understanding, waits = item.understanding, item.state == "waits"
    entry: dict[str, Any] = {
        "file": item.address or str(item.file),
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


def added_text(item: Added, zone: tzinfo, language: str, width: int = WIDTH, *, is_asked: bool = False) -> str:
    """A file in one screen; times by the clock of `zone`. Where somebody `is_asked` next, without its questions."""
    texts = file_lines(item, language) if is_asked else _lines(item, language)
    lines = [line for depth, text in texts for line in wrapped(text, width, indent=_INDENT * depth)]
    if item.understanding is not None and item.understanding.sample and item.state != "there":
        lines += ["", *_table(item.understanding, zone, language, width), ""]
    return "\n".join(lines)


def _lines(item: Added, language: str) -> Iterator[tuple[int, str]]:
    yield from file_lines(item, language)
    for question in item.questions:
        yield 1, f"{notice_text(question.text, language)}  {'   '.join(_answers(question, language))}"
    if item.state == "waits":
        choice = item.questions[0].choices[0].value
        yield 1, say(language, "add.waits", answer=f"{item.questions[0].about}={choice}")


def _answers(question: Question, language: str) -> Iterator[str]:
    """What `--answer` takes, each with what it means."""
    for choice in question.choices:
        text = choice_text(choice, language)
        yield choice.value if text == choice.value else f"{choice.value} ({text})"


def question_text(question: Question, language: str) -> str:
    """A question with its numbered choices."""
    choices = [f"{number}) {choice_text(choice, language)}" for number, choice in enumerate(question.choices, start=1)]
    return f"{notice_text(question.text, language)}  {'   '.join(choices)}"


def _table(understanding: Understanding, zone: tzinfo, language: str, width: int) -> list[str]:
    """The first rows as they were understood."""
    rows = sample_rows(understanding, zone, language)
    figures = {
        number
        for number in range(len(understanding.columns))
        if any(isinstance(row[number], int | float | Decimal) for row in understanding.sample)
    }
    return grid(rows, figures, width, _INDENT)


def closing_text(call: Call) -> str:
    """The first right number; empty where no KPI has one."""
    door = call.workspace.door(OPERATOR)
    first = first_number(door, call.now())
    return "" if first is None else number_text(first.answer, call.language, door.catalog)
