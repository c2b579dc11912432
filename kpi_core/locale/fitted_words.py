"""A sentence goes with the words that fill it: the particle behind a Korean one, no space beside a Chinese one.

fitted("ko", "비용을(를) 더하면")  # 비용을 더하면
"""

from __future__ import annotations

import re
from typing import TypeVar

_MARK = "\ue000"
"""Stands around what fills a sentence until it is whole; of the private use area, so nobody writes it."""
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_has_figures = re.compile("[0-9]").search
_is_han = re.compile(f"[{_HAN}]").match
_GAP = re.compile(f"(?<=[{_HAN}])(?:{_MARK} (?!{_MARK})| {_MARK})(?=[{_HAN}])")

_CLOSING = "’”\"'`*_:»」』】>"
_PARTICLE = re.compile(
    rf"(?P<word>[^\s{re.escape(_CLOSING)}](?: ?\([^()]*\))?)(?P<closing>[{re.escape(_CLOSING)}]*)"
    r"(?P<particle>을\(를\)|이\(가\)|은\(는\)|와\(과\)|과\(와\)|\(으\)로|\(이\)어야|\(이\))"
)
_FORMS = {
    "을(를)": ("을", "를"),
    "이(가)": ("이", "가"),
    "은(는)": ("은", "는"),
    "와(과)": ("과", "와"),
    "과(와)": ("과", "와"),
    "(으)로": ("으로", "로"),
    "(이)어야": ("이어야", "여야"),
    "(이)": ("이", ""),
}
"""What is written where nobody knows the word: behind a last consonant, and behind a vowel."""
_HANGUL, _FINALS, _FINAL_L = (0xAC00, 0xD7A3), 28, 8
_CLOSED, _OPEN = "036mn178lLMNR", "2459aiousvxzdhwyABCDEFGHIJKOPQSTUVWXYZ"
"""Figures, and letters as Korean reads them at the end of a word; of the others it goes by the word."""
_WITH_L = "178lLR"
_T = TypeVar("_T")


def fitted(language: str, text: str) -> str:
    """A sentence with all that fills it, which `marked` went through before."""
    if language == "ko":
        return _PARTICLE.sub(_with_particle, text) if "(" in text else text
    return _GAP.sub("", text).replace(_MARK, "") if _MARK in text else text


def marked(language: str, value: _T) -> _T | str:
    """What fills a sentence, so that `fitted` finds it there: words; figures and days stand apart from them."""
    if language != "zh-TW" or not isinstance(value, str) or not value or _has_figures(value):
        return value
    return f"{_MARK}{value}{_MARK}" if _is_han(value) or _is_han(value[-1]) else value


def _with_particle(match: re.Match[str]) -> str:
    word, particle = match["word"], match["particle"]
    last = word[0]
    final = _final(last)
    if final is None:
        return match[0]
    closed, open_ = _FORMS[particle]
    is_open = not final or (particle == "(으)로" and final == "l")
    return f"{word}{match['closing']}{open_ if is_open else closed}"


def _final(last: str) -> str | None:
    """The sound behind the last vowel: l, another, or none; None where the letter does not tell."""
    if _HANGUL[0] <= ord(last) <= _HANGUL[1]:
        final = (ord(last) - _HANGUL[0]) % _FINALS
        return "" if not final else "l" if final == _FINAL_L else "other"
    if last in _WITH_L:
        return "l"
    return "other" if last in _CLOSED else "" if last in f"{_OPEN}%" else None
