"""Numbers as digits and as words of the three languages."""

from __future__ import annotations

from itertools import product

_ENGLISH = (
    *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen"),
    *("fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"),
)
_ENGLISH_TENS = {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_ORDINALS = ["first", "second", "third", "fourth", "fifth"]
_SHORT_ORDINALS = ("1st", "2nd", "3rd", "4th", "5th")

_NATIVE = ("한", "두", "세", "네", "다섯", "여섯", "일곱", "여덟", "아홉", "열", "열한", "열두")
_NATIVE_ORDINALS = ("첫째", "둘째", "셋째", "넷째", "다섯째")
_NATIVE_ORDINALS_LONG = ("첫번째", "두번째", "세번째", "네번째", "다섯번째")
_HAN_DIGITS = "〇一二三四五六七八九"
_SINO_DIGITS = " 일이삼사오육칠팔구"


def _counted(words: list[str] | tuple[str, ...]) -> dict[str, int]:
    return {word: index for index, word in enumerate(words, 1)}


def _tens(digits: str, ten: str) -> dict[str, int]:
    """1 to 99 as written with a word for ten: 七, 十二, 三十, 九十九."""
    numbers = {}
    for tens, ones in product(range(10), repeat=2):
        if tens or ones:
            head = "" if not tens else ten if tens == 1 else digits[tens] + ten
            numbers[head + (digits[ones] if ones else "")] = tens * 10 + ones
    return numbers


# 一 to 九十九 by rule; what people write beside it (兩, 廿, both zeros) by hand.
HAN = _tens(_HAN_DIGITS, "十") | {"兩": 2, "两": 2, "廿": 20, "零": 0, "〇": 0}
SINO = _tens(_SINO_DIGITS, "십")
NATIVE = _counted(_NATIVE) | {"석": 3, "서": 3, "넉": 4, "너": 4, "스무": 20}
_COMPOUNDS = {
    f"{tens} {ones}": ten + one
    for (tens, ten), (one, ones) in product((_ENGLISH_TENS | {"twenty": 20}).items(), enumerate(_ENGLISH[:9], 1))
}
ENGLISH = (
    _counted(_ENGLISH) | _ENGLISH_TENS | _COMPOUNDS | {"a": 1, "an": 1, "couple of": 2, "a couple of": 2, "a dozen": 12}
)

ORDINALS = (
    _counted(_ORDINALS)
    | _counted(_SHORT_ORDINALS)
    | _counted(_NATIVE_ORDINALS)
    | _counted(_NATIVE_ORDINALS_LONG)
    | {"첫": 1, "final": -1, "last": -1, "마지막": -1, "最後一": -1, "最後": -1, "最后一": -1, "首": 1}
)

WORDS: dict[str, int] = ENGLISH | NATIVE | HAN | SINO | ORDINALS

_LITERAL = (*ENGLISH, *(word for word in NATIVE if len(word) > 1), *ORDINALS)
NUMBER = (
    "(?:"
    + "|".join(sorted(_LITERAL, key=len, reverse=True))
    + "|[한두세네열석서넉너]|[일이삼사오육칠팔구십]{1,3}|[〇一二三四五六七八九十兩两廿]{1,3})"
)
"""A pattern of any number word; some of what it matches is none, and then `number` refuses it."""


def number(text: str) -> int:
    """The value of digits or of a number word. KeyError for anything else."""
    stripped = text.strip()
    return int(stripped) if stripped.isdecimal() else WORDS[stripped]
