"""Words of a question that say nothing of what is asked for: politeness, little words, whether it rose or fell.

Whether it rose or fell is what every answer says. All are in the plain form of `wording.py`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

from kpi_core.questions.fillers.little_chinese import CHINESE
from kpi_core.questions.fillers.little_english import ENGLISH
from kpi_core.questions.fillers.little_korean import KOREAN, PARTICLES
from kpi_core.questions.patterns import spelt_words
from kpi_core.questions.wording import ends_word

_MARKS = ",~&+"
_PARTICLES = frozenset(PARTICLES)
_LONGEST_PARTICLE = max(map(len, PARTICLES))
_SIGHS = re.compile(f"[{''.join(unicodedata.normalize('NFKC', letter) for letter in 'ㅋㅎㅠㅜㅡㅇ')}]+")
"""Laughs and tears, letter by letter: ㅎㅎ, ㅠㅠ."""
_OF_US = re.compile(
    r"\b(?:costs?|costing|br(?:ing|ings|ought)|ma(?:ke|kes|de|king)|earn(?:s|ed|ing)?|gets?|got"
    r"|gives?|gave|wins?|won|takes?|took|leaves?|left|sends?|sent|h[ae]lp(?:s|ed)?|all of|both of|most of) (us)\b"
)
"""Who is no country: "what did ads cost us"."""
_GREETING = re.compile(r"(?:morning|afternoon|evening)(?= |,)")
"""At the beginning alone: in "revenue in the morning" it is a part of the day."""
_SWEET = ("용", "여", "욤", "염")
"""How 요 ends among friends: 알려줘용."""


def fillers(text: str, breaks: frozenset[int]) -> Iterator[tuple[int, int]]:
    """The places of such words in a plain text, of every length: one may stand within another."""
    words, longest = _words()
    yield from _particles(text, breaks)
    yield from (match.span() for match in _SIGHS.finditer(text))
    if greeting := _GREETING.match(text.lstrip()):
        before = len(text) - len(text.lstrip())
        yield before, before + greeting.end()
    yield from (match.span(1) for match in _OF_US.finditer(text))
    ends = [position for position in range(len(text) + 1) if ends_word(text, position)]
    for index, start in enumerate(ends):
        for end in ends[index + 1 :]:
            if end - start > longest:
                break
            if text[start:end] in words:
                yield start, end


def _particles(text: str, breaks: frozenset[int]) -> Iterator[tuple[int, int]]:
    """A particle closes a word: inside one, the same syllable is a part of it."""
    closing = {len(text), *breaks, *(place for place, mark in enumerate(text) if mark in ",~")} - {0}
    for end in closing:
        for length in range(1, _LONGEST_PARTICLE + 1):
            start = end - length
            if start > 0 and start not in breaks and text[start:end] in _PARTICLES:
                yield start, end


@cache
def _words() -> tuple[frozenset[str], int]:
    words = spelt_words("fillers", (*ENGLISH, *KOREAN, *CHINESE)) | set(_MARKS)
    words |= {word[:-1] + end for word in words if len(word) > 1 and word.endswith("요") for end in _SWEET}
    return words, max(map(len, words))
