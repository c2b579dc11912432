# ruff: noqa: E501 - a letter of Korean or Chinese counts as two columns
"""The words around a KPI and its period in a question: splits, comparisons, grains, ranks, and what may be passed over.

Patterns are written for the plain form of `wording.py`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from itertools import permutations
from typing import Literal

from kpi_core.dates.periods import GRAINS, Grain, Period
from kpi_core.frozen_dataclass import frozen
from kpi_core.query import Bound, Order
from kpi_core.questions.fillers import fillers
from kpi_core.questions.number_words import number
from kpi_core.questions.patterns import possible
from kpi_core.questions.period_words.clock import alternatives, compiled, matches
from kpi_core.questions.period_words.unit_rules import LANGUAGES

Kind = Literal[
    "kpi", "period", "dimension", "by", "by_after", "vs", "vs_after", "year_ago", "unit_before", "before", "goal",
    "compared", "grain", "top", "order", "end", "count", "filler", "filter", "value", "from", "without", "without_after",
    "origin", "waste", "whose", "price", "bound",
]  # fmt: skip


@frozen
class Part:
    """What a piece of a question means. Each kind uses the field that fits it."""

    kind: Kind
    ids: tuple[str, ...] = ()
    """Metrics, or the one dimension; of a filter its dimension and how it is typed; of `whose` the KPIs of such people.
    """
    period: Period | None = None
    grain: Grain | None = None
    n: int = 0
    basis: Literal["previous_period", "year_ago", "same_weekdays", "same_holiday"] | None = None
    order: Order | None = None
    bound: Bound | None = None
    """A limit as it was said, in `ids` the units beside it."""


_YEAR_AGO = (
    "last year|the last year|the previous year|previous year|prior year|the prior year|(?:a|one|1) ?year (?:ago|earlier|before)"
    "|year ago|(?:the )?year before|ly|py|작년|전년|지난해|전년도|去年|上年|前一年"
)
_SAME_YEAR_AGO = "|".join(
    f"(?:{re.sub('[?]P<[a-z]+>', '?:', pattern)})"
    for tables in LANGUAGES
    for pattern in (*tables.same_last_year, *tables.period_last_year)
)
_UNITS_OF_A_YEAR_AGO: dict[Grain, str] = {
    "quarter": "quarter|분기|季", "month": "month|월|달|月", "week": "week|주|[週周]", "day": "day|같은날|[日天]",
}  # fmt: skip
"""Which unit "the same … last year" names."""
_UNIT_BEFORE: dict[str, Grain] = {
    "전일": "day", "전주": "week", "전월": "month", "전달": "month", "전분기": "quarter", "직전월": "month",
    "직전주": "week", "前一天": "day", "前一日": "day", "前一週": "week", "前一個月": "month", "前一月": "month", "前月": "month",
    "前一季": "quarter", "previous day": "day", "previous week": "week", "previous month": "month",
    "previous quarter": "quarter", "prior week": "week", "prior month": "month", "prior quarter": "quarter",
    "prior day": "day", "the previous day": "day", "the previous week": "week", "the previous month": "month",
    "the previous quarter": "quarter", "the day before": "day", "the week before": "week", "the month before": "month",
    "the quarter before": "quarter", "day before": "day", "week before": "week", "month before": "month",
    "quarter before": "quarter",
}  # fmt: skip
_YEAR_BEFORE = r"(?:last year|a year ago|year ago|(?:the )?(?:previous|prior) year)"
_SAME_WEEKDAYS = (
    rf"(?:{_SAME_YEAR_AGO}),? ?(?:weekday aligned|aligned by weekdays?|by weekdays?|matching weekdays|,?요일(?:을)?(?:기준|맞춤)(?:으로)?|,?[按以依]?星期對齊)"
    rf"|(?:the )?(?:same|matching) (?:weekdays?|days of (?:the )?week)(?: (?:of |in )?{_YEAR_BEFORE})?"
    rf"|{_YEAR_BEFORE} (?:by weekday|(?:same|matching) weekdays?|weekday aligned|aligned by weekdays?)"
    rf"|weekday aligned(?: {_YEAR_BEFORE})?|364 days (?:ago|before|earlier)"
    r"|(?:작년|전년|지난해)?(?:의)?(?:동요일|동일요일|같은요일)|요일(?:을)?(?:기준|맞춤|맞춰서?)(?:으로)?(?:작년|전년|지난해)?|364일전"
    r"|(?:去年|前一年)?(?:的)?(?:同星期幾?|同一?[週周]幾|相同星期幾?|星期對齊)|[按以]星期對齊|364天前"
)
_SAME_HOLIDAY = (
    rf"(?:the )?same (?:holidays?|feast)(?: (?:of |in )?{_YEAR_BEFORE})?|holiday aligned(?: {_YEAR_BEFORE})?"
    rf"|{_YEAR_BEFORE} (?:same holiday|holiday aligned|aligned by holidays?|by holiday)|last years holidays?"
    r"|명절(?:을)?(?:기준|맞춤|맞춰서?)(?:으로)?(?:작년|전년|지난해)?|(?:작년|전년|지난해)(?:의)?(?:같은|동일한?)?명절(?:기준)?|같은명절"
    r"|(?:去年|前一年)?(?:的)?同(?:一|個|一個)?(?:節日?|節慶|假期)|(?:按|以)?節日對齊(?:的?去年)?|去年節日"
)
_WEEK_BEFORE = (
    "(?:the )?same (?:week)?days? (?:of |in )?(?:the )?(?:last|previous|prior) week|(?:the )?same (?:week)?day a week (?:ago|before|earlier)"
    "|(?:지난주|전주|저번주)(?:의)?(?:같은|동일)?(?:요일|날)|(?:지난주|전주)동요일|(?:上|前一)(?:個|一)?[週周](?:的)?(?:同一?[日天]|同星期幾?)"
)
_NAMED_UNITS: tuple[tuple[Grain, str, str, str], ...] = (
    ("day", "day", "날", "[天日]"), ("week", "week", "주(?!차)", "個?(?:[週周](?!末)|星期|禮拜)"), ("month", "month", "[달월]", "個?月份?"),
    ("quarter", "quarter", "분기", "個?季度?"), ("year", "year", "(?:해|년도|연도)", "年"),
)  # fmt: skip
_BEST_UNITS: tuple[tuple[Order, str, str, str], ...] = (
    ("best", "best|strongest|top", "좋았던|좋은|잘나온", "最好"), ("worst", "worst|weakest|bottom", "나빴던|나쁜|안좋았던", "最差"),
    ("most", "highest|biggest|busiest|largest", "높았던|많았던|높은|많은", "最[高多]"), ("least", "lowest|slowest|smallest|quietest", "낮았던|적었던|낮은|적은", "最[低少]"),
)  # fmt: skip
"""Which month was the best: every month is shown, and that one is named."""
_PATTERNS: tuple[tuple[str, Part], ...] = (
    (
        (r"by|per|split by|split|broken down by|break down by|breakdown by|grouped by|(?:for |of |in )?(?:each|every)|(?:for |of |in |across )?all(?: of)?(?: the| our)?(?= [a-z]+s(?![a-z]))|across|depending on|according to"
         r"|按照?|依照?|依據|分|各個?|每一?個?|以|不同(?:的)?|按不同|依不同|각|각각의"),
        Part("by"),
    ),
    (r"별|마다|別|breakdown|split|wise", Part("by_after")),
    (r"별로|마다의", Part("by_after")),
    (
        (r"vs|versus|against|compared (?:to|with)|compare (?:to|with)|comparing (?:to|with)|relative to|than|ahead of|(?:above|below|over|under)(?= (?:the )?(?:last|previous|prior) )"
         r"|對比|对比|相較於?|相對於?|比較|比较|比|較|與|跟"),
        Part("vs"),
    ),
    (
        (r"(?:up|down|higher|lower|better|worse|more|less|fewer|improved?|grown|increased?|decreased?|changed?|risen|fallen) (?:from|than)"
         r"|(?:up|down) on"),
        Part("vs"),
    ),
    (r"compare|comparison|대비로?|대비해서?|[와과]?비교(?:해서|하면|해줘|해)?|보다|相比|比較|比较", Part("vs_after")),
    (_YEAR_AGO, Part("year_ago")),
    (r"(?:(?<=vs )|(?<=versus )|(?<=than )|(?<=against ))(?:the )?(?:last|previous|prior)(?: one)?$|(?:the )?(?:previous|prior|last) period|(?:the )?period before|(?:the )?one before(?: (?:that|it))?|(?:the )?(?:(?:\d{1,3}|NUMBER) ?)?(?:days|weeks|months|quarters) before(?: that)?|이전기간|직전기간|전기|上期|前期|上一期", Part("before")),
    (
        r"(?:the |our |its )?(?:goals?|targets?|plan|budgeted)|목표(?:치|값)?|계획|目標值?|目标值?",
        Part("goal"),
    ),
    # Whether it will be reached is asked about the month that runs.
    (
        (
        r"(?:(?:are|is|were|was|be) (?:we|it|they) )?(?:still )?on (?:track|target|pace|course|plan)(?: for| to (?:hit|reach|meet|make))?|(?:are|is) (?:we|it) (?:going to|gonna|about to|likely to|set to) (?:hit|reach|meet|make|achieve|beat|get to)|(?:will|do|did|can|could) we (?:hit|reach|meet|make|achieve|beat|get to)"
        r"|pacing|(?:goal |target )?(?:progress|attainment)|how (?:far|close) (?:are we |is it |away )?(?:(?:to|from|off)(?: (?:hitting|reaching|meeting))?)?|(?:ahead of|behind|short of|under|over|above|below) (?:the |our )?(?:goal|target|plan)"
        r"|페이스|목표?달성[률율]|달성[률율]|目標?達成率|達成率|達成(?:狀況|情況|多少|了)?|達標(?:率|狀況|進度)?|進度|還差|離目標|距離目標|達到目標|完成目標|(?:有|沒)?(?:超過|超出|高於|優於|低於|落後)目標"
        r"|목표(?:치|값)?[를을]?(?:달성)?가능(?:할까요?|한가요?|해요?)?|목표(?:치|값)?까지(?:얼마나)?(?:남았(?:어요?|나요?|지)|남은)?"
        r"|목표(?:치|값)?[를을]?달성(?:했(?:어요?|나요?)|하나요?|할까요?|중)?|[會能]?達標|[會能]?達成目標"
        ),
        Part("goal", n=1),
    ),
    (_SAME_WEEKDAYS, Part("compared", basis="same_weekdays")),
    (_SAME_HOLIDAY, Part("compared", basis="same_holiday")),
    (_WEEK_BEFORE, Part("compared", n=7)),
    (r"(?:yoy|year over year|year on year)(?: (?:growth|change)(?: rate)?)?|同比(?:成長率?|增長率?)?|年增率?|年(?:成|增)長率?|전년비|(?:전년|작년)(?:동기|동월)?대비(?:성장률?|증가율|증감률?|신장률)|(?<![年月週周季的去上一])同期(?=比|相比|對比|$|\s)", Part("compared", basis="year_ago")),
    (r"環比|环比", Part("compared", basis="previous_period")),
    (r"(?:dod|day (?:over|on) day)(?: (?:growth|change)(?: rate)?)?|日增率?|日(?:成|增)長率?|전일비|(?:전일|어제)대비(?:성장률?|증가율|증감률?)", Part("compared", basis="previous_period", grain="day")),
    (r"(?:wow|week (?:over|on) week)(?: (?:growth|change)(?: rate)?)?|[週周]增率?|[週周](?:成|增)長率?|전주비|(?:전주|지난주)대비(?:성장률?|증가율|증감률?)", Part("compared", basis="previous_period", grain="week")),
    (r"(?:mom|month (?:over|on) month)(?: (?:growth|change)(?: rate)?)?|月增率?|月(?:成|增)長率?|전월비|(?:전월|전달|지난달)대비(?:성장률?|증가율|증감률?)", Part("compared", basis="previous_period", grain="month")),
    (r"(?:qoq|quarter (?:over|on) quarter)(?: (?:growth|change)(?: rate)?)?|季增率?|季(?:成|增)長率?|전분기비|(?:전분기|지난분기)대비(?:성장률?|증가율|증감률?)", Part("compared", basis="previous_period", grain="quarter")),
    *(
        (rf"(?:which|what) {english}s?(?: (?:had|was|saw|has|is|were))?|(?:어느|어떤|무슨){korean}(?:에|이|가)?|哪一?{chinese}", Part("grain", grain=grain, n=1))
        for grain, english, korean, chinese in _NAMED_UNITS
    ),
    *(
        (rf"(?:the |our )?(?:{words}) {english}s?(?: of all)?|(?:제일|가장|젤)(?:{ko}){korean}|{zh}(?:的)?(?:一|那)?{chinese}", Part("grain", grain=grain, n=1, order=order))
        for grain, english, korean, chinese in _NAMED_UNITS
        for order, words, ko, zh in _BEST_UNITS
    ),
    *(
        (rf"(?:by|per) {one}(?: and by | and |, ?by |, ?| by | ){other}", Part("grain", grain=one, ids=(other,)))
        for one, other in permutations(GRAINS, 2)
    ),
    (r"daily|day (?:by|after) day|(?:by|per|each|every) day|일별로?|일자별|날짜별|매일|일간|每日|每天|[按依]日|[按依]天|逐日", Part("grain", grain="day")),
    (r"weekly|week (?:by|after) week|(?:by|per|each|every) week|주별로?|주간별|매주|주간|每週|每周|[按依][週周]|逐週", Part("grain", grain="week")),
    (r"monthly|month (?:by|after) month|(?:by|per|each|every) month|월별로?|매월|매달|월간|每月|每個月|[按依]月|逐月", Part("grain", grain="month")),
    (r"quarterly|(?:by|per|each|every) quarter|분기별로?|매분기|每季|[按依]季|逐季", Part("grain", grain="quarter")),
    (r"half yearly|semi ?annual(?:ly)?|biannually|(?:by|per|each) half(?: year)?|반기별로?|매반기|每半年|[按依]半年|逐半年", Part("grain", grain="half")),
    (r"yearly|annually|annual|(?:by|per|each|every) year|연도별로?|연별|년도별|매년|연간|每年|[按依]年|逐年", Part("grain", grain="year")),
)  # fmt: skip
_N = r"(?P<n>[1-9]\d{0,3}|NUMBER)"
_MOST_KOREAN = "(?:제일|가장|젤)"
_KOREAN_END = "(?:은|는|운|았던|던|인|아요?|워요?|았어요?|았나요?|은가요?|나요?|니|은데|은지|게)?"
_ORDERS: dict[Order, str] = {
    "best": (
        "(?:the )?(?:best|strongest|most (?:efficient|effective|successful))(?: performing| first)?|베스트|최고의?|최상의?|최우수"
        rf"|{_MOST_KOREAN}(?:좋{_KOREAN_END}|잘(?:나오는|나온|나가는|되는|된|하는|한)|우수한|효율적인|효율좋은)|좋은|잘나온|잘나오는"
        "|(?:表現|成效|效果)?(?:最好|最佳|最棒|最優|最強|最有效)|好的"
    ),
    "worst": (
        "(?:the )?(?:worst|weakest|poorest|least (?:efficient|effective|successful))(?: performing| first)?|워스트|최악의?|꼴찌"
        rf"|{_MOST_KOREAN}(?:나쁜|나빠요?|나빴던|안좋{_KOREAN_END}|못(?:한|하는|나오는)|안(?:나오는|되는)|저조한|부진한)|안좋은|나쁜|저조한|부진한"
        "|(?:表現|成效|效果)?(?:最差|最糟|最爛|最弱|最不好)|墊底|差的"
    ),
    "most": (
        "(?:the )?(?:highest|largest|biggest|most)(?: first)?|최대"
        rf"|{_MOST_KOREAN}(?:높{_KOREAN_END}|많{_KOREAN_END}|많이(?:쓴|쓰는|쓰이는|팔린|팔리는|나온|나오는|들어온|들어오는|온|오는|발생한|유입된|유입되는|나간)?|큰)|(?:높|많)은순(?:서)?(?:으로|대로)?|큰순(?:서)?(?:으로|대로)?|내림차순(?:으로)?|높은|많은"
        "|(?:由|從)?高到低(?:排(?:序|列)?)?|(?:from )?(?:high|highest) to (?:low|lowest)|descending|最高|最多|最大|高的"
    ),
    "least": (
        "(?:the )?(?:lowest|smallest|least|fewest)(?: first)?|최저|최소"
        rf"|{_MOST_KOREAN}(?:낮{_KOREAN_END}|적{_KOREAN_END}|적게(?:쓴|쓰는|팔린|팔리는|나온|들어온|온)?|작은)|(?:낮|적)은순(?:서)?(?:으로|대로)?|작은순(?:서)?(?:으로|대로)?|오름차순(?:으로)?|낮은|적은"
        "|(?:由|從)?低到高(?:排(?:序|列)?)?|(?:from )?(?:low|lowest) to (?:high|highest)|ascending|最低|最少|最小|低的"
    ),
}
"""Best and worst go by the KPI's direction, most and least by the value."""
_PRICES: dict[Order, str] = {
    "most": f"(?:the )?(?:most expensive|costliest|priciest)(?: first)?|비싼순(?:서)?(?:으로|대로)?|{_MOST_KOREAN}(?:비싼|비싸요?)|비싼|最貴(?:的)?|貴的",
    "least": f"(?:the )?(?:least expensive|cheapest)(?: first)?|(?:싼|저렴한)순(?:서)?(?:으로|대로)?|{_MOST_KOREAN}(?:싼|싸요?|저렴한)|저렴한|最便宜(?:的)?|便宜的",
}
"""Words that rank what costs money, and nothing that is counted."""
_ENDS: dict[Order, str] = {
    "best": "(?:the )?top(?: performing| first)?|상위|(?:the )?(?:ranking|ranked|rank)|순위|랭킹|排名|排行榜?|名次",
    "worst": "(?:the )?bottom(?: performing| first)?|하위",
}
"""Words that give way to one of those: the top 3 lowest."""
_FIRST: dict[Order, str] = {"best": "톱|탑|前|排名前|前段", "worst": "後|倒數(?:前)?|最後|末"}
"""Words that rank only with a number after them."""
_COUNTERS = "(?:개|곳|위|가지|명|名|個|大|項|家)"
# 많이 is "much" and no 이, two.
_AFTER = f"(?!이(?!개|곳|위)){_N}"
# Before a rank a syllable is how a word ends, no number: of 매출이 제일 많은 나라 there are not two, of 행사 not four.
_AHEAD = f"(?![일이삼사오육칠팔구십]){_N}"
# Patterns of their own, no optional tail: `matches` has one match a place, and the cut says which of the lengths fits.
_TOPS: tuple[tuple[str, Order], ...] = tuple(
    (pattern, order)
    for order, words in _ORDERS.items()
    for tops in ("|".join(each[order] for each in (_ORDERS, _ENDS, _FIRST) if order in each),)
    for pattern in (f"(?:{tops}) ?{_AFTER}", f"(?:{tops}) ?{_AFTER}{_COUNTERS}", f"(?:the )?{_AHEAD} ?(?:{words})")
)
_PRICED = rf"(?:the )?{_AHEAD} ?(?=(?:{'|'.join(_PRICES.values())}))"
_FIRST_PLACE = "(?:the )?(?:number one|no 1|number 1|1st place|first place)|1위|일위|第一名|排名第一|冠軍"
_COUNT = _N + _COUNTERS
_COUNT_ENGLISH = rf"(?:which|what) ?{_N}(?= ?[a-z])"
# Where something comes from is its channel; in English the words part around it, so that they say so only after "where do".
_ORIGIN_ENGLISH = r"(?:mostly |mainly )?(?:come|comes|coming|came) from"
_WHERE = re.compile(r"\b(?:where|(?:which|what) [a-z]+) (?:do|does|did|are|is|have)\b")
_ORIGIN = (
    r"(?:주로|많이)?어디(?:에)?서(?:주로|많이|제일많이|가장많이)?(?:들어)?(?:와요?|오나요?|오지|왔어요?|왔나요?|오는지|오는거야?)"
    r"|(?:주로|많이)?어디(?:에)?서(?:주로|많이|제일많이|가장많이)?(?:나왔|나오|발생했|생겼)(?:어요?|나요?|는지|지)|(?:주로|많이)?어디(?:에)?서(?:주로|많이)?나와요?"
    r"|(?:주로|많이)?어디(?:에)?서(?:주로|많이)?유입(?:돼요?|되나요?|됐어요?|되는지)?"
    r"|(?:都|主要)*(?:是)?(?:從|由|打)?(?:哪裡|哪里|哪兒|哪邊|何處|哪)(?:進)?(?:來|来)(?:的)?"
)
# What costs more than it brings in: by which KPI is for the asker to say.
_WASTE = (
    r"wast(?:e|es|ed|ing) (?:(?:the|our|my|all|most|too much|so much) ){0,2}(?:money|budget|spend|cash)"
    r"|burn(?:s|ed|t|ing)? (?:through )?(?:(?:the|our|my) )?(?:money|budget|cash)|(?:not worth|waste of) (?:it|(?:the )?money)"
    r"|(?:가성비|효율)(?:이|도)?(?:안나오(?:는|나요?)?|안나와요?|안좋은|낮은|떨어지는|나쁜|없는)|(?:돈|예산|광고비)(?:을|만)?(?:낭비(?:하는|되는|중인)?|날리는|먹는)"
    r"|(?:在)?(?:燒錢|烧钱|浪費(?:錢|預算)?)(?:(?:又|卻|但)?(?:沒有?|無)(?:效果?|成效|轉換))?|(?:沒有?|無)(?:效果|成效)"
)
# Of a goal alone somebody asks whether it will be met; any other question for what will be is none for a number.
# A limit has a number and one of these words; without both there is none to look for.
_BOUNDED = re.compile(
    r"[\d百千萬億백천].*(?:사이|之?間|이상|이하|초과|미만|넘|보다|웃도|밑도|못|안되|以上|以下|以內|more|above|less|below|higher|lower|over|under|fewer)|(?:above|over|than|exceeding|least|below|under|most|[＞＜≥≤於過少到達滿足多]).*[\d百千萬億백천]|between.*\d"
)
_GOAL = re.compile(r"\b(?:goals?|targets?|on (?:track|pace|course))\b|목표|目標|達標")
_WILL = r"will|gonna|going to|까지는?|可能|能不能"
_BEFORE = alternatives(_UNIT_BEFORE)
_SPLITTING = tuple(compiled(pattern) for pattern, part in _PATTERNS if part.kind in {"by", "by_after"})
_ALL_PATTERNS = (
    *(pattern for pattern, _part in _PATTERNS),
    _SAME_YEAR_AGO,
    _BEFORE,
    *_ORDERS.values(),
    *_ENDS.values(),
    *_PRICES.values(),
    *(pattern for pattern, _order in _TOPS),
    _FIRST_PLACE,
    _COUNT,
    _COUNT_ENGLISH,
    _PRICED,
    _ORIGIN_ENGLISH,
    _ORIGIN,
    _WASTE,
)


def may_say_split(text: str) -> bool:
    """Whether a plain text has a word that parts a number by something. One that has none says no split."""
    return any(pattern.search(text) for pattern in _SPLITTING)


def word_parts(text: str, breaks: frozenset[int]) -> Iterator[tuple[int, int, Part]]:
    """Every such word in a plain text, overlapping ones too: start, end, meaning."""
    may = set(possible("words", _ALL_PATTERNS, text))
    for pattern, part in _PATTERNS:
        for match in matches(pattern, text) if pattern in may else ():
            yield match.start(), match.end(), part
    for match in matches(_SAME_YEAR_AGO, text) if _SAME_YEAR_AGO in may else ():
        unit = next((grain for grain, words in _UNITS_OF_A_YEAR_AGO.items() if re.search(words, match[0])), None)
        yield match.start(), match.end(), Part("year_ago", grain=unit)
    for match in matches(_BEFORE, text) if _BEFORE in may else ():
        yield match.start(), match.end(), Part("unit_before", grain=_UNIT_BEFORE[match[0]])
    for match in matches(_WILL, text) if _GOAL.search(text) else ():
        yield match.start(), match.end(), Part("filler")
    yield from _ranks(text, may)
    if _BOUNDED.search(text):
        from kpi_core.questions.limits.bounds import bounds_in

        yield from ((start, end, Part("bound", said, bound=bound)) for start, end, said, bound in bounds_in(text))
    origins = (_ORIGIN_ENGLISH, _ORIGIN) if _WHERE.search(text) else (_ORIGIN,)
    for pattern, part in (*((each, Part("origin")) for each in origins), (_WASTE, Part("waste", order="worst"))):
        for match in matches(pattern, text) if pattern in may else ():
            yield match.start(), match.end(), part
    yield from ((start, end, Part("filler")) for start, end in fillers(text, breaks))


def _ranks(text: str, may: Collection[str]) -> Iterator[tuple[int, int, Part]]:
    ranks: tuple[tuple[Kind, dict[Order, str]], ...] = (("order", _ORDERS), ("price", _PRICES), ("end", _ENDS))
    for kind, patterns in ranks:
        for order, pattern in patterns.items():
            for match in matches(pattern, text) if pattern in may else ():
                yield match.start(), match.end(), Part(kind, order=order)
    for match in matches(_FIRST_PLACE, text) if _FIRST_PLACE in may else ():
        yield match.start(), match.end(), Part("top", n=1, order="best")
    yield from _counts(text, may)


def _counts(text: str, may: Collection[str]) -> Iterator[tuple[int, int, Part]]:
    for pattern, top in _TOPS:
        for match in matches(pattern, text) if pattern in may else ():
            if n := _count(match["n"]):
                yield match.start(), match.end(), Part("top", n=n, order=top)
    for pattern in (_COUNT, _COUNT_ENGLISH, _PRICED):
        for match in matches(pattern, text) if pattern in may else ():
            if n := _count(match["n"]):
                yield match.start(), match.end(), Part("count", n=n)


def _count(words: str) -> int:
    try:
        return max(number(words), 0)
    except KeyError:
        return 0
