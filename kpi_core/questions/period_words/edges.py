# ruff: noqa: E501 - a letter of Korean or Chinese counts as two columns
"""The first and last days and months of a longer period: "last day of the quarter", 작년 마지막 날, 上個月前三天."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta

from kpi_core.dates.periods import Grain, Period, add_months, unit_of
from kpi_core.questions.number_words import ORDINALS, number
from kpi_core.questions.period_words.clock import Clock, Reading

_UNITS: tuple[Grain, ...] = ("week", "month", "quarter", "half", "year")
_BEFORE = re.compile(
    r"(?<![a-z])(?:the )?(?P<which>first|1st|second|2nd|third|3rd|last|final) ?(?P<n>\d{1,3}|(?:two|three|four|five|six|seven|ten)(?= ))? ?"
    r"(?P<unit>days?|weeks?|months?) (?:of|in)(?: the)? ?$"
)
# Refused where the unit goes on as another word: 첫 일요일 is the first Sunday, 일별 is daily.
_AFTER = re.compile(
    r"(?:의)?(?P<which>첫째?|첫번째|둘째|두번째|셋째|세번째|마지막)(?P<n>\d{1,3}|두|세|석)?(?P<unit>날|일간?|주간?|달|개월)(?!요일|별|째|차)"
    r"|(?:的)?(?P<which_zh>第一|第二|第三|首|前|最後)(?P<n_zh>\d{1,3}|[一二兩三四五六七八九十])?(?:個)?(?P<unit_zh>天|日|[週周]|月)(?!份)"
)
_THIS = re.compile(r"(?<=of )(?:the )?(?P<unit>week|quarter|half|year)(?![a-z])")
_WHICH = ORDINALS | {"第一": 1, "第二": 2, "第三": 3, "前": 1}


def edges(text: str, simple: Sequence[Reading], clock: Clock) -> Iterator[Reading]:
    """What of these readings the words before or after them pick out."""
    grains: dict[str, Grain] = {grain: grain for grain in _UNITS}
    bare = (Reading(*match.span(), clock.unit(grains[match["unit"]])) for match in _THIS.finditer(text))
    for reading in (*simple, *bare):
        if reading.period.grain not in _UNITS or reading.period.to_date:
            continue
        if before := _BEFORE.search(text, 0, reading.start):
            periods = _part(reading.period, before["which"], before["n"], before["unit"], clock)
            yield from (Reading(before.start(), reading.end, period, reading.floats) for period in periods)
        if after := _AFTER.match(text, reading.end):
            which, n, unit = (after[name] or after[f"{name}_zh"] for name in ("which", "n", "unit"))
            periods = _part(reading.period, which, n, unit, clock)
            yield from (Reading(reading.start, after.end(), period, reading.floats) for period in periods)


def _part(period: Period, which: str, n: str | None, unit: str, clock: Clock) -> Iterator[Period]:
    """The `which`-th day or month, or the first or last `n` of them; nothing where the period has not as many."""
    place, count = _WHICH[which], number(n) if n else 1
    # 前 alone is "before"; only with a number (前三天) does it mean the first ones.
    if count < 1 or (count > 1 and place not in (1, -1)) or (which == "前" and not n):
        return
    if unit[0] in "d날일天日":
        start = period.start + timedelta(days=place - 1) if place > 0 else period.end - timedelta(days=count)
        end = start + timedelta(days=count)
        grain: Grain = "day"
    elif unit[0] in "w주週周" and count > 1:
        start = period.start if place > 0 else period.end - timedelta(days=7 * count)
        end, grain = start + timedelta(days=7 * count), "week"
    elif period.grain in ("quarter", "half", "year") and not period.fiscal:
        start = add_months(period.start, place - 1) if place > 0 else add_months(period.end, -count)
        end = add_months(start, count)
        grain = "month"
    else:
        return
    if period.start <= start < end <= period.end:
        yield unit_of(start, grain, clock.calendar) if count == 1 else Period(start, end)
