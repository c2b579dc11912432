"""Columns of states beside orders: which texts say that a line is no order, but cancelled, never paid or a test."""

from __future__ import annotations

import re
from collections.abc import Iterable

from kpi_core.frozen_dataclass import frozen

_HEADER = re.compile(r"status|상태|狀態|状态|ステータス|(?:order|payment|fulfillment) ?state", re.IGNORECASE)
_NO_ORDER = re.compile(
    r"cancel|void|fail|declin|draft|\btest\b|unpaid|not paid|(?:await|pend)\w* payment|payment pend"
    r"|취소|미입금|미결제|입금 ?대기|결제 ?대기|입금 ?확인 ?중|실패"
    r"|取消|不成立|未付款|待付款|付款失敗|作廢|キャンセル|入金待|支払い?待|未入金"
    r"|storn|abgebrochen|unbezahlt|fehlgeschlagen|annul|cancelad",
    re.IGNORECASE,
)
_ORDER = re.compile(
    r"paid|complet|ship|deliver|dispatch|fulfil|process|ready|refund|return|done|sent|open|new|receiv|confirm|success"
    r"|captured|settled|완료|배송|발송|결제|준비|출고|확정|신규|접수|반품|교환|환불"
    r"|完成|出貨|已付|付款|配送|運送|送達|處理|備貨|確認|成立|退貨|退款|完了|発送|済|受付|処理|返品"
    r"|bezahlt|versand|versendet|abgeschlossen|zugestellt|bearbeitung|erstattet|offen|livr|pay[ée]|enviad",
    re.IGNORECASE,
)
_PART = re.compile(r"partial|part(?:ly|ially)|부분|部分|一部|teil", re.IGNORECASE)
_DAY = re.compile(r"\d{1,4} ?[-/.] ?\d{1,2} ?[-/.] ?\d{1,4}")
TABLES = frozenset({"orders", "order_lines"})
"""The tables whose lines have such states."""


@frozen
class OrderStates:
    """A column of states: the texts of lines that are no orders, and those of which nobody knows."""

    header: str
    none: tuple[str, ...]
    unknown: tuple[str, ...]


def says_states(header: str) -> bool:
    """Whether a column of that name may say what became of each order."""
    return _HEADER.search(header) is not None


def order_states(header: str, texts: Iterable[str]) -> OrderStates:
    """What the texts of a column of states say of their lines. A refunded order is one all the same."""
    none: list[str] = []
    unknown: list[str] = []
    for text in texts:
        if _PART.search(text) or _DAY.search(text):
            continue
        if _NO_ORDER.search(text):
            none.append(text)
        elif not _ORDER.search(text):
            unknown.append(text)
    return OrderStates(header, tuple(none), tuple(unknown))
