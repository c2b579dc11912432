"""Which layout a header belongs to. Case, spaces, width, quotes, a BOM and marks for needed columns do not matter."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from functools import cache

from kpi_core.frozen_dataclass import frozen
from kpi_core.layouts.currencies import SHARED_SIGNS, SIGNS, codes
from kpi_core.layouts.export_layout import CURRENCY, Basis, Layout, layout, layouts
from kpi_core.layouts.meaning import is_name_of, plain_name, strong_names

_UNWRITTEN = re.compile(r"[\s\"'“”‘’«»*\u200b\u200e\u200f\u2060\ufeff]+")


@frozen
class Match:
    """A header that is a layout's. By field: its header as written, and its place in the header, from 0."""

    layout: Layout
    headers: Mapping[str, str]
    places: Mapping[str, int] = field(default_factory=dict)
    currency: str = ""
    """What `{currency}` stands for: an ISO code, or a sign of several currencies; empty where nothing says one."""
    vat: Basis = ""


def recognised(
    header: Sequence[str], only: str | None = None, renamed: Mapping[str, str] | None = None
) -> Match | None:
    """The layout with the most of its fields in a header; None where there is none, or where two have as many.

    `only` is the id of the layout that it has to be; `renamed` the headers of some of its fields, which count before
    their usual names.
    """
    best = recognitions(header, only, renamed)
    return best[0] if len(best) == 1 else None


def recognitions(
    header: Sequence[str], only: str | None = None, renamed: Mapping[str, str] | None = None
) -> tuple[Match, ...]:
    """All layouts with the most of their fields in the header, by id: more than one, and nobody knows which it is."""
    texts = [plain_header(text) for text in header]
    if sum(map(bool, texts)) < 2:
        return ()
    candidates = [layout(only)] if only else _possible(frozenset(texts))
    matches = [match for candidate in candidates if (match := _matched(candidate, header, texts, renamed or {}))]
    most = max((len(match.headers) for match in matches), default=0)
    return tuple(match for match in matches if len(match.headers) == most)


def plain_header(text: str) -> str:
    """What all spellings of a header have in common."""
    return _UNWRITTEN.sub("", unicodedata.normalize("NFKC", text)).casefold()


def _possible(texts: frozenset[str]) -> list[Layout]:
    """The layouts of which some field stands in the header by its name, and those with fields that have patterns."""
    by_name, others = _by_name()
    ids = {layout_id for text in texts for layout_id in by_name.get(text, ())}
    return [layouts()[layout_id] for layout_id in sorted(ids | others)]


@cache
def _by_name() -> tuple[Mapping[str, frozenset[str]], frozenset[str]]:
    by_name: dict[str, set[str]] = {}
    others: set[str] = set()
    for layout_id, its in layouts().items():
        for written in its.fields.values():
            for name in written.names:
                by_name.setdefault(plain_header(name), set()).add(layout_id)
            if written.pattern or any(CURRENCY in name for name in written.names):
                others.add(layout_id)
    return {name: frozenset(ids) for name, ids in by_name.items()}, frozenset(others)


@frozen
class _Header:
    """How a field is known: by whole names, or by patterns over a plain header or over the header as it stands."""

    names: frozenset[str]
    with_currency: tuple[re.Pattern[str], ...]
    pattern: re.Pattern[str] | None


@cache
def _headers(layout_id: str) -> Mapping[str, _Header]:
    return {
        name: _Header(
            frozenset(plain_header(text) for text in written.names if CURRENCY not in text),
            tuple(_currency_pattern(text) for text in written.names if CURRENCY in text),
            re.compile(written.pattern) if written.pattern else None,
        )
        for name, written in layout(layout_id).fields.items()
    }


def _currency_pattern(text: str) -> re.Pattern[str]:
    signs = "|".join(map(re.escape, (*SIGNS, *SHARED_SIGNS)))
    before, _mark, after = text.partition(CURRENCY)
    return re.compile(
        rf"{re.escape(plain_header(before))}(?P<currency>[a-z]{{3}}|{signs}){re.escape(plain_header(after))}"
    )


def _matched(layout: Layout, header: Sequence[str], texts: Sequence[str], renamed: Mapping[str, str]) -> Match | None:
    places: dict[str, int] = {}
    currencies: set[str] = set()
    for name, written in _headers(layout.id).items():
        if name in renamed:
            place = _place_of(renamed[name], header, texts)
            currency = None
        else:
            place, currency = _place(written, header, texts)
        if place is not None:
            places[name] = place
            currencies |= {currency} if currency else set()
    if not all(name in places for name in layout.needs) or any(name in places for name in layout.not_with):
        return None
    # A dollar sign beside USD is that one.
    currencies -= {sign for sign, meant in SHARED_SIGNS.items() if meant & currencies}
    # Amounts of two currencies in one row are beyond what a layout says.
    if len(currencies) > 1:
        return None
    headers = {name: header[place] for name, place in places.items()}
    if _is_a_list_of_several(layout, header, places, renamed) or _is_half_read(layout, header, places):
        return None
    return Match(layout, headers, places, next(iter(currencies), ""), _basis(layout, headers))


_WHOSE = ("platform", "network", "channel", "source", "medium")
"""The columns that say whose a row is."""


def _is_a_list_of_several(
    layout: Layout, header: Sequence[str], places: Mapping[str, int], renamed: Mapping[str, str]
) -> bool:
    """Whether a header has a column for whose its rows are, and the layout takes all of them for its tool's.

    A team's list of all that it spends has the same names as one tool's export, and 매체 beside them. A name that the
    tool alone writes, such as Clicks (destination), makes the column a breakdown of its own.
    """
    if not all(is_name_of(layout.table, header[places[name]]) for name in layout.needs):
        return False
    read = {*places.values(), *(header.index(name) for name in renamed.values() if name in header)}
    others = {plain_name(text) for place, text in enumerate(header) if place not in read}
    is_constant = not layout.set.keys().isdisjoint({"platform", "network"})
    if is_constant and not others.isdisjoint(strong_names("traffic", "source")):
        return True
    return any(
        not others.isdisjoint(strong_names(layout.table, column))
        for column in _WHOSE
        if column in layout.set or (is_constant and column == "channel") or _is_left_open(layout, column, places)
    )


_MEASURES = ("impressions", "clicks", "spend", "conversions", "conversion_value", "sessions", "users")
_HALF = 2


def _is_half_read(layout: Layout, header: Sequence[str], places: Mapping[str, int]) -> bool:
    """Whether a header has what the layout would read, but by names that its tool does not write.

    No tool writes 費用 beside Impressions: such a list is read by what its columns mean, and all of them are.
    """
    read = set(places.values())
    others = {plain_name(text) for place, text in enumerate(header) if place not in read}

    def is_unread(column: str) -> bool:
        made = layout.columns.get(column)
        is_filled = made is not None and any(name in places for name in made.reads)
        return not is_filled and not others.isdisjoint(strong_names(layout.table, column))

    return sum(map(is_unread, _MEASURES)) >= _HALF


def _is_left_open(layout: Layout, column: str, places: Mapping[str, int]) -> bool:
    """Whether a layout fills a column from fields that a file has not."""
    made = layout.columns.get(column)
    return layout.table == "traffic" and made is not None and not any(name in places for name in made.reads)


def _place_of(name: str, header: Sequence[str], texts: Sequence[str]) -> int | None:
    if name in header:
        return list(header).index(name)
    plain = plain_header(name)
    return list(texts).index(plain) if plain in texts else None


def _place(written: _Header, header: Sequence[str], texts: Sequence[str]) -> tuple[int | None, str | None]:
    """Where a field stands: of several columns of its name the first; of several that fit a pattern none."""
    for place, text in enumerate(texts):
        if text in written.names:
            return place, None
        for pattern in written.with_currency:
            if (match := pattern.fullmatch(text)) and (code := _code(match["currency"])):
                return place, code
    if written.pattern is not None:
        fitting = [place for place, text in enumerate(header) if written.pattern.search(text)]
        if len(fitting) == 1:
            return fitting[0], None
    return None, None


def _code(text: str) -> str | None:
    """The ISO code of a sign or code; a sign of several currencies itself, None for what is no currency."""
    if text in SHARED_SIGNS:
        return text
    code = SIGNS.get(text, text.upper())
    return code if code in codes() else None


def _basis(layout: Layout, headers: Mapping[str, str]) -> Basis:
    """What the headers say of VAT, where they say one thing; else what the layout does."""
    bases: Counter[Basis] = Counter(
        basis
        for name, text in headers.items()
        for part, basis in layout.fields[name].vat.items()
        if plain_header(part) in plain_header(text)
    )
    return next(iter(bases)) if len(bases) == 1 else layout.vat


def header_test(only: str | None, renamed: Mapping[str, str] | None = None) -> Callable[[Sequence[str]], bool]:
    """Whether a record is the header of a layout: of the one named, else of any."""
    return lambda record: bool(recognitions(record, only, renamed))


def renamed_fields(layout: Layout, columns: Mapping[str, str]) -> dict[str, str]:
    """Field -> header, for the columns of the model that kpi.yaml says the header of and that one field fills."""
    return {
        layout.columns[column].fields[0]: header
        for column, header in columns.items()
        if column in layout.columns and layout.columns[column].fields
    }


def unlike(header: Iterable[str], layout: Layout) -> Iterator[str]:
    """The first name of each needed field that a header lacks."""
    match = _headers(layout.id)
    row = list(header)
    texts = [plain_header(text) for text in row]
    for name in layout.needs:
        if _place(match[name], row, texts)[0] is None:
            yield next(iter(layout.fields[name].names), name)
