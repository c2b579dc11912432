# ruff: noqa: E501 - a letter of Korean or Chinese counts as two columns
"""What somebody asks for, before the question itself is read: why, a definition, all KPIs, the goals, what changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache

from kpi_core.dates.calendars import Calendar
from kpi_core.dates.periods import Period, shift, unit_of
from kpi_core.questions.fillers import fillers
from kpi_core.questions.intents import Intent, Spoken
from kpi_core.questions.intents.asking_normal import asked_if_normal
from kpi_core.questions.intents.asking_three_ways import asked_three_ways
from kpi_core.questions.intents.asking_why import asks_why, without_why
from kpi_core.questions.intents.definition_words import asked_what_is, kpi_to_explain
from kpi_core.questions.patterns.spelled_out import spelled_out
from kpi_core.questions.period_words import LONGEST, find_readings
from kpi_core.questions.segments import Segment, best_cut
from kpi_core.questions.wording import Wording, ends_word, plain, wording
from kpi_core.questions.words import word_parts

_OF_VALUES = ("are ", "list ", " do ", "exist", "have we", "있", "목록", "리스트", "종류", "哪", "列出", "有什麼")
"""One of these is in all words that ask which values there are."""
_ANY_DAY = date(2000, 1, 1)
_NOUNS: dict[Intent, str] = {
    "list": (
        "kpis|metrics|indicators|measures|list|catalog(?:ue)?|지표(?:들|목록|리스트|종류)?|목록|리스트|kpi들|kpi목록|kpi리스트|指標|清單|列表|kpi列表|kpi清單"
    ),
    "goals": (
        "goals|targets|objectives|okrs?|(?:against|versus|vs|compared to) (?:the |our )?plan|계획 ?대비|跟計畫比|跟計劃比|on (?:track|target|pace|course|plan)|목표(?:들|치|값)?(?:는|가|를|을|도|들이|들은)?|目標|達標|達成率|달성률|목표달성률|goal (?:progress|status)|target (?:progress|status)"
    ),
    "budgets": (
        "(?:ad |marketing )?budgets? pacing|pacing of (?:the |our )?(?:ad |marketing )?budgets?|pacing by channel|(?:광고 |마케팅 )?예산 ?(?:페이스|페이싱|진행률|진행 상황)|채널별 예산|(?:廣告|行銷)?預算(?:進度|步調)|各(?:通路|渠道)預算"
    ),
    "changes": (
        "changed|changes?|moved|unusual|anomal(?:y|ies|ous)|odd|strange|weird|abnormal|unexpected|outliers?|st(?:oo|an)d(?:s)? out|new|news|happened|happening|different|notable|noteworthy|interesting|surprising|surprises|highlights?|movers|significant|biggest (?:changes?|moves?|movers)|going on"
        "|(?:달라진|바뀐|변한|변화된|이상한|특이한|특별한|눈에띄는|주목할(?:만한)?|새로운)(?:게|거|것|점|부분|일)?(?:이|은|도)?|달라졌(?:어요?|나요?|니|지|죠)?|바뀌었(?:어요?|나요?|니|지|죠)?|변했(?:어요?|나요?|니|지|죠)?|변화|변동|변화점|변경사항|이상징후|이상치|이상한점|이상|특이사항|특이점|이슈|무슨일|별일"
        "|變化|變動|變了|改變|異常|異狀|異樣|怪怪的|特別的?|發生|不同|不一樣|亮點|大事|新鮮事|注意的?|值得注意|新的?"
    ),
}
"""One of these must be there; everything else may say nothing by itself."""
_BESIDE: dict[Intent, str] = {
    "list": (
        "다|전부|싹|볼수있는|뭐뭐|무슨|all|every|everything|available|supported|which|list|catalog(?:ue)?|ask(?: you)?(?: for| about)?|use|track(?:ed)?|answer|kpi|full|who|what kind of|there"
        "|볼|물어볼|쓸|사용|사용가능|가능|가능한|있는|다|뭐뭐|종류|쓸수있는|볼수있는|물어볼수있는|조회가능한|모든|可用|可以|能|支援|支持|所有|全部|問|用|種類|有哪些"
    ),
    "goals": (
        "off|off track|behind|ahead|at risk|in danger|missed|not met|failing|current|active|set|all|status|list|progress|on|met|track|each|doing against|against|stand(?:ing)?|every"
        "|현황|진행|상황|상태|진행상황|진행률|진척|설정된|설정|대비|얼마나|잘|미달인?|위험한?|뒤처진|밀린|못한|있는|모든|목록|다|전부|싹|진도|進度|狀況|狀態|設定|設|列表|清單|所有|達成|哪些|目前|落後的?|沒|未|沒有|危險的?|有風險的?"
    ),
    "budgets": "by channel|per channel|each channel|channels?|current|status|how|month|채널별로?|현황|어때|각|通路|渠道|各|目前|狀況|如何",
    "changes": (
        "anything|something|thing|things|most|else|big|major|much|important|in the (?:numbers|data|business)|worth|to know|should i know|a lot|the most|our|compared|vs"
        "|거|것|게|있|뭐|뭔가|뭔|무슨|큰|특별히|별다른|가장|제일|많이|크게|일|점|사항|되|事(?:情)?|地方|什麼|有什麼|指標|지표|지표는|metrics?|kpis?|numbers|最大|最|大|發生|嗎|值得"
    ),
}


def spoken(typed: str, calendar: Calendar, today: date) -> Spoken:
    """What a text asks for; whatever is nothing else is a question."""
    typed = " ".join(typed.split())
    if asks_why(typed) and (question := without_why(typed)):
        return Spoken("why", question)
    if about := asked_three_ways(typed):
        return Spoken("truths", about)
    subject = kpi_to_explain(typed)
    if not subject and (name := asked_what_is(typed)) and _is_name(name, calendar, today):
        subject = name
    if subject:
        return Spoken("explain", subject)
    words = wording(typed if len(typed) <= LONGEST else "")
    for intent in _NOUNS:
        if read := _overall(intent, words, calendar, today):
            return Spoken(intent, typed, read[0])
    return _of_values(typed) or _if_normal(typed) or Spoken("question", typed)


def _of_values(typed: str) -> Spoken | None:
    if not any(word in typed for word in _OF_VALUES):
        return None
    from kpi_core.questions.intents.asking_values import asked_for_values

    dimension = asked_for_values(typed)
    return Spoken("values", dimension) if dimension else None


def _if_normal(typed: str) -> Spoken | None:
    about = asked_if_normal(typed)
    return Spoken("normal", about) if about else None


def _is_name(text: str, calendar: Calendar, today: date) -> bool:
    """Whether a text may be a name and no more: it names no days, no split, no rank, no goal."""
    words = wording(text)
    parts = word_parts(words.text, words.breaks)
    return (
        all(part.kind == "filler" for _start, _end, part in parts) and not find_readings(words.text, calendar, today)[0]
    )


def asks_for_all(typed: str) -> Intent | None:
    """Whether a text asks for all KPIs, all goals or whatever changed, on whatever days."""
    words = wording(typed if len(typed) <= LONGEST else "")
    return next((intent for intent in _NOUNS if _overall(intent, words, Calendar(), _ANY_DAY)), None)


def _overall(intent: Intent, words: Wording, calendar: Calendar, today: date) -> tuple[Period | None] | None:
    """The period named, of a text that says this and nothing besides; None of any other."""
    nouns, beside = _words(intent)
    text = words.text
    if not any(noun in text for noun in nouns):
        return None
    readings = find_readings(text, calendar, today)[0] if intent != "list" else []
    places = [Segment(start, end, ("noun",)) for start, end in _places(text, nouns)]
    places += [
        Segment(start, end, ("little",)) for start, end in (*_places(text, beside), *fillers(text, words.breaks))
    ]
    places += [Segment(reading.start, reading.end, ("period",)) for reading in readings]
    cut = best_cut(text, places)
    meanings = [segment.meanings for segment in cut]
    if not all(meanings) or not any("noun" in each for each in meanings):
        return None
    named = [segment for segment in cut if "period" in segment.meanings]
    if intent != "changes":
        return (None,) if len(named) <= 1 else None
    if len(named) > 1:
        return None
    if not named:
        return (shift(unit_of(today, "week", calendar), -1, calendar),)
    start, end = named[0].start, named[0].end
    return (next(reading.period for reading in readings if (reading.start, reading.end) == (start, end)),)


def _places(text: str, words: frozenset[str]) -> Iterator[tuple[int, int]]:
    for word in words:
        start = text.find(word)
        while start >= 0:
            if ends_word(text, start) and ends_word(text, start + len(word)):
                yield start, start + len(word)
            start = text.find(word, start + 1)


@cache
def _words(intent: Intent) -> tuple[frozenset[str], frozenset[str]]:
    return frozenset(map(plain, spelled_out(_NOUNS[intent]))), frozenset(map(plain, spelled_out(_BESIDE[intent])))
