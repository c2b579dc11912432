"""What a load left out and what it made ready, as lines of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpi_core.formats.notices import notice_text
from kpi_core.loading.money.amounts import REASON as FOREIGN
from kpi_core.locale.data_words import table_words, word
from kpi_core.phrases import Notice, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kpi_core.loading.money.amounts import ForeignAmounts
    from kpi_core.sources import LeftOut


def readiness_line(available: int, total: int, to_add: Mapping[str, int], language: str) -> str:
    """How many KPIs have data, and the table that would make most others ready. `to_add` counts them by table."""
    if not to_add:
        return say(language, "load.ready", available=available, total=total)
    table = max(to_add, key=lambda name: to_add[name])
    name = word(table_words(table), language)
    return say(language, "load.more_ready", available=available, total=total, count=to_add[table], table=name)


def left_out_texts(left_out: Iterable[LeftOut], foreign: Iterable[ForeignAmounts], language: str) -> Iterator[str]:
    """Rows that are rightly none, by reason; those in another currency by their currency, with what to do."""
    yield from (left_out_text(each, language) for each in left_out if each.reason != FOREIGN)
    yield from (notice_text(each.notice, language) for each in foreign)


def left_out_text(left_out: LeftOut, language: str) -> str:
    """Rows that are rightly none, with the reason."""
    reason = say(language, f"left_out_reason.{left_out.reason}")
    return notice_text(Notice("load.left_out", {"count": f"{left_out.rows:,}", "reason": reason}), language)
