"""When something is due: `monday 09:00`, `day 07:00`, `month 1 09:00`, `quarter 1 09:00`, a cron line. Pure.

Times are local and a schedule fires once for each local date it names, whatever the clocks do: a time that the spring
change skips comes as much later as the clocks were moved (one hour), a time that autumn doubles comes at its first.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from typing import Literal
from zoneinfo import ZoneInfo

from kpi_core.dates.calendars import Calendar
from kpi_core.dates.feasts import is_day_off, is_public_holiday
from kpi_core.dates.periods import Grain
from kpi_core.frozen_dataclass import frozen

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_FORMS = (
    "Write `monday 09:00`, `weekdays 08:30`, `day 07:00`, `month 1 09:00`, `quarter 1 09:00`, "
    "or a cron line such as `0 9 * * 1`."
)
_QUARTERS = frozenset({1, 4, 7, 10})
_ONE_DAY = timedelta(days=1)
_LONGER_GRAINS: tuple[tuple[int, Grain], ...] = ((12, "year"), (6, "half"), (3, "quarter"))
"""In how many months one passes."""
_LONGEST_WAIT = 8 * 366 + 1
"""Days until a 29 February comes again at the latest."""


class ScheduleError(ValueError):
    """The text is no schedule: `message` says why, `hint` what to write."""

    def __init__(self, message: str, hint: str = _FORMS) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


OnHolidays = Literal["run", "skip", "move"]


@frozen
class Schedule:
    """Dates and a local time. None means any; weekdays run from 0 (Monday); weekdays and days together mean either."""

    text: str
    at: time
    weekdays: frozenset[int] | None = None
    days: frozenset[int] | None = None
    months: frozenset[int] | None = None
    clamps: bool = False
    """Whether day 31 means the last day of a shorter month."""
    on_holidays: OnHolidays = "run"
    """What becomes of a fire on a public holiday: it comes, not at all, or on the next working day."""
    calendar: Calendar | None = None
    """Whose holidays count; none without one."""

    @property
    def grain(self) -> Grain:
        """The kind of period that passes from one fire to the next; a working day counts as a day."""
        if self.days is not None and len(self.days) == 1 and self.weekdays is None:
            months = sorted(self.months or range(1, 13))
            # The nearest two count: of a fire in each of the months 1 to 4, none tells of a quarter.
            apart = min(later - month for month, later in pairwise([*months, months[0] + 12]))
            return next((grain for least, grain in _LONGER_GRAINS if apart >= least), "month")
        return "week" if self.days is None and self.weekdays is not None and len(self.weekdays) == 1 else "day"


@frozen
class Fire:
    """What is due. After downtime one fire stands for `missed` earlier ones, the first of them due at `since`."""

    due: datetime
    missed: int = 0
    since: datetime | None = None


def parse_every(text: str) -> Schedule:
    """The schedule that `text` names. ScheduleError with a hint for anything else."""
    words = text.casefold().replace(",", " ").split()
    if len(text.split()) == 5 and not words[0].isalpha():
        return _parse_cron(text)
    if len(words) < 2:
        raise ScheduleError(f'"{text}" is no schedule.')
    at = _parse_time(words[-1], text)
    match words[:-1]:
        case ["day" | "daily"]:
            return Schedule(text, at)
        case ["weekdays"]:
            return Schedule(text, at, weekdays=frozenset(range(5)))
        case ["month", day]:
            return Schedule(text, at, days=frozenset({_parse_day(day, text)}), clamps=True)
        case ["quarter", day]:
            return Schedule(text, at, days=frozenset({_parse_day(day, text)}), months=_QUARTERS, clamps=True)
        case names:
            return Schedule(text, at, weekdays=frozenset(_parse_weekday(name, text) for name in names))


def parse_wait(text: str) -> timedelta:
    """How long `3h`, `90m` or `1h30m` is. ScheduleError for anything else, nothing, and more than a day."""
    match = re.fullmatch(r"(?:(\d{1,2}) ?h)? ?(?:(\d{1,3}) ?m)?", text.strip().casefold())
    wait = timedelta(hours=int(match[1] or 0), minutes=int(match[2] or 0)) if match else timedelta()
    if not timedelta() < wait <= _ONE_DAY:
        raise ScheduleError(f'"{text}" is no time to wait.', "Write it as 3h, 90m or 1h30m, a day at most.")
    return wait


def next_fire(schedule: Schedule, after: datetime, zone: ZoneInfo) -> datetime:
    """The first fire later than the aware instant `after`, in `zone`."""
    return next(_fires(schedule, after, zone))


def next_fires(schedule: Schedule, after: datetime, zone: ZoneInfo, count: int) -> tuple[datetime, ...]:
    """The first `count` fires later than `after`, in `zone`."""
    return tuple(islice(_fires(schedule, after, zone), count))


def fires_between(schedule: Schedule, after: datetime, until: datetime, zone: ZoneInfo) -> tuple[datetime, ...]:
    """Every fire in `(after, until]`, oldest first."""
    fires: list[datetime] = []
    for fire in _fires(schedule, after, zone):
        if fire > until:
            break
        fires.append(fire)
    return tuple(fires)


def due(schedule: Schedule, last_fired: datetime, now: datetime, zone: ZoneInfo) -> Fire | None:
    """What is to be done now: the newest fire since `last_fired`, which stands for those missed before it."""
    fires = fires_between(schedule, last_fired, now, zone)
    if not fires:
        return None
    return Fire(fires[-1], missed=len(fires) - 1, since=fires[0] if len(fires) > 1 else None)


def _fires(schedule: Schedule, after: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    # A time in a gap at midnight fires on the next date, so the search starts a day early.
    day = after.astimezone(zone).date() - _ONE_DAY
    waited = 0
    while waited <= _LONGEST_WAIT:
        fire = _fire_on(schedule, day, zone) if _falls_on(schedule, day) else None
        if fire is not None and fire.astimezone(UTC) > after:
            waited = 0
            yield fire
        day += _ONE_DAY
        waited += 1
    raise ScheduleError(f'"{schedule.text}" never comes.')


def _falls_on(schedule: Schedule, day: date) -> bool:
    """Whether it fires on a date, holidays considered."""
    calendar = schedule.calendar
    if calendar is None or schedule.on_holidays == "run":
        return _names_date(schedule, day)
    if is_public_holiday(day, calendar):
        return False
    if _names_date(schedule, day):
        return True
    return schedule.on_holidays == "move" and not is_day_off(day, calendar) and _was_moved_to(schedule, day, calendar)


def _was_moved_to(schedule: Schedule, day: date, calendar: Calendar) -> bool:
    """Whether a holiday that it names lies in the run of days off before a working day."""
    before = day - _ONE_DAY
    while is_day_off(before, calendar):
        if is_public_holiday(before, calendar) and _names_date(schedule, before):
            return True
        before -= _ONE_DAY
    return False


def _names_date(schedule: Schedule, day: date) -> bool:
    if schedule.months is not None and day.month not in schedule.months:
        return False
    by_weekday = schedule.weekdays is not None and day.weekday() in schedule.weekdays
    by_day = schedule.days is not None and _names_day(schedule, day)
    return by_weekday or by_day or (schedule.weekdays is None and schedule.days is None)


def _names_day(schedule: Schedule, day: date) -> bool:
    assert schedule.days is not None
    last = calendar.monthrange(day.year, day.month)[1]
    return day.day in schedule.days or (schedule.clamps and day.day == last and max(schedule.days) > last)


def _fire_on(schedule: Schedule, day: date, zone: ZoneInfo) -> datetime | None:
    """The instant on a local date; None for a date that the zone left out (Samoa had no 30 December 2011)."""
    if datetime.combine(day, time(), zone).astimezone(UTC).astimezone(zone).date() != day:
        return None
    # fold=0 reads a doubled time as its first, and a skipped one by the offset before: later by what was skipped.
    return datetime.combine(day, schedule.at, zone).astimezone(UTC).astimezone(zone)


def _parse_time(word: str, text: str) -> time:
    hour, colon, minute = word.partition(":")
    if colon and len(minute) == 2 and (hour + minute).isdecimal() and int(hour) < 24 and int(minute) < 60:
        return time(int(hour), int(minute))
    raise ScheduleError(f'"{word}" in "{text}" is no time of day.', "Write the time as 09:00, from 00:00 to 23:59.")


def _parse_day(word: str, text: str) -> int:
    if word.isdecimal() and 1 <= int(word) <= 31:
        return int(word)
    raise ScheduleError(f'"{word}" in "{text}" is no day of the month.', "Write `month 1 09:00`, a day from 1 to 31.")


def _parse_weekday(word: str, text: str) -> int:
    for number, name in enumerate(_WEEKDAYS):
        if word in {name, name[:3]}:
            return number
    raise ScheduleError(f'"{word}" in "{text}" is no day.')


def _parse_cron(text: str) -> Schedule:
    from croniter import croniter

    hint = "A cron line here is `minute hour day month weekday` with one minute and one hour, such as `0 9 * * 1`."
    try:
        fields, numbered = croniter.expand(text)
    except ValueError as error:
        raise ScheduleError(f'"{text}" is no cron line.', hint) from error
    plain = all(isinstance(value, int) or value == "*" for field in fields for value in field)
    # Croniter's own signs: R is a random minute, another one at each start, and # counts weekdays in a month.
    if numbered or not plain or "r" in text.casefold().split()[:2]:
        raise ScheduleError(f'"{text}" uses cron signs that are not known here.', hint)
    minute, hour, days, months, weekdays = (None if "*" in field else frozenset(field) for field in fields)
    if minute is None or hour is None or len(minute) > 1 or len(hour) > 1:
        raise ScheduleError(f'"{text}" fires more than once a day.', hint)
    # Cron counts weekdays from Sunday.
    shifted = None if weekdays is None else frozenset((number - 1) % 7 for number in weekdays)
    schedule = Schedule(text, time(next(iter(hour)), next(iter(minute))), shifted, days, months)
    if shifted is None and not _days_exist(schedule):
        raise ScheduleError(f'"{text}" never comes: no such day in those months.', hint)
    return schedule


def _days_exist(schedule: Schedule) -> bool:
    # Asked for 31 days at most in the longest months of a leap year: a 29 February does come.
    longest = max(calendar.monthrange(2024, month)[1] for month in schedule.months or range(1, 13))
    return schedule.days is None or min(schedule.days) <= longest
