"""A grid of texts as a table for the terminal, wide characters counted as wide."""

from __future__ import annotations

from collections.abc import Sequence

from wcwidth import wcswidth

_WIDEST = 26


def text_table(rows: Sequence[Sequence[str]]) -> str:
    """The rows in aligned columns; numbers to the right, long texts cut."""
    cut = [[_cut(text) for text in row] for row in rows]
    widths = [max((_width(text) for text in column), default=0) for column in zip(*cut, strict=True)]
    return "\n".join(
        "  ".join(_padded(text, width) for text, width in zip(row, widths, strict=True)).rstrip() for row in cut
    )


def _cut(text: str) -> str:
    # One by one: a wide character takes two columns, so the place to cut does not follow from the length.
    while _width(text) > _WIDEST:
        text = text[:-2].rstrip("…") + "…"
    return text


def _padded(text: str, width: int) -> str:
    gap = " " * (width - _width(text))
    return gap + text if text[:1].isdigit() or text[-1:] in "%×" else text + gap


def _width(text: str) -> int:
    # -1 stands for a text with a control character in it.
    return max(wcswidth(text), 0)
