"""What a person typed who asks why: the words around the question itself."""

from __future__ import annotations

import re

_WHY = re.compile(
    r"^(?:why|how come)\b(?:\s+(?:did|does|do|is|are|was|were|has|have|the|our)\b)*"
    r"|(?:^|(?<=\s))왜(?=\s|$)|為什麼|为什么|為何|为何",
    re.IGNORECASE,
)
_MOVED = (
    re.compile(
        r"\b(?:so (?:high|low)|(?:go|goes|went|gone|going|come|came) (?:up|down)|r(?:ise|ose|isen|ises|ising)"
        r"|f(?:all|ell|allen|alling|alls)|drop(?:s|ped|ping)?|gr(?:ow|ew|own|ows)|(?:in|de)creas(?:e|ed|es|ing)"
        r"|jump(?:ed|s)?|chang(?:e|ed|es)|mov(?:e|ed)|higher|lower)\b",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?:올랐|올라|떨어졌|늘었|줄었|내려갔|내렸|높아졌|낮아졌|변했|바뀌었|증가했|감소했|상승했|하락했)\S*|이유(?:는|가)?(?=\s|$)"
    ),
    re.compile(r"(?:會)?(?:上升|下降|增加|減少|减少|變高|變低|變多|變少|上漲|下跌)了?|的原因|[嗎呢]"),
)
_PARTICLE = re.compile(r"(?<=[가-힣A-Za-z])(?:이|가|은|는)(?=\s|$)")


def asks_why(typed: str) -> bool:
    """Whether somebody asks why."""
    return _WHY.search(typed.strip()) is not None


def without_why(typed: str) -> str:
    """The question that is left: "why did cac rise in october" asks about "cac in october"."""
    left = typed.strip().rstrip("?？").strip()
    if not asks_why(left):
        return left
    for words in (_WHY, *_MOVED, _PARTICLE):
        left = words.sub(" ", left)
    return " ".join(left.split())
