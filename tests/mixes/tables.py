"""Tables of ours with drawn rows: every model that files fill."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from shipped import yaml_of

from kpi_core.metrics import Catalog, Column, Model

NAMES = Path(__file__).parents[2] / "kpi_core" / "layouts" / "column_names.yaml"
MONEY = frozenset(
    [
        "spend",
        "conversion_value",
        "amount",
        "revenue",
        "cost_of_goods",
        "refunded_amount",
        "mrr",
        "mrr_before",
        "mrr_after",
    ]
)
NEEDS_ONE = {
    "ad_performance": {"impressions", "clicks", "spend"},
    "traffic": {"sessions", "users", "new_users", "engaged_sessions"},
}
"""Without any of these nobody could know a table for ads, or for visits."""
WORDS = {
    "en": ["Spring sale", "Brand, core", "Retargeting", 'Video "B"', "Total Look", "Summer\nlate", "Outlet; final"],
    "ko": ["봄 세일 캠페인", "브랜드 검색", "여름 신상품, 원피스", "재구매 고객", "가을 할인 행사", "네이버 쇼핑 광고", "합계 이벤트"],  # noqa: E501
    "zh": ["春季特賣活動", "品牌關鍵字", "夏季新品，洋裝", "老客戶回購", "秋季優惠", "廣告測試", "總計劃方案"],
    "ja": ["春のセール", "ブランド検索", "夏の新商品、ワンピース", "リピーター向け", "秋のキャンペーン", "広告テスト"],
    "de": ["Frühlingsangebot", "Markensuche", "Größe für Größe", "Rückkehrer", "Übergangsjacken; neu", "Ausverkauf"],
}  # fmt: skip
MEANT = {
    "channel": ["search", "social", "email", "direct"], "category": ["salaries", "tools", "agency", "other"],
    "survey": ["nps", "csat"], "kind": ["click", "visit"], "device": ["mobile", "desktop"],
}  # fmt: skip
Value = str | int | Decimal | date | datetime | bool | None


@dataclass(frozen=True)
class Table:
    """A table: the columns that a file has, and its rows with instants in UTC."""

    model: Model
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    zone: str

    def values(self, name: str) -> list[Value]:
        place = [column.name for column in self.columns].index(name)
        return [row[place] for row in self.rows]


def tables(catalog: Catalog) -> list[str]:
    """Every table that files of a team's work fill; rates come from a bank, in a form of their own."""
    return sorted(name for name, model in catalog.models.items() if not model.relation and name != "rates")


def names_of(table: str) -> Mapping[str, Mapping[str, Sequence[str]]]:
    """What people call the columns of a table, by column: strong and weak names."""
    listed = _listed().get(table, {})
    return {
        column: {kind: [str(name) for name in names] for kind, names in each.items()} for column, each in listed.items()
    }


@cache
def _listed() -> Mapping[str, Mapping[str, Mapping[str, Sequence[object]]]]:
    read: Mapping[str, Mapping[str, Mapping[str, Sequence[object]]]] = yaml_of(NAMES.read_text("utf-8"))
    return read


def plain(name: str) -> str:
    text = unicodedata.normalize("NFKC", name).casefold()
    return "".join(sign for sign in re.sub(r"\(.*?\)|\[.*?\]", "", text) or text if sign.isalnum())


def drawn_table(random: Random, model: Model, language: str, zone: str, currency: str) -> Table:
    needed = [column for column in model.columns.values() if column.required or column.name in model.key]
    others = [column for column in model.columns.values() if column not in needed]
    numbers = [column for column in others if column.type in {"integer", "decimal"}]
    chosen = {column.name for column in (*needed, *random.sample(others, random.randint(0, len(others))))}
    if numbers and not any(column.type in {"integer", "decimal"} for column in needed):
        chosen.add(random.choice(numbers).name)
    if model.name in NEEDS_ONE and not chosen & NEEDS_ONE[model.name]:
        chosen.add(random.choice(sorted(NEEDS_ONE[model.name])))
    columns = [column for column in model.columns.values() if column.name in chosen]
    random.shuffle(columns)
    count = random.choice([2, 3, 3, 5, 8, 20, 60])
    drawn = {column.name: _drawn(random, column, count, language, zone, currency, model) for column in columns}
    return Table(model, tuple(columns), tuple(zip(*(drawn[column.name] for column in columns), strict=True)), zone)


def _drawn(
    random: Random, column: Column, count: int, language: str, zone: str, currency: str, model: Model
) -> list[Value]:
    is_needed = column.required or column.name in model.key
    values: list[Value]
    if column.name in model.key and column.type == "text":
        form = random.choice(["{}", "A-{}", "#{}", "00{}", "{}0000000001"])
        start = random.randint(1_000, 9_000)
        return [form.format(start + number) for number in range(count)]
    if column.type == "date":
        values = _days(random, count)
    elif column.type == "timestamp":
        values = _instants(random, count, zone)
    elif column.type == "boolean":
        values = [random.random() < 0.5 for _ in range(count)]
    elif column.type == "integer":
        values = list(_counts(random, count))
    elif column.type == "decimal":
        values = list(_amounts(random, count, column.name in MONEY, currency))
    else:
        pool = MEANT.get(column.name) or [*WORDS[language]]
        if column.name.endswith("_id"):
            pool = [f"C{number}" for number in range(100, 140)]
        values = [random.choice(pool) for _ in range(count)]
    share = 0 if is_needed else random.choice([0, 0, 0.2])
    return [None if random.random() < share else value for value in values]


def _days(random: Random, count: int) -> list[Value]:
    first = date(2026, random.randint(1, 12), random.randint(1, 28))
    span = random.choice([1, 9, 60])
    if random.random() < 0.3:
        return [date(2026, random.randint(1, 12), random.randint(1, 12)) for _ in range(count)]
    return [first + timedelta(days=random.randrange(span)) for _ in range(count)]


def _instants(random: Random, count: int, zone: str) -> list[Value]:
    kind = random.choice(["midnight", "minutes", "minutes", "seconds"])
    moments: list[Value] = []
    for day in _days(random, count):
        assert isinstance(day, date)
        # Clocks are put forward and back in the small hours.
        hour = random.choice([0, 12, *range(4, 24)] if zone.startswith("Asia") else [12, *range(4, 24)])
        wall = datetime(day.year, day.month, day.day)
        if kind != "midnight":
            wall += timedelta(hours=hour, minutes=random.randrange(60))
        if kind == "seconds":
            wall += timedelta(seconds=random.randrange(60))
        moments.append(wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).replace(tzinfo=None))
    return moments


def _counts(random: Random, count: int) -> list[int]:
    size = random.choice([9, 999, 9_999, 99_999, 5_000_000])
    step = random.choice([1, 1, 1, 1_000]) if size > 9_000 else 1
    return [random.randint(0, size // step) * step for _ in range(count)]


def _amounts(random: Random, count: int, is_money: bool, currency: str) -> list[Decimal]:
    places = (
        random.choice([0, 0, 1, 2, 2, 3])
        if not is_money
        else 0
        if currency in {"KRW", "TWD", "JPY"}
        else random.choice([0, 2, 2])
    )
    size = random.choice([5, 900, 9_999, 99_999, 3_000_000, 900_000_000])
    step = random.choice([1, 1, 1_000]) if places == 0 and size > 9_000 else 1
    least = -size if random.random() < 0.15 else 0
    return [
        Decimal(random.randint(least * 10**places // step, size * 10**places // step) * step).scaleb(-places)
        for _ in range(count)
    ]
