"""Which alerts are at work: those of kpi.yaml, and those that people have set for themselves or for a channel."""

from __future__ import annotations

from bot.cards.blocks import is_user_id
from bot.workspace import Workspace
from kpi_core.access.audiences import Audience, Channel, Person
from kpi_core.settings.values import Alert
from kpi_core.state.team.own_alerts import all_own_alerts


def rules_at_work(workspace: Workspace) -> tuple[Alert, ...]:
    """All rules, each once."""
    own = (alert.rule for alert in all_own_alerts(workspace.store))
    rules: list[Alert] = []
    for rule in (*workspace.settings.alerts, *own):
        if rule not in rules:
            rules.append(rule)
    return tuple(rules)


def audience_of(channel: str) -> Audience:
    """Who reads what is told there: somebody alone, by their id, or all of a channel."""
    return Person(channel) if is_user_id(channel) else Channel(channel)
