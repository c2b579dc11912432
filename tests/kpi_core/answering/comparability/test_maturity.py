"""A number that services still restate says how far it has settled; verdicts and goals wait, or correct by it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
from loading_side import asked_of, csv, engine_of

from bot.cards.lines import headline
from kpi_core.answers import Answer
from kpi_core.formats.answer_json import answer_json
from kpi_core.formats.notices import notice_text
from kpi_core.goals.standing import status_in
from kpi_core.settings.values import Goal

Ask = Callable[[str], Answer]
FIRST, TODAY = date(2026, 3, 1), date(2026, 11, 2)
SHARES = {1: 0.5, 2: 0.75, 3: 0.9, 4: 1.0}
"""What a day of conversions shows at each age; spend is whole at once."""


def shown(on: date) -> float:
    return 100 * SHARES.get((TODAY - on).days, 1.0)


def follow(folder: Path) -> None:
    """The trail that a service read every morning would have left."""
    lines = []
    for number in range((TODAY - FIRST).days):
        on = FIRST + timedelta(days=number)
        lines += [
            f"('ads', '', DATE '{on}', 'conversions', TIMESTAMP '{on + timedelta(days=age)} 01:00', {100 * share})"
            for age, share in SHARES.items()
            if on + timedelta(days=age) <= TODAY
        ]
        lines.append(f"('ads', '', DATE '{on}', 'spend', TIMESTAMP '{on + timedelta(days=1)} 01:00', 1000)")
    with duckdb.connect(str(folder / "kpi.duckdb")) as snapshot:
        snapshot.execute(f"INSERT INTO kpi_restatements VALUES {', '.join(lines)}")


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Ask:
    """1000 won and at last 100 conversions a day, of which half are there the morning after."""
    folder = tmp_path_factory.mktemp("settling")
    days = [FIRST + timedelta(days=number) for number in range((TODAY - FIRST).days)]
    text = "date,platform,spend,conversions\n" + "".join(f"{on},meta,1000,{shown(on)}\n" for on in days)
    source = csv(folder, "ads", "ad_performance", text)
    asked_of(folder, "cpa", source)
    follow(folder)
    return engine_of(folder, source, load_first=False)


def test_the_number_says_how_far_it_has_settled(ask: Ask) -> None:
    """Yesterday is half there: a CPA of 20 will come to 10, on the card and in JSON, in three languages."""
    answer = ask("cpa yesterday")
    assert answer.value == 20
    assert answer.maturity is not None
    assert answer.maturity.share == pytest.approx(0.5)
    assert (answer.maturity.low, answer.maturity.value) == (pytest.approx(10), pytest.approx(10))
    assert headline(answer, "en") == "₩20 (50% settled; expect ₩10 to ₩10)"
    assert "50% 확정" in headline(answer, "ko")
    assert "已確定 50%" in headline(answer, "zh-TW")
    assert answer_json(answer, "en")["maturity"]["sources"] == ["ads"]


def test_what_has_settled_says_nothing(ask: Ask) -> None:
    """September does not move any more, and spend never does."""
    assert ask("cpa september 2026").maturity is None
    assert ask("ad spend yesterday").maturity is None
    assert ask("ad spend yesterday").is_settled


def test_comparisons_are_corrected(ask: Ask) -> None:
    """CPA only looks twice as dear: with what is still to come in it is what it was, and that is said."""
    (change, *_others) = ask("cpa yesterday").comparisons
    assert (change.current, change.change) == (pytest.approx(10), pytest.approx(0))
    assert change.verdict != "worse"
    assert not ask("cpa yesterday").is_settled


def test_a_part_waits(ask: Ask) -> None:
    """The trail knows no platforms: of a filtered number no landing is told, and no verdict."""
    answer = ask("cpa yesterday where platform=meta")
    assert answer.maturity is not None
    assert answer.maturity.value is None
    assert [change.verdict for change in answer.comparisons] == [None, None]
    assert "settled" in headline(answer, "en")
    notices = [change.notice for change in answer.comparisons if change.notice is not None]
    assert any("50% settled" in notice_text(notice, "en") for notice in notices)


def test_a_group_waits(ask: Ask) -> None:
    """No row of a split is called better or worse while the whole still moves."""
    answer = ask("cpa yesterday by platform")
    assert answer.breakdown
    assert {change.verdict for row in answer.breakdown for change in row.comparisons} == {None}


def test_a_goal_is_judged_by_what_the_number_should_become(ask: Ask) -> None:
    """A CPA of 20 that will be 10 is on track for at most 15, and neither met nor missed before it has settled."""
    goal = Goal("cpa", 15, date(2026, 12, 31), per="day")
    assert status_in(goal, ask("cpa yesterday"), TODAY) == "on_track"
    assert status_in(goal, ask("cpa 2026-09-01"), TODAY) == "met"
