"""Days and times as people write them. Which orders a column of them allows is worked out here by trying each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from random import Random
from zoneinfo import ZoneInfo

MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
}
SHORT = {
    "en": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    "en2": "Jan. Feb. Mar. Apr. May June July Aug. Sept. Oct. Nov. Dec.",
    "de": "Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez.",
    "de2": "Jan Feb Mär Apr Mai Jun Jul Aug Sep Okt Nov Dez",
    "fr": "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
    "es": "ene feb mar abr may jun jul ago sep oct nov dic",
    "es2": "ene. feb. mar. abr. may. jun. jul. ago. sept. oct. nov. dic.",
}
YEARS = range(2022, 2029)
"""Two digits are one of these, where they can be: from five before to one after that of the test's clock."""
Parts = tuple[str, str, str] | None
"""The three numbers of a day as they stand, where their order is not written."""


@dataclass(frozen=True)
class DayForm:
    """How a day is written; `order` where that can be mistaken: 1-3 of a day of numbers, or of a serial."""

    name: str
    text: Callable[[date], str]
    order: str = ""
    separator: str = ""

    def parts(self, day: date) -> Parts:
        if self.order in {"", "serial"}:
            return None
        first, second, third = self.text(day).replace(" ", "").rstrip(".").split(self.separator)
        return first, second, third


def _named(name: str, months: str, pattern: str) -> DayForm:
    listed = months.split()
    return DayForm(name, lambda day: pattern.format(d=day.day, m=listed[day.month - 1], y=day.year, dd=f"{day.day:02}"))


def _plain(name: str, pattern: str, order: str = "", separator: str = "") -> DayForm:
    def text(day: date) -> str:
        return pattern.format(d=day.day, m=day.month, y=day.year, dd=f"{day.day:02}", mm=f"{day.month:02}",
                              yy=f"{day.year % 100:02}", roc=day.year - 1911, reiwa=day.year - 2018)  # fmt: skip

    return DayForm(name, text, order, separator)


PROVEN = (
    _plain("iso", "{y}-{mm}-{dd}"), _plain("iso", "{y}-{mm}-{dd}"), _plain("slashes", "{y}/{m}/{d}"),
    _plain("slashes padded", "{y}/{mm}/{dd}"), _plain("points", "{y}.{mm}.{dd}"), _plain("korean", "{y}. {m}. {d}."),
    _plain("korean padded", "{y}. {mm}. {dd}"), _plain("digits", "{y}{mm}{dd}"), _plain("years", "{y}년 {m}월 {d}일"),
    _plain("republic", "民國{roc}年{m}月{d}日"), _plain("republic slashes", "民國{roc}/{mm}/{dd}"),
    _plain("reiwa", "令和{reiwa}年{m}月{d}日"), _plain("reiwa letter", "R{reiwa}.{m}.{d}"),
    _plain("years close", "{y}년{mm}월{dd}일"), _plain("han", "{y}年{m}月{d}日"), _plain("han wide", "{y}年 {m}月 {d}日"),  # noqa: E501
    *(_named(f"{name} long", MONTHS[name], "{d} {m} {y}") for name in ("en", "fr")),
    *(_named(f"{name} short", SHORT[name], "{d} {m} {y}") for name in ("en", "en2", "fr", "es", "es2")),
    _named("en us", MONTHS["en"], "{m} {d}, {y}"), _named("en us short", SHORT["en"], "{m} {d}, {y}"),
    _named("en us point", SHORT["en2"], "{m} {dd}, {y}"), _named("en dashes", SHORT["en"], "{dd}-{m}-{y}"),
    _named("de", MONTHS["de"], "{d}. {m} {y}"), _named("de short", SHORT["de"], "{d}. {m} {y}"),
    _named("de short bare", SHORT["de2"], "{dd}. {m} {y}"), _named("es", MONTHS["es"], "{d} de {m} de {y}"),
    _named("es bare", MONTHS["es"], "{d} {m} {y}"),
)  # fmt: skip
NUMBERED = {
    "dmy": (_plain("d/m/y", "{d}/{m}/{y}", "dmy", "/"), _plain("dd/mm/y", "{dd}/{mm}/{y}", "dmy", "/"),
            _plain("d.m.y", "{d}.{m}.{y}", "dmy", "."), _plain("dd.mm.y", "{dd}.{mm}.{y}", "dmy", "."),
            _plain("dd-mm-y", "{dd}-{mm}-{y}", "dmy", "-"), _plain("dd/mm/yy", "{dd}/{mm}/{yy}", "dmy", "/"),
            _plain("dd.mm.yy", "{dd}.{mm}.{yy}", "dmy", ".")),
    "mdy": (_plain("m/d/y", "{m}/{d}/{y}", "mdy", "/"), _plain("mm/dd/y", "{mm}/{dd}/{y}", "mdy", "/"),
            _plain("mm-dd-y", "{mm}-{dd}-{y}", "mdy", "-"), _plain("m/d/yy", "{m}/{d}/{yy}", "mdy", "/")),
    "ymd": (_plain("yy. m. d.", "{yy}. {m}. {d}.", "ymd", "."), _plain("yy/mm/dd", "{yy}/{mm}/{dd}", "ymd", "/"),
            _plain("yy-mm-dd", "{yy}-{mm}-{dd}", "ymd", "-")),
}  # fmt: skip
SERIAL = DayForm("serial", lambda day: str((day - date(1899, 12, 30)).days), "serial")
WEEKDAYS = "월화수목금토일"


def open_orders(days: Sequence[Parts], separator: str) -> bool:
    """Whether several orders make days of every text of a column, and not the same ones."""
    readings = set()
    for order in ("dmy", "mdy", "ymd"):
        read = [_by(order, parts) for parts in days if parts is not None]
        # Between points nobody writes the month first, where the days can be read otherwise.
        if None not in read and read and not (order == "mdy" and separator == "."):
            readings.add(tuple(read))
    past = {each for each in readings if all(day is not None and day.year < YEARS.stop for day in each)} or readings
    near = {each for each in past if all(day is not None and day.year in YEARS for day in each)}
    return len(past) > 1 and len(near) != 1


def _by(order: str, parts: tuple[str, str, str]) -> date | None:
    named = dict(zip(order, parts, strict=True))
    if len(named["y"]) not in {2, 4} or len(named["m"]) > 2 or len(named["d"]) > 2:
        return None
    if order == "ymd" and len(parts[2]) == 4:
        return None
    try:
        return date(int(named["y"]) + (2000 if len(named["y"]) == 2 else 0), int(named["m"]), int(named["d"]))
    except ValueError:
        return None


@dataclass(frozen=True)
class TimeForm:
    """How the time follows its day; `offset` is written behind it, and says where the clock hangs."""

    name: str
    text: Callable[[datetime], str]
    has_seconds: bool = False
    offset: tuple[str, int | None] = ("", None)


def _half(moment: datetime, morning: str, evening: str, gap: str, seconds: bool) -> str:
    hour = moment.hour % 12 or 12
    rest = f":{moment.minute:02}" + (f":{moment.second:02}" if seconds else "")
    return f"{morning if moment.hour < 12 else evening}{gap}{hour}{rest}"


def _half_behind(moment: datetime, words: tuple[str, str], seconds: bool) -> str:
    hour = moment.hour % 12 or 12
    rest = f":{moment.minute:02}" + (f":{moment.second:02}" if seconds else "")
    return f"{hour}{rest}{words[moment.hour >= 12]}"


CLOCKS = (
    TimeForm("24h", lambda at: f" {at:%H:%M}"), TimeForm("24h seconds", lambda at: f" {at:%H:%M:%S}", True),
    TimeForm("24h short", lambda at: f" {at.hour}:{at:%M}"),
    TimeForm("comma", lambda at: f", {at:%H:%M}"),
    TimeForm("korean", lambda at: " " + _half(at, "오전", "오후", " ", False)),
    TimeForm("korean seconds", lambda at: " " + _half(at, "오전", "오후", " ", True), True),
    TimeForm("chinese", lambda at: " " + _half(at, "上午", "下午", " ", False)),
    TimeForm("chinese close", lambda at: " " + _half(at, "上午", "下午", "", True), True),
    TimeForm("japanese", lambda at: " " + _half(at, "午前", "午後", "", False)),
    TimeForm("pm", lambda at: " " + _half_behind(at, (" am", " pm"), False)),
    TimeForm("PM", lambda at: " " + _half_behind(at, ("AM", "PM"), False)),
    TimeForm("PM seconds", lambda at: " " + _half_behind(at, (" AM", " PM"), True), True),
    TimeForm("p.m.", lambda at: " " + _half_behind(at, (" a.m.", " p.m."), False)),
)  # fmt: skip
OFFSETS = ((" -0500", -300), ("+09:00", 540), (" +0900", 540), ("Z", 0), (" UTC", 0), (" +0530", 330), ("+08:00", 480))
DAY_ALONE = TimeForm("day alone", lambda _at: "")
MIDNIGHT = TimeForm("midnight", lambda _at: " 00:00:00", True)


@dataclass(frozen=True)
class DayStyle:
    """How one column writes its days or instants. `zone` is where a clock without an offset hangs."""

    day: DayForm
    time: TimeForm
    zone: str
    offset: tuple[str, int] | None = None
    weekday: bool = False
    empty: str = ""

    def wall(self, value: datetime) -> datetime:
        """What the clock showed at an instant in UTC."""
        where = timezone(timedelta(minutes=self.offset[1])) if self.offset else ZoneInfo(self.zone)
        return value.replace(tzinfo=UTC).astimezone(where).replace(tzinfo=None)

    def text(self, value: date | None) -> tuple[str, Parts]:
        if value is None:
            return self.empty, None
        wall = self.wall(value) if isinstance(value, datetime) else datetime(value.year, value.month, value.day)
        if self.day.order == "serial":
            return _serial(wall), None
        day = self.day.text(wall.date())
        named = f"{day}({WEEKDAYS[wall.weekday()]})" if self.weekday else day
        return named + self.time.text(wall) + (self.offset[0] if self.offset else ""), self.day.parts(wall.date())


def _serial(wall: datetime) -> str:
    passed = wall - datetime(1899, 12, 30)
    seconds = passed.seconds
    return str(passed.days) if not seconds else f"{passed.days + seconds / 86_400:.10f}".rstrip("0")


def day_form(random: Random, order: str) -> DayForm:
    if order == "serial":
        return SERIAL
    return random.choice(NUMBERED[order]) if random.random() < 0.55 else random.choice(PROVEN)


def day_style(random: Random, order: str, zone: str, values: Sequence[date | None]) -> DayStyle:
    """A style that loses nothing of the values."""
    form, empty = day_form(random, order), random.choice(["", "", "-", "--"])
    there = [value for value in values if value is not None]
    moments = [value for value in there if isinstance(value, datetime)]
    plain = DayStyle(form, DAY_ALONE, zone, None, form.name == "korean" and random.random() < 0.3, empty)
    if len(moments) < len(there) or form is SERIAL:
        return plain
    if all(plain.wall(value).time() == datetime.min.time() for value in moments) and random.random() < 0.5:
        return plain
    has_seconds = any(value.second for value in moments)
    clock = random.choice([clock for clock in CLOCKS if clock.has_seconds or not has_seconds])
    has_offset = random.random() < 0.35 and not clock.name.startswith(("korean", "chinese", "japanese"))
    return DayStyle(form, clock, zone, random.choice(OFFSETS) if has_offset else None, plain.weekday, empty)
