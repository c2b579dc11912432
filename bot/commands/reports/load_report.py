"""What a load did, in sentences: each source with what was read and left out, and what there is to mend."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.additions.load_lines import left_out_texts
from bot.terminal.text import WIDTH, wrapped
from kpi_core.formats.notices import notice_text
from kpi_core.formats.numbers import amount_text
from kpi_core.loading.misfits import settling_key
from kpi_core.locale.data_words import column_words, table_words, word
from kpi_core.phrases import Notice, listed, say
from kpi_core.questions.errors import error_words
from kpi_core.sources import EMPTY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from kpi_core.loading.channels.named_channels import Uncovered
    from kpi_core.loading.load import LoadReport
    from kpi_core.loading.staged import SourceLoad
    from kpi_core.metrics import Catalog, Model
    from kpi_core.sources import Place, Rejection

_INDENT = "    "


def terminal_load(report: LoadReport, catalog: Catalog, language: str, width: int = WIDTH, currency: str = "") -> str:
    """A line a source, below it what is to be known of it; no line longer than `width` columns."""
    lines: list[str] = []
    for load in report.sources:
        lines += wrapped(_head(load, language), width)
        for text in uncovered_texts(load.uncovered, load.table, currency, language):
            lines += wrapped(text, width, indent=_INDENT)
        for depth, line in _below(load, catalog.models.get(load.table), language):
            lines += wrapped(line, width, indent=depth * _INDENT)
    return "\n".join(lines)


def _head(load: SourceLoad, language: str) -> str:
    place = {"source": load.source, "table": load.table}
    if load.error is not None:
        if load.stands_since is None:
            return say(language, "load.failed", **place)
        return notice_text(Notice("load.failed_since", {**place, "day": load.stands_since.isoformat()}), language)
    if load.rows and load.first_day is None:
        return say(language, "load.undated_rows", **place, count=f"{load.rows:,}")
    if load.first_day is None or load.last_day is None:
        return say(language, "load.no_rows", **place)
    days = {"start": load.first_day.isoformat(), "end": load.last_day.isoformat()}
    return notice_text(Notice("load.rows", {**place, "count": f"{load.rows:,}", **days}), language)


def _below(load: SourceLoad, model: Model | None, language: str) -> Iterator[tuple[int, str]]:
    """The lines below a source's, each with how deep it stands."""
    if load.error is not None:
        message, hint = error_words(load.error, language)
        yield from ((1, line.strip()) for line in f"{message}\n{hint}".splitlines() if line.strip())
    yield from ((1, text) for text in left_out_texts(load.left_out, load.foreign, language))
    yield from ((1, notice_text(notice, language)) for notice in _notices(load))
    if load.rejected:
        yield 1, say(language, "load.kept_out", count=f"{load.rejected:,}")
    for rejection in load.rejections:
        yield from ((2, line) for line in rejection_lines(rejection, model, language))
    if load.left_empty:
        yield 1, say(language, "load.left_empty", count=f"{sum(value.count for value in load.left_empty):,}")
    for rejection in load.left_empty:
        yield from ((2, line) for line in rejection_lines(rejection, model, language))
    for unknown in load.unknown_words:
        count = f"{sum(unknown.days.values()):,}"
        yield 1, say(language, "load.unknown_word", column=unknown.column, word=unknown.word, count=count)


def uncovered_texts(uncovered: Iterable[Uncovered], table: str, currency: str, language: str) -> Iterator[str]:
    """Rows whose channel is on no list, with their money."""
    for each in uncovered:
        amounts = [
            say(language, "load.amount", column=word(column_words(name), language), amount=amount)
            for name, sum_ in each.money[:1]
            if currency and (amount := amount_text(float(sum_), "currency", currency, language))
        ]
        rows = notice_text(Notice("load.some_rows", {"count": each.rows, "table": table_words(table)}), language)
        what = listed(language, [rows, *amounts])
        key = "load.no_channel" if each.text is None else "load.unlisted_channel"
        yield say(language, key, what=what, text=each.text or "")


def _notices(load: SourceLoad) -> Iterator[Notice]:
    """What was left out as it should be, then what else is to be known."""
    overlap = load.overlap
    if overlap.settled:
        newer, older = overlap.files
        files = {"newer": newer, "older": older, "rows": f"{overlap.left_out:,}"}
        yield _days_notice("load.overlap", sorted(overlap.settled), files)
    if overlap.cut:
        counted, other = overlap.cut_files
        files = {"counted": counted, "other": other, "rows": f"{sum(overlap.cut.values()):,}"}
        yield _days_notice("load.cut", sorted(overlap.cut), files)
    if overlap.added:
        newer, older = overlap.added_files
        yield _days_notice("load.added", overlap.added, {"newer": newer, "older": older})
    if load.repeated:
        yield Notice("load.repeated", {"count": f"{load.repeated:,}"})
    yield from load.warnings


def _days_notice(key: str, days: Sequence[date], params: Mapping[str, str]) -> Notice:
    span = {"start": days[0].isoformat(), "end": days[-1].isoformat()}
    return Notice(key, {"count": len(days), **span, **params})


def rejection_lines(rejection: Rejection, model: Model | None, language: str) -> Iterator[str]:
    """The first few values that do not fit: "orders.csv, line 7, revenue: “1,000” is no number"; then how many more."""
    for place, text in rejection.examples:
        where = place_text(place, language)
        if rejection.column:
            problem = _problem(text, rejection, model, language)
            yield say(language, "load.value", place=where, column=rejection.header or rejection.column, problem=problem)
        else:
            yield say(language, f"load.{rejection.reason}", place=where, count=text, fields=rejection.fields)
    if rejection.count > len(rejection.examples):
        yield say(language, "load.more", count=f"{rejection.count - len(rejection.examples):,}")


def place_text(place: Place, language: str) -> str:
    return say(language, f"place.{place.unit}", file=place.file, number=place.number)


def _problem(text: str, rejection: Rejection, model: Model | None, language: str) -> str:
    if text == EMPTY:
        return say(language, "load.empty")
    if rejection.reason in {"differs", "word"}:
        return say(language, f"load.{rejection.reason}", text=text)
    column = rejection.column
    kind = model.columns[column].type if model is not None and column in model.columns else "text"
    if rejection.is_open:
        return say(language, f"load.open_{settling_key(kind)}", text=text)
    return say(language, f"load.not_{kind}", text=text)
