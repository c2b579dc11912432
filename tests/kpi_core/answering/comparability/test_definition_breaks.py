"""A number whose definition changed on a day is not held against the days before, unless the step is exactly known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from loading_side import CATALOG, asked_of, csv, engine_of

from bot.cards.chart import trend_chart
from bot.terminal.card import terminal_card
from kpi_core.answers import Answer
from kpi_core.formats.answer_json import answer_json
from kpi_core.formats.notices import notice_text
from kpi_core.layouts.declared_breaks import break_of, named_breaks

HEADER = "date,platform,spend,conversions\n"
DAYS = [date(2025, 3, 1) + timedelta(days=number) for number in range(620)]
NAVER = break_of("naver_report_vat")
TRACKING = break_of({"since": date(2026, 5, 1), "columns": ["conversions"], "text": "New tracking"})
Ask = Callable[[str], Answer]


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Ask:
    """Naver costs 100 won a day before VAT, whose bulk reports state it with 10 % since 30 March 2026.

    Meta has two conversions a day, three since the firm's new tracking on 1 May 2026; TikTok has five.
    """
    folder = tmp_path_factory.mktemp("breaks")
    naver = "".join(f"{day},naver,{110 if day >= NAVER.since else 100},\n" for day in DAYS)
    meta = "".join(f"{day},meta,100,{3 if day >= TRACKING.since else 2}\n" for day in DAYS)
    tiktok = "".join(f"{day},tiktok,100,5\n" for day in DAYS)
    return engine_of(
        folder,
        csv(folder, "naver", "ad_performance", HEADER + naver, breaks=(NAVER,)),
        csv(folder, "ads", "ad_performance", HEADER + meta, breaks=(TRACKING,), set={"platform": "meta"}),
        csv(folder, "other", "ad_performance", HEADER + tiktok),
    )


def said(answer: Answer) -> list[str]:
    return [notice_text(warning, "en", answer.metric) for warning in answer.warnings]


def test_the_days_around_a_step_of_vat_are_alike(ask: Ask) -> None:
    """29 and 30 March 2026 have one basis, printed; the year-on-year change has no 10 % step."""
    answer = ask("ad spend 2026-03-30 vs 2026-03-29 where platform=naver")
    assert answer.value == 110
    assert [(change.value, change.change_ratio) for change in answer.comparisons] == [(110, 0)]
    assert answer.vat["naver"] == "with"
    year = ask("ad spend october 2026 where platform=naver")
    assert [change.change_ratio for change in year.comparisons if change.basis == "year_ago"] == [pytest.approx(0)]
    assert any("Naver's bulk reports" in sentence and "alike" in sentence for sentence in said(year))


def test_the_firms_basis_holds_on_both_sides(tmp_path: Path) -> None:
    """With `vat: without` the days before stay and the days since lose the 10 %."""
    text = HEADER + "2026-03-29,naver,100,\n2026-03-30,naver,110,\n"
    source = csv(tmp_path, "naver", "ad_performance", text, breaks=(NAVER,))
    answer, _reports = asked_of(tmp_path, "ad spend 2026-03-30 vs 2026-03-29", source, vat="without")
    assert (answer.value, answer.comparisons[0].value) == (pytest.approx(100), 100)
    assert answer.vat == {"naver": "without"}


def test_what_is_not_exact_is_withheld(ask: Ask) -> None:
    """Across a break there is no percentage and no verdict but a sentence; after it there is."""
    for change in ask("cpa may 2026 where platform=meta").comparisons:
        assert (change.change_ratio, change.verdict) == (None, None)
        assert change.notice is not None
        assert "New tracking" in notice_text(change.notice, "en")
        assert "2026년 5월 1일부터 New tracking" in notice_text(change.notice, "ko")
    later = ask("cpa july 2026 where platform=meta")
    assert later.comparisons[0].change_ratio == pytest.approx(0)


def test_a_quarter_with_both_kinds_says_so(ask: Ask) -> None:
    """A period that adds up days before and after a break says that they are not alike."""
    assert any("added up" in sentence for sentence in said(ask("cpa 2026-Q2")))


def test_what_does_not_read_the_column_is_untouched(ask: Ask) -> None:
    """Spend is what it was; so is another platform, by a filter or as a group."""
    spend = ask("ad spend june 2026 where platform=meta")
    assert spend.comparisons[1].change_ratio == pytest.approx(0)
    assert not [sentence for sentence in said(spend) if "New tracking" in sentence]
    assert ask("cpa may 2026 where platform=tiktok").comparisons[0].change_ratio is not None
    split = ask("cpa may 2026 by platform")
    assert split.breakdown is not None
    ratios = {row.keys[0]: row.comparisons[0].change_ratio for row in split.breakdown}
    assert (ratios["meta"], ratios["tiktok"]) == (None, pytest.approx(0))
    assert split.comparisons[0].change_ratio is None


def test_charts_mark_the_day(ask: Ask) -> None:
    """The course shows where it goes on as another measure, in Slack, in the terminal and in JSON."""
    answer = ask("cpa october 2026")
    chart = trend_chart(answer, "en")
    assert chart is not None
    marked = [label for label in chart["chart"]["axis_config"]["categories"] if label.startswith("¦")]
    assert marked == ["¦ May 2026"]
    assert "¦" in terminal_card(answer, "en")
    assert [line["since"] for line in answer_json(answer, "en")["breaks"]] == ["2026-05-01"]
    assert any("¦" in sentence for sentence in said(answer))


def test_only_a_source_with_both_sides_has_a_break(tmp_path: Path) -> None:
    """A file that begins after the day has one definition."""
    text = HEADER + "2026-06-01,meta,100,2\n2026-06-02,meta,100,2\n"
    own = break_of("meta_view_windows")
    answer, _reports = asked_of(tmp_path, "cpa june 2026", csv(tmp_path, "ads", "ad_performance", text, breaks=(own,)))
    assert answer.breaks == ()


def test_the_named_breaks_name_columns_that_exist() -> None:
    """Each has words in three languages and columns of its models; an exact one touches money alone."""
    for each in named_breaks().values():
        assert each.by_table
        assert set(each.text) == {"en", "ko", "zh-TW"}
        for table, columns in each.by_table.items():
            model = CATALOG.models[table]
            assert set(columns) <= set(model.columns)
            assert each.vat is None or set(columns) <= set(model.money)
