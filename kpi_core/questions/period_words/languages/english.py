"""How English names periods, in the plain form of `wording.py`."""

from __future__ import annotations

from itertools import product

from kpi_core.questions.period_words.languages.language_words import NOUNS, Tables, UnitWords

_THIS = ("this", "current", "the current")
_LAST = ("last", "previous", "prev", "prior", "past", "preceding", "the last", "the previous", "the past")
_NEXT = ("next", "the next", "coming", "upcoming")
_NOUNS: NOUNS = {
    "week": ("week", "wk"),
    "month": ("month", "calendar month"),
    "quarter": ("quarter", "qtr", "calendar quarter"),
    "half": ("half", "half year"),
    "year": ("year", "calendar year"),
}


def _units() -> UnitWords:
    units: UnitWords = {
        "today": ("day", 0),
        **dict.fromkeys(("yesterday", "yday", "yest"), ("day", -1)),
        **dict.fromkeys(("a year ago", "one year ago", "ly", "py"), ("year", -1)),
        **dict.fromkeys(("todays", "tonight"), ("day", 0)),
        "yesterdays": ("day", -1),
        "tomorrow": ("day", 1),
        "day before yesterday": ("day", -2),
        "the day before yesterday": ("day", -2),
        "day after tomorrow": ("day", 2),
        "the day after tomorrow": ("day", 2),
        "previous day": ("day", -1),
        "last day": ("day", -1),
        "same day": ("day", 0),
        "past day": ("day", -1),
        "today so far": ("day", 0),
    }
    for offset, prefixes in ((0, _THIS), (-1, _LAST), (1, _NEXT)):
        for prefix, (grain, nouns) in product(prefixes, _NOUNS.items()):
            units |= {f"{prefix} {noun}": (grain, offset) for noun in nouns}
    for grain, nouns in _NOUNS.items():
        units |= {f"{article}{noun} before last": (grain, -2) for noun in nouns for article in ("", "the ")}
    # The last or past half year is the last six whole months (`fixed_counts`), no half of the calendar; the past year
    # the last twelve, where "last year" is the calendar's.
    del units["past half"], units["past half year"], units["last half year"], units["the last half year"]
    del units["past year"], units["the past year"]
    return units


def _to_date() -> UnitWords:
    words: UnitWords = {
        "wtd": ("week", 0),
        "mtd": ("month", 0),
        "qtd": ("quarter", 0),
        "htd": ("half", 0),
        **dict.fromkeys(("ytd", "calendar ytd"), ("year", 0)),
    }
    # "Y.T.D." has spaces for its points in the plain form.
    words |= {" ".join(short): unit for short, unit in words.items() if len(short) == len("ytd")}
    for grain, nouns in _NOUNS.items():
        for noun in nouns:
            starts = (
                *(f"since {the}{edge} of the {noun}" for the in ("the ", "") for edge in ("start", "beginning")),
                f"{noun} so far",
            )
            words |= dict.fromkeys((f"{noun} to date", f"so far this {noun}", *starts), (grain, 0))
    return words


_NUMBER = r"\d{1,5}|NUMBER"
_COUNTED = r"days?|weeks?|wks?|months?|mos?|quarters?|qtrs?|years?|yrs?|half years?|halves"
_BEFORE = r"(?:previous|last|prior)"
_UNIT = r"week|month|quarter|half"
_PART = r"(?:days|period|part|point|dates|span|time)"
_RECENT = r"(?:the )?(?:last|past|previous|prior|recent|most recent|trailing|rolling)"

ENGLISH = Tables(
    units=_units(),
    to_date=_to_date(),
    to_date_suffix=r" (?:to date|so far)",
    months={
        name: index
        for index, names in enumerate(
            (
                ("january", "jan"),
                ("february", "feb"),
                ("march", "mar"),
                ("april", "apr"),
                ("may",),
                ("june", "jun"),
                ("july", "jul"),
                ("august", "aug"),
                ("september", "sep", "sept"),
                ("october", "oct"),
                ("november", "nov"),
                ("december", "dec"),
            ),
            1,
        )
        for name in names
    },
    weekdays={
        name: index
        for index, names in enumerate(
            (
                ("monday", "mon"),
                ("tuesday", "tue", "tues"),
                ("wednesday", "wed"),
                ("thursday", "thu", "thurs"),
                ("friday", "fri"),
                ("saturday", "sat"),
                ("sunday", "sun"),
            )
        )
        for name in names
    },
    weekend=("weekend", "the weekend"),
    quarter=(
        r"(?:q(?P<n>[1-4])|(?P<m>[1-4])q|(?:the )?(?P<w>first|second|third|fourth|1st|2nd|3rd|4th) quarter)"
        r"(?: of the year)?"
    ),
    half=(
        r"(?:h(?P<n>[12])|(?P<m>[12])h|(?:the )?(?P<w>first|second|1st|2nd) half)"
        r"(?: of the year)?"
    ),
    counts=(
        rf"{_RECENT} ?(?P<n>{_NUMBER}) ?(?:full |complete |calendar |whole )?(?P<unit>{_COUNTED})",
        rf"(?P<n>{_NUMBER}) ?(?P<unit>days|weeks|wks|months|mos|quarters|qtrs|years|yrs)",
        rf"(?:{_RECENT} ?|l|t)?(?P<n>\d{{1,4}})(?P<unit>d|w|mo|m)",
    ),
    ago=rf"(?P<n>{_NUMBER}) ?(?P<unit>days?|weeks?|months?|quarters?|years?) (?:ago|prior|earlier)",
    fixed_counts={
        "ttm": (12, "month"),
        "ltm": (12, "month"),
        "trailing twelve months": (12, "month"),
        "last half year": (6, "month"),
        "past half year": (6, "month"),
        "past year": (12, "month"),
        "the past year": (12, "month"),
        "the last half year": (6, "month"),
        "last half a year": (6, "month"),
        "past half a year": (6, "month"),
        "last fortnight": (2, "week"),
        "past fortnight": (2, "week"),
    },
    count_units={
        "d": "day",
        "day": "day",
        "w": "week",
        "wk": "week",
        "week": "week",
        "m": "month",
        "mo": "month",
        "month": "month",
        "qtr": "quarter",
        "quarter": "quarter",
        "half year": "half",
        "halve": "half",
        "yr": "year",
        "year": "year",
    },
    same_last_year=(
        rf"(?:the )?same (?P<unit>day|weekday|week|month|quarter|half) (?:of |in )?(?:the )?{_BEFORE} year",
        r"(?:this|(?:the )?same) (?P<unit>day|week|month|quarter|half) last year",
        r"(?:this|(?:the )?same) (?P<unit>day|week|month|quarter|half) (?:a|one) year (?:ago|earlier|before)",
        r"last year,? (?:this|same|the same) (?P<unit>week|month|quarter|half)",
    ),
    same_before=(
        rf"(?:the )?{_BEFORE} (?P<unit>{_UNIT}),? ?(?:the )?same (?:elapsed )?{_PART}",
        rf"(?:the )?same (?:elapsed )?{_PART} (?:of |in )?(?:the )?{_BEFORE} (?P<unit>{_UNIT})",
        rf"{_BEFORE} (?P<unit>{_UNIT}|year) to date",
    ),
    period_last_year=(
        rf"(?:the )?same (?:elapsed )?{_PART}(?: of| in)? (?:the )?{_BEFORE} year",
        rf"(?:the )?{_BEFORE} year,? (?:the )?same (?:elapsed )?{_PART}",
        r"(?:the )?same (?:period|time|dates|days) (?:a|one) year (?:ago|earlier|before)",
    ),
    with_today=r"(?:(?:including|incl|with|inclusive of) today|today included)",
    without_today=r"(?:(?:excluding|excl|without|not including|not counting) today|today excluded)",
)
