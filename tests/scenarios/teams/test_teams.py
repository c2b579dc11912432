"""Several workspaces in one process: each request is answered by the services of its own team, or not at all."""

from __future__ import annotations

from slack_bolt.context.async_context import AsyncBoltContext
from slack_side import CAC, Trouble, bot_messages, first_line, run, said, services

from bot.sandbox.slack import LocalSlack
from bot.sandbox.slack.slack_workspace import TEAM_ID
from bot.slack.listeners.teams import Teams
from kpi_core.errors import ServiceError


def context_of(team: str, enterprise: str = "") -> AsyncBoltContext:
    return AsyncBoltContext({"team_id": team, "enterprise_id": enterprise or None})


def test_each_team_has_its_own_services() -> None:
    """A team is found by its id, or by its organisation's where the bot is installed in all of its teams."""
    teams = Teams({"T1": services(), "E2": services()})
    first, second = teams.of(context_of("T1", "E9")), teams.of(context_of("T7", "E2"))
    assert first is not None
    assert second is not None
    assert first.replying is not second.replying
    assert first.seen is not second.seen
    assert teams.of(context_of("T1")) is first
    assert teams.of(context_of("T3")) is None
    assert Teams(services()).of(context_of("T3")) is not None


def test_a_team_is_answered_by_its_own_services() -> None:
    """Another team's data may fail; that of the team that asks answers."""
    failing = services(Trouble(failure=ServiceError("No answer.", code="x")))

    async def ask(slack: LocalSlack) -> None:
        await slack.acting.command("alex", "marketing", "/kpi", "cac last-month")
        (answer,) = await said(slack)
        assert first_line(answer) == CAC["en"]

    run(ask, {"T0OTHER": failing, TEAM_ID: services()})


def test_a_team_that_is_not_served_is_told() -> None:
    """A command gets a friendly no that only the asker sees; a mention, which could not be answered there, nothing."""

    async def ask(slack: LocalSlack) -> None:
        await slack.acting.say("alex", "marketing", "<@U0KPIBOT> cac last-month")
        await slack.acting.command("alex", "marketing", "/kpi", "cac last-month")
        (answer,) = await said(slack)
        assert first_line(answer).startswith("This bot is not set up for your workspace.")
        assert answer.to == "U0ALEX"
        assert len(bot_messages(slack)) == 1

    run(ask, {"T0OTHER": services()})
