"""How Chinese names periods, in the plain form of `wording.py` (no spaces): Taiwan's words, simplified beside them."""

from __future__ import annotations

from itertools import product

from kpi_core.dates.periods import Grain
from kpi_core.questions.period_words.languages.language_words import NOUNS, Tables, UnitWords

_THIS = ("本", "這", "這個", "這一", "這一個", "这", "这个", "这一", "當", "当", "今", "此")
_LAST = ("上", "上個", "上一", "上一個", "上个", "上一个", "前一", "前一個", "前一个")
_BEFORE_LAST = ("上上", "上上個", "上上个")
_THREE_BACK = ("上上上", "上上上個")
_NEXT = ("下", "下個", "下一", "下一個", "下个", "下一个")
_NOUNS: NOUNS = {
    "week": ("週", "周", "星期", "禮拜", "礼拜"),
    "month": ("月", "月份"),
    "quarter": ("季", "季度"),
    "half": ("個半年", "个半年"),
    "year": ("年", "年度"),
}
_HALVES: dict[str, tuple[int, Grain]] = {"半年": (6, "month"), "半個月": (15, "day"), "半个月": (15, "day")}
_SHORT: UnitWords = {
    **dict.fromkeys(("今天", "今日", "本日", "當天", "當日"), ("day", 0)),
    **dict.fromkeys(("昨天", "昨日", "前一天", "前一日"), ("day", -1)),
    **dict.fromkeys(("前天", "前日"), ("day", -2)),
    "大前天": ("day", -3),
    **dict.fromkeys(("明天", "明日"), ("day", 1)),
    **dict.fromkeys(("後天", "后天"), ("day", 2)),
    **dict.fromkeys(("去年", "去年度", "昨年"), ("year", -1)),
    **dict.fromkeys(("前年", "前年度"), ("year", -2)),
    "大前年": ("year", -3),
    "全年": ("year", 0),
    "本半年": ("half", 0),
    **dict.fromkeys(("明年", "明年度", "來年"), ("year", 1)),
}


def _units() -> UnitWords:
    units: UnitWords = {}
    for offset, prefixes in ((0, _THIS), (-1, _LAST), (-2, _BEFORE_LAST), (-3, _THREE_BACK), (1, _NEXT)):
        for prefix, (grain, nouns) in product(prefixes, _NOUNS.items()):
            units |= {prefix + noun: (grain, offset) for noun in nouns}
    # The odd words last: 前天 is the day before yesterday, whatever the prefixes make of it.
    return units | _SHORT


def _to_date() -> UnitWords:
    grains: UnitWords = {
        "週": ("week", 0),
        "周": ("week", 0),
        "月": ("month", 0),
        "季": ("quarter", 0),
        "年": ("year", 0),
    }
    return {
        f"{start}初{until}": unit
        for start, unit in grains.items()
        for until in ("至今", "迄今", "以來", "以来", "到現在", "到今天", "到目前", "到目前為止")
    } | {f"{start}{sum_}": unit for start, unit in grains.items() for sum_ in ("累計", "累计", "累積")}


_NUMBER = r"\d{1,5}|NUMBER"
_RECENT = r"(?:過去|过去|最近|近|近來|上)的?"
_WITHIN = r"(?:以來|以来|來|来|內|内|間|间)?"

CHINESE = Tables(
    units=_units(),
    to_date=_to_date(),
    to_date_suffix=r"(?:度)?(?:至今|迄今|以來|以来|累計|累计|累積|(?:到|至|截至)(?:現在|目前|今[天日])(?:為止)?)",
    months={},
    weekdays={
        week + day: index
        for index, days in enumerate(("一", "二", "三", "四", "五", "六", ("日", "天")))
        for day in days
        for week in ("週", "周", "星期", "禮拜", "礼拜")
    },
    weekend=("週末", "周末"),
    # 上一季 is last quarter, not the first one.
    quarter=r"(?:第(?P<n>[1-4一二三四])季度?|(?<![上下本這这個个前一])(?P<m>[一二三四])季度?|q(?P<w>[1-4])季)",
    half=r"(?P<w>上半年度?|下半年度?|前半年|後半年)",
    # 個 is what tells three months (3個月) from March (3月); 3天前 is "ago", not a count.
    counts=(
        rf"{_RECENT}(?P<n>{_NUMBER})(?:整|個|个)?(?P<unit>天|日|週|周|星期|禮拜|季度?|年){_WITHIN}",
        rf"{_RECENT}(?P<n>{_NUMBER})(?:個|个)(?:完整的?|整)?(?P<unit>月){_WITHIN}",
        rf"前(?P<n>{_NUMBER})(?:個|个)?(?P<unit>天|日|週|周|星期|禮拜)",
        rf"前(?P<n>{_NUMBER})(?:個|个)(?P<unit>月)",
        rf"(?P<n>{_NUMBER})(?P<unit>天|週|周)(?!前)",
        rf"(?P<n>{_NUMBER})(?:個|个)(?P<unit>月|星期|禮拜)(?!前)",
    ),
    ago=rf"(?P<n>{_NUMBER})(?:個|个)?(?P<unit>天|日|週|周|星期|禮拜|月|季度?|年)(?:以)?前",
    fixed_counts={prefix + word: count for prefix in ("過去", "过去", "最近", "近") for word, count in _HALVES.items()},
    count_units={
        "天": "day",
        "日": "day",
        "週": "week",
        "周": "week",
        "星期": "week",
        "禮拜": "week",
        "月": "month",
        "季": "quarter",
        "季度": "quarter",
        "年": "year",
    },
    same_last_year=(r"(?:去年|上年|前一年)(?:的)?(?:同一?個?|相同|這個?|本|當)(?P<unit>週|周|月份?|季度?|日|天|星期)",),
    same_before=(
        r"(?:上|上個|上一|上一個|前一|前一個|前)(?P<unit>週|周|星期|月|季度?)(?:的)?(?:同期間?|相同期間|同時期|同一期間)",
    ),
    period_last_year=(r"(?:去年|上年|前一年|去年度)(?:的)?(?:同期間?|相同期間|同一期間|同時期)",),
    with_today=r"(?:包?含|包括)今[天日]",
    without_today=r"(?:不含|不包[含括]|扣除|排除)今[天日]",
)
