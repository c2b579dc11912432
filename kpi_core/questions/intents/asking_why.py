"""What a person typed who asks why: the words around the question itself."""

from __future__ import annotations

import re

_WHY = re.compile(
    r"^(?:why|how come)\b(?:\s+(?:did|does|do|is|are|was|were|has|have|the|our)\b)*"
    r"|(?:^|(?<=\s))왜(?=\s|$)|(?:이유|원인)(?:가|는|이|은)?(?:\s*(?:뭐|뭔|무엇|어디|왜)\S*|(?=\s*[?？]?$))"
    r"|為什麼|为什么|為何|为何|的原因(?=[？?]?$)|的?原因(?:是什麼|為何|在哪裡?|何在)|怎麼(?:會)?(?:這麼|那麼|變得?)(?=[差低少高多慢貴])",
    re.IGNORECASE,
)
_MOVED = (
    re.compile(
        r"\b(?:so (?:high|low)|(?:go|goes|went|gone|going|come|came) (?:up|down)|r(?:ise|ose|isen|ises|ising)"
        r"|f(?:all|ell|allen|alling|alls)|drop(?:s|ped|ping)?|gr(?:ow|ew|own|ows)|(?:in|de)creas(?:e|ed|es|ing)"
        r"|jump(?:ed|s)?|chang(?:e|ed|es)|mov(?:e|ed)|higher|lower|less|fewer|worse)\b",
        re.IGNORECASE,
    ),
    re.compile(
        r"떨어진|오른|늘어난|줄어든|낮아진|높아진|안\s*(?:나오|나와|좋|오르|올라)\S*|(?:저조|부진)\S*"
        r"|(?:올랐|올라|떨어졌|늘었|줄었|내려갔|내렸|높아졌|낮아졌|변했|바뀌었|증가했|감소했|상승했|하락했)\S*|이유(?:는|가)?(?=\s|$)"
    ),
    re.compile(
        r"(?:會)?(?:上升|下降|增加|減少|减少|變高|變低|變多|變少|上漲|下跌|下滑|變差)了?|的原因|[差低少高多慢貴](?=$|\s)|[嗎呢]"
    ),
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
