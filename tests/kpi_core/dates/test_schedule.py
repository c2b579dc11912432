"""When something is due."""

from __future__ import annotations

import contextlib
import random
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Literal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_core.dates.calendars import Calendar
from kpi_core.dates.schedule import (
    Schedule,
    ScheduleError,
    due,
    fires_between,
    next_fire,
    next_fires,
    parse_every,
    parse_wait,
)

import long

SEOUL = ZoneInfo("Asia/Seoul")
QUARTER_HOURS = [time(minutes // 60, minutes % 60) for minutes in range(0, 24 * 60, 15)]


def local(zone: ZoneInfo, *parts: int) -> datetime:
    return datetime(*parts, tzinfo=zone)  # type: ignore[arg-type, misc]


def firsts(text: str, after: datetime, count: int, zone: ZoneInfo = SEOUL) -> list[str]:
    found = []
    for _ in range(count):
        after = next_fire(parse_every(text), after, zone)
        found.append(after.strftime("%a %Y-%m-%d %H:%M"))
    return found


@pytest.mark.parametrize(
    ("text", "fires"),
    [
        ("monday 09:00", ["Mon 2026-11-23 09:00", "Mon 2026-11-30 09:00"]),
        ("Mon 9:00", ["Mon 2026-11-23 09:00", "Mon 2026-11-30 09:00"]),
        ("monday, thursday 09:00", ["Mon 2026-11-23 09:00", "Thu 2026-11-26 09:00"]),
        ("day 07:00", ["Mon 2026-11-23 07:00", "Tue 2026-11-24 07:00"]),
        ("weekdays 08:30", ["Mon 2026-11-23 08:30", "Tue 2026-11-24 08:30"]),
        ("month 1 09:00", ["Tue 2026-12-01 09:00", "Fri 2027-01-01 09:00"]),
        ("quarter 1 09:00", ["Fri 2027-01-01 09:00", "Thu 2027-04-01 09:00"]),
        ("quarter 31 09:00", ["Sun 2027-01-31 09:00", "Fri 2027-04-30 09:00"]),
        ("month 31 09:00", ["Mon 2026-11-30 09:00", "Thu 2026-12-31 09:00"]),
        ("0 9 * * 1", ["Mon 2026-11-23 09:00", "Mon 2026-11-30 09:00"]),
        ("0 9 * * sun", ["Sun 2026-11-29 09:00", "Sun 2026-12-06 09:00"]),
        ("30 6 1 */3 *", ["Fri 2027-01-01 06:30", "Thu 2027-04-01 06:30"]),
        ("0 9 31 * *", ["Thu 2026-12-31 09:00", "Sun 2027-01-31 09:00"]),
        ("0 9 29 2 *", ["Tue 2028-02-29 09:00", "Sun 2032-02-29 09:00"]),
        ("0 9 1 * mon", ["Mon 2026-11-23 09:00", "Mon 2026-11-30 09:00", "Tue 2026-12-01 09:00"]),
    ],
)
def test_forms(text: str, fires: list[str]) -> None:
    """Every form fires on the local dates it names, in order."""
    assert firsts(text, local(SEOUL, 2026, 11, 22, 12), len(fires)) == fires


@pytest.mark.parametrize(
    ("text", "grain"),
    [
        ("monday 09:00", "week"),
        ("month 1 09:00", "month"),
        ("quarter 1 09:00", "quarter"),
        ("day 07:00", "day"),
        ("weekdays 08:30", "day"),
        ("mon thu 09:00", "day"),
        ("0 9 * * 1", "week"),
        ("0 9 1 * *", "month"),
        ("0 9 1 1,4,7,10 *", "quarter"),
        ("0 9 1 1 *", "year"),
    ],
)
def test_grain(text: str, grain: str) -> None:
    """A schedule knows which kind of period passes between two fires."""
    assert parse_every(text).grain == grain


_SHORTEST = {"day": 1, "week": 7, "month": 28, "quarter": 90, "half": 181, "year": 365}
_SOME_DAYS = st.none() | st.frozensets(st.integers(1, 28), min_size=1, max_size=3)


@given(
    days=_SOME_DAYS,
    months=st.none() | st.frozensets(st.integers(1, 12), min_size=1, max_size=5),
    weekdays=st.none() | st.frozensets(st.integers(0, 6), min_size=1, max_size=3),
)
@settings(max_examples=60)
def test_the_grain_is_over_when_the_next_fire_comes(
    days: frozenset[int] | None, months: frozenset[int] | None, weekdays: frozenset[int] | None
) -> None:
    """Whatever days, months and weekdays a schedule names: no fire comes before a period of its grain has passed."""
    schedule = Schedule("drawn", time(9), weekdays, days, months)
    fires = fires_between(schedule, local(SEOUL, 2025, 12, 31), local(SEOUL, 2027, 12, 31), SEOUL)
    apart = min((later - fire).days for fire, later in pairwise(fires))
    assert apart >= _SHORTEST[schedule.grain]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is no schedule"),
        ("monday", "is no schedule"),
        ("09:00", "is no schedule"),
        ("moonday 09:00", '"moonday"'),
        ("monday 24:00", "no time of day"),
        ("monday 9", "no time of day"),
        ("monday 09:60", "no time of day"),
        ("month 32 09:00", "no day of the month"),
        ("month 0 09:00", "no day of the month"),
        ("*/15 * * * *", "more than once a day"),
        ("0 9,17 * * *", "more than once a day"),
        ("0 25 * * *", "no cron line"),
        ("0 9 31 2 *", "never comes"),
        ("0 9 * * mon#1", "not known here"),
        ("0 9 L * *", "not known here"),
        ("0 r * * *", "not known here"),
    ],
)
def test_wrong_schedules(text: str, message: str) -> None:
    """What is no schedule is refused with its reason and with what to write instead."""
    with pytest.raises(ScheduleError, match=message) as caught:
        parse_every(text)
    assert "`" in caught.value.hint or "09:00" in caught.value.hint


WORDS = st.lists(
    st.sampled_from(["mon", "day", "month", "09:00", "9", "1", "*", "*/2", "L", "1-5", "²", "32", "@daily"])
)


@given(st.text(max_size=20) | WORDS.map(" ".join))
def test_any_text(text: str) -> None:
    """Any text is a schedule with a next fire, or a ScheduleError."""
    with contextlib.suppress(ScheduleError):
        after = local(SEOUL, 2026, 11, 22, 12)
        assert next_fire(parse_every(text), after, SEOUL) > after


@pytest.mark.long
@pytest.mark.parametrize("name", ["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "America/Santiago"])
def test_one_fire_a_date(name: str) -> None:
    """Every quarter hour of the day fires once on each local date, across every clock change."""
    zone = ZoneInfo(name)
    years = long.times(6, 20)
    begin, end = date(2028 - years, 12, 31), date(2028, 12, 31)
    for at in QUARTER_HOURS:
        schedule = Schedule("day", at)
        fires = fires_between(
            schedule, local(zone, begin.year, 12, 31, 23, 59), local(zone, 2028, 12, 31, 23, 59), zone
        )
        assert [fire.date() for fire in fires] == [begin + timedelta(days=n) for n in range(1, (end - begin).days + 1)]
        assert sum(fire.time() != at for fire in fires) <= years
    long.ran("local dates at each quarter of an hour, one fire each", len(QUARTER_HOURS) * (end - begin).days)


def test_spring_gap_and_autumn_double() -> None:
    """A skipped time comes one hour later, a doubled one at its first."""
    berlin = ZoneInfo("Europe/Berlin")
    spring = next_fire(parse_every("day 02:30"), local(berlin, 2026, 3, 28, 12), berlin)
    autumn = fires_between(
        parse_every("day 02:30"), local(berlin, 2026, 10, 24, 12), local(berlin, 2026, 10, 25, 12), berlin
    )
    assert spring.isoformat() == "2026-03-29T03:30:00+02:00"
    assert [fire.isoformat() for fire in autumn] == ["2026-10-25T02:30:00+02:00"]


def test_after_the_first_of_a_doubled_time() -> None:
    """Asked within the doubled hour, the schedule waits for the next date."""
    berlin = ZoneInfo("Europe/Berlin")
    between = datetime(2026, 10, 25, 0, 45, tzinfo=UTC)
    assert next_fire(parse_every("day 02:30"), between, berlin).isoformat() == "2026-10-26T02:30:00+01:00"


def test_gap_at_the_end_of_a_day() -> None:
    """Where the clocks skip the last hour of a date, its fire comes in the first minutes of the next."""
    nuuk = ZoneInfo("America/Nuuk")
    fires = fires_between(parse_every("day 23:15"), local(nuuk, 2026, 3, 27, 12), local(nuuk, 2026, 3, 30, 12), nuuk)
    assert [fire.strftime("%d %H:%M") for fire in fires] == ["27 23:15", "29 00:15", "29 23:15"]


def test_a_fire_in_a_gap_before_midnight_is_not_lost() -> None:
    """Asked when its date is over already, the schedule still has the fire that the gap moved into the next."""
    nuuk, schedule = ZoneInfo("America/Nuuk"), parse_every("day 23:15")
    after_midnight = datetime(2026, 3, 29, 1, 5, tzinfo=UTC)
    assert after_midnight.astimezone(nuuk).strftime("%d %H:%M") == "29 00:05"
    assert next_fire(schedule, after_midnight, nuuk).strftime("%d %H:%M") == "29 00:15"
    fire = due(schedule, after_midnight, after_midnight + timedelta(minutes=20), nuuk)
    assert fire is not None
    assert fire.due.strftime("%d %H:%M") == "29 00:15"


def test_a_date_that_never_was() -> None:
    """A date that the zone left out does not fire."""
    apia = ZoneInfo("Pacific/Apia")
    fires = fires_between(parse_every("day 09:00"), local(apia, 2011, 12, 29), local(apia, 2012, 1, 1), apia)
    assert [fire.strftime("%d") for fire in fires] == ["29", "31"]


@pytest.mark.long
@pytest.mark.parametrize("text", ["day 07:00", "monday 09:00", "month 1 09:00", "weekdays 08:30"])
def test_one_catch_up(text: str) -> None:
    """After any downtime from a minute to 60 days one fire is due, and it counts those it stands for."""
    schedule, stopped = parse_every(text), local(SEOUL, 2026, 9, 1, 6, 59)
    last = fires_between(schedule, stopped - timedelta(days=40), stopped, SEOUL)[-1]
    plain = (1, 2, 30, 60, 24 * 60, 5 * 24 * 60, 7 * 24 * 60, 31 * 24 * 60, 60 * 24 * 60)
    chance = random.Random(0)
    downtimes = [*plain, *(chance.randint(1, 60 * 24 * 60) for _ in range(long.times(5, 500)))]
    long.ran("downtimes of a minute to 60 days, one catch-up each", len(downtimes))
    for minutes in downtimes:
        now = stopped + timedelta(minutes=minutes)
        expected = fires_between(schedule, last, now, SEOUL)
        fire = due(schedule, last, now, SEOUL)
        if fire is None:
            assert not expected
            continue
        assert fire.due == expected[-1]
        assert fire.missed == len(expected) - 1
        assert fire.since == (expected[0] if len(expected) > 1 else None)
        assert due(schedule, fire.due, now, SEOUL) is None


SEOUL = ZoneInfo("Asia/Seoul")
KOREA = Calendar(timezone="Asia/Seoul", holidays="KR")


@pytest.mark.parametrize(
    ("every", "on_holidays", "after", "days"),
    [
        # Chuseok 2026: Thursday 24 to Saturday 26 September; the week after begins on Monday the 28th.
        ("weekdays 09:00", "run", "2026-09-23", ["2026-09-23", "2026-09-24", "2026-09-25", "2026-09-28"]),
        ("weekdays 09:00", "skip", "2026-09-23", ["2026-09-23", "2026-09-28", "2026-09-29", "2026-09-30"]),
        ("weekdays 09:00", "move", "2026-09-23", ["2026-09-23", "2026-09-28", "2026-09-29", "2026-09-30"]),
        ("thursday 09:00", "skip", "2026-09-23", ["2026-10-01", "2026-10-08"]),
        ("thursday 09:00", "move", "2026-09-23", ["2026-09-28", "2026-10-01"]),
        # A Saturday that nobody calls a holiday is no reason to move; 1 January 2027 is a Friday.
        ("saturday 09:00", "move", "2026-10-09", ["2026-10-10", "2026-10-17"]),
        ("month 1 09:00", "move", "2026-12-31", ["2027-01-04", "2027-02-01"]),
        ("month 1 09:00", "skip", "2026-12-31", ["2027-02-01"]),
    ],
)
def test_public_holidays(every: str, on_holidays: Literal["run", "skip", "move"], after: str, days: list[str]) -> None:
    """A fire on a holiday comes, not at all, or on the next working day, where one that comes anyway is one."""
    schedule = replace(parse_every(every), on_holidays=on_holidays, calendar=KOREA)
    start = datetime.combine(date.fromisoformat(after), time(), SEOUL)
    fires = next_fires(schedule, start, SEOUL, len(days))
    assert [str(fire.date()) for fire in fires] == days
    assert {fire.time() for fire in fires} == {time(9)}


@pytest.mark.parametrize(("text", "minutes"), [("3h", 180), ("90m", 90), ("1h30m", 90), ("24h", 1440), (" 2 H", 120)])
def test_waits(text: str, minutes: int) -> None:
    """Hours and minutes as people write them."""
    assert parse_wait(text) == timedelta(minutes=minutes)


@pytest.mark.parametrize("text", ["", "0h", "25h", "3", "soon", "-1h", "h", "3d"])
def test_what_is_no_wait(text: str) -> None:
    """Nothing, too long, or no time at all: a sentence that says what to write."""
    with pytest.raises(ScheduleError) as caught:
        parse_wait(text)
    assert "3h" in caught.value.hint
