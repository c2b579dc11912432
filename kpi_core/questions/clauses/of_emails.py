# ruff: noqa: E501 - a letter of Korean or Chinese counts as two columns
"""Clicks of emails are no clicks on ads: a word for emails that stands away from its KPI."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from kpi_core.questions.clauses.settled import of_kind
from kpi_core.questions.period_words.clock import matches
from kpi_core.questions.segments import Segment
from kpi_core.questions.words import Part

_EMAILS = (
    r"(?<!by )(?<!per )(?<!each )(?<!every )(?:(?:from|in|via|through|on|of) )?(?:(?:the|our|your) )?(?:(?:e ?)?mails?|newsletters?|edms?)(?: s)?"
    r"|(?:이메일|메일|뉴스레터)(?!별|마다)|(?<![各每按])(?:電子報|電子郵件|郵件|電郵)"
)
_VISITS_FROM = re.compile(
    r"mails? ?(?:channel|traffic|visit|source|session|user)|(?:channel|source|medium) (?:e ?)?mail|메일 ?(?:채널|유입|트래픽|방문)"
    r"|(?:mail|郵件|電子報|電郵)的?(?:管道|渠道|通路|流量|訪客|來源)"
)
"""Whoever came by an email is a visitor, and no reader of one."""
_LIKELY = re.compile(r"mail|newsletter|edm|메일|뉴스레터|電子報|郵件|電郵")
_BEFORE = ("email ", "email", "이메일", "메일", "電子報", "郵件")
_ITS_OWN = "email_"


def parts_of_emails(
    text: str, cut: Sequence[Segment[Part]], metrics: Mapping[str, tuple[str, ...]]
) -> Iterator[Segment[Part]]:
    """The KPI that goes by "email" and the word of the question, and the words for emails, which say no more then.

    `metrics` are the phrases with their ids. Nothing where no KPI is called so: "revenue from email" is a filter.
    """
    if not _LIKELY.search(text) or _VISITS_FROM.search(text):
        return
    kpis = [(segment, part.ids) for segment in cut if (part := of_kind(segment, "kpi"))]
    if len(kpis) != 1:
        return
    (segment, ids), *_others = kpis
    word = text[segment.start : segment.end]
    theirs = next((metrics[name] for before in _BEFORE if (name := before + word) in metrics), None)
    if theirs is None and not all(metric.startswith(_ITS_OWN) for metric in ids):
        return
    if theirs is not None:
        yield Segment(segment.start, segment.end, (Part("kpi", ids=theirs),))
    yield from (Segment(match.start(), match.end(), (Part("filler"),)) for match in matches(_EMAILS, text))
