# ruff: noqa: E501 - one line a range, with all its wordings
"""Periods in words, in three languages. Unless said otherwise today is Sunday, 2026-11-22, in Seoul, with Monday weeks."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kpi_core.dates.calendars import Calendar
from kpi_core.dates.periods import Period, previous, year_ago
from kpi_core.errors import QuestionError
from kpi_core.questions.period_words import parse_period

TODAY = date(2026, 11, 22)
SEOUL = Calendar(timezone="Asia/Seoul", holidays="KR")
TABLE = Path(__file__).with_name("period_table.csv")
REFERENCE = Path(__file__).parents[4] / "shared" / "reference" / "periods.csv"

# One line a range: start, end (not inside), then every wording of it, parted by "|".
WORDINGS = """
2026-11-22 2026-11-23 | today | 오늘 | 今天 | 금일 | 今日
2026-11-21 2026-11-22 | yesterday | 어제 | 昨天 | 전일 | previous day | 昨日
2026-11-20 2026-11-21 | the day before yesterday | day before yesterday | 그제 | 그저께 | 前天 | 2 days ago | 이틀 전 | 兩天前
2026-11-19 2026-11-20 | 3 days ago | 3일 전 | 三天前 | 大前天 | three days ago
2026-11-23 2026-11-24 | tomorrow | 내일 | 明天
2026-11-16 2026-11-23 | this week | 이번 주 | 本週 | 금주 | 這週 | 這星期 | 這禮拜 | 這個星期 | 这周 | week to date | WTD | 2026-W47 | w47 | week 47 | 47주차 | 第47週 | 11월 3주차 | 11월 셋째 주 | 11月第三週
2026-11-09 2026-11-16 | last week | previous week | 지난주 | 저번 주 | 전주 | 上週 | 上星期 | 上禮拜 | 上個星期 | 上周 | a week ago | 일주 전 | last 1 week
2026-11-02 2026-11-09 | week before last | 지지난주 | 上上週 | 2 weeks ago | 2주 전 | 兩週前 | 11월 첫째 주 | 11월 첫 주 | 11월 1주차 | first week of november | week 1 of november | 11月第一週 | 이번 달 첫째 주
2026-11-02 2026-11-16 | last two weeks | 최근 2주 | 지난 두 주 | 過去兩週 | 最近兩個星期 | 兩週 | last 2 weeks | past fortnight
2026-10-26 2026-11-02 | last week of october | 지난달 마지막 주 | 10월 마지막 주 | 10月最後一週 | 5th week of october
2026-10-19 2026-11-16 | last 4 weeks | last four weeks | past 4 weeks | 최근 4주 | 최근 네 주 | 近四週 | 過去4週 | 最近四個星期 | 4주간
2026-11-15 2026-11-22 | last 7 days | last seven days | past 7 days | 최근 7일 | 지난 7일간 | 일주일 | 최근 일주일 | 過去七天 | 最近7天 | 近7日 | 前7天 | 7d | last 7d | 7 days
2026-11-16 2026-11-23 | last 7 days including today | 최근 7일 (오늘 포함) | 最近7天（含今天）
2026-10-23 2026-11-22 | last 30 days | past thirty days | 최근 30일 | 過去30天 | 過去三十天
2026-11-07 2026-11-22 | 보름 | 近半個月 | 15 days
2026-11-01 2026-12-01 | this month | current month | 이번 달 | 이달 | 당월 | 금월 | 本月 | 這個月 | 2026-11 | november | nov 2026 | 11월 | 十一月 | 2026년 11월 | 2026年11月
2026-11-01 2026-11-23 | month to date | MTD | this month to date | this month so far | 이번 달 누계 | 당월 누적 | 월 누적 | 월초 이후 | 本月至今 | 本月累計 | 月初至今 | since november
2026-11-01 2026-11-22 | month to date excluding today | 이번 달 누계 (오늘 제외) | 本月至今（不含今天）
2026-10-01 2026-11-01 | last month | previous month | 지난달 | 지난 달 | 전월 | 저번 달 | 上個月 | 上月 | october | oct | last october | 10월 | 지난 10월 | 10月 | 十月 | 十月份 | 2026-10 | 최근 한 달 | past month | 近一個月 | 2026-10-01..2026-10-31
2026-09-01 2026-10-01 | month before last | 지지난달 | 上上個月 | 2 months ago | 두 달 전 | 兩個月前 | 9월 | 九月
2025-10-01 2025-11-01 | october 2025 | oct 2025 | october of 2025 | october last year | 2025년 10월 | 작년 10월 | 去年10月 | 去年十月 | 2025年10月 | 25년 10월 | 民國114年10月 | 10/2025 | 2025.10
2025-12-01 2026-01-01 | december | last december | 12월 | 十二月 | 작년 12월
2025-11-01 2025-12-01 | last november | same month last year | 전년 동월 | 작년 같은 달 | 去年同月 | 작년 이번 달
2027-03-01 2027-04-01 | next march | 내년 3월 | 明年三月
2026-05-01 2026-06-01 | may | 5월 | 五月
2026-09-01 2026-11-01 | last two months | 지난 두 달 | 최근 2개월 | 過去兩個月 | last 2 months
2026-08-01 2026-11-01 | last 3 months | last three months | 최근 3개월 | 최근 석 달 | 近三個月 | 最近3個月 | Aug to Oct | 8월~10월 | 8~10월 | 8月到10月 | 2026-08~2026-10
2025-11-01 2026-11-01 | last 12 months | TTM | trailing twelve months | 최근 12개월 | 過去12個月
2026-05-01 2026-11-01 | last 6 months | 최근 반년 | 近半年 | past half year
2026-10-01 2027-01-01 | this quarter | 이번 분기 | 당분기 | 本季 | 當季 | 這一季 | Q4 | 4분기 | 第四季
2026-10-01 2026-11-23 | quarter to date | QTD | 이번 분기 누계 | 本季至今 | since october | 10월부터 | 10月以來
2026-07-01 2026-10-01 | last quarter | 지난 분기 | 전분기 | 上季 | 上一季 | 上個季度 | Q3 | 3Q | Q3 2026 | 2026Q3 | 2026-Q3 | third quarter | 3분기 | 第三季 | 지난 3분기 | 3q 2026
2025-07-01 2025-10-01 | Q3 2025 | 2025Q3 | q3 last year | third quarter of 2025 | 2025년 3분기 | 작년 3분기 | 去年第三季 | 2025年第三季 | 2025年第3季度
2026-01-01 2026-10-01 | Q1 to Q3 | last 3 quarters | 최근 3개 분기 | 前三季 | 3분기 누적
2026-01-01 2026-04-01 | Q1 | 1분기 | 第一季 | Jan to Mar | jan-mar | January through March | 1월~3월 | 1월부터 3월까지 | 1~3월 | 1月至3月 | 2026-01~2026-03
2026-01-01 2026-07-01 | first half of the year | H1 | 1H 2026 | first half of 2026 | 상반기 | 올해 상반기 | 전반기 | 上半年 | 今年上半年
2026-07-01 2027-01-01 | H2 | second half | 하반기 | 下半年
2025-01-01 2025-07-01 | H1 2025 | first half of last year | 작년 상반기 | 2025년 상반기 | 去年上半年
2026-01-01 2027-01-01 | this year | 올해 | 금년 | 今年 | 本年 | 2026 | 2026년 | 2026年 | FY2026 | this fiscal year | 2026 회계연도 | 本會計年度
2026-01-01 2026-11-23 | year to date | YTD | so far this year | 올해 누적 | 연초 이후 | 올해 들어 | 今年以來 | 年初至今 | fytd
2025-01-01 2026-01-01 | last year | previous year | 작년 | 전년 | 지난해 | 去年 | 2025 | 2025년 | 二〇二五年 | last fiscal year | last 1 year | 최근 1년
2024-01-01 2025-01-01 | 재작년 | 前年 | year before last | 2 years ago | 2년 전 | 兩年前
2024-01-01 2026-01-01 | last 2 years | 최근 2년 | 近兩年 | 2024-2025 | 2024~2025
2026-10-01 2026-10-02 | 2026-10-01 | 2026/10/1 | 2026. 10. 1. | 20261001 | 1 Oct | Oct 1st | October 1, 2026 | 1st of october | 10월 1일 | 10月1日 | 10月1號 | 2026년 10월 1일 | 지난달 1일
2026-10-01 2026-10-16 | 2026-10-01..2026-10-15 | 2026-10-01 ~ 2026-10-15 | 2026-10-01 to 2026-10-15 | from 1 Oct to 15 Oct | 1-15 Oct | Oct 1-15 | Oct 1 to 15 | 10월 1일~10월 15일 | 10월 1일~15일 | 10월 1일부터 15일까지 | 10月1日到10月15日 | 從10月1日至15日 | between 2026-10-01 and 2026-10-15
2025-12-20 2026-01-06 | Dec 20 to Jan 5 | 12월 20일~1월 5일 | 12月20日至1月5日
2026-12-28 2027-01-04 | 2026-W53 | 2026W53 | week 53 of 2026
2025-11-17 2025-11-24 | same week last year | 작년 같은 주 | 전년 동주 | 去年同週 | 2025-W47
2025-11-23 2025-11-24 | same day last year
2025-11-22 2025-11-23 | 작년 오늘 | 去年今天 | today last year
2026-10-01 2026-10-23 | previous month, same elapsed days | same period last month | 전월 동기간 | 전월 동기 | 지난달 같은 기간 | 上月同期 | 上個月同期
2025-11-01 2025-11-23 | same period last year | same period last year (of MTD) | 전년 동기 (당월 누적) | 去年同期（本月至今） | MTD last year
2025-01-01 2025-11-23 | YTD last year | same period last year of YTD | 올해 누적 전년 동기
2026-11-16 2026-11-17 | last monday | monday | 지난 월요일 | 월요일 | 星期一 | 이번 주 월요일 | monday this week
2026-11-09 2026-11-10 | 上週一 | 上星期一 | 지난주 월요일 | monday last week
2026-11-14 2026-11-16 | last weekend | 지난 주말 | 上週末
2026-11-21 2026-11-23 | this weekend | 이번 주말 | 주말 | 本週末
2026-02-16 2026-02-19 | Lunar New Year | 설 연휴 | 설날 | 올해 설 연휴 | seollal 2026
2026-02-15 2026-02-21 | 春節 | 今年春節連假 | 農曆新年 | chinese new year
2026-09-24 2026-09-27 | 추석 | 추석 연휴 | Chuseok
2025-10-05 2025-10-09 | 작년 추석 | chuseok 2025
2026-05-10 2026-05-11 | Mother's Day | 母親節
2026-05-08 2026-05-09 | 어버이날
2026-04-05 2026-04-06 | Easter | 부활절 | 復活節
2026-03-01 2026-03-02 | 삼일절
2026-10-10 2026-10-11 | 國慶日 | 雙十節
2026-10-09 2026-10-11 | 國慶連假
2026-08-15 2026-08-16 | 광복절
2025-11-24 2025-12-01 | black friday week | week of black friday | thanksgiving week | 블랙프라이데이 주간 | 黑五當週
2025-12-22 2025-12-29 | christmas week | 크리스마스 주간 | week of christmas
2026-10-01 2026-10-11 | 10월 초순 | 10월 상순 | 10月上旬 | early october | first ten days of october | 지난달 초순 | 上個月上旬
2026-10-11 2026-10-21 | 10월 중순 | 10月中旬 | mid-october
2026-10-21 2026-11-01 | 10월 하순 | 10月下旬 | late october | 지난달 하순 | 上個月下旬
2026-10-01 2026-10-16 | first half of october | 10월 전반 | 10月上半月 | 1st half of last month
2026-10-16 2026-11-01 | second half of october | 10월 후반 | 10月下半月 | second half of last month
2026-10-31 2026-11-01 | last day of last month | 지난달 말일 | 지난달 마지막 날 | 上個月最後一天 | last day of october
2026-11-01 2026-11-02 | first day of the month | first day of this month | 이번 달 첫날 | 本月第一天
2026-11-02 2026-11-09 | week of 2 november | the week of november 2 | week of 2026-11-04 | week commencing 2 november | w/c 2 nov | week ending 8 november | 11월 2일 주 | 11월 4일이 있는 주 | 11月2日那週 | 11月4日當週
2026-11-03 2026-11-10 | week starting 3 november | between 3 and 9 november | from 3 to 9 november | 11월 3~9일 | 11月3-9日 | 11月3日到9日 | 3-9 nov
2026-11-15 2026-11-22 | 7 days ending yesterday | last 7 days ending yesterday | 어제까지 7일 | 截至昨天的7天
2026-10-17 2026-11-16 | 30 days ending 2026-11-15 | 11월 15일까지 30일
2026-11-01 2026-11-22 | until yesterday | MTD until yesterday | this month until yesterday | 이번 달 어제까지 | 어제까지 | 本月到昨天 | 截至昨天
2026-01-01 2026-11-22 | 올해 어제까지 | YTD until yesterday
2025-01-01 2026-01-01 | full year 2025 | whole last year | all of last year | calendar year 2025 | 작년 전체 | 작년 한 해 | 去年全年 | 2025年全年
2026-10-01 2026-11-01 | whole month of october | all of october | last full month | last complete month | 10월 한 달 | 지난달 전체 | 整個10月 | 202610 | 2026M10 | '26.10 | Oct '26 | '26년 10월 | 115年10月 | 民國115年10月
2026-11-09 2026-11-16 | last full week | last complete week
2026-01-01 2026-07-01 | Q1-Q2 2026 | Q1 and Q2 | 1~2분기 | 第一至二季
2026-11-02 2026-11-23 | W45-W47 | weeks 45-47 | 45~47주차 | 第45至47週
2025-01-01 2025-07-01 | 1H25 | H1 '25 | 25년 상반기 | 114年上半年
2025-07-01 2025-10-01 | 3Q25 | Q3'25 | 25Q3
2026-07-01 2026-11-23 | HTD | half to date | 하반기 누적 | 반기 누계
2026-10-15 2026-10-16 | Thursday 15 October | 10월 15일 목요일 | 15.10.2026 | 15/10/2026 | 10/15
2026-11-15 2026-11-16 | the 15th | on the 15th | 15일 | 15號
2025-11-01 2025-12-01 | last year same month | 작년 이달
2026-10-01 2026-11-23 | since the start of october | 10월 초부터
2025-12-25 2025-12-26 | Christmas | 크리스마스 | 聖誕節 | 성탄절
2025-11-28 2025-11-29 | Black Friday | 블랙프라이데이 | 黑色星期五 | black friday last year
2026-11-11 2026-11-12 | 雙11 | singles day | 광군제
"""  # fmt: skip
CASES = [
    (wording.strip(), *line.split("|")[0].split())
    for line in WORDINGS.strip().splitlines()
    for wording in line.split("|")[1:]
]


def read(text: str, *, today: date = TODAY, calendar: Calendar = SEOUL) -> tuple[str, str]:
    found = parse_period(text, calendar, today)
    return found.start.isoformat(), found.end.isoformat()


@pytest.mark.parametrize(("wording", "start", "end"), CASES, ids=[case[0] for case in CASES])
def test_words_name_a_range(wording: str, start: str, end: str) -> None:
    """Each wording names exactly this range of days."""
    assert read(wording) == (start, end)


@pytest.mark.skipif(not REFERENCE.is_file(), reason="the reference table is not beside the repository")
def test_the_reference_table_is_read_as_written() -> None:
    """Every expression of the reference table gives its range."""
    with REFERENCE.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    wrong = {
        row["expression"]: read(row["expression"])
        for row in rows
        if read(row["expression"]) != (row["start"], row["end_exclusive"])
    }
    assert rows
    assert not wrong


def test_the_table_of_wordings_is_read_as_written() -> None:
    """Hundreds of wordings, on several days and under several settings, each give the range written beside them."""
    with TABLE.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    wrong = [f"{row} -> {found}" for row in rows if (found := read_row(row)) != (row["start"], row["end"])]
    assert len(rows) > 500
    assert not wrong


def read_row(row: dict[str, str]) -> tuple[str, str] | str:
    calendar = Calendar(
        timezone="Asia/Seoul",
        holidays=row["holidays"],
        week_start="sunday" if row["week_start"] == "sunday" else "monday",
        fiscal_starts=int(row["fiscal_starts"]),
        fiscal_named_by="start" if row["named_by"] == "start" else "end",
        fiscal_pattern="4-4-5" if row["pattern"] == "4-4-5" else None,
    )
    try:
        return read(row["expression"], today=date.fromisoformat(row["today"]), calendar=calendar)
    except QuestionError as error:
        return error.message


@pytest.mark.parametrize(("wording", "start", "end"), CASES[::7])
def test_case_width_space_and_hyphen_say_nothing(wording: str, start: str, end: str) -> None:
    """Capitals, full-width letters and digits, and spaces around a wording change nothing."""
    wide = "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in wording)
    assert read(wording.upper()) == read(f"  {wording}  ") == read(wide) == (start, end)


@pytest.mark.parametrize(
    "wording", ["last-month", "last_month", "LAST  MONTH", "지난달", "지난 달", "지난-달", "上 個 月"]
)
def test_hyphens_and_spaces_are_one(wording: str) -> None:
    """Words may be parted by hyphens, underscores, spaces, or in Korean and Chinese by nothing."""
    assert read(wording) == ("2026-10-01", "2026-11-01")


@pytest.mark.parametrize(
    ("wording", "today", "start", "end"),
    [
        ("last monday", date(2026, 11, 23), "2026-11-16", "2026-11-17"),
        ("monday", date(2026, 11, 23), "2026-11-23", "2026-11-24"),
        ("this week", date(2027, 1, 1), "2026-12-28", "2027-01-04"),
        ("last quarter", date(2026, 1, 1), "2025-10-01", "2026-01-01"),
        ("Q4", date(2026, 9, 30), "2025-10-01", "2026-01-01"),
        ("하반기", date(2026, 3, 1), "2025-07-01", "2026-01-01"),
        ("previous month, same elapsed days", date(2026, 3, 30), "2026-02-01", "2026-03-01"),
        ("MTD last year", date(2024, 2, 29), "2023-02-01", "2023-03-01"),
        ("29 feb", date(2026, 11, 22), "2024-02-29", "2024-03-01"),
        ("31일", date(2026, 11, 22), "2026-10-31", "2026-11-01"),
        ("this weekend", date(2026, 11, 25), "2026-11-28", "2026-11-30"),
        ("last month", date(2026, 1, 31), "2025-12-01", "2026-01-01"),
        ("설", date(2026, 1, 5), "2025-01-28", "2025-01-31"),
    ],
)
def test_the_day_it_is_matters(wording: str, today: date, start: str, end: str) -> None:
    """Names without a year are the newest that has started, on any day of the year."""
    assert read(wording, today=today) == (start, end)


@pytest.mark.parametrize(
    ("wording", "start", "end"),
    [
        ("this week", "2026-11-22", "2026-11-29"),
        ("last week", "2026-11-15", "2026-11-22"),
        ("2026-W47", "2026-11-15", "2026-11-22"),
        ("first week of november", "2026-11-01", "2026-11-08"),
        ("上週一", "2026-11-16", "2026-11-17"),
        ("last 2 weeks", "2026-11-08", "2026-11-22"),
    ],
)
def test_weeks_may_start_on_sunday(wording: str, start: str, end: str) -> None:
    """With Sunday weeks every week word follows the workspace."""
    assert read(wording, calendar=Calendar(week_start="sunday")) == (start, end)


@pytest.mark.parametrize(
    ("wording", "named_by", "start", "end"),
    [
        ("FY2026", "end", "2025-04-01", "2026-04-01"),
        ("FY26", "start", "2026-04-01", "2027-04-01"),
        ("2026 회계연도", "end", "2025-04-01", "2026-04-01"),
        ("2026會計年度", "end", "2025-04-01", "2026-04-01"),
        ("this fiscal year", "end", "2026-04-01", "2027-04-01"),
        ("지난 회계연도", "end", "2025-04-01", "2026-04-01"),
        ("fiscal year to date", "end", "2026-04-01", "2026-11-23"),
        ("FY2026 Q1", "end", "2025-04-01", "2025-07-01"),
        ("fiscal q2", "end", "2026-07-01", "2026-10-01"),
        ("this fiscal quarter", "end", "2026-10-01", "2027-01-01"),
        ("FY2026 with fiscal year starting in July, named by its start year", "end", "2026-07-01", "2027-07-01"),
    ],
)
def test_fiscal_words_follow_the_fiscal_year(wording: str, named_by: str, start: str, end: str) -> None:
    """Fiscal years and quarters begin in the month of the settings, or of the words."""
    calendar = Calendar(fiscal_starts=4, fiscal_named_by="start" if named_by == "start" else "end")
    assert read(wording, calendar=calendar) == (start, end)


@pytest.mark.parametrize(
    ("wording", "start", "end"),
    [
        ("P7 FY2026", "2026-08-02", "2026-08-30"),
        ("FY2026 P7", "2026-08-02", "2026-08-30"),
        ("period 7 FY2026", "2026-08-02", "2026-08-30"),
        ("회계월 7", "2026-08-02", "2026-08-30"),
        ("2026 회계연도 7기", "2026-08-02", "2026-08-30"),
        ("會計月7", "2026-08-02", "2026-08-30"),
        ("2026會計年度第7期", "2026-08-02", "2026-08-30"),
        ("this fiscal month", "2026-11-01", "2026-11-29"),
        ("이번 회계월", "2026-11-01", "2026-11-29"),
        ("本會計月", "2026-11-01", "2026-11-29"),
        ("last fiscal month", "2026-10-04", "2026-11-01"),
        ("fiscal month to date", "2026-11-01", "2026-11-23"),
        ("last 2 fiscal months", "2026-08-30", "2026-11-01"),
        ("this month", "2026-11-01", "2026-12-01"),
        ("Q3", "2026-07-01", "2026-10-01"),
        ("fiscal Q3", "2026-08-02", "2026-11-01"),
        ("2026 회계연도 1분기", "2026-02-01", "2026-05-03"),
        ("FY2026 H1", "2026-02-01", "2026-08-02"),
        ("last fiscal quarter", "2026-08-02", "2026-11-01"),
        ("FY2023", "2023-01-29", "2024-02-04"),
        ("FY23/24", "2023-01-29", "2024-02-04"),
        ("fiscal year to date", "2026-02-01", "2026-11-23"),
        ("上一會計年度", "2025-02-02", "2026-02-01"),
    ],
)
def test_fiscal_words_follow_a_year_of_whole_weeks(wording: str, start: str, end: str) -> None:
    """In a 4-5-4 year fiscal months, quarters and years are whole weeks; other words stay the calendar's."""
    retail = Calendar(week_start="sunday", fiscal_starts=2, fiscal_named_by="start", fiscal_pattern="4-5-4")
    assert read(wording, calendar=retail) == (start, end)


@pytest.mark.parametrize(
    ("country", "start", "end"), [("KR", "2026-02-16", "2026-02-19"), ("TW", "2026-02-15", "2026-02-21")]
)
def test_a_shared_holiday_is_that_of_the_workspace(country: str, start: str, end: str) -> None:
    """Lunar New Year without a country's own word is the workspace's."""
    assert read("lunar new year", calendar=Calendar(holidays=country)) == (start, end)


@pytest.mark.parametrize(
    ("wording", "grain", "to_date"),
    [
        ("last month", "month", False),
        ("october 2025", "month", False),
        ("2026-10-01..2026-10-31", "month", False),
        ("최근 한 달", "month", False),
        ("last 7 days", "span", False),
        ("w47", "week", False),
        ("MTD", "month", True),
        ("上月同期", "month", True),
        ("Q3", "quarter", False),
        ("H1", "half", False),
        ("2025", "year", False),
        ("2026-10-01", "day", False),
    ],
)
def test_a_period_knows_what_it_is_one_of(wording: str, grain: str, to_date: bool) -> None:
    """A wording gives the unit, the span or the part to date, which says what it is compared with."""
    found = parse_period(wording, SEOUL, TODAY)
    assert (found.grain, found.to_date) == (grain, to_date)


@pytest.mark.parametrize(
    ("wording", "start", "end"),
    [
        ("last weekend", "2026-11-07", "2026-11-09"),
        ("weekdays last week", "2026-11-02", "2026-11-07"),
        ("지난주 월~금", "2026-11-02", "2026-11-07"),
        ("上週一到五", "2026-11-02", "2026-11-07"),
        ("last week monday to wednesday", "2026-11-02", "2026-11-05"),
        ("last 5 business days", "2026-11-09", "2026-11-14"),
        ("최근 7영업일", "2026-10-29", "2026-11-07"),
        ("last 5 days", "2026-11-12", "2026-11-17"),
    ],
)
def test_before_a_run_of_weekdays_lies_that_of_the_week_before(wording: str, start: str, end: str) -> None:
    """A weekend is compared with the weekend before, Monday to Friday with Monday to Friday; other spans by length."""
    found = previous(parse_period(wording, SEOUL, TODAY), SEOUL)
    assert (found.start.isoformat(), found.end.isoformat()) == (start, end)


def test_the_partner_in_words_is_the_partner_of_the_arithmetic() -> None:
    """The words "same period last year of YTD" name what the arithmetic gives for YTD."""
    ytd = parse_period("ytd", SEOUL, TODAY)
    assert parse_period("same period last year of ytd", SEOUL, TODAY) == year_ago(ytd, SEOUL)


@pytest.mark.parametrize(
    ("wording", "first"),
    [("lst month", "last month"), ("지난당", "지난달"), ("上各月", "上月"), ("yesterdya", "yesterday")],
)
def test_a_slip_is_answered_with_what_was_meant(wording: str, first: str) -> None:
    """A misspelt period is refused with the nearest ones."""
    with pytest.raises(QuestionError) as caught:
        parse_period(wording, SEOUL, TODAY)
    assert caught.value.code == "unknown_period"
    assert caught.value.suggestions[0] == first
    assert first in caught.value.hint


@pytest.mark.parametrize(
    "wording",
    ["", "foo", "2026-02-30", "2026-13", "2025-W53", "last 99999 years", "0 days", "last month this month",
     "2026-05-01..2026-04-01", "Q5", "3/4", "25.10", "26/11/20", "5/6 to 7/8", "last 11 days of the day", "Friday 15 October 2026", "W47-W45", "11월 9주차", "📈", "\x00", "last" * 100, "9999-12"],
)  # fmt: skip
def test_what_is_no_period_is_refused(wording: str) -> None:
    """What names no period, or two, is refused in words."""
    with pytest.raises(QuestionError) as caught:
        parse_period(wording, SEOUL, TODAY)
    assert caught.value.code == "unknown_period"
    assert caught.value.hint


@given(st.text(max_size=600) | st.text(alphabet="0123456789-~.월일년주上個月last to 한두第季q", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Any text is a period with at least one day, or a QuestionError, and the same each time."""
    try:
        found = parse_period(text, SEOUL, TODAY)
    except QuestionError:
        return
    assert isinstance(found, Period)
    assert found.days >= 1
    assert parse_period(text, SEOUL, TODAY) == found


OF_SOME_YEARS = {"Thursday 15 October", "10월 15일 목요일", "5th week of october"}
"""The 15th of October is a Thursday in some years only, and only some Octobers have five Thursdays."""
UNTIL_YESTERDAY = (" until yesterday", " 어제까지", "到昨天")
"""On the first day of a month or year, yesterday is in another one."""


@given(
    st.sampled_from([case[0] for case in CASES if case[0] not in OF_SOME_YEARS]),
    st.dates(date(2000, 1, 1), date(2050, 12, 31)),
)
def test_every_wording_is_understood_on_every_day(wording: str, today: date) -> None:
    """A wording is read on any day; only a week 53 or a holiday of a far year may not exist."""
    assume(today.day > 1 or not wording.endswith(UNTIL_YESTERDAY))
    assert parse_period(wording, SEOUL, today).days >= 1
