"""How text fits a terminal: wrapped, cut and aligned by columns (CJK letters take two), coloured only where asked."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Container, Sequence

WIDTH = 100
_FIRST_ODD = "\u0300"
"""Before it every letter that is shown takes one column."""
_OWN_SIGNS = frozenset("–—…’“”€₩▲▼▁▂▃▄▅▆▇█─")
"""Those that cards draw with, one column each."""
MOST_CELL = 48
"""Columns of a cell; a longer one is cut."""
BOLD, FAINT, GOOD, BAD, PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[32m", "\x1b[31m", "\x1b[0m"


class Paint:
    """Colours a text, or leaves it as it is."""

    def __init__(self, *, colour: bool) -> None:
        self._colour = colour

    def __call__(self, text: str, tone: str) -> str:
        return f"{tone}{text}{PLAIN}" if self._colour and tone else text


def painter(*, colour: bool) -> Paint:
    return Paint(colour=colour)


_CLOSING = frozenset("，。、；：！？）」』》〉】")
_OPENING = frozenset("（「『《〈【")


def wrapped(text: str, width: int, indent: str = "") -> list[str]:
    """Lines of at most `width` columns; CJK letters take two."""
    text = cleaned(text)
    if columns_of(text) + len(indent) <= width:
        return [indent + text]
    if text.isascii():
        return textwrap.wrap(text, width, initial_indent=indent, subsequent_indent=indent)
    return _wrapped_wide(text, width, indent)


def _wrapped_wide(text: str, width: int, indent: str) -> list[str]:
    lines, line = [], indent
    for word in _words(text):
        if columns_of(line + word.rstrip()) > width and line.strip():
            lines.append(line.rstrip())
            line = indent
        line += word.lstrip() if line == indent else word
    return [*lines, line.rstrip()]


def _words(text: str) -> list[str]:
    """Where a line may break: after a space and after any Chinese letter, but for signs that begin or end no line."""
    words: list[str] = []
    word = ""
    for letter in text:
        if letter in _CLOSING and not word and words and not words[-1].endswith(" "):
            word = words.pop()
        word += letter
        wide = unicodedata.east_asian_width(letter) in "WF" and not _is_hangul(letter)
        if letter == " " or (wide and letter not in _OPENING):
            words.append(word)
            word = ""
    return [*words, word] if word else words


def _is_hangul(letter: str) -> bool:
    return "가" <= letter <= "힣"


def cut(text: str, most: int) -> str:
    if columns_of(text) <= most:
        return text
    # By columns, which only the whole text has: a letter may take two, or none.
    while columns_of(text) > most - 1:
        text = text[:-1]
    return text + "…"


def padded(text: str, columns: int, *, right: bool = False) -> str:
    space = " " * max(0, columns - columns_of(text))
    return space + text if right else text + space


def columns_of(text: str) -> int:
    if all(letter < _FIRST_ODD or letter in _OWN_SIGNS for letter in text):
        return len(text)
    from wcwidth import wcswidth  # its tables take longer to load than a card in Latin letters to draw

    width = wcswidth(text)
    return width if width >= 0 else len(text)


def cleaned(text: str) -> str:
    """Without what a terminal would obey rather than show."""
    # Cf holds the marks that turn the direction of writing: shown as they are, they reorder a line.
    return "".join(" " if unicodedata.category(letter) in {"Cc", "Cf", "Zl", "Zp"} else letter for letter in text)


def grid(rows: Sequence[Sequence[str]], figures: Container[int], width: int = WIDTH, indent: str = "") -> list[str]:
    """Rows with their columns aligned, those numbered in `figures` to the right; what does not fit `width` is cut."""
    cells = [[cut(cleaned(text), MOST_CELL) for text in row] for row in rows]
    widths = [max(columns_of(row[n]) for row in cells) for n in range(len(cells[0]))] if cells else []
    lines = ("  ".join(padded(text, widths[n], right=n in figures) for n, text in enumerate(row)) for row in cells)
    return [cut(indent + line.rstrip(), width) for line in lines]
