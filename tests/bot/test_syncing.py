"""Several sheets of one account: they take turns, and none is lost."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.running.syncing import TURNS, sync_in_turn, with_free_again
from kpi_core.errors import KpiBotError, ServiceError
from kpi_core.metrics import LANGUAGES
from kpi_core.questions.errors import error_words
from kpi_core.settings.values import SheetSync
from sheets_sync.refusals import failed
from sheets_sync.sync import SyncReport

SHEETS = tuple(SheetSync(f"s{number}", ("overview",)) for number in range(40))
FREE = 15
"""Sheets that a minute's quota of 60 reads and 60 writes has room for, at four calls each."""


class Google:
    """Grants a minute so many syncs; `wait` is how the next minute comes."""

    def __init__(self, free: int = FREE) -> None:
        self.free = self.left = free
        self.synced: list[str] = []
        self.waits: list[int] = []

    def sync(self, sheet: SheetSync) -> SyncReport:
        if not self.left:
            raise failed(429)
        self.left -= 1
        self.synced.append(sheet.spreadsheet)
        return SyncReport(sheet.spreadsheet, "", 2, 1, 0, 0, (), ())

    def wait(self, count: int) -> None:
        self.waits.append(count)
        self.left = self.free


def test_forty_sheets_take_turns_and_none_is_lost() -> None:
    """One that finds the quota used up comes again behind the others; each wait says how many are to come."""
    google = Google()
    turns = sync_in_turn(SHEETS, google.sync, google.wait)
    assert [turn.report.spreadsheet for turn in turns if turn.report] == [sheet.spreadsheet for sheet in SHEETS]
    assert sorted(google.synced) == sorted(sheet.spreadsheet for sheet in SHEETS)
    assert google.synced[-1] == "s31"
    assert google.waits == [25, 10]


def test_a_quota_that_stays_used_up_ends_as_an_error() -> None:
    """Not for ever: after a few turns each sheet has its error, and nothing waits for nobody."""
    google = Google(0)
    turns = sync_in_turn(SHEETS[:3], google.sync, google.wait)
    assert [turn.error.code for turn in turns if turn.error] == ["sheets_quota"] * 3
    assert len(google.waits) == 3 * TURNS - 1


def test_a_sheet_that_fails_holds_no_other_up() -> None:
    """One that nobody shared stands in its place with its error; the others are synced, without a wait."""
    google = Google()

    def sync(sheet: SheetSync) -> SyncReport:
        if sheet.spreadsheet == "s1":
            raise KpiBotError("The spreadsheet is not shared.", code="sheet_not_shared")
        return google.sync(sheet)

    turns = sync_in_turn(SHEETS[:4], sync, google.wait)
    assert [turn.error.code if turn.error else "" for turn in turns] == ["", "sheet_not_shared", "", ""]
    assert google.waits == []


@pytest.mark.parametrize(
    ("at", "zone", "until"),
    [
        (datetime(2026, 11, 23, 0, 40, 59, 999, tzinfo=UTC), "Asia/Seoul", "09:41"),
        (datetime(2026, 11, 23, 0, 41, 0, tzinfo=UTC), "Asia/Seoul", "09:42"),
        (datetime(2026, 11, 22, 23, 59, 30, tzinfo=UTC), "UTC", "00:00"),
        (datetime(2026, 11, 23, 3, 14, 5, tzinfo=UTC), "Asia/Kolkata", "08:45"),
    ],
)
def test_a_used_up_quota_says_until_when_by_the_local_clock(at: datetime, zone: str, until: str) -> None:
    """In each language; other errors stay as they are."""
    error = with_free_again(failed(429), at, ZoneInfo(zone))
    assert error.message == f"Google's quota is used up until {until}."
    words = {error_words(error, language)[0] for language in LANGUAGES}
    assert len(words) == 3
    assert all(until in sentence for sentence in words)
    other = ServiceError("no", code="sheets_unavailable")
    assert with_free_again(other, at, ZoneInfo(zone)) is other
