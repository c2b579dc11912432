# ruff: noqa: E501 - a letter of Korean or Chinese counts as two columns
"""Words that ask what a KPI means or how it is worked out, and for no number of it: "how is CAC calculated?"."""

from __future__ import annotations

import re

from kpi_core.questions.intents.asking_why import asks_why

_OF_DEFINITIONS = (
    "improv", "lower", "reduc", "increas", "rais", "boost", "grow", "cut", "bring down", "decreas", "낮추", "높이", "올리", "개선하", "줄이", "늘리", "끌어올리", "降低", "提高", "提升", "改善", "增加", "減少", "拉高", "壓低",
    "explain", "defin", "calcul", "comput", "measur", "work", "deriv", "formula", "mean", "stand",
    "설명", "해설", "정의", "계산", "산출", "공식", "구하", "구해", "구함", "구한", "뜻", "의미", "무슨", "解釋", "說明", "定義", "算", "公式", "意思", "什麼是", "뭐", "뭔", "무엇", "이란", "是什麼", "是啥", "何謂", "什麼叫", "代表",
)  # fmt: skip
"""One of these is in all words that ask for a definition: without any, no pattern is compiled."""
_DEFINITION_FIRST = (
    r"^(?:(?:explain|define|설명|해설)(?:\s+|$)|(?:解釋|說明|定義|什麼是)\s*"
    r"|how (?:do|does|did|should) (?:you|u|we|i|one|they|kpi bot) (?:calculate|compute|define|measure|work out|derive)\s+"
    r"|(?:what is |what's |whats |give me |show me )?the (?:definition|formula|meaning|calculation) (?:of|for|behind)\s+"
    r"|(?:definition|formula|meaning) (?:of|for)\s+|(?:何謂|什麼叫做?)\s*|what(?: is|'s|s) meant by\s+)"
)
_DEFINITION_LAST = (
    r"\s+(?:설명|정의|뜻|의미|說明|定義|解釋|definition|formula|meaning|explained)$"
    r"|\s*(?:의\s*)?(?:정의|뜻|의미|공식|계산식|설명)(?:을|를|이|가)?\s*(?:좀\s*)?(?:알려|설명|말해|가르쳐|궁금|보여)\S*$"
    r"|\s*(?:어떻게\s*(?:계산|산출|구하|구해|구함|구한|정의)\S*(?:\s*거\S*)?(?:\s*(?:좀\s*)?(?:알려|설명|가르쳐|궁금)\S*(?:\s*줘\S*)?)?|(?:계산|산출)\s*(?:방법|방식|식|법|공식)\S*(?:\s*(?:좀\s*)?(?:알려|설명|가르쳐|뭐|뭔|무엇|어떻게|궁금)\S*)?"
    r"|공식\S*|무슨\s*(?:뜻|의미|말)\S*|(?:뜻|의미|정의)(?:이|가)?\s*(?:뭐|무엇)\S*)$"
    r"|(?:是)?(?:怎麼|如何|怎樣)(?:算|計算|定義)(?:出來)?(?:的)?(?:啊|呀|呢|喔)?$|的?(?:計算方式|計算方法|計算公式|公式|定義)(?:是什麼|是啥|為何|告訴我)?$|(?:代表|指的是|是指)(?:什麼|啥)$|(?:是)?什麼意思(?:啊|呀|呢)?$|的?意思$"
)
_DEFINITION_AROUND = (
    # What to do about a KPI is told where it is explained.
    r"^(?:how (?:to|can we|could we|do we|should we|can i|do i)|what can we do to|(?:any )?(?:tips|ideas|ways) (?:to|for)|can we|how might we) (?:improve|improving|lower|lowering|reduce|reducing|increase|increasing|raise|raising|boost|boosting|grow|growing|cut|cutting|bring down|decrease)\s+(?:the |our )?(.+)$",
    r"^(.+?)(?:을|를|은|는)?\s*(?:낮추|높이|올리|개선하|줄이|늘리|끌어올리)(?:려면|는\s*(?:방법|법)|기\s*위해|는데)\S*(?:\s*\S+){0,3}$",
    r"^(?:怎麼|如何|怎樣|要怎麼|該怎麼)(?:才能)?(?:降低|提高|提升|改善|增加|減少|拉高|壓低)(.+?)(?:呢|啊)?$",
    r"^how(?: is| are| was|'s|s)\s+(.+?)\s+(?:being )?(?:calculated|computed|defined|measured|worked out)$",
    r"^(?:(?:can|could|would) (?:you|someone|anyone) )?(?:please )?(?:explain|clarify|tell me) (?:to me |me )?what\s+(.+?)\s+(?:means?|stands? for|is)$",
    r"^what (?:do|does|did) (?:you|we|they) mean by\s+(.+)$",
    r"^what(?: does| do|'s|s)\s+(.+?)\s+(?:mean|stand for)$",
)
_WHAT_IS = re.compile(
    r"^(.+?)\s*(?:(?:이란|란|이라는 ?건|이|가|은|는)\s*)?(?:뭐(?:야|예요|에요|죠|지|임|냐|니|에용|냐고)?|뭔가요|뭔데요?|무엇(?:인가요|이에요|입니까|인지)?)$"
    r"|^(.+?)(?:到底|究竟)?是(?:個)?(?:什麼|啥|甚麼)(?:東西|指標)?(?:啊|呀|呢)?$"
)
_SIGNS = " ?!.。？！"


def kpi_to_explain(typed: str) -> str | None:
    """The name of what is to be explained, empty where nothing is named; None where the words ask for something else.

    As it was typed: whether a KPI goes by that name is for whoever reads questions to say.
    """
    bare, small = typed.strip(_SIGNS), typed.casefold()
    if not any(word in small for word in _OF_DEFINITIONS):
        return None
    if asks_why(bare):
        return None
    for pattern in _DEFINITION_AROUND:
        if match := re.search(pattern, bare, re.IGNORECASE):
            return match[1].strip()
    for pattern in (_DEFINITION_FIRST, _DEFINITION_LAST):
        subject = re.sub(pattern, "", bare, count=1, flags=re.IGNORECASE)
        if subject != bare:
            return subject.strip()
    return None


def asked_what_is(typed: str) -> str | None:
    """What stands before "is what": of a KPI's name alone its meaning is asked for, of anything longer its number."""
    match = _WHAT_IS.match(typed.strip(_SIGNS))
    return (match[1] or match[2]).strip() if match else None
