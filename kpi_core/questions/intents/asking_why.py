# ruff: noqa: E501 - a letter of Korean or Chinese counts as two columns
"""What a person typed who asks why: the words around the question itself."""

from __future__ import annotations

import re

_CHANGE = r"(?:drop|rise|increase|decrease|decline|fall|jump|spike|dip|surge|change|growth|slump|loss|gain)s?"
_WHY = re.compile(
    r"\bwhy\b(?:\s+(?:did|does|do|is|are|was|were|has|have|the|our)\b)*|^how come\b(?:\s+(?:the|our)\b)*"
    r"|\bwhat(?:['’]?s|\s+is|\s+was|\s+are)?\s+(?:driving|dragging|pulling|hurting|pushing|lifting|boosting|behind|causing|caused|causes|drove|explains|led to)\b|\bwhat made\b"
    r"|\b(?:any |the )?(?<!lost )(?<!loss )(?<!churn )(?<!ended )(?<!cancellation )reasons?(?! for (?:loss|ending))(?: (?:for|behind|of|why|that))?\b|\b(?:the )?causes? (?:for|of)\b|\bwhat happened (?:to|with)\b"
    rf"|\bexplain (?:the|this|that|our) (?:\S+ )?(?={_CHANGE}\b)"
    r"|(?:^|(?<=\s))왜(?=\s|[?？]|$)|왜[케캐]|왤케|왜(?=이렇|이리|이런|그렇|그런|이래|이러|그래|저래|자꾸|갑자기|계속|안|못|떨어|올라|올랐|오르|줄|늘|내려|내렸|낮|높|많|적|나빠|비싸)|(?:뭐|뭣|무엇|무슨|어떤)\s*(?:것|일)?\s*때문\S*|(?:^|(?<=\s))어쩌다(?=\s)"
    r"|(?:(?<=\s)|(?<=[가-힣]))(?:이유|원인|까닭)(?:가|는|이|은|을|를)?(?:\s*(?:뭐|뭔|무엇|어디|왜|알려|설명|말해|분석|찾아|궁금|좀)\S*(?:\s+(?:알려|설명|말해|분석|찾아)\S*)?|(?=\s*[?？]?$)|(?=\s))"
    r"|為什麼|为什么|為何|为何|為啥|何以|怎麼回事|的原因(?=[？?\s]|$)|(?:分析|找出?)原因|原因(?:分析)?(?=[？?\s]|$)|(?:什麼|的)?原因(?:是什麼|是啥|為何|在哪裡?|何在|呢)|(?:因為|出於)?什麼原因"
    r"|是?什麼(?:讓|使|導致|造成)|怎麼(?!(?:才能)?(?:降低|提高|提升|改善|拉高|壓低))(?:會)?(?:突然|忽然|一直)?(?=這麼|那麼|變得?[差低少高多慢貴好]|[掉跌降漲升]|下[滑降跌]|上[升漲]|增加|減少|暴|衰)(?:(?:這麼|那麼|變得?)(?=[差低少高多慢貴好]))?",
    re.IGNORECASE,
)
_MOVED = (
    re.compile(
        r"\b(?:so (?:high|low)|(?:go|goes|went|gone|going|come|came) (?:up|down)|r(?:ise|ose|isen|ises|ising)"
        r"|f(?:all|ell|allen|alling|alls)|drop(?:s|ped|ping)?|gr(?:ow|ew|own|ows)|(?:in|de)creas(?:e|ed|es|ing)"
        r"|jump(?:ed|s)?|chang(?:e|ed|es)|mov(?:e|ed)|higher|lower|less|fewer|worse|up|down|so|lately|suddenly|spik(?:e|ed|es|ing)|dips?|dipped|surg(?:e|ed|es|ing)|slump(?:ed|s)?|declin(?:e|ed|es|ing)|plummet(?:ed|s)?|tank(?:ed|s)?|crash(?:ed|es)?|soar(?:ed|s)?|bad|poor|weak|high|low)\b",
        re.IGNORECASE,
    ),
    re.compile(
        r"이렇게|그렇게|이래|이러지|갑자기|자꾸|계속|떨어짐|줄어듦|늘어남|오름|급증|급감|급락|급등|하락|상승|감소|증가|부진|악화|"
        r"그런\s*거\S*|이런\s*거\S*|떨어지는|오르는|내리는|늘어나는|줄어드는|낮아지는|높아지는|떨어진|오른|내린|늘어난|줄어든|낮아진|높아진|안\s*(?:나오|나와|좋|오르|올라)\S*|(?:저조|부진)\S*"
        r"|(?:올랐|올라|떨어졌|늘었|줄었|내려갔|내렸|높아졌|낮아졌|변했|바뀌었|증가했|감소했|상승했|하락했)\S*|이유(?:는|가)?(?=\s|$)"
    ),
    re.compile(
        r"突然|忽然|一直|[掉跌降漲升變]成這樣|暴[增跌漲減]|大[增減跌漲]|[掉跌降漲升](?:了|得|這麼|那麼)?(?:多|少|快)?了?(?=$|\s|[?？])|(?:會)?(?:上升|下降|增加|減少|减少|變高|變低|變多|變少|上漲|下跌|下滑|變差)了?|的原因|[差低少高多慢貴](?=$|\s)|[嗎呢]"
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
