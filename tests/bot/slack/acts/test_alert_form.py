"""Alerts that people set from Slack: for themselves, or for a channel whose readers may all see the KPI."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from form_side import begun_with, button_in, opened, sent, texts
from limits_side import newest, press, share_a_channel
from slack_side import bot_messages, run, services

from bot.cards.onward.buttons import ALERT_ME
from bot.cards.views.alert_view import STOP_ALERT
from bot.cards.views.goal_view import NO_QUESTION
from bot.sandbox.slack import LocalSlack
from bot.sandbox.slack.acting import elements_of
from kpi_core.settings.values import Access, Alert
from kpi_core.state.audit import newest_entries
from kpi_core.state.store import Store, open_store
from kpi_core.state.team.own_alerts import add_own_alert, all_own_alerts


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = open_store("sqlite:///state.db", tmp_path)
    yield made
    made.close()


def rules(store: Store) -> list[Alert]:
    return [each.rule for each in all_own_alerts(store)]


def test_an_alert_for_oneself_is_said_to_oneself(store: Store) -> None:
    """For the KPI and segment that was asked; a limit that is missing stands at its field; then it can be stopped."""

    async def ask(slack: LocalSlack) -> None:
        form = await opened(slack, "mina", "marketing", ALERT_ME, "cac in channel=search")
        begun = begun_with(form)
        assert (begun["kpi"], begun["where"], begun["rule"]) == ("cac", "channel=search", "above")
        wrong = await sent(slack, "mina", form, where="planet=mars")
        assert wrong.body is not None
        assert sorted(wrong.body["errors"]) == ["limit", "where"]
        before = len(bot_messages(slack))
        done = await sent(slack, "mina", form, limit="45", per="week", channel=None)
        assert done.body is not None
        assert any("US$45.0 초과" in text for text in texts(done.body["view"]))
        told = await newest(slack, before)
        assert (told.channel, "US$45.0 초과" in told.text) == (slack.workspace.direct("U0MINA").id, True)
        await press(slack, "mina", "dm", told.ts, STOP_ALERT)

    run(ask, services(store=store))
    assert rules(store) == []
    commands = [each.command for each in newest_entries(store)]
    assert commands == ["stop alert threshold", "alert me threshold cac in U0MINA"]


@pytest.mark.parametrize(
    ("rule", "limit", "made"),
    [
        ("above", "45", Alert("threshold", "U0ALEX", "cac", above=45.0, per="month", owner="U0ALEX")),
        ("below", "12.5", Alert("threshold", "U0ALEX", "cac", below=12.5, per="month", owner="U0ALEX")),
        ("change", "20%", Alert("change", "U0ALEX", "cac", change=0.2, per="month", owner="U0ALEX")),
        ("change", None, Alert("change", "U0ALEX", "cac", per="month", owner="U0ALEX")),
        ("anomaly", None, Alert("anomaly", "U0ALEX", "cac", owner="U0ALEX")),
        ("target", "9", Alert("target_at_risk", "U0ALEX", "cac", owner="U0ALEX")),
    ],
)
def test_each_rule_is_one_of_kpi_yaml(store: Store, rule: str, limit: str | None, made: Alert) -> None:
    """What the form says, as a rule that alerts are made of."""

    async def ask(slack: LocalSlack) -> None:
        form = await opened(slack, "alex", "dm", ALERT_ME, NO_QUESTION)
        done = await sent(slack, "alex", form, kpi="cac", rule=rule, limit=limit, per="month")
        assert done.body is not None
        assert "errors" not in done.body

    run(ask, services(store=store))
    assert rules(store) == [made]


@pytest.mark.parametrize("limit", ["", "many", "nan", "inf", "1e999"])
def test_a_limit_is_a_number(store: Store, limit: str) -> None:
    """Above nothing, above anything and above infinity are none."""

    async def ask(slack: LocalSlack) -> None:
        form = await opened(slack, "alex", "dm", ALERT_ME, "cac")
        wrong = await sent(slack, "alex", form, limit=limit)
        assert wrong.body is not None
        assert list(wrong.body["errors"]) == ["limit"]

    run(ask, services(store=store))
    assert rules(store) == []


def test_an_alert_for_a_channel_is_said_there_and_any_member_stops_it(store: Store) -> None:
    """With who set it and the button that stops it; a stranger's press stops nothing."""

    async def ask(slack: LocalSlack) -> None:
        form = await opened(slack, "alex", "marketing", ALERT_ME, "cac")
        before = len(bot_messages(slack))
        await sent(slack, "alex", form, limit="45", channel="C0MARKET")
        told = await newest(slack, before)
        assert (told.channel, told.to, "<@U0ALEX>" in told.text) == ("C0MARKET", "", True)
        slack.workspace.users["U0WEI"].is_restricted = True
        refused = await press(slack, "wei", "marketing", told.ts, STOP_ALERT)
        assert refused.to == "U0WEI"
        assert len(rules(store)) == 1
        said = await press(slack, "mina", "marketing", told.ts, STOP_ALERT)
        assert (said.to, "<@U0MINA>" in said.text) == ("", True)

    run(ask, services(store=store))
    assert rules(store) == []


@pytest.mark.parametrize(
    ("channel", "kpi", "words"),
    [
        ("C0MARKET", "sales_revenue", "並非所有在那裡閱讀的人都能看這個 KPI。"),
        ("C0SHARED", "cac", "並非所有在那裡閱讀的人都能看這個 KPI。"),
        ("C0SECRET", "cac", "並非所有在那裡閱讀的人都能看這個 KPI。"),
        ("C0GENERAL", "cac", "C0GENERAL"),
    ],
)
def test_an_alert_goes_where_all_who_read_may_see_it(store: Store, channel: str, kpi: str, words: str) -> None:
    """Not to a channel without the right, with strangers, or that the bot cannot look into or post to."""

    async def ask(slack: LocalSlack) -> None:
        share_a_channel(slack)
        form = await opened(slack, "wei", "dm", ALERT_ME, kpi)
        wrong = await sent(slack, "wei", form, limit="45", rule="below", channel=channel)
        assert wrong.body is not None
        assert list(wrong.body["errors"]) == ["channel"]
        assert words in wrong.body["errors"]["channel"]

    run(ask, services(access={"sales_revenue": Access(users=("U0WEI",))}, store=store))
    assert rules(store) == []


def test_whose_alert_it_is_stops_it(store: Store) -> None:
    """A colleague's own alert is not there for others, by whatever card they press."""
    own = add_own_alert(store, "U0WEI", Alert("anomaly", "U0WEI", "cac"), direct=True, now=services().clock())

    async def ask(slack: LocalSlack) -> None:
        card = button_in(slack, "C0MARKET", STOP_ALERT, own.id)
        refused = await press(slack, "alex", "marketing", card.ts, STOP_ALERT)
        assert (refused.to, refused.text.startswith("This alert is not there any more.")) == ("U0ALEX", True)
        assert not elements_of(refused)

    run(ask, services(store=store))
    assert rules(store) == [own.rule]
