"""Headers that count in other than ones: 매출(천원), Revenue (k EUR), Umsatz in Tsd. €, amount_cents, Time (min)."""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction
from math import prod

_DIGITS = {
    "십": 10, "百": 10**2, "十": 10, "백": 10**2, "천": 10**3, "千": 10**3, "仟": 10**3, "만": 10**4, "萬": 10**4,
    "万": 10**4, "억": 10**8, "億": 10**8, "亿": 10**8, "조": 10**12, "兆": 10**12,
}  # fmt: skip
_WORDS = {
    10**3: ("thousand", "thousands", "tausend", "tsd", "k", "000", "000s", "1000", "x1000"),
    10**5: ("lakh", "lakhs"),
    10**6: ("million", "millions", "mio", "mn", "mln", "000000", "1000000", "x1000000"),
    10**7: ("crore", "crores"),
    10**9: ("billion", "billions", "bn", "milliarden", "mrd"),
}
_OF_MONEY = {"t": 10**3, "m": 10**6, "mm": 10**6, "b": 10**9}
"""Letters that count only of money: (m) may be metres or minutes, (m€) is none of them."""
_FACTORS = {word: factor for factor, words in _WORDS.items() for word in words}
_CURRENCY = re.compile(
    r"us\$|nt\$|hk\$|[$€£¥₩₫₹฿]|(?:usd|eur|gbp|krw|twd|ntd|jpy|cny|rmb|hkd|sgd|aud|cad|chf|inr|vnd|idr|thb)(?![a-z])"
    r"|(?<![a-z])(?:dollars?|euros?|won|yen)(?![a-z])|달러|유로|원화|원|엔|美元|歐元|新[台臺]幣|[台臺]幣|元|圓|圆|円"
)
_BRACKETS = re.compile(r"[(\[]([^()\[\]]+)[)\]]")
_LEADING = re.compile(r"^(?:단위|單位|単位|单位|unit|units|einheit|in)(?: ?: ?| )?(?:in )?")
_BEHIND = re.compile(
    r"(?:^|[\s_])(?:in[\s_]|(?:단위|單位|単位|单位|units?|einheit)\s?:)(?P<phrase>.+)$"
    r"|[\s_](?P<word>[십백천만억조]+원|[十百千仟萬万億亿兆]+[元圓圆円]|thousands|millions|billions)$"
)
_SIGNS = re.compile(r"[\s.,'’_×*]")
_PARTS = (
    (re.compile(r"(?:^|[\s_(\[])(?:(?:us )?cents?|pence|minor[ _]units?)(?:$|[)\]])"), Fraction(1, 100)),
    (re.compile(r"(?:^|[\s_(\[])micros?(?:$|[)\]])"), Fraction(1, 10**6)),
)
# 체류 시간 is a time on site, 체류(시간) counts it in hours: what stands in no brackets needs a word of its own.
_DURATIONS = (
    (
        re.compile(r"[(\[](?:in )?(?:ms|밀리초|毫秒)[)\]]|(?:_| in |[(\[])(?:ms|millis|milliseconds?)(?:$|[)\]])"),
        Fraction(1, 1000),
    ),
    (
        re.compile(r"[(\[](?:in )?(?:m|분|分|分鐘|分钟)[)\]]|(?:_| in |[(\[])(?:mins?|minutes?|minuten)\.?(?:$|[)\]])"),
        Fraction(60),
    ),
    (
        re.compile(r"[(\[](?:in )?(?:h|시간|小時|小时)[)\]]|(?:_| in |[(\[])(?:hrs?|hours?|stunden)(?:$|[)\]])"),
        Fraction(3600),
    ),
)


def multiple_of(header: str, *, of_money: bool = False) -> int:
    """How many a one in a column stands for by its header: 1000 of 매출(천원); 1 where it says nothing of the kind.

    `of_money`: whether its numbers are known to be amounts, so that (M) needs no currency beside it.
    """
    factors = {factor for phrase in _phrases(header) if (factor := _factor(phrase, of_money=of_money)) > 1}
    return factors.pop() if len(factors) == 1 else 1


def part_of(header: str) -> Fraction:
    """Which part of an amount a one in a column is by its header: a hundredth of amount_cents; 1 where it is whole."""
    text = unicodedata.normalize("NFKC", header).casefold().strip()
    parts = {part for words, part in _PARTS if words.search(text)}
    return parts.pop() if len(parts) == 1 else Fraction(1)


def seconds_of(header: str) -> Fraction:
    """How many seconds a one in a column of durations stands for by its header; 1 where it does not say."""
    text = unicodedata.normalize("NFKC", header).casefold().strip()
    return next((seconds for words, seconds in _DURATIONS if words.search(text)), Fraction(1))


def counted_currencies(header: str) -> frozenset[str]:
    """The currencies that a header of thousands names, codes in capitals and signs as written: (k USD), (백만원)."""
    phrases = (_apart(phrase) for phrase in _phrases(header) if _factor(phrase, of_money=True) > 1)
    return frozenset(
        text.upper() if text.isascii() else text for phrase in phrases for text in _CURRENCY.findall(phrase)
    )


def _phrases(header: str) -> list[str]:
    """Where a header may say what it counts in: its brackets, and what stands at its end."""
    text = unicodedata.normalize("NFKC", header).casefold().strip().replace("×", "x")
    behind = _BEHIND.search(text)
    return [*_BRACKETS.findall(text), *([behind["phrase"] or behind["word"]] if behind else [])]


def _apart(phrase: str) -> str:
    """TEUR as T EUR."""
    return re.sub(r"^([kmtb]|mm)(?=[a-z]{3}$)", r"\1 ", _LEADING.sub("", phrase.strip()))


def _factor(phrase: str, *, of_money: bool) -> int:
    apart = _apart(phrase)
    without = _CURRENCY.sub(" ", apart)
    word = _SIGNS.sub("", re.sub(r"\bof\b", "", without))
    if word and set(word) <= _DIGITS.keys():
        return prod(_DIGITS[sign] for sign in word)
    return _FACTORS.get(word) or (_OF_MONEY.get(word, 1) if of_money or without != apart else 1)
