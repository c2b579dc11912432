# ruff: noqa: E501 - a letter of Korean or Chinese counts as two columns
"""What a person typed who asks whether a number is normal: the words around the question itself."""

from __future__ import annotations

import re

_FORMS = (
    re.compile(
        r"^(?:is|are|was|were)\s+(?:the\s+|our\s+)?(?P<kpi>.+?)\s+"
        r"(?:(?:still|really|at all)\s+)*(?:normal|usual|unusual|abnormal|typical|out of the ordinary)\b(?P<rest>.*)$",
        re.IGNORECASE,
    ),
    re.compile(
        r"^(?P<kpi>.+?)(?:가|이|는|은|도)?\s+(?:정상|비정상|평소(?:와|랑)?\s*(?:같|비슷|다르|달라)|평소\s*수준|이상(?:하|한))\S*(?P<rest>)$"
    ),
    re.compile(r"^(?P<kpi>.+?)\s*(?:是否|是不是|還算|算|都)?\s*(?:正常|異常|反常)(?:嗎|么|呢|吧)?(?P<rest>)$"),
)
_SAID_AFTER = re.compile(
    r"^(?P<kpi>.+?)(?:,|-|\.|\?|;)\s*(?:is|was|are) (?:that|this|it|these) (?:still |really )?(?:normal|usual|unusual|typical|ok(?:ay)?)$"
    r"|^(?P<ko>.+?)[,?.]\s*(?:이거|이게|그거|이 정도면?)\s*(?:정상|비정상|평소\s*수준)\S*$"
    r"|^(?P<zh>.+?)[,,?？。]\s*(?:這樣|這)(?:算|是)?(?:正常|異常)(?:嗎|呢|吧)?$",
    re.IGNORECASE,
)
"""The question first, and then whether that is normal."""
_BARE = re.compile(
    r"(?:normal|usual|typical)|(?:정상|비정상|평소\s*수준)[가-힣]*|(?:正常|異常)[嗎么呢吧]?", re.IGNORECASE
)
_THAT = frozenset(["this", "that", "it", "the number", "이거", "이게", "그거", "그게", "이것", "이 수치"]) | frozenset(
    ["這", "這個", "那個", "這樣", "那"]
)
"""What a question before was about."""
_NO_KPI = _THAT | frozenset(
    [
        "these",
        "those",
        "everything",
        "anything",
        "something",
        "all",
        "모두",
        "다",
        "一切",
    ]
)


def asked_if_normal(typed: str) -> str | None:
    """The question that is left: "is cac normal last week" asks about "cac last week"; None of any other text."""
    bare = typed.strip().rstrip("?？!.。").strip()
    if said := _SAID_AFTER.match(bare):
        return (said["kpi"] or said["ko"] or said["zh"]).strip()
    for form in _FORMS:
        if (match := form.match(bare)) and match["kpi"].strip().casefold() not in _NO_KPI:
            return " ".join(f"{match['kpi']} {match['rest']}".split())
    return None


def asks_if_that_is_normal(typed: str) -> bool:
    """Whether the number that was told before is asked about, and nothing besides."""
    bare = typed.strip().rstrip("?？!.。").strip()
    matched = filter(None, (form.match(bare) for form in _FORMS))
    of_that = any(match["kpi"].strip().casefold() in _THAT and not match["rest"].strip() for match in matched)
    return of_that or _BARE.fullmatch(bare) is not None
