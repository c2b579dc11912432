"""What a person typed, before the question itself is read: help, list, explain or a question, in private or not."""

from __future__ import annotations

import re
from dataclasses import field, replace
from html import unescape
from typing import Literal

from kpi_core.frozen_dataclass import frozen
from kpi_core.questions.intents.asking_normal import asked_if_normal
from kpi_core.questions.intents.asking_three_ways import asked_three_ways
from kpi_core.questions.intents.asking_values import asked_for_values
from kpi_core.questions.intents.asking_why import asks_why, without_why
from kpi_core.questions.intents.definition_words import kpi_to_explain
from kpi_core.questions.intents.spoken import asks_for_all

Kind = Literal[
    "help",
    "list",
    "explain",
    "why",
    "budgets",
    "goals",
    "changes",
    "normal",
    "truths",
    "values",
    "schedule",
    "exact",
    "hide",
    "question",
]

PRIVATE_FLAG = re.compile(r"(?<!\S)(?:--|—|–)private(?!\S)", re.IGNORECASE)
PRIVATE_WORDS = frozenset({"private", "privately", "비공개", "나만", "私密", "私下"})
EXACT = re.compile(
    r"^(?:the )?exact(?:ly)?(?: (?:value|number|figure|amount)(?: (?:of|for))?)?(?: the| our)?(?:\s+|\?*$)"
    r"|^정확(?:한|하게|히)(?: (?:값|숫자|수치))?(?:\s+|\?*$)|^(?:精確|確切|準確)(?:的|數值|數字)*[\s：:]*",
    re.IGNORECASE,
)
"""Words that ask for an amount to its last digit."""
HELP = frozenset({"", "help", "?", "hi", "hello", "도움말", "도움", "說明", "幫助", "帮助"})
LIST = frozenset({"list", "kpis", "목록", "리스트", "清單", "列表"})
SCHEDULE = frozenset({"schedule", "schedules", "일정", "스케줄", "예약", "排程", "時程"})
HIDE = frozenset(
    {
        "hide here",
        "hide",
        "stop showing here",
        "여기서 숨기기",
        "여기 숨기기",
        "공개 중지",
        "在此停止公開",
        "停止公開",
        "在這裡隱藏",
    }
)
"""Words that take back what *Show here* has opened."""
VALUES = re.compile(
    r"(?:(?:list )?values(?: of| for)?|값|항목|值) +(?P<before>.+)|(?P<after>.+?)의? (?:값|항목)|(?P<ending>.+)的值",
    re.IGNORECASE,
)
LINKED = re.compile(r"<(?:[^<>|]*\|)([^<>]*)>")
BARE_LINK = re.compile(r"<(?:mailto:|https?://)?([^<>|]*)>")
INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


@frozen
class Request:
    """`words` is the KPI of explain, or the question, what was said around it to ask why left out; empty for others.

    `text` is all that was typed but for the wish for privacy.
    """

    kind: Kind
    words: str
    private: bool
    text: str = field(default="", compare=False)


def read_request(typed: str) -> Request:
    """Any text is a request: what is not help, list or explain is a question."""
    words, private = _without_private(" ".join(INVISIBLE.sub("", typed).split()))
    return replace(_request(words, private=private), text=words)


def _request(words: str, *, private: bool) -> Request:
    bare = words.casefold()
    if bare in HELP or bare in LIST:
        return Request("help" if bare in HELP else "list", "", private)
    if precise := EXACT.match(words):
        return Request("exact", words[precise.end() :].strip(" ?？"), private)
    if asks_why(words) and (question := without_why(words)):
        return Request("why", question, private)
    if whole := _of_everything(words, private=private):
        return whole
    subject = kpi_to_explain(words)
    if subject is None:
        return Request("question", words, private)
    return Request("explain", subject, private) if subject else Request("help", "", private)


def _of_everything(words: str, *, private: bool) -> Request | None:
    """A request for all of a kind; what changed keeps its words, which name the period, as values do."""
    if words.casefold() in SCHEDULE | HIDE:
        return Request("schedule" if words.casefold() in SCHEDULE else "hide", "", private)
    if about := asked_three_ways(words):
        return Request("truths", about, private)
    if dimension := _of_values(words):
        return Request("values", dimension, private)
    match asks_for_all(words):
        case "list" | "goals" | "budgets" as asked:
            return Request(asked, "", private)
        case "changes":
            return Request("changes", words, private)
        case _:
            question = asked_if_normal(words)
            return Request("normal", question, private) if question else None


def _of_values(words: str) -> str | None:
    """The dimension whose values are asked for, by its command or in plain words."""
    values = VALUES.fullmatch(words)
    return next(filter(None, values.groups())) if values else asked_for_values(words)


def plain_words(message: str, bot_user: str) -> str:
    """A message as typed: without the mention of the bot, links as their labels, Slack's escapes undone."""
    without_bot = re.sub(rf"<@{re.escape(bot_user)}(?:\|[^<>]*)?>", " ", message)
    return unescape(BARE_LINK.sub(r"\1", LINKED.sub(r"\1", without_bot)))


def _without_private(words: str) -> tuple[str, bool]:
    """The words without `--private`, or without the word private at either end."""
    unflagged = " ".join(PRIVATE_FLAG.sub(" ", words).split())
    parts = unflagged.split(" ")
    # At the ends only: inside, the word may belong to the question, such as a campaign's name.
    for end in (0, -1):
        if len(parts) > 1 and parts[end].casefold() in PRIVATE_WORDS:
            del parts[end]
    return " ".join(parts), " ".join(parts) != words
