"""Whoever reads a card's text alone, in a notification or by a screen reader, gets the same facts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from golden import FOLDER

CARDS = sorted(each.stem for each in (FOLDER / "cards").glob("*.txt") if not each.name.startswith("alerts"))
BLOCK = re.compile(r"^(text|header|section|context|data_visualization|data_table|container|actions|input):$")
SAID = ("header", "section", "context")
"""Blocks whose every word is the card's own. A chart is said in a sentence, of a table the first rows."""
ON_THE_PAGE_ALONE = ("list",)
"""A list of KPIs is looked through on the page; its text names them."""
LINK = re.compile(r"<https?://[^<>|]*\|[^<>]*>|<@\w+>")
NUMBER = re.compile(r"\d[\d.,]*\d|\d")


def blocks_of(drawn: str) -> Iterator[tuple[str, str]]:
    """Each block's kind and lines of a reviewed card."""
    kind, lines = "", list[str]()
    for line in [*drawn.splitlines(), "actions:"]:
        if match := BLOCK.match(line):
            yield kind, "\n".join(lines)
            kind, lines = match[1], []
        else:
            lines.append(line.removeprefix("  "))


def plain(text: str) -> str:
    """Without Slack's escapes, marks and line breaks."""
    for escape, sign in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(escape, sign)
    return re.sub(r"[`*\s]+", " ", text)


def unsaid(written: str, text: str) -> list[str]:
    """The words, or in Korean and Chinese the runs of letters, that stand in the blocks alone."""
    return [word for word in re.findall(r"\w+", written) if word not in text]


@pytest.mark.parametrize("name", CARDS)
def test_the_text_alone_says_what_the_blocks_say(name: str) -> None:
    """Every number of the head, the movement, the goal, the caveats and the foot: value, comparison, goal, receipt."""
    parts = list(blocks_of((FOLDER / "cards" / f"{name}.txt").read_text("utf-8")))
    (text,) = [plain(lines) for kind, lines in parts if kind == "text"]
    numbers = NUMBER.findall(text)
    for kind, lines in parts:
        if kind not in SAID or name.startswith(ON_THE_PAGE_ALONE):
            continue
        # A link is where it leads to, a mention whom Slack calls: no facts.
        written = plain(LINK.sub("", lines))
        assert [number for number in NUMBER.findall(written) if number not in numbers] == []
        assert unsaid(written, text) == []


@pytest.mark.parametrize("name", CARDS)
def test_a_chart_is_said_in_a_sentence(name: str) -> None:
    """From its first to its last day, with its lowest and its highest value; a summary's is one of its lines."""
    parts = list(blocks_of((FOLDER / "cards" / f"{name}.txt").read_text("utf-8")))
    (text,) = [lines for kind, lines in parts if kind == "text"]
    for kind, lines in parts:
        if kind == "data_visualization" and not name.startswith("summary"):
            days = json.loads(lines.splitlines()[1])["categories"]
            # What is so far is no end of a course: its value is the head's.
            ends = days[-1:] if " so far" not in lines and "집계" not in lines and "尚未" not in lines else days[-2:]
            assert any(days[0] in line and any(end in line for end in ends) for line in text.splitlines())
