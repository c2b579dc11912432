"""Replies that stay small: whoever reads them pays for every token, and forgets what does not fit. Pure."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

MOST_TOKENS = 2_900
"""Of a reply; 3,000 is the promise."""
MOST_LIST_TOKENS = 1_450
"""Of the list of KPIs; 1,500 is the promise."""
LONGEST_NAME = 80
SHORTEST_TEXT = 20
"""Characters; what is so short already is left whole."""
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
    """The document with as many of the list `rows` as fit, and how many were left out; then with shorter texts."""
    if tokens(written(document)) <= most:
        return document
    least, enough = 0, len(document.get(rows) or ())
    # By halves: each length is tried whole, since a row's own length says nothing of the others'.
    while least < enough:
        middle = (least + enough + 1) // 2
        if tokens(written(_cut(document, rows, middle))) <= most:
            least = middle
        else:
            enough = middle - 1
    return _shortened(_cut(document, rows, least) if document.get(rows) else document, most)


def _shortened(document: Json, most: int) -> Json:
    """The longest text is halved until all of it fits."""
    while tokens(written(document)) > most and (longest := max(map(len, _texts(document)), default=0)) > SHORTEST_TEXT:
        document = _with_texts(document, longest)
    return document


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict | list):
        for child in node.values() if isinstance(node, dict) else node:
            yield from _texts(child)


def _with_texts(node: Any, longest: int) -> Any:
    """The same with texts of this length halved."""
    if isinstance(node, dict):
        return {key: _with_texts(value, longest) for key, value in node.items()}
    if isinstance(node, list):
        return [_with_texts(child, longest) for child in node]
    return f"{node[: longest // 2]}…" if isinstance(node, str) and len(node) == longest else node


def _cut(document: Json, rows: str, count: int) -> Json:
    return document | {rows: document[rows][:count], "left_out": len(document[rows]) - count}


def short(text: str, most: int = LONGEST_NAME) -> str:
    """A name from data, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"
