"""A header that no layout knows is mapped by what its names mean; what several tables may be is left to people."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpi_core.adding.attempt import Attempt
from kpi_core.adding.look import Look, look_of
from kpi_core.catalog import load_catalog
from kpi_core.layouts.meaning import meaning_of
from kpi_core.layouts.recognition import recognised
from kpi_core.settings.file import read_settings

CATALOG = load_catalog()


@pytest.mark.parametrize(
    ("header", "table", "is_asked"),
    [
        ("발송일,캠페인명,발송수,성공수,실패수,클릭수", "email_campaigns", True),
        ("Send date,Campaign,Sends,Delivered,Unsubscribes", "email_campaigns", True),
        ("발송일,캠페인명,발송수,성공수,오픈수,클릭수", "email_campaigns", False),
        ("날짜,팔로워", "social_accounts", True),
        ("날짜,네트워크,팔로워", "social_accounts", False),
        ("Date,Campaign,Impressions,Clicks,Spent,Conversions", "ad_performance", False),
        ("Date de début,Campagne,Impressions,Dépenses totales", "ad_performance", True),
        ("民國日期,活動名稱,曝光次數,花費", "ad_performance", False),
        ("日期（民國）,活動名稱,曝光次數,花費", "ad_performance", False),
        ("Date,Sessions,Conversions", "traffic", False),
    ],
)
def test_what_a_header_means(header: str, table: str, *, is_asked: bool) -> None:
    """Messages that nobody is told to have opened are not silently e-mails, nor a day's followers all of them."""
    meaning = meaning_of(header.split(","), CATALOG.models)
    assert meaning is not None
    assert (meaning.table, bool(meaning.doubts)) == (table, is_asked)


@pytest.mark.parametrize("header", ["Date,Campaign,Conversions,Revenue", "Day,Campaign,Impressions seen,Conversions"])
def test_results_alone_are_no_visits(header: str) -> None:
    """A report of ads whose cost has a name of its own is not taken for visits, for it counts none."""
    meaning = meaning_of(header.split(","), CATALOG.models)
    assert meaning is None or meaning.table != "traffic"


@pytest.mark.parametrize(
    ("cells", "is_header"),
    [
        ("日付,キャンペーン名,インプレッション,費用,7日間の合計売上高,14 Day Total Sales", True),
        ("日付,キャンペーン名,インプレッション,費用,2026-10-03", False),
        ("日付,キャンペーン名,インプレッション,費用,1.200원", False),
        ("日付,キャンペーン名,インプレッション,費用,3 Oct 2026", False),
    ],
)
def test_a_name_may_begin_with_a_number(cells: str, tmp_path: Path, *, is_header: bool) -> None:
    """A window of attribution in a name is none of a row's values; a line with a number or a day is no header."""
    (tmp_path / "kpi.yaml").write_text("timezone: Asia/Tokyo\ncurrency: JPY\n", "utf-8")
    attempt = Attempt(read_settings(tmp_path / "kpi.yaml"), CATALOG, tmp_path)
    look = look_of(Look(tmp_path / "a.csv", "csv"), [(1, tuple(cells.split(",")))], attempt)
    assert (look is not None) == is_header


def test_a_report_with_messages_is_no_search_engines() -> None:
    """In Korean two tools call day, campaign, impressions, clicks and cost the same; one of them sends messages."""
    names = ["일", "캠페인", "노출수", "클릭수", "비용"]
    for header, layout_id in ((names, "google_ads/by_day"), ([*names, "발송수", "열람수"], "kakao_moment/messages")):
        match = recognised(header)
        assert match is not None
        assert match.layout.id == layout_id
