"""How Korean names periods, in the plain form of `wording.py` (no spaces)."""

from __future__ import annotations

from itertools import product

from kpi_core.dates.periods import Grain
from kpi_core.questions.period_words.languages.language_words import NOUNS, Tables, UnitWords

_THIS = ("이번", "금번", "현재")
_LAST = ("지난", "저번", "지난번", "직전")
_NEXT = ("다음",)
_NOUNS: NOUNS = {
    "week": ("주", "주간"),
    "month": ("달", "월"),
    "quarter": ("분기",),
    "half": ("반기",),
    "year": ("해", "연도", "년도", "년"),
}
_SHORT: UnitWords = {
    **dict.fromkeys(("오늘", "금일", "당일", "본일"), ("day", 0)),
    **dict.fromkeys(("어제", "전일", "작일", "어저께", "전날"), ("day", -1)),
    **dict.fromkeys(("그제", "그저께", "재작일"), ("day", -2)),
    **dict.fromkeys(("그끄저께", "그끄제"), ("day", -3)),
    **{
        f"{days}전": ("day", -n)
        for days, n in (
            ("하루", 1),
            ("이틀", 2),
            ("사흘", 3),
            ("나흘", 4),
            ("닷새", 5),
            ("엿새", 6),
            ("이레", 7),
            ("여드레", 8),
            ("열흘", 10),
        )
    },
    **dict.fromkeys(("내일", "익일", "명일"), ("day", 1)),
    "모레": ("day", 2),
    **dict.fromkeys(("금주", "이주", "당주"), ("week", 0)),
    **dict.fromkeys(("전주", "지난한주"), ("week", -1)),
    **dict.fromkeys(("지지난주", "저저번주", "전전주"), ("week", -2)),
    **dict.fromkeys(("내주", "차주", "담주"), ("week", 1)),
    **dict.fromkeys(("이달", "금월", "당월", "요번달"), ("month", 0)),
    **dict.fromkeys(("전월", "전달", "작월"), ("month", -1)),
    **dict.fromkeys(("지지난달", "저저번달", "전전월", "전전달"), ("month", -2)),
    **dict.fromkeys(("내달", "차월", "담달", "익월"), ("month", 1)),
    **dict.fromkeys(("당분기", "금분기"), ("quarter", 0)),
    "전분기": ("quarter", -1),
    **dict.fromkeys(("지지난분기", "전전분기"), ("quarter", -2)),
    "차분기": ("quarter", 1),
    **dict.fromkeys(
        ("올해", "금년", "금년도", "올", "당해", "당해년도", "당해연도", "당년", "올한해", "이해"), ("year", 0)
    ),
    **dict.fromkeys(("작년", "전년", "전년도", "작년도", "지난한해"), ("year", -1)),
    **dict.fromkeys(("재작년", "재작년도", "전전년", "전전년도", "지지난해"), ("year", -2)),
    **dict.fromkeys(("내년", "내년도", "차년도", "익년"), ("year", 1)),
}
_SPANS: dict[str, tuple[int, Grain]] = {
    "하루": (1, "day"),
    "이틀": (2, "day"),
    "사흘": (3, "day"),
    "나흘": (4, "day"),
    "닷새": (5, "day"),
    "열흘": (10, "day"),
    "보름": (15, "day"),
    "일주일": (7, "day"),
    "일주일간": (7, "day"),
    "1주일": (7, "day"),
    "1주일간": (7, "day"),
    "반년": (6, "month"),
    "반년간": (6, "month"),
}
_STARTS: UnitWords = {
    "주": ("week", 0),
    "월": ("month", 0),
    "분기": ("quarter", 0),
    "반기": ("half", 0),
    "연": ("year", 0),
}


def _units() -> UnitWords:
    units = dict(_SHORT)
    # 이 is "this" here, and two only in 이사분기 or 2분기.
    units["이분기"] = ("quarter", 0)
    for offset, prefixes in ((0, _THIS), (-1, _LAST), (1, _NEXT)):
        for prefix, (grain, nouns) in product(prefixes, _NOUNS.items()):
            units |= {prefix + noun: (grain, offset) for noun in nouns}
    return units


def _to_date() -> UnitWords:
    words: UnitWords = {}
    longer: UnitWords = {"년": ("year", 0), "연간": ("year", 0), "월간": ("month", 0), "주간": ("week", 0)}
    for start, unit in (*_STARTS.items(), *longer.items()):
        words |= dict.fromkeys((f"{start}누계", f"{start}누적"), unit)
        words |= {
            f"{start}초{since}": unit for since in ("이후", "부터", "이래", "대비누적", "부터지금까지", "부터오늘까지")
        }
    return words


_NUMBER = r"\d{1,5}|NUMBER"
_RECENT = r"(?:최근|지난|과거|직전|이전)"
_DURING = r"(?:간|동안|치|간의)?"

KOREAN = Tables(
    units=_units(),
    to_date=_to_date(),
    to_date_suffix=r"(?:의)?(?:누계|누적|들어서?|현재까지|지금까지|오늘까지|까지누[적계])",
    # Spoken otherwise than their number: 6월 and 10월 are 유월 and 시월. The others are read as numbers before 월.
    months={"정월": 1, "유월": 6, "시월": 10, "동짓달": 11, "섣달": 12},
    weekdays={name: index for index, day in enumerate("월화수목금토일") for name in (f"{day}요일", f"{day}욜")},
    weekend=("주말",),
    # Also "the third of four": 3/4분기, 삼사분기.
    quarter=r"(?!이분기)(?:제)?(?P<n>[1-4]|일|이|삼|사|NUMBER)(?:사|-4)?분기",
    half=r"(?:(?P<w>상반기|전반기|하반기|후반기)|(?P<n>[12])반기)",
    # 주일 is a week, but 일 before 별 or 요일 begins a word of its own; 3주차 is a week by number, 3주째 the
    # third in a row.
    counts=(
        rf"{_RECENT}(?P<n>{_NUMBER})(?P<unit>일|주(?:일(?![별요]))?|개월|달|개분기|년|개년|해|반기){_DURING}(?!차|째)",
        rf"최근(?P<n>{_NUMBER})(?P<unit>분기){_DURING}",
        rf"{_RECENT}?(?P<n>한|두|세|네)(?P<unit>분기){_DURING}(?!전)",
        rf"(?P<n>{_NUMBER})(?P<unit>일|주(?:일(?![별요]))?|년)(?:간|동안)",
        rf"(?P<n>{_NUMBER})(?P<unit>주|개월|달|개분기){_DURING}(?!차|째|전)",
    ),
    ago=rf"(?P<n>{_NUMBER})(?P<unit>일|주(?:일(?![별요]))?|개월|달|분기|년|해)전",
    fixed_counts={prefix + word: count for prefix in ("최근", "지난", "과거", "") for word, count in _SPANS.items()},
    count_units={
        "일": "day",
        "주": "week",
        "주일": "week",
        "개월": "month",
        "달": "month",
        "분기": "quarter",
        "개분기": "quarter",
        "반기": "half",
        "년": "year",
        "개년": "year",
        "해": "year",
    },
    same_last_year=(
        r"(?:작년|전년도?|지난해)(?:의)?(?:같은|동일한?|동|이번|이)(?P<unit>주|월|달|분기|반기|날|요일)",
        r"(?:전년)동(?P<unit>일)(?!기간)",
    ),
    same_before=(
        r"(?:전|지난|저번|직전)(?P<unit>주|월|달|분기|반기)(?:의)?(?:동기간|동기|동일기간|같은기간|같은시점|동시점)",
    ),
    period_last_year=(r"(?:작년|전년도?|지난해)(?:의)?(?:동기간|동기|동일기간|같은기간|같은시기)",),
    with_today=r"오늘(?:을)?포함(?:해서|한|하여)?",
    without_today=r"오늘(?:을|은)?(?:제외|빼고)(?:하고|한)?",
)
