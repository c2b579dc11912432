"""What became of a file that somebody adds: what it is, what was read of it, what is open, what is ready now."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import field
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from bot.additions.load_lines import left_out_texts
from bot.cards import blocks
from bot.cards.card import Block, Card
from bot.cards.lines import headline, title
from kpi_core.adding.questions import Choice, Question
from kpi_core.formats.notices import notice_text
from kpi_core.frozen_dataclass import frozen
from kpi_core.locale.data_words import column_words, table_words, word
from kpi_core.phrases import Notice, knows, listed, say
from kpi_core.questions.errors import error_words
from kpi_core.settings.values import FILE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo

    from kpi_core.adding.addition import Added
    from kpi_core.adding.understanding import Understanding
    from kpi_core.answers import Answer
    from kpi_core.errors import KpiBotError
    from kpi_core.metrics import Catalog

ANSWER = "kpi_add"
"""Action id of the buttons that answer a question; the value is an `AnsweredFile` as JSON."""
TEXT = 3000
MOST_CHOICES = 25
LEAVE = ""
"""The choice that leaves a channel as it is."""


@frozen
class AnsweredFile:
    """A file by its name in the inbox, with all that was answered so far; a channel that was named for a text."""

    file: str
    answers: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    channel: str = ""
    passed: tuple[str, ...] = ()
    """Texts that are to stay without a channel."""

    def written(self) -> str:
        fields = {
            "file": self.file, "answers": dict(self.answers), "text": self.text, "channel": self.channel,
            "passed": list(self.passed),
        }  # fmt: skip
        return json.dumps({name: value for name, value in fields.items() if value}, ensure_ascii=False)

    @staticmethod
    def read(written: str) -> AnsweredFile:
        """ValueError for what no button of ours carries."""
        value = json.loads(written)
        if not isinstance(value, dict) or not isinstance(value.get("file"), str):
            raise TypeError(written)
        answers = {str(about): str(choice) for about, choice in (value.get("answers") or {}).items()}
        passed = tuple(map(str, value.get("passed") or ()))
        return AnsweredFile(
            value["file"], answers, str(value.get("text") or ""), str(value.get("channel") or ""), passed
        )


@frozen
class Reached:
    """How far a file has got: `error` is of its load, `unlisted` the texts of no channel, `closing` what is ready."""

    item: Added
    answered: AnsweredFile
    error: KpiBotError | None = None
    unlisted: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    """The channels that there are to choose from."""
    closing: tuple[str, ...] = ()


def added_card(reached: Reached, zone: tzinfo, language: str) -> Card:
    """A file in one message: as understood, its first rows, then the first question that is open, or what is ready."""
    item = reached.item
    lines = [text for _depth, text in file_lines(item, language)]
    if reached.error is not None:
        lines += [text for text in error_words(reached.error, language) if text]
    head = "\n".join(lines)
    card_blocks: list[Block] = [blocks.section(head)]
    if item.understanding is not None and item.understanding.sample and item.state != "there":
        rows = sample_rows(item.understanding, zone, language)
        card_blocks.append({"type": "table", "rows": [list(map(_raw, row)) for row in rows]})
    question = _question(reached)
    ending = [notice_text(question.text, language)] if question is not None else list(reached.closing)
    if ending:
        card_blocks.append(blocks.section("\n".join(ending)))
    if question is not None:
        card_blocks += _choices(question, reached.answered, language)
    return Card(blocks.escaped("\n".join([head, *ending]), TEXT), card_blocks)


def _raw(text: str) -> Block:
    return {"type": "raw_text", "text": blocks.cut(text, blocks.MOST_CELL) or "–"}


def _question(reached: Reached) -> Question | None:
    """The first that is open: of the file, else of a channel that is on no list."""
    if reached.item.questions:
        return reached.item.questions[0]
    text = next((text for text in reached.unlisted if text not in reached.answered.passed), None)
    if text is None or reached.error is not None:
        return None
    choices = (*map(Choice, reached.channels[: MOST_CHOICES - 1]), Choice(LEAVE))
    return Question("channels", Notice("add.which_channel", {"text": text}), choices)


def _choices(question: Question, answered: AnsweredFile, language: str) -> list[Block]:
    """A button a choice, which carries all that was answered before it: whoever restarts forgets nothing."""
    made = [
        blocks.button(choice_text(choice, language), ANSWER, _carried(question, choice, answered).written())
        for choice in question.choices[:MOST_CHOICES]
    ]
    rows = [made[start : start + blocks.MOST_BUTTONS] for start in range(0, len(made), blocks.MOST_BUTTONS)]
    return [block for row in rows for block in blocks.actions(row)]


def _carried(question: Question, choice: Choice, answered: AnsweredFile) -> AnsweredFile:
    if question.about != "channels":
        return AnsweredFile(answered.file, {**answered.answers, question.about: choice.value})
    text = str(question.text.params["text"])
    passed = answered.passed if choice.value else (*answered.passed, text)
    return AnsweredFile(answered.file, answered.answers, text if choice.value else "", choice.value, passed)


def choice_text(choice: Choice, language: str) -> str:
    """An answer in words, where it has some."""
    if choice.meaning is not None:
        return notice_text(choice.meaning, language)
    if not choice.value:
        return say(language, "add.leave")
    key = f"add.choice_{choice.value}"
    return say(language, key) if knows(key) else choice.value


def file_lines(item: Added, language: str) -> Iterator[tuple[int, str]]:
    """What a file is and what was read of it; each line with how deep it stands."""
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
        yield 1, say(language, "add.there", source=item.source or FILE)


def _what(item: Added, language: str) -> str:
    assert item.look is not None
    if item.look.match is not None:
        titles = item.look.match.layout.title
        return titles.get(language) or titles["en"]
    pairs = item.look.meaning.columns.items() if item.look.meaning is not None else ()
    columns = listed(language, (f"{word(column_words(column), language)} = “{header}”" for column, header in pairs))
    return say(language, "add.by_meaning", table=word(table_words(item.look.table or ""), language), columns=columns)


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


def sample_rows(understanding: Understanding, zone: tzinfo, language: str) -> list[list[str]]:
    """The columns by their names, then the first rows as they were understood; times by the clock of `zone`."""
    rows = [["" if value is None else _cell(value, zone) for value in row] for row in understanding.sample]
    return [[word(column_words(column), language) for column in understanding.columns], *rows]


def _cell(value: object, zone: tzinfo) -> str:
    if isinstance(value, datetime):
        return f"{value.replace(tzinfo=UTC).astimezone(zone):%Y-%m-%d %H:%M}"
    text = str(value)
    return text.rstrip("0").rstrip(".") if isinstance(value, Decimal) and "." in text else text


def number_text(answer: Answer, language: str, catalog: Catalog) -> str:
    """A number with what it is: "Customer acquisition cost · October 2026: $41.2"."""
    return say(language, "add.first_number", title=title(answer, language, catalog), number=headline(answer, language))
