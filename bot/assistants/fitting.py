"""Replies that stay small: whoever reads them pays for every token, and forgets what does not fit. Pure."""

from __future__ import annotations

import json
import math
from typing import Any

MOST_TOKENS = 2_900
"""Of a reply; 3,000 is the promise."""
MOST_LIST_TOKENS = 1_450
"""Of the list of KPIs; 1,500 is the promise."""
LONGEST_NAME = 80
Json = dict[str, Any]


def tokens(text: str) -> int:
    """So many tokens a text may have: one for three Latin letters, one and a half for a sign of another script.

    An estimate from above, since every model counts in its own way: words of English make four letters a token.
    """
    latin = sum(character < "\u0250" for character in text)
    return math.ceil(latin / 3 + (len(text) - latin) * 1.5)


def written(document: Json) -> str:
    """As it is sent."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def fitted(document: Json, rows: str, most: int = MOST_TOKENS) -> Json:
    """The document with as many of the list `rows` as fit, and how many were left out."""
    listed = document.get(rows) or []
    if tokens(written(document)) <= most:
        return document
    least, enough = 0, len(listed)
    # By halves: each length is tried whole, since a row's own length says nothing of the others'.
    while least < enough:
        middle = (least + enough + 1) // 2
        if tokens(written(_cut(document, rows, middle))) <= most:
            least = middle
        else:
            enough = middle - 1
    return _cut(document, rows, least)


def _cut(document: Json, rows: str, count: int) -> Json:
    return document | {rows: document[rows][:count], "left_out": len(document[rows]) - count}


def short(text: str, most: int = LONGEST_NAME) -> str:
    """A name from data, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"
