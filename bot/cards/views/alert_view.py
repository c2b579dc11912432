"""Alerts that people set for themselves or for a channel: the form, what a rule says, and the way to stop it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from bot.cards import blocks
from bot.cards.card import Card
from bot.cards.views.view import View, channel_field, choice_field, modal, text_field, words_view
from kpi_core.formats.notices import dimension_name
from kpi_core.formats.numbers import percent_text, value_text
from kpi_core.frozen_dataclass import frozen
from kpi_core.phrases import say
from kpi_core.settings.values import ALERT_PER

if TYPE_CHECKING:
    from bot.cards.card import Block
    from kpi_core.access.doorway import Door
    from kpi_core.settings.values import Alert

STOP_ALERT = "stop_alert"
"""Action id of buttons, in a row going on as `stop_alert.2`. The value is the alert's id; of `ALERT_ME` a question."""
ALERT_FORM = "kpi_alert_form"
RULES = ("above", "below", "change", "anomaly", "target")
"""What an alert may wait for; the first two need a limit, the third may have one."""


@frozen
class RuleWords:
    """An alert as it is typed; without a `channel` it comes in the conversation with the bot."""

    kpi: str = ""
    where: str = ""
    rule: str = ""
    limit: str = ""
    per: str = ""
    channel: str = ""


def alert_view(words: RuleWords, language: str, problems: Mapping[str, str] | None = None, about: str = "") -> View:
    """The form for a new alert."""

    def label(name: str) -> str:
        return say(language, f"form.{name}")

    rules = {rule: say(language, f"alert_rule.choice_{rule}") for rule in RULES}
    periods: dict[str, str] = {per: say(language, f"sheet.per.{per}") for per in ALERT_PER}
    body: list[Block] = [blocks.section("\n".join(problems.values()))] if problems else []
    body += [
        text_field("kpi", label("kpi"), words.kpi),
        text_field("where", label("where"), words.where, hint=label("where_hint"), optional=True),
        choice_field("rule", label("rule"), rules, words.rule),
        text_field("limit", label("limit"), words.limit, hint=label("limit_hint"), optional=True),
        choice_field("per", label("alert_per"), periods, words.per, optional=True),
        channel_field("channel", label("channel"), words.channel, hint=label("channel_hint")),
    ]
    return modal(label("alert_title"), body, language, form=ALERT_FORM, submit=label("save"), about=about)


def alert_saved_view(rule: str, notes: Iterable[str], language: str) -> View:
    return words_view(say(language, "form.saved"), [rule, *notes], language)


def rule_text(rule: Alert, door: Door, language: str) -> str:
    """What a rule waits for, in plain text: "CAC · channel search: above $45, by week"."""
    metric, currency = door.definitions.metrics[rule.kpi], door.settings.currency
    limit = rule.above if rule.above is not None else rule.below
    kind = {"target_at_risk": "target", "threshold": "above" if rule.above is not None else "below"}.get(
        rule.when, rule.when
    )
    if rule.when == "change" and rule.change is not None:
        kind = "change_by"
    what = say(
        language,
        f"alert_rule.{kind}",
        limit=value_text(limit, metric, currency, language) if limit is not None else "",
        share=percent_text(rule.change, language, "axis") if rule.change is not None else "",
    )
    segment = [
        say(language, "card.where", dimension=dimension_name(name, language, door.catalog), values=value)
        for name, value in rule.where.items()
    ]
    per = f" ({say(language, f'sheet.per.{rule.per}')})" if rule.per else ""
    return f"{' · '.join([metric.name(language), *segment])}: {what}{per}"


def alert_set_card(user: str, rule: str, name: str, language: str) -> Card:
    """Said where the alert will come, with the way to stop it."""
    words = say(language, "alert_rule.set", user=blocks.mention(user), rule=blocks.escaped(rule, 2000))
    return Card(words, [blocks.marked(words), *stop_button(name, language)])


def stop_button(name: str, language: str) -> list[Block]:
    return blocks.actions([blocks.button(say(language, "button.stop_alert"), STOP_ALERT, name)])


def alert_stopped_card(user: str, rule: str, language: str) -> Card:
    words = say(language, "alert_rule.stopped", user=blocks.mention(user), rule=blocks.escaped(rule, 2000))
    return Card(words, [blocks.marked(words)])
