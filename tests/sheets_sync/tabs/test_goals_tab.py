"""Goals as people type them, and the rows the bot fills beside them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sheet_side import CATALOG, TODAY, VOCABULARY, goal, material

from kpi_core.catalog import load_catalog
from kpi_core.dates.calendars import Calendar
from kpi_core.errors import QuestionError
from kpi_core.formats.notices import notice_text
from kpi_core.metrics import LANGUAGES
from kpi_core.phrases import say
from kpi_core.questions.parse import build_vocabulary, parse_question
from kpi_core.settings.goal_history import GoalChange, Moved, Occasion
from kpi_core.settings.values import PER, Goal
from sheets_sync.spreadsheet.state import Memory
from sheets_sync.tabs.cells import Cell, Day, EnteredValue, Keep, Text, entered, serial_of
from sheets_sync.tabs.goals.goal_rows import (
    HEADER,
    NOWHERE,
    PEOPLE,
    Beside,
    GoalRow,
    GoalsRead,
    TypedRow,
    Words,
    read_goals,
)
from sheets_sync.tabs.goals.goals_tab import COLUMNS, goals_tab
from sheets_sync.tabs.goals.settling import with_goals_moved, with_goals_set, with_seeds
from sheets_sync.tabs.goals.typed_days import Deadlines, day_typed
from sheets_sync.tabs.tab import Tab
from sheets_sync.tabs.typed import TypedError, kpi_typed, per_typed, segment_typed, target_typed

import long

SHIPPED = load_catalog()
SHIPPED_WORDS = build_vocabulary(SHIPPED, lambda _dimension: ())
MEMBERS = {"channel": ("search", "Display", None), "region": ("KR",)}
WITH_MEMBERS = replace(VOCABULARY, values=lambda dimension: MEMBERS.get(dimension, ()))
END: EnteredValue = {"numberValue": float(serial_of(date(2026, 12, 31)))}


def value(typed: str | float | None) -> EnteredValue:
    if typed is None or typed == "":
        return {}
    return {"stringValue": typed} if isinstance(typed, str) else {"numberValue": typed}


def row(
    kpi: str, target: str | float | None, segment: str = "", by: EnteredValue = END, **more: str
) -> tuple[str, dict[str, EnteredValue]]:
    """A key, where `key` is given, and a row of people's cells."""
    cells = {"kpi": value(kpi), "segment": value(segment), "target": value(target), "by": by}
    return more.pop("key", ""), cells | {name: value(text) for name, text in more.items()}


def read(*rows: tuple[str, dict[str, EnteredValue]], locale: str = "en_US", last: Sequence[Goal] = ()) -> GoalsRead:
    typed = [TypedRow(HEADER + 1 + at, key, cells) for at, (key, cells) in enumerate(rows)]
    return read_goals(typed, Words(CATALOG, VOCABULARY, locale, TODAY, last))


def problem(found: GoalsRead, index: int = 0) -> str:
    notice = found.rows[index].problem
    assert notice
    return notice_text(notice, "en")


@pytest.mark.parametrize(
    "word", ["cac", "CAC", "Customer acquisition cost", "고객 획득 비용", "客戶獲取成本", "ＣＡＣ"]
)
def test_a_kpi_is_known_by_id_name_or_alias_in_any_language(word: str) -> None:
    """Whatever the team calls it, the row becomes a goal for the same KPI."""
    assert [found.kpi for found in read(row(word, 40000.0)).goals] == ["cac"]


@pytest.mark.parametrize(
    ("kpi", "typed", "locale", "target"),
    [
        ("cac", 40000.0, "en_US", 40000.0),
        ("cac", "₩40,000", "ko_KR", 40000.0),
        ("cac", "4만", "ko_KR", 40000.0),
        ("cac", "USD 40.5", "en_US", 40.5),
        ("cac", "1.234,5", "de_DE", 1234.5),
        ("sales_revenue", "2.4억", "ko_KR", 240_000_000.0),
        ("sales_revenue", "300M", "en_US", 300_000_000.0),
        ("conversion_rate", "5 %", "en_US", 0.05),
        ("conversion_rate", "300％", "zh_TW", 3.0),
        ("conversion_rate", 0.05, "en_US", 0.05),
        ("roas", "3.0", "en_US", 3.0),
        ("roas", "300 %", "en_US", 3.0),
        ("roas", "3배", "ko_KR", 3.0),
        ("leads", "150명", "ko_KR", 150.0),
        ("leads", "12 萬人", "zh_TW", 120_000.0),
        ("leads", "1.500 Kunden", "de_DE", 1500.0),
    ],
)
def test_a_target_is_read_as_people_write_it(kpi: str, typed: str | float, locale: str, target: float) -> None:
    """Numbers, currency, percent and Korean or Chinese units; rates become fractions."""
    assert target_typed(value(typed), CATALOG.metrics[kpi], locale) == pytest.approx(target)


@pytest.mark.parametrize(("kpi", "typed"), [("cac", "cheap"), ("cac", "40 %"), ("cac", "1,23"), ("roas", "=3")])
def test_a_target_that_is_no_number_is_never_guessed(kpi: str, typed: str) -> None:
    """A word, a percentage of money, or a misplaced comma is refused."""
    with pytest.raises(TypedError):
        target_typed(value(typed), CATALOG.metrics[kpi], "en_US")


@pytest.mark.parametrize(
    ("typed", "locale"),
    [
        (float(serial_of(date(2026, 12, 31))), "en_US"),
        ("2026-12-31", "en_US"),
        ("2026.12.31.", "ko_KR"),
        ("2026년 12월 31일", "ko_KR"),
        ("2026年12月31日", "zh_TW"),
        ("2026-12", "en_US"),
        ("12/31/2026", "en_US"),
        ("31.12.2026", "de_DE"),
        (2026.0, "en_US"),
        ("31.12.2026", "en_US"),
        ("12월 31일", "ko_KR"),
        ("12月31日", "zh_TW"),
        ("12월", "ko_KR"),
        ("연말", "ko_KR"),
        ("年底", "zh_TW"),
        ("2026년 말", "ko_KR"),
        ("2026年底", "zh_TW"),
        ("end of year", "en_US"),
        ("Jahresende", "de_DE"),
        ("Q4", "en_US"),
        ("2026 Q4", "en_US"),
        ("4분기", "ko_KR"),
        ("第四季", "zh_TW"),
        ("31. Dezember 2026", "de_DE"),
        ("Dec 31, 2026", "en_US"),
        ("Ende Dezember", "de_DE"),
    ],
)
def test_a_day_is_read_as_people_write_it(typed: str | float, locale: str) -> None:
    """Date cells, ISO, Korean, Chinese, the spreadsheet's own order; a month or a year means its last day."""
    assert day_typed(value(typed), Deadlines(locale, TODAY)) == date(2026, 12, 31)


@pytest.mark.parametrize(
    "typed",
    ["soon", "2026-13-01", "2026-02-30", "2월 30일", "Smarch", "5분기", "fiscal Q5", "fiscal 2", "fiscal soon", 7.0],
)
def test_a_day_that_is_none_is_never_guessed(typed: str | float) -> None:
    """Words and impossible dates are refused."""
    with pytest.raises(TypedError):
        day_typed(value(typed), Deadlines("en_US", TODAY))


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("end of fiscal Q2", "2027-09-30"),
        ("by the end of fiscal Q2", "2027-09-30"),
        ("fiscal Q3", "2026-12-31"),
        ("FQ3", "2026-12-31"),
        ("FY27 Q2", "2026-09-30"),
        ("Q2 FY2028", "2027-09-30"),
        ("Q2 of fiscal year 2028", "2027-09-30"),
        ("fiscal H2", "2027-03-31"),
        ("fiscal year end", "2027-03-31"),
        ("end of the fiscal year", "2027-03-31"),
        ("FY2028", "2028-03-31"),
        ("회계연도 2분기 말", "2027-09-30"),
        ("2028 회계연도 2분기", "2027-09-30"),
        ("회계연도 말", "2027-03-31"),
        ("회계연도 상반기", "2027-09-30"),
        ("會計年度第三季底", "2026-12-31"),
        ("2028會計年度第2季", "2027-09-30"),
        ("會計年度末", "2027-03-31"),
        ("Q2", "2027-06-30"),
    ],
)
def test_a_fiscal_day_is_the_companys_own(typed: str, day: str) -> None:
    """A year from April, named by its end: fiscal Q2 ends in September; the next one, where no year is named.

    Q2 alone stays the calendar's, as in questions.
    """
    company = Calendar(fiscal_starts=4, fiscal_named_by="end")
    assert day_typed(value(typed), Deadlines("en_US", date(2026, 11, 23), calendar=company)).isoformat() == day


def test_a_fiscal_day_without_a_year_stays_the_one_that_it_was() -> None:
    """Read again once it has passed, no goal moves; of whole weeks the year ends where its pattern says."""
    company, after = Calendar(fiscal_starts=4), date(2026, 10, 2)
    was = Deadlines("en_US", after, date(2026, 9, 30), company)
    assert day_typed(value("fiscal Q2"), was) == date(2026, 9, 30)
    assert day_typed(value("fiscal Q2"), Deadlines("en_US", after, calendar=company)) == date(2027, 9, 30)
    weeks = Deadlines(
        "en_US", after, calendar=Calendar(fiscal_starts=2, fiscal_named_by="start", fiscal_pattern="4-5-4")
    )
    assert day_typed(value("fiscal year end"), weeks) == date(2027, 1, 31)


@pytest.mark.parametrize(("typed", "later"), [("12월 31일", date(2027, 12, 31)), ("年底", date(2027, 12, 31))])
def test_a_day_without_a_year_stays_the_one_that_it_was(typed: str, later: date) -> None:
    """Read again after New Year, it is still last year's: no goal moves by itself. A new one is the next such day."""
    after = date(2027, 1, 2)
    assert day_typed(value(typed), Deadlines("ko_KR", after, date(2026, 12, 31))) == date(2026, 12, 31)
    assert day_typed(value(typed), Deadlines("ko_KR", after)) == later
    assert day_typed(value(typed), Deadlines("ko_KR", after, date(2026, 11, 30))) == later


@given(st.dates(date(2026, 1, 1), date(2030, 12, 31)), st.dates(date(2026, 1, 1), date(2029, 12, 31)))
def test_a_day_without_a_year_is_the_next_one(day: date, today: date) -> None:
    """Never past, and less than a year ahead but for 29 February; it is the very day that was named."""
    found = day_typed(value(f"{day.month}월 {day.day}일"), Deadlines("ko_KR", today))
    assert found >= today
    assert (found.month, found.day) == (day.month, day.day)
    assert (found - today).days < 366 or day.day == 29


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Nothing that people type breaks a sync."""
    for read_cell in (
        lambda: target_typed(value(text), CATALOG.metrics["cac"], "en_US"),
        lambda: day_typed(value(text), Deadlines("en_US", TODAY)),
        lambda: segment_typed(value(text), WITH_MEMBERS),
        lambda: per_typed(value(text)),
    ):
        with suppress(TypedError):
            read_cell()


def test_a_segment_names_dimensions_in_any_language() -> None:
    """channel=search and 지역=KR together narrow the goal."""
    assert segment_typed(value("channel=search, 지역 = KR"), VOCABULARY) == {"channel": "search", "region": "KR"}


def test_a_segment_is_one_of_the_data() -> None:
    """A value is taken as the data writes it; one that is not there is asked about. Without data any word may come."""
    assert segment_typed(value("channel=SEARCH, channel=display"), WITH_MEMBERS) == {"channel": "Display"}
    assert segment_typed(value("channel=serach"), VOCABULARY) == {"channel": "serach"}
    for typed, sentence in {
        "channel=serach": "There is no channel serach: search?",
        "channel=tv": "There is no channel tv. There are: search, Display.",
    }.items():
        with pytest.raises(TypedError) as caught:
            segment_typed(value(typed), WITH_MEMBERS)
        assert notice_text(caught.value.notice, "en") == sentence


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (row("cacc", 40.0), "No KPI called cacc. Did you mean cac?"),
        (row("이탈률", 0.1), "이탈률 may be churn_rate, bounce_rate: write one of these."),
        (row("cac", ""), "No target yet."),
        (row("cac", 40.0, by={}), "By when? The date is empty."),
        (row("cac", 40.0, "search"), "search is no segment: write it like channel=search."),
        (row("cac", 40.0, "channel != search"), "channel != search is no segment: write it like channel=search."),
        (row("cac", 40.0, "colour=red"), "No dimension called colour. There are: channel, region."),
        (row("cac", 40.0, "region=KR"), "cac cannot be split by region."),
        (row("cac", 40.0, per="fortnight"), "fortnight is no period: day, week, month, quarter or year."),
        (row("", 40.0), "Which KPI? The first cell is empty."),
    ],
)
def test_a_row_that_cannot_be_read_says_why(typed: list[EnteredValue], sentence: str) -> None:
    """The row stays, counts for nothing, and its status says what to change."""
    found = read(typed)
    assert found.goals == ()
    assert problem(found) == sentence


@pytest.mark.parametrize(
    ("cells", "at"),
    [
        ({"target": value("a lot")}, "target"),
        ({"target": {}}, "target"),
        ({"by": value("soon")}, "by"),
        ({"kpi": value("cacc")}, "kpi"),
        ({"segment": value("search")}, "segment"),
        ({"per": value("fortnight")}, "per"),
    ],
)
def test_a_bad_cell_leaves_the_goal_as_it_was(cells: dict[str, EnteredValue], at: str) -> None:
    """The goal from before counts on, its numbers stay, and what is wrong stands at the cell and in the status."""
    before = goal("cac", 40000.0, "mina")
    found = read(row("cac", 40000.0, key=before.key), last=[before])
    assert found.goals == (replace(before, owner=""),)
    key, good = row("cac", 40000.0, key=before.key)
    line = TypedRow(HEADER + 1, key, good | cells, found.rows[0].fingerprint)
    again = read_goals([line], Words(CATALOG, VOCABULARY, "en_US", TODAY, [before]))
    assert again.goals == (before,)
    assert (list(again.rows[0].problems), again.rows[0].key) == ([at], before.key)
    made = tab(again)
    status = made.rows[HEADER + 1][COLUMNS.index("status")]
    assert made.remarks == {(before.key, at): problem(again)}
    assert status == Text(f"{problem(again)} Until then the goal from before counts.")
    assert len({again.rows[0].fingerprint, found.rows[0].fingerprint}) == 1


def test_every_bad_cell_is_told_at_its_own_place() -> None:
    """A row with two mistakes names both, and the first of them in its status."""
    found = read(row("cac", "a lot", by=value("soon")))
    assert list(found.rows[0].problems) == ["target", "by"]
    assert problem(found) == "a lot is no number."


def beside(*titled: tuple[str | float, str | float | None]) -> tuple[Beside, ...]:
    return tuple(Beside(20 + at, value(title), value(typed)) for at, (title, typed) in enumerate(titled))


@pytest.mark.parametrize(
    ("october", "november"),
    [
        ("2026-10", "2026-11"),
        ("Oct 2026", "November 2026"),
        ("2026년 10월", "11월"),
        ("10月", "2026年11月"),
        ("Okt", "Nov"),
        (float(serial_of(date(2026, 10, 1))), float(serial_of(date(2026, 11, 1)))),
    ],
)
def test_a_column_a_month_is_a_plan(october: str | float, november: str | float) -> None:
    """Each filled month is a goal of its own, due on its last day; other columns of people's mean nothing."""
    months = beside((october, "2.1억"), ("Team", "Seoul"), (november, 2.4e8), ("2027-01", None))
    line = TypedRow(HEADER + 1, "", {"kpi": value("sales_revenue"), "owner": value("mina")}, beside=months)
    found = read_goals([line], Words(CATALOG, VOCABULARY, "ko_KR", TODAY))
    assert found.goals == (
        Goal("sales_revenue", 2.1e8, date(2026, 10, 31), "mina", per="month"),
        Goal("sales_revenue", 2.4e8, date(2026, 11, 30), "mina", per="month"),
    )
    assert found.rows[0].current(TODAY) == found.goals[1]
    made = tab(found)
    assert made.remarks == {("#header", place): "Targets of this month." for place in (20, 22)}
    bad = TypedRow(HEADER + 1, found.rows[0].key, dict(line.cells), beside=beside((october, "lots"), (november, 2.5e8)))
    again = read_goals([bad], Words(CATALOG, VOCABULARY, "ko_KR", TODAY, found.goals))
    assert [each.target for each in again.goals] == [2.1e8, 2.5e8]
    assert again.rows[0].key == found.rows[0].key
    assert tab(again).remarks[found.rows[0].key, 20] == "lots is no number."


def planned(**targets: float) -> GoalsRead:
    """A row of a plan as the bot reads it, with a target a month such as `m10`."""
    months = beside(*((f"2026-{name[1:]}", target) for name, target in targets.items()))
    line = TypedRow(HEADER + 1, "", {"kpi": value("sales_revenue"), "owner": value("mina")}, beside=months)
    return read_goals([line], Words(CATALOG, VOCABULARY, "ko_KR", TODAY))


@pytest.mark.parametrize(
    "there", [{"by": date(2026, 12, 15)}, {"where": {"channel": "search"}}, {"by": date(2026, 12, 31)}]
)
def test_a_month_that_is_moved_elsewhere_leaves_its_column(there: dict[str, Any]) -> None:
    """To another day, segment or month: its cell is emptied, it has a row of its own, the others stay as they are."""
    october, november = planned(m10=2.1e8, m11=2.4e8).goals
    move = Moved(november, replace(november, target=2.6e8, **there))
    after, settled = with_goals_moved(planned(m10=2.1e8, m11=2.4e8), [move])
    after, rowless = with_goals_set(after, [move.goal], [october, november])
    assert (after.goals, rowless, settled) == ((october,), (move.goal,), frozenset())
    after, seeds = with_seeds(after, rowless, frozenset())
    made = tab(after, seeds)
    assert made.beside == {(after.rows[0].key, 21): None}
    assert [each.goal for each in seeds] == [move.goal]


def test_a_month_stays_where_people_have_typed_since_or_nothing_would_be_left() -> None:
    """What was moved does not count then, and people are told which value does."""
    october, november = planned(m10=2.1e8, m11=2.4e8).goals
    later = replace(november, by=date(2026, 12, 15))
    for typed in (planned(m10=2.1e8, m11=2.5e8), planned(m11=2.4e8)):
        after, settled = with_goals_moved(typed, [Moved(november, later)])
        assert after.goals == typed.goals
        assert settled == {later.key}
        assert [notice.key for _goal, notice in after.overruled] == ["sheet.warning.both_changed"]
    assert october in planned(m10=2.1e8, m11=2.4e8).goals


def test_a_plan_may_stand_beside_a_goal_of_the_whole() -> None:
    """The year's own target and those of its months are goals side by side."""
    cells = row("sales_revenue", 3e9, per="year")[1]
    found = read_goals(
        [TypedRow(HEADER + 1, "", cells, beside=beside(("12월", 2.6e8)))], Words(CATALOG, VOCABULARY, "ko_KR", TODAY)
    )
    assert [(each.target, each.per, each.by) for each in found.goals] == [
        (3e9, "year", date(2026, 12, 31)),
        (2.6e8, "month", date(2026, 12, 31)),
    ]


def test_the_same_goal_twice_counts_once() -> None:
    """The second row of the same goal points at the first."""
    found = read(row("cac", 40.0), row("CAC", 45.0))
    assert [each.target for each in found.goals] == [40.0]
    assert problem(found, 1) == f"Same goal as in row {HEADER + 2}."


def test_a_copied_key_is_a_conflict() -> None:
    """A pasted row that brought its hidden key along becomes a goal of its own, and the sync says so."""
    found = read(row("cac", 40.0, key="g1"), row("roas", 3.0, key="g1"))
    assert [each.key for each in found.rows] == ["g1", found.goals[1].key]
    assert [notice.key for notice in found.conflicts] == ["sheet.conflict.key_twice"]


def test_sorting_peoples_columns_alone_mixes_nothing_up() -> None:
    """The hidden keys stay where they were; each goal still finds its own, and nothing counts as changed."""
    goals = (goal("cac", 40000.0), goal("roas", 3.0))
    keys = [each.key for each in goals]
    found = read(row("roas", 3.0, key=keys[0]), row("cac", 40000.0, key=keys[1]))
    assert [each.key for each in found.rows] == [keys[1], keys[0]]
    again, seeds = with_seeds(found, goals, frozenset(keys))
    assert (again.conflicts, again.warnings, seeds) == ((), (), ())


def test_a_remark_without_a_goal_is_left_in_peace() -> None:
    """An owner or a note alone is no goal and no problem, but its row is not used for another."""
    found = read(row("", "", by={}, note="ask finance"))
    assert found.rows == ()
    assert found.rows == ()


def tab(found: GoalsRead, seeds: Sequence[Any] = (), locale: str = "en") -> Tab:
    goals = (*found.goals, *(each.goal for each in seeds))
    return goals_tab(material(locale, goals), found, seeds)


def test_the_bot_never_writes_into_peoples_columns() -> None:
    """For every row that people filled, each of their cells is kept as it is."""
    made = tab(read(row("cac", 40000.0), row("nonsense", 1.0), row("", "", by={}, note="remark")))
    for line in made.rows[HEADER + 1 :]:
        assert all(isinstance(line[COLUMNS.index(key)], Keep) for key in PEOPLE)


def test_a_goal_of_kpi_yaml_gets_a_row_once() -> None:
    """It is placed below the rows people typed; once placed it is not placed again, even when they delete it."""
    given_goal = goal("roas", 3.0, "mina", channel="search")
    first, seeds = with_seeds(read(row("cac", 40000.0)), [given_goal], frozenset())
    assert [(seed.row, seed.goal) for seed in seeds] == [(NOWHERE, given_goal)]
    again, seeds = with_seeds(read(row("cac", 40000.0)), [given_goal], first.placed)
    assert seeds == ()
    assert [notice_text(notice, "en") for notice in again.warnings] == [
        "The goal roas channel=search of kpi.yaml was removed from the Sheet and no longer counts."
    ]


def test_the_memory_of_a_tab_does_not_grow_with_its_goals() -> None:
    """Google takes 30,000 characters; those that have no row go before those that the rows themselves tell of."""
    placed = [f"g{number:09}" for number in range(10_000)]
    there = tuple(GoalRow(HEADER + 1 + at, key, None, None, "") for at, key in enumerate(placed[1_000:]))
    for rows, archived in ((there, set(placed[:1_000])), ((), set(placed[:1_500]))):
        tab = goals_tab(material("en"), GoalsRead(rows, placed=frozenset(placed)), [])
        assert set(tab.memory["placed"]) == archived  # type: ignore[call-overload]  # a list of keys
        assert len(Memory(tab_memory=tab.memory).to_text(1)) < 25_000


def test_the_persons_cell_wins_over_kpi_yaml() -> None:
    """Once a goal has its row, a target changed there counts, and the difference is told."""
    given_goal = goal("cac", 40000.0)
    typed = read(row("cac", 38000.0, key=given_goal.key))
    found, seeds = with_seeds(typed, [given_goal], frozenset([given_goal.key]))
    assert seeds == ()
    assert [each.target for each in found.goals] == [38000.0]
    assert [notice.key for notice in found.warnings] == ["sheet.warning.settings_differ"]


@pytest.mark.parametrize("locale", ["en", "ko", "zh-TW"])
def test_what_the_bot_places_reads_back_as_the_same_goal(locale: str) -> None:
    """Every goal of kpi.yaml survives the way into the Sheet and back, also where two KPIs share a name."""
    goals = [
        goal("cac", 40000.0, "mina", channel="search"),
        goal("churn_rate", 0.05),
        goal("bounce_rate", 0.4),
        Goal("sales_revenue", 2.5e8, date(2026, 12, 31), "U123", {}, "quarter", "with finance"),
        goal("cac@paid", 30000.0),
    ]
    found, seeds = with_seeds(GoalsRead(), goals, frozenset())
    made = tab(found, seeds, locale=locale)
    lines = made.rows[HEADER + 1 :]
    again = read(*(("", dict(zip(COLUMNS, map(entered, line), strict=True))) for line in lines))
    assert list(again.goals) == goals
    assert [each.fingerprint for each in again.rows] == [seed.fingerprint for seed in seeds]


def test_the_last_change_stays_until_the_row_changes() -> None:
    """The day is kept as long as the row asks for the same, and moves to today when the target moves."""
    day: EnteredValue = {"numberValue": float(serial_of(date(2026, 1, 5)))}
    typed = read(row("cac", 40000.0)).rows[0]

    def last_change(target: float) -> Cell:
        cells = {**row("cac", target)[1], "changed": day}
        line = TypedRow(HEADER + 1, "g1", cells, typed.fingerprint)
        found = read_goals([line], Words(CATALOG, VOCABULARY, "en_US", TODAY))
        return tab(found).rows[HEADER + 1][COLUMNS.index("changed")]

    assert last_change(40000.0) == Day(date(2026, 1, 5))
    assert last_change(39000.0) == Day(date(2026, 11, 23))


def test_the_last_change_says_what_moved_and_who_moved_it() -> None:
    """Nobody moves the post unseen: the history's last word on a goal stands in its row, in the reader's zone."""
    now, before = goal("cac", 38000.0), goal("cac", 40000.0, "mina")
    occasion = Occasion(datetime(2026, 11, 20, 20, 0, tzinfo=UTC), "terminal", "terminal")
    found = replace(read(row("cac", 38000.0)), history={now.key: GoalChange(occasion, before, now)})
    (line,) = tab(found).rows[HEADER + 1 :]
    assert line[-1] == Text("2026-11-21 · Target: ₩40,000 → ₩38,000 · Owner: mina → – · terminal")


def test_the_status_says_how_the_goal_stands() -> None:
    """A CAC of 41,268 so far endangers at most 40,000, and is within 42,000."""
    made = tab(read(row("cac", 40000.0), row("cac", 42000.0, "channel=search")))
    status = COLUMNS.index("status")
    assert [line[status] for line in made.rows[HEADER + 1 :]] == [Text("at risk"), Text("on track")]


def test_a_forgotten_percent_sign_is_asked_about() -> None:
    """5 for a rate that stands at 3.1 % means 500 %: the status says so instead of missing the goal in silence."""
    made = tab(read(row("conversion_rate", 5.0), row("conversion_rate", 0.05, "channel=search")))
    status = COLUMNS.index("status")
    assert [line[status] for line in made.rows[HEADER + 1 :]] == [
        Text("at risk; the target is 500%: did you mean 5%?"),
        Text("at risk"),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_period_that_a_target_may_be_for_can_be_typed(language: str) -> None:
    """What kpi.yaml calls a period is read in the Sheet by its word in any language."""
    assert [per_typed(value(say(language, f"sheet.per.{per}"))) for per in PER] == list(PER)


def asked(words: str) -> str | None:
    """The KPI that a question of these words is about."""
    with suppress(QuestionError):
        return parse_question(words, SHIPPED_WORDS, Calendar(), date(2026, 11, 23)).metric
    return None


def typed(words: str) -> str | None:
    """The KPI that a goal of these words is for."""
    with suppress(TypedError):
        return kpi_typed(value(words), SHIPPED, SHIPPED_WORDS).id
    return None


@pytest.mark.long
def test_the_goals_tab_reads_what_a_question_reads() -> None:
    """Every id, name and alias of the catalogue means the same KPI in both places, or in both none."""
    kpis = SHIPPED.metrics.values()
    phrases = sorted({words for kpi in kpis for words in (kpi.id, *kpi.names.values(), *kpi.aliases)})
    count = long.times(150, len(phrases))
    some = [phrases[number * len(phrases) // count] for number in range(count)]
    some += ["고객획득비용", "customer-acquisition-cost", "이탈률", "이탈률(바운스)"]
    assert {words: typed(words) for words in some} == {words: asked(words) for words in some}
    assert typed("고객획득비용") == "cac"
    long.ran("phrases for a KPI, typed as a goal and asked", count)
