"""The Home of each person, through the real bolt: what they may see, within Slack's limits, questions asked there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from form_side import begun_with, filled, texts
from limits_side import share_a_channel
from slack_side import NOW, bot_messages, run, services

from bot.cards.onward.buttons import SET_GOAL
from bot.cards.views.alert_view import STOP_ALERT
from bot.cards.views.goal_view import EDIT_GOAL
from bot.cards.views.home_view import HOME_ASK
from bot.running.telling.greeting import Homes
from bot.sandbox.slack import LocalSlack
from bot.sandbox.slack.acting import elements_in
from kpi_core.settings.values import Access, Alert, Goal
from kpi_core.state.audit import AuditEntry, record
from kpi_core.state.goals import replace_goals, set_goal
from kpi_core.state.store import Store, open_store
from kpi_core.state.team.open_homes import home_opened, homes_since
from kpi_core.state.team.own_alerts import add_own_alert, all_own_alerts

YEAR_END = date(2026, 12, 31)
BOARD_ONLY = {"sales_revenue": Access(users=("U0WEI",))}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = open_store("sqlite:///state.db", tmp_path)
    yield made
    made.close()


async def home(slack: LocalSlack, user: str) -> dict[str, object]:
    """Somebody's Home, once it is published after they opened it."""
    slack.workspace.homes.pop(f"U0{user.upper()}", None)
    await slack.acting.open_home(user)
    return await slack.until(lambda: slack.workspace.homes.get(f"U0{user.upper()}"))


def shown(view: dict[str, object]) -> str:
    return "\n".join(texts(view))


def test_a_home_shows_what_its_reader_asks_and_owns(store: Store) -> None:
    """What they ask most first, their goals and alerts, the data, in their language; from each there is a way on."""
    set_goal(store, Goal("cac", 40.0, YEAR_END, "U0MINA", {"channel": "search"}))
    set_goal(store, Goal("ad_spend", 90.0, YEAR_END, "U0ALEX", per="month"))
    add_own_alert(store, "U0MINA", Alert("threshold", "U0MINA", "cac", above=45.0), direct=True, now=NOW)
    for count, kpi in enumerate(("new_customers", "aov", "aov")):
        record(store, AuditEntry(NOW - timedelta(days=count), "U0MINA", kpi, kpi))

    async def look(slack: LocalSlack) -> None:
        view = await home(slack, "mina")
        words = shown(view)
        order = [words.index(each) for each in ("내 KPI", "내 목표", "내 알림")]
        assert order == sorted(order)
        assert words.index("평균 주문 금액") < words.index("신규 고객")
        assert "US$45.0 초과" in words
        assert "광고비" not in words.split("내 목표")[1].split("내 알림")[0]
        pressable = elements_in(view["blocks"])  # type: ignore[arg-type]
        names = {each["action_id"].partition(".")[0] for each in pressable}
        assert {HOME_ASK, EDIT_GOAL, SET_GOAL, STOP_ALERT} <= names
        more = next(each for each in pressable if each["action_id"] == HOME_ASK)
        before = len(bot_messages(slack))
        await slack.acting.press_in_view("mina", str(view["id"]), HOME_ASK, more["value"])
        answer = await slack.until(lambda: bot_messages(slack)[before:] or None)
        assert (answer[0].channel, answer[0].to) == (slack.workspace.direct("U0MINA").id, "")
        assert "평균 주문 금액" in answer[0].text
        # The next words in that conversation go on from it.
        await slack.acting.say("mina", "dm", "채널별로는?")
        split = await slack.until(lambda: bot_messages(slack)[before + 1 :] or None)
        assert "평균 주문 금액" in split[0].text
        await slack.acting.press_in_view("mina", str(view["id"]), EDIT_GOAL)
        assert begun_with(await filled(slack, "mina"))["target"] == "40"
        await slack.acting.press_in_view("mina", str(view["id"]), STOP_ALERT)
        await slack.until(lambda: not all_own_alerts(store) or None)
        await slack.until(lambda: "US$45.0 초과" not in shown(slack.workspace.homes["U0MINA"]) or None)

    run(look, services(store=store))
    assert list(homes_since(store, NOW - timedelta(days=1), 9)) == ["U0MINA"]


def test_a_home_holds_nothing_that_its_reader_may_not_see(store: Store) -> None:
    """No number, name, goal or alert of a limited KPI, nor of what gives it away; for those who may, all of it."""
    for kpi in ("sales_revenue", "aov"):
        set_goal(store, Goal(kpi, 77.0, YEAR_END, "U0ALEX", per="month" if kpi == "sales_revenue" else None))
        for who in ("U0ALEX", "U0WEI"):
            record(store, AuditEntry(NOW, who, kpi, kpi))
            add_own_alert(store, who, Alert("threshold", who, kpi, below=55.0), direct=True, now=NOW)

    async def look(slack: LocalSlack) -> None:
        words = shown(await home(slack, "alex"))
        assert "Customer acquisition cost" in words
        assert not any(each in words for each in ("Sales revenue", "Average order value", "$100", "$50", "77", "55"))
        assert "US$100" in shown(await home(slack, "wei"))

    run(look, services(access=BOARD_ONLY, store=store))


@pytest.mark.parametrize("kind", ["guest", "stranger"])
def test_strangers_have_no_home(store: Store, kind: str) -> None:
    """They read why, and nothing else; nobody keeps it up to date."""

    async def look(slack: LocalSlack) -> None:
        share_a_channel(slack)
        slack.workspace.users["U0ALEX"].is_ultra_restricted = True
        view = await home(slack, "alex" if kind == "guest" else "gus")
        assert shown(view).startswith("The bot answers members of its own workspace.")
        assert elements_in(view["blocks"]) == []  # type: ignore[arg-type]

    run(look, services(store=store))
    assert homes_since(store, NOW - timedelta(days=1), 9) == {}


def test_a_home_fits_whatever_there_is(store: Store) -> None:
    """Two hundred goals and alerts of one person: within 100 blocks, and what is left out is counted."""
    goals = [Goal("cac", 40.0, YEAR_END + timedelta(days=day), "U0ALEX") for day in range(200)]
    replace_goals(store, "sheet", goals)
    for limit in range(200):
        rule = Alert("threshold", "U0ALEX", "cac", above=float(limit + 1))
        add_own_alert(store, "U0ALEX", rule, direct=True, now=NOW)

    async def look(slack: LocalSlack) -> None:
        view = await home(slack, "alex")
        assert len(view["blocks"]) <= 100  # type: ignore[arg-type]
        assert "192 more" in shown(view)

    run(look, services(store=store))


def test_a_home_is_published_anew_when_the_data_has_changed(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """For those who opened it within a day, once a change; nobody else's, and not while nothing has changed."""
    asked: list[list[str]] = []

    def refreshed(_access: object, _services: object, people: list[str]) -> list[str]:
        asked.append(list(people))
        return list(people)

    monkeypatch.setattr("bot.running.telling.greeting.refresh_homes", refreshed)
    version = ["1"]

    class Workspace:
        """As much of one as a Home's upkeep looks at."""

        store: Store
        settings = services().settings

        class warehouse:  # noqa: N801
            @staticmethod
            def version() -> str:
                return version[0]

    workspace = Workspace()
    workspace.store = store
    keep = Homes(workspace, None, services)  # type: ignore[arg-type]
    home_opened(store, "U0MINA", NOW)
    home_opened(store, "U0OLD", NOW - timedelta(days=2))
    for _ in range(3):
        keep(NOW, None)  # type: ignore[arg-type]
    version[0] = "2"
    for _ in range(2):
        keep(NOW, None)  # type: ignore[arg-type]
    assert asked == [["U0MINA"]]
    keep(NOW + timedelta(hours=20), None)  # type: ignore[arg-type]
    assert asked == [["U0MINA"], ["U0MINA"]]
