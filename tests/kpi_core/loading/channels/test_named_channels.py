"""One list of channels: spend and orders meet by channel, and what no list covers is told with its money."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from loading_side import CATALOG, NOW, csv, settings

from kpi_core.loading.channels.channel_list import ChannelList, Written
from kpi_core.loading.load import load
from kpi_core.loading.staged import SourceLoad
from kpi_core.settings.values import Source

from tables import read_tables

ORDERS = "order_id,ordered_at,revenue,channel\n"


def put(folder: Path, *sources: Source, channels: Any = None) -> tuple[SourceLoad, ...]:
    return load(replace(settings(folder, *sources), channels=channels or {}), CATALOG, now=NOW).sources


def stored(folder: Path, select: str, table: str) -> list[tuple[Any, ...]]:
    with read_tables(folder / "kpi.duckdb") as snapshot:
        return snapshot.execute(f"SELECT {select} FROM {table} ORDER BY ALL").fetchall()


@pytest.mark.parametrize(
    ("written", "name"),
    [
        (Written("Organic Search"), "Organic Search"),
        (Written("자연 검색"), "Organic Search"),
        (Written("付費搜尋"), "Paid Search"),
        (Written("Direct Traffic"), "direct"),
        (Written("(direct)"), "direct"),
        (Written("google / cpc"), "Paid Search"),
        (Written("naver"), None),
        (Written("facebook"), None),
        (Written(platform="naver"), "Paid Search"),
        (Written(platform="meta"), "Paid Social"),
        (Written(platform="카카오모먼트"), "Paid Social"),
        (Written(source="google", medium="cpc"), "Paid Search"),
        (Written(source="facebook", medium="paid_social"), "Paid Social"),
        (Written(source="naver", medium="organic"), "Organic Search"),
        (Written(source="(direct)", medium="(none)"), "direct"),
        (Written(source="news.example", medium="referral"), "Referral"),
        (Written(source="stibee", medium="x"), "Email"),
        (Written(source="somewhere"), None),
        (Written(), None),
    ],
)
def test_the_shipped_list(written: Written, name: str | None) -> None:
    """GA4's groups by what tools write in three languages; a site alone may be paid or not, so it is none."""
    assert ChannelList().name_of(written, shipped=True) == name
    assert ChannelList().name_of(written, shipped=False) is None


def test_the_firms_list_comes_first() -> None:
    """Its texts may stand for a channel, a platform, a source or a pair, and for several with a *."""
    channels = ChannelList({"search": ("google / cpc", "naver", "Paid Search"), "friends": ("band*",)})
    for written in (Written("NAVER"), Written(platform="naver"), Written(source="google", medium="cpc")):
        assert channels.name_of(written, shipped=True) == "search"
    assert channels.name_of(Written("Search"), shipped=False) == "search"
    assert channels.name_of(Written("Band KR"), shipped=False) == "friends"
    assert channels.name_of(Written("밴드"), shipped=False) is None


def test_a_teams_own_words_stay(tmp_path: Path) -> None:
    """Without `channels:` a table of the team's own is as it was, and nothing is said of it."""
    text = f"{ORDERS}1,2026-10-05,5,paid search\n2,2026-10-05,5,google / cpc\n3,2026-10-05,5,\n"
    (report,) = put(tmp_path, csv(tmp_path, "shop", "orders", text))
    assert stored(tmp_path, "channel", "orders") == [("google / cpc",), ("paid search",), (None,)]
    assert report.uncovered == ()


def test_spend_and_orders_meet(tmp_path: Path) -> None:
    """The list names the channels of every table, of a platform where the table has no channel."""
    shop = csv(
        tmp_path,
        "shop",
        "orders",
        f"{ORDERS}1,2026-10-05,5,네이버\n2,2026-10-05,6,google / cpc\n3,2026-10-05,7,word\n4,2026-10-05,8,\n",
    )
    ads = csv(tmp_path, "ads", "ad_performance", "date,platform,spend\n2026-10-05,naver,9\n2026-10-05,radio,3\n")
    visits = csv(tmp_path, "web", "traffic", "date,source,medium,sessions\n2026-10-05,google,cpc,4\n2026-10-05,a,b,1\n")
    channels = {"search": ("naver", "네이버", "google / cpc")}
    orders, spend, traffic = put(tmp_path, shop, ads, visits, channels=channels)
    assert stored(tmp_path, "order_id, channel", "orders") == [
        ("1", "search"), ("2", "search"), ("3", "word"), ("4", None)
    ]  # fmt: skip
    assert stored(tmp_path, "platform, channel", "ad_performance") == [("naver", "search"), ("radio", None)]
    assert stored(tmp_path, "source, channel", "traffic") == [("a", None), ("google", "search")]
    assert [(each.text, each.rows, dict(each.money)) for each in orders.uncovered] == [
        ("word", 1, {"revenue": Decimal(7)}),
        (None, 1, {"revenue": Decimal(8)}),
    ]
    assert [(each.text, dict(each.money)) for each in spend.uncovered] == [("radio", {"spend": Decimal(3)})]
    assert [each.text for each in traffic.uncovered] == ["a / b"]


def test_an_export_has_the_shipped_channels(tmp_path: Path) -> None:
    """A tool's platform is a channel without a word in kpi.yaml; an export without any says how much has none."""
    text = "Day,Campaign,Cost,Impr.\n2026-10-05,a,7,1\n"
    ads = csv(tmp_path, "ads", "ad_performance", text, layout="google_ads/by_day")
    (report,) = put(tmp_path, ads)
    assert stored(tmp_path, "platform, channel, spend", "ad_performance") == [("google", "Paid Search", Decimal(7))]
    assert report.uncovered == ()
