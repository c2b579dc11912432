# ruff: noqa: E501 - a letter of Korean or Chinese counts as two columns
"""KPIs that people say with a verb: "how much did we spend on ads", 광고에 얼마 썼어, 花了多少廣告費."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kpi_core.questions.patterns import possible
from kpi_core.questions.period_words.clock import matches

_ENDINGS = "(?:어요?|나요?|니|냐|지요?|죠|는지|습니까|는데|음)?"
_VISITS = ("website_traffic", "unique_visitors")
_SALES = ("sales_revenue", "units_sold")
_ONE = "(?:a |an |one |each |every )?(?:single )?"
# What somebody pays for a customer is asked with two words: of the customer, and of the price.
_PRICE = re.compile(
    r"\b(?:costs?|costing|cheap(?:er|est)?|expensive|pricey|priciest|costliest|pay(?:ing)?|paid)\b|얼마|비용|싸|싼|비싼|비싸|저렴|돈|成本|便宜|貴|花|錢|費用"
)
_WINNING: tuple[tuple[str, tuple[str, ...]], ...] = (
    (rf"(?:costs? (?:us |me )?)?(?:to |for |of |on )?(?:acquir(?:e|es|ed|ing)|get(?:ting)?|win(?:ning)?|gain(?:ing)?|land(?:ing)?|bring(?:ing)? in) {_ONE}(?:new )?(?:customers?|buyers?|clients?)", ("cac",)),
    (rf"{_ONE}(?:new )?(?:customer|buyer|client) costs?(?: us| me)?", ("cac",)),
    (r"(?:신규)?고객(?:을|를)?(?:한|1)?(?:명|사람)?(?:을|를|당)?(?:데려오|데리고오|유치하|획득하|확보하|끌어오|모셔오|얻|늘리)(?:는데(?:에)?|는|려면|기)(?:드는|들어가는)?(?:비용|돈)?", ("cac",)),
    (r"(?:獲得|取得|爭取|拿到|贏得|獲取|找到|拉到|拉來)(?:(?:一|每|1)?[個位名])?新?(?:客戶?|顧客|客人)(?:平均)?(?:要|需要|得)?(?:花(?:費|掉)?多少錢?)?", ("cac",)),
    (r"獲客|拉新", ("cac",)),
)  # fmt: skip
_PRICED = (
    ("cpl", "leads?", "리드", "(?:名單|潛客)"), ("cpc", "clicks?", "클릭", "點擊"), ("cpi", "installs?", "설치", "安裝"),
    ("cpa", "conversions?", "전환", "轉換"), ("cost_per_mql", "mqls?", "mql", "mql"),
)  # fmt: skip
"""What has a price each, and the KPI that is this price."""
_VERBS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"(?:spend|spent|spending)(?: (?:so much|that much|much|more|less))? (?:on|for) (?:the |our )?(?:online |digital )?(?:ads?|advertising|advertisements|paid media)|spent|spending", ("ad_spend",)),
    (rf"광고(?:비)?(?:에|에다|로)?(?:돈(?:을)?)?(?:얼마(?:나|를)?)?(?:썼|썻|지출했|집행했|나갔){_ENDINGS}|광고에쓴(?:돈|금액|비용)", ("ad_spend",)),
    (r"costs? us", ("ad_spend",)),
    (rf"(?:돈(?:을)?)?얼마(?:나|를)?(?:썼|썻|지출했|집행했){_ENDINGS}", ("ad_spend",)),
    (r"(?:在)?廣告(?:上)?(?:總共|一共)?[花燒](?:了|掉)?多少錢?|[花燒](?:了|掉)?多少(?:錢)?(?:在|打|買|投|下)?(?:廣告)?(?!費)|(?:投|打|下|買)了?多少廣告", ("ad_spend",)),
    (r"(?:people |persons |users |visitors )?(?:visit|visited|visiting|came to|come to) (?:the |our )?(?:site|website|web site|shop|store|page)", _VISITS),
    (r"돈(?:을|이)?(?=(?:제일|가장|젤)?(?:많이|적게)?(?:쓴|쓰|나간|드는|든))|(?<=花最多)錢|(?<=花最少)錢|花錢(?=最)", ("ad_spend",)),
    (r"how long (?:do|did|does)? ?(?:people|users|visitors|customers|they) (?:stay|spend)(?: on (?:the |our )?(?:site|website|pages?))?|(?:people|users|visitors) (?:stay|spend time)(?: on (?:the |our )?(?:site|website|pages?))?", ("session_duration", "avg_time_on_page")),
    (r"(?:spend(?:ing)?|spent|pay(?:ing)?|paid) (?:on average )?(?:per|for each|for every|for a|a) click|클릭(?:한번|1회|하나)(?:당|에)?(?:얼마)?|(?:一次|每次|每個)點擊(?:要|的)?(?:花)?", ("cpc",)),
    (r"converts?(?= (?:the )?(?:best|better|worst|worse|well))|(?<=best )converting|(?<=worst )converting|(?<=top )converting", ("conversion_rate",)),
    (r"(?:(?:ad |marketing )?budget (?:is |do we have )?(?:left|remaining|used|spent)|(?:over|under|within) (?:the |our )?(?:(?:ad |marketing )?budget)|(?:remaining|leftover) (?:ad |marketing )?budget)", ("budget_utilization",)),
    (rf"(?:광고비?|마케팅)?예산(?:이|은|을|에서|중)?(?:얼마(?:나)?)?(?:더)?(?:남았|썼|초과했|넘었|남아있|남){_ENDINGS}|남은(?:광고|마케팅)?예산", ("budget_utilization",)),
    (r"(?:廣告|行銷)?預算(?:還|用|花|超支?|有|剩餘)*(?:剩(?:下|餘)?|用|花|超支?)(?:了|掉|過)?(?:多少)?|(?:剩餘|剩下)(?:的)?(?:廣告|行銷)?預算|超(?:出|過|支)?(?:了)?(?:廣告|行銷)?預算", ("budget_utilization",)),
    (r"revs?", ("sales_revenue",)),
    (r"(?<=best )selling|(?<=top )selling|(?<=worst )selling|best ?sellers?|(?:sold|sells?|selling)(?= (?:the )?(?:best|most|worst|least))", ("units_sold", "sales_revenue")),
    (r"(?:how long )?(?:until|till|before|for)? ?(?:do|does|did|can|will)? ?(?:we|it|us|a customer)? ?(?:to )?(?:take to )?(?:earn|pay|get|make|win)(?:s|ing)? back (?:the |our )?(?:cac|acquisition costs?)|(?:cac|고객획득비용)?(?:을|를)?(?:다)?회수(?:하는데|까지|되는데)(?:에)?|(?:cac|獲客成本)?(?:要|得|需要)?多久(?:才)?(?:能|可以)?回本|回本要多久|幾個月回本", ("cac_payback",)),
    (r"(?:average |avg )?(?:revenue|sales|value|amount|spend) per order|주문(?:한건|1건)?당(?:평균)?(?:매출|금액)|(?:平均)?每[筆張]訂單(?:的)?(?:平均)?(?:金額|營收)", ("aov",)),
    (r"(?:(?:what ?)?(?:%|percent(?:age)?|share) ?of )?(?:the |our )?carts? (?:(?:get|got|are|were|is|was) )?abandoned", ("cart_abandonment_rate",)),
    (r"廣告(?:效益|效率)", ("roas",)),
    *(
        (
            (rf"how (?:expensive|pricey|cheap) (?:is|are|was|were) (?:the |our |a |an )?{english}|(?:how much (?:is|was|does|did)|what (?:does|did|do)) (?:a|an|one|each|every) {english}(?: costs?(?: us)?)?"
            rf"|{korean}(?:하나|한개|한건|한명|1건|1개|1명)(?:당|에)?(?:평균)?(?:얼마(?:나)?|비용)?(?:들었(?:어요?|나요?|지|니)|들어요?)?"
            rf"|(?:每|一)[筆個位次]{chinese}(?:平均)?(?:要|花)?多少錢"),
            (kpi,),
        )
        for kpi, english, korean, chinese in _PRICED
    ),
    (rf"얼마(?:나)?벌었{_ENDINGS}|賺(?:了|到|進)?多少錢?", ("sales_revenue",)),
    (r"what (?:did|have|do) we (?:make|made|earn|earned|take in|taken in)|(?:how )?much money (?:did|do|does|have|has) (?:we|the (?:shop|store|company|business)) (?:make|made|earn|earned|bring in|brought in|take in|taken in)|how much (?:did|have) we (?:make|made|earn|earned|take in|taken in)", ("sales_revenue",)),
    (r"(?:잘|많이)?팔(?:려요?|리나요?|리니|리는지|렸어요?|렸나요?|렸지)", _SALES),
    (rf"얼마(?:나|어치)?(?:팔았|팔렸){_ENDINGS}|賣(?:了|掉|出)?多少(?:錢)?|(?:did|have) we (?:sell|sold)", _SALES),
)  # fmt: skip


def said_by_verb(text: str, metrics: frozenset[str]) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Start, end and the KPIs that may be meant, of those that there are."""
    verbs = (*_VERBS, *_WINNING) if _PRICE.search(text) else _VERBS
    may = set(possible("verbs", tuple(pattern for pattern, _ids in (*_VERBS, *_WINNING)), text))
    for pattern, ids in verbs:
        known = tuple(metric for metric in ids if metric in metrics)
        for match in matches(pattern, text) if known and pattern in may else ():
            yield match.start(), match.end(), known
