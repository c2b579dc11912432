"""What a person typed who wants a return on ads by all who claim it: the words around the question itself."""

from __future__ import annotations

import re

_WORDS = re.compile(
    r"\b(?:(?:in|by|all|the)\s+)*(?:three|3)[\s-]+(?:ways|truths|views)\b|\btruths\b"
    r"|(?:세|3)\s*가지\s*(?:기준|방식|관점|진실)(?:으로|별로)?|三(?:種|个|個)(?:口徑|算法|說法|真相|方式)",
    re.IGNORECASE,
)
_NAMED = re.compile(r"roas|return on ad|로아스|광고비 대비|광고 (?:투자 )?수익률|投報|投資報酬|支出回報", re.IGNORECASE)
USUAL = "roas"
"""What is meant where no KPI is named."""


def asked_three_ways(typed: str) -> str | None:
    """The question that is left: "roas three ways last month" asks about "roas last month"; None of any other text."""
    left, count = _WORDS.subn(" ", typed)
    if not count:
        return None
    words = " ".join(left.rstrip("?？!.。 ").split())
    return words if _NAMED.search(words) else f"{USUAL} {words}".strip()
