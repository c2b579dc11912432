"""Text as the parsers read it: one form for all widths, cases, spaces and hyphens that people type.

Kept are single spaces between two words of letters or two numbers, hyphens between digits, and `~` for every mark of a
range; a space, hyphen or underscore anywhere else says nothing ("지난 달", "last-month", "top 5"), nor does the
punctuation of a sentence.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from kpi_core.questions.letters.simplified import WRITTEN

_QUOTES = {
    '"': '"”“',
    "“": '”“"',
    "”": '”"',
    "„": "“”",
    "「": "」",
    "『": "』",
    "《": "》",
    "«": "»",
    "'": "'’",
    "‘": "’'",
}
"""Each mark that opens a quoted part -> those that close it."""
_UNEQUAL = re.compile(r"!=|<>")
_ORDERED = re.compile(r"[<>]=")
_SHORT_YEAR = re.compile(
    r"((?<![\w=,'’‘])|(?<![a-z])(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec|fy)|[qh][1-4])['’‘](\d\d)(?![\d'’])",
    re.IGNORECASE,
)
"""'26 and Sep'26, and no part that is quoted."""
_RANGE_MARKS = "~〜∼–—―→"
_FOLDED = WRITTEN | {"、": ",", "○": "〇"}
_SILENT = frozenset("?!;:·・。.()[]{}<>《》「」『』'’‘`*|\\\"“”")
_BRACKETS = frozenset("()[]{}<>《》「」『』'’‘`*\"“”")
_SEPARATORS = frozenset("-_/‐ ")
_DATE_ENDS = frozenset("일월년기日月年季號号度周週주")


@dataclass(frozen=True, slots=True)
class Wording:
    """`text` is the plain form; `source` what was typed (NFKC), `places[i]` where in it `text[i]` stood.

    `breaks` are the positions of `text` before which the writer left a gap; `quotes` the quoted parts, each of which
    is one character of `text` from QUOTED on.
    """

    text: str
    source: str
    places: tuple[int, ...]
    breaks: frozenset[int]
    quotes: tuple[str, ...] = ()

    def typed(self, start: int, end: int) -> str:
        """What the writer typed for `text[start:end]`."""
        if start >= end:
            return ""
        return self.source[self.places[start] : self.places[end - 1] + 1]

    def replaced(self, start: int, end: int, words: str) -> str:
        """The whole question with `text[start:end]` replaced."""
        before, after = self.source[: self.places[start]], self.source[self.places[end - 1] + 1 :]
        gap_before = " " if before and not before.endswith((" ", "=", "≠", ",", "-")) else ""
        # A Korean particle stays with its word: 방문자들이.
        attached = "가" <= after[:1] <= "힣"
        gap_after = " " if after and not attached and not after.startswith((" ", ",", "-", "?", ".", "=")) else ""
        return " ".join(f"{before}{gap_before}{words}{gap_after}{after}".split())


QUOTED = 0xE000
"""The first of the private characters that stand for a quoted part."""


@lru_cache(maxsize=16_384)
def plain(text: str) -> str:
    """The plain form of a phrase. Those of the data's words are asked for with every question that is not plain."""
    return wording(text).text


def wording(text: str) -> Wording:
    """Read a text; any Unicode is allowed."""
    # "≠" before anything else: the single signs of "<>" and "!=" say nothing and would be dropped.
    source = _UNEQUAL.sub("≠", unicodedata.normalize("NFKC", text))
    # Nor may ">=" be taken for "=": as "≥" it is a word that nobody understands.
    source = _SHORT_YEAR.sub(_full_year, _ORDERED.sub("≥", source))
    characters, quotes = _characters(source)
    plain_characters: list[tuple[str, int]] = []
    breaks: set[int] = set()
    gap: list[str] = []
    for index, (character, place) in enumerate(characters):
        if _is_gap(characters, index):
            gap.append(character)
            continue
        if gap and plain_characters:
            # A bracket closes no word: "이탈률(바운스)는" goes on.
            if not _BRACKETS.issuperset(gap):
                breaks.add(len(plain_characters))
            between = _between(plain_characters[-1][0], "".join(gap), character)
            if between:
                plain_characters.append((between, place - 1))
                breaks.add(len(plain_characters))
        gap = []
        plain_characters.append((character, place))
    return Wording(
        text="".join(character for character, _ in plain_characters),
        source=source,
        places=tuple(place for _, place in plain_characters),
        breaks=frozenset(breaks),
        quotes=tuple(quotes),
    )


def _full_year(match: re.Match[str]) -> str:
    return f"{match[1]} 20{match[2]}" if match[1] else f"20{match[2]}"


def is_letter(character: str) -> bool:
    """Of an alphabet that parts its words by spaces."""
    return character.isalpha() and not is_cjk(character)


def is_cjk(character: str) -> bool:
    code = ord(character)
    return 0x1100 <= code <= 0x11FF or 0x2E80 <= code <= 0xA4CF or 0xAC00 <= code <= 0xFAFF or code >= 0x20000


def ends_word(text: str, position: int) -> bool:
    """Whether a word or number may begin or end here: not inside a run of letters or of digits."""
    if position in (0, len(text)):
        return True
    before, after = text[position - 1], text[position]
    return not (is_letter(before) and is_letter(after)) and not (before.isdigit() and after.isdigit())


def _characters(source: str) -> tuple[list[tuple[str, int]], list[str]]:
    """Casefolded characters with their places; each quoted part becomes one private character."""
    characters: list[tuple[str, int]] = []
    quotes: list[str] = []
    place = 0
    while place < len(source):
        end = _quote_end(source, place)
        if end:
            quotes.append(source[place + 1 : end])
            characters.append((chr(QUOTED + len(quotes) - 1), end))
            place = end + 1
            continue
        characters.extend((character, place) for character in _folded(source[place]))
        place += 1
    return _with_ranges(characters), quotes


def _quote_end(source: str, place: int) -> int:
    """Where the part that is quoted from here, after an equals or unequal sign or a comma, closes; 0 when it does not.

    It closes where a word ends, so that a value may hold quotes of its own.
    """
    closing = _QUOTES.get(source[place])
    if not closing or not source[:place].rstrip().endswith(("=", "≠", ",")):
        return 0
    for end in range(place + 1, len(source)):
        if source[end] in closing and (end + 1 == len(source) or not _goes_on(source[end + 1], closing)):
            return end
    return 0


def _goes_on(character: str, closing: str) -> bool:
    return is_letter(character) or character.isdigit() or character in closing


def _folded(character: str) -> str:
    if character in _RANGE_MARKS:
        return "~"
    if character in _FOLDED:
        return _FOLDED[character]
    category = unicodedata.category(character)
    # Invisible marks go, even inside a word, and private characters, which stand for quoted parts here.
    if category in ("Cf", "Mn", "Co", "Cs"):
        return ""
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    if category in ("Cc", "Zs", "Zl", "Zp", "So", "Sk"):
        return " "
    return character.casefold()


def _with_ranges(characters: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Two dots, and a hyphen that stands alone, mark a range."""
    text = "".join(character for character, _ in characters)
    folded: list[tuple[str, int]] = []
    for index, (character, place) in enumerate(characters):
        around = text[max(index - 1, 0) : index + 2]
        # Both dots of ".." stand for one mark: the first becomes it, the second is passed over.
        if character == "." and text[index - 1 : index] == ".":
            continue
        marks = (character == "." and around.endswith("..")) or around == " - "
        folded.append(("~" if marks else character, place))
    return folded


def _is_gap(characters: list[tuple[str, int]], index: int) -> bool:
    character = characters[index][0]
    if character in _SEPARATORS:
        return True
    if character not in _SILENT:
        return False
    # A point between digits is a part of a number or a date: 3.5, 2026.10.15.
    return not (character == "." and _between_digits(characters, index))


def _between_digits(characters: list[tuple[str, int]], index: int) -> bool:
    neighbours = characters[index - 1 : index] + characters[index + 1 : index + 2]
    return len(neighbours) == 2 and all(character.isdigit() for character, _ in neighbours)


def _between(before: str, gap: str, after: str) -> str:
    """What remains of a gap between two characters."""
    if gap in ("-", "/", "‐") and before.isdigit() and after.isdigit():
        return "-"
    # 10월-12월: after a day or month in words a hyphen can only be a range.
    if gap == "-" and before in _DATE_ENDS and after.isdigit():
        return "~"
    if (is_letter(before) and is_letter(after)) or (before.isdigit() and after.isdigit()):
        return " "
    return ""
