# ruff: noqa: S608  (SQL is put together from patterns of our own)
"""The usual forms of days and amounts in SQL that costs little. What has another form is taken apart by its groups.

Groups of a regular expression cost fifty times as much as a look, so the first values of a column say what to look for.
Each form proves itself: no other value of the column could say that it means something else.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from kpi_core.frozen_dataclass import frozen
from kpi_core.loading.reading.layers import beside
from kpi_core.loading.reading.texts import matches, something_sql
from kpi_core.sql.quoting import literal

_FIRST = 1_000
_DAYS = {
    f"[0-9]{{4}}{first}[0-9]{{1,2}}{second}[0-9]{{1,2}}{end}": f"%Y{first}%m{second}%d{end}".replace("\\", "")
    for first, second, end in (
        (r"\. ", r"\. ", r"\."), (r"\. ", r"\. ", ""), (r"\.", r"\.", ""), ("/", "/", ""), ("-", "-", ""),
        ("년 ", "월 ", "일"), ("年", "月", "日"),
    )
}  # fmt: skip
_HALVES = {"": "", " 오[전후]": " %p", " [上下]午": " %p"}
_CLOCKS = {"": "", " [0-9]{1,2}:[0-9]{2}": " %H:%M", " [0-9]{1,2}:[0-9]{2}:[0-9]{2}": " %H:%M:%S"}
_HALF_WORDS = {" 오[전후]": ("오전", "오후"), " [上下]午": ("上午", "下午")}


@frozen
class QuickForm:
    """A form of texts: what they match, and SQL for the value of one, with `{}` for the text."""

    pattern: str
    value: str
    guard: str = ""
    """For LIKE: what is enough to know that a text with a value has the pattern."""


def quick_sql(text: str, forms: Iterable[QuickForm], kind: str) -> str:
    """SQL for the value of a text in one of the forms, of a DuckDB type; NULL for any other."""
    values = [(_looks(text, form), form.value.replace("{}", text)) for form in forms]
    cases = " ".join(f"WHEN {looks} THEN {value}" for looks, value in values)
    return f"CASE {cases} END" if cases else f"CAST(NULL AS {kind})"


def _looks(text: str, form: QuickForm) -> str:
    return f"{text} LIKE {literal(form.guard)}" if form.guard else matches(text, form.pattern)


def is_quick_sql(text: str, forms: Iterable[QuickForm]) -> str:
    """Whether a text is in one of the forms."""
    return " OR ".join(matches(text, form.pattern) for form in forms) or "false"


def first_texts(column: str, rows: str, run: Any) -> list[str]:
    """The first values of a text column."""
    some = beside(rows, [(f"{something_sql(column)} AS kpi_some",)])
    return [text for (text,) in run(f"SELECT kpi_some FROM ({some}) WHERE kpi_some IS NOT NULL LIMIT {_FIRST}")]


def quick_days(texts: Sequence[str]) -> tuple[QuickForm, ...]:
    """The forms of days, and times without an offset, that the texts have: those that begin with their year."""
    forms = {form.pattern: form for form in _day_forms()}
    return tuple(forms[pattern] for pattern in _usual(texts, forms))


def quick_amounts(
    texts: Sequence[str], currency: re.Pattern[str], declared: str, is_whole: Callable[[str], bool]
) -> tuple[tuple[QuickForm, ...], str, str]:
    """The form of amounts that the texts have, all with the same currency before or behind them; its decimal sign, and
    the currency.

    `currency` are the signs that may be one, `is_whole` says which have no three places.
    """
    mark, is_before = _mark(texts, currency)
    for decimal in declared or ".,":
        pattern = _amount_pattern(mark, decimal, is_before=is_before, is_whole=is_whole(mark.strip()))
        forms = {pattern: QuickForm(pattern, _amount(mark, decimal))}
        if _usual(texts, forms):
            return tuple(forms.values()), decimal, mark.strip()
    return (), ".", ""


def _usual(texts: Sequence[str], forms: Mapping[str, QuickForm]) -> list[str]:
    """The patterns that many of the texts have, the commonest first."""
    times = Counter(
        next((pattern for pattern, compiled in _compiled(forms) if compiled.fullmatch(text)), "") for text in texts
    )
    return [pattern for pattern, often in times.most_common() if pattern and 20 * often >= len(texts)]


def _compiled(forms: Mapping[str, QuickForm]) -> list[tuple[str, re.Pattern[str]]]:
    return [(pattern, re.compile(pattern)) for pattern in forms]


def _day_forms() -> Iterator[QuickForm]:
    for (day, day_format), (half, half_format), (clock, clock_format) in product(
        _DAYS.items(), _HALVES.items(), _CLOCKS.items()
    ):
        if half and not clock:
            continue
        morning, evening = _HALF_WORDS.get(half, ("", ""))
        text = f"replace(replace({{}}, '{morning}', 'AM'), '{evening}', 'PM')" if half else "{}"
        form = day_format + half_format + (clock_format.replace("%H", "%I") if half else clock_format)
        # Four digits before the first sign are all that could be read amiss.
        yield QuickForm(day + half + clock, f"try_strptime({text}, {literal(form)})", f"____{form[2]}%")


def _mark(texts: Sequence[str], currency: re.Pattern[str]) -> tuple[str, bool]:
    """The currency that most texts have, with the space beside it, and whether it stands before the figures."""
    around = Counter(re.sub(r"[0-9.,]*[0-9]|-", "\0", text).strip("\0") for text in texts)
    mark = next((mark for mark, _often in around.most_common(1)), "")
    is_before = any(text.lstrip("-").startswith(mark) for text in texts)
    return (mark, is_before) if currency.fullmatch(mark.strip(" ")) else ("", True)


def _amount_pattern(mark: str, decimal: str, *, is_before: bool, is_whole: bool) -> str:
    """Figures with nothing to be mistaken: 1,234 alone may be one and a bit, 1,234.5 and 1,234,567 may not."""
    point, group = (re.escape(decimal), re.escape("," if decimal == "." else "."))
    figures = [
        "[0-9]+",
        rf"[1-9][0-9]{{0,2}}(?:{group}[0-9]{{3}}){{{1 if is_whole else 2},}}",
        rf"[1-9][0-9]{{0,2}}(?:{group}[0-9]{{3}})+{point}[0-9]{{1,2}}",
        rf"[0-9]+{point}[0-9]{{1,2}}",
    ]
    escaped = re.escape(mark).replace("\\ ", " ")
    joined = f"(?:{'|'.join(figures)})"
    return f"(?:-?{escaped}|{escaped}-){joined}" if is_before else f"-?{joined}{escaped}"


def _amount(mark: str, decimal: str) -> str:
    bare = f"replace({{}}, {literal(mark)}, '')" if mark else "{}"
    grouped = f"replace({bare}, '{',' if decimal == '.' else '.'}', '')"
    pointed = grouped if decimal == "." else f"replace({grouped}, ',', '.')"
    return f"TRY_CAST({pointed} AS DECIMAL(38,10))"
