# ruff: noqa: E501 - a letter of Korean or Chinese counts as two columns
"""KPIs that people say with a verb: "how much did we spend on ads", 광고에 얼마 썼어, 花了多少廣告費."""

from __future__ import annotations

from collections.abc import Iterator

from kpi_core.questions.patterns import possible
from kpi_core.questions.period_words.clock import matches

_ENDINGS = "(?:어요?|나요?|니|냐|지요?|죠|는지|습니까|는데|음)?"
_VISITS = ("website_traffic", "unique_visitors")
_SALES = ("sales_revenue", "units_sold")
_VERBS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"(?:spend|spent|spending)(?: (?:so much|that much|much|more|less))? (?:on|for) (?:the |our )?(?:online |digital )?(?:ads?|advertising|advertisements|paid media)|spent|spending", ("ad_spend",)),
    (rf"광고(?:비)?(?:에|에다|로)?(?:돈(?:을)?)?(?:얼마(?:나|를)?)?(?:썼|썻|지출했|집행했|나갔){_ENDINGS}|광고에쓴(?:돈|금액|비용)", ("ad_spend",)),
    (r"costs? us", ("ad_spend",)),
    (rf"(?:돈(?:을)?)?얼마(?:나|를)?(?:썼|썻|지출했|집행했){_ENDINGS}", ("ad_spend",)),
    (r"(?:在)?廣告(?:上)?(?:總共|一共)?花(?:了|掉)?多少錢?|花(?:了|掉)?多少(?:錢)?(?:在|打|買|投|下)?(?:廣告)?(?!費)|(?:投|打|下|買)了?多少廣告", ("ad_spend",)),
    (r"(?:people |persons |users |visitors )?(?:visit|visited|visiting|came to|come to) (?:the |our )?(?:site|website|web site|shop|store|page)", _VISITS),
    (r"돈(?:을|이)?(?=(?:제일|가장|젤)?(?:많이|적게)?(?:쓴|쓰|나간|드는|든))|(?<=花最多)錢|(?<=花最少)錢|花錢(?=最)", ("ad_spend",)),
    (r"how long (?:do|did|does)? ?(?:people|users|visitors|customers|they) (?:stay|spend)(?: on (?:the |our )?(?:site|website|pages?))?|(?:people|users|visitors) (?:stay|spend time)(?: on (?:the |our )?(?:site|website|pages?))?", ("session_duration", "avg_time_on_page")),
    (rf"얼마(?:나)?벌었{_ENDINGS}|賺(?:了|到|進)?多少錢?", ("sales_revenue",)),
    (r"(?:how )?much money (?:did|do|does|have|has) (?:we|the (?:shop|store|company|business)) (?:make|made|earn|earned|bring in|brought in|take in|taken in)|how much (?:did|have) we (?:make|made|earn|earned|take in|taken in)", ("sales_revenue",)),
    (r"(?:잘|많이)?팔(?:려요?|리나요?|리니|리는지|렸어요?|렸나요?|렸지)", _SALES),
    (rf"얼마(?:나|어치)?(?:팔았|팔렸){_ENDINGS}|賣(?:了|掉|出)?多少(?:錢)?|(?:did|have) we (?:sell|sold)", _SALES),
)  # fmt: skip


def said_by_verb(text: str, metrics: frozenset[str]) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Start, end and the KPIs that may be meant, of those that there are."""
    may = set(possible("verbs", tuple(pattern for pattern, _ids in _VERBS), text))
    for pattern, ids in _VERBS:
        known = tuple(metric for metric in ids if metric in metrics)
        for match in matches(pattern, text) if known and pattern in may else ():
            yield match.start(), match.end(), known
