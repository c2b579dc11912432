"""The catalogue as cards: every KPI by journey stage, and one definition in full."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.cards import blocks
from bot.cards.answer import ASK, EXPLAIN
from bot.cards.card import Block, Card
from bot.cards.lines import SIGNS
from bot.cards.onward.buttons import FIND
from kpi_core.answering.layout import models_of
from kpi_core.formats.notices import notice_text, part_name
from kpi_core.formats.numbers import shown_unit
from kpi_core.metrics import STAGES, localized
from kpi_core.phrases import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kpi_core.metrics import Benchmark, Catalog, Metric
    from kpi_core.phrases import Notice

TEXT = 3000
_NAME = re.compile(r"[A-Za-z_]\w*")
_SQL_ROOM = 2_800

Facts = list[tuple[str, list[str]]]
"""Headings of a definition, each with its lines."""


def list_card(
    catalog: Catalog, unavailable: Mapping[str, Notice], language: str, limited: int = 0, own: Sequence[str] = ()
) -> Card:
    """A field to find a KPI, the reader's `own` ones, then all by journey stage.

    `unavailable` gives the reason of each that cannot be computed, by metric id; `limited` is how many others there
    are, which the reader may not see.
    """
    title = list_title(catalog, unavailable, language)
    find = {"type": "external_select", "action_id": FIND, "min_query_length": 0}
    field = find | {"placeholder": blocks.plain(say(language, "catalogue.find"), 150)}
    card_blocks: list[Block] = [blocks.section(title), {"type": "actions", "elements": [field]}]
    if mine := [catalog.metrics[kpi] for kpi in own if kpi in catalog.metrics and kpi not in unavailable]:
        lines = [f"`{blocks.escaped(metric.id)}` {blocks.escaped(metric.name(language), 200)}" for metric in mine]
        card_blocks += _sections(f"*{blocks.escaped(say(language, 'catalogue.own'))}*", lines)
    for stage, metrics in by_stage(catalog, unavailable):
        lines = [f"`{blocks.escaped(metric.id)}` {blocks.escaped(metric.name(language), 200)}" for metric in metrics]
        card_blocks += _sections(f"*{blocks.escaped(stage_name(stage, language))}*", lines)
    reasons = list(reasons_of(catalog, unavailable, language))
    if reasons:
        card_blocks.append(blocks.context(reasons[:10]))
    how = say(language, "catalogue.how")
    hidden = [say(language, "catalogue.limited", count=limited)] if limited else []
    card_blocks.append(blocks.context([*hidden, how]))
    names = ", ".join(metric.name(language) for metric in catalog.kpis() if metric.id not in unavailable)
    return Card(blocks.escaped("\n".join([title, names, *hidden, how]), TEXT), card_blocks[:50])


def explain_card(metric: Metric, catalog: Catalog, language: str, sql: Sequence[str] = ()) -> Card:
    """One definition: what it is, how it is made and what to do about it, a line each; all the rest folded.

    Folded are reading, variants, benchmark with its trust, data and traps, and SQL when given.
    """
    title, about = explain_head(metric, language)
    facts = explain_facts(metric, catalog, language)
    card_blocks = [blocks.header(title), blocks.section("\n".join(_in_short(metric, language)))]
    card_blocks.append(blocks.context([kind_line(metric, language)]))
    folded = []
    for heading, lines in facts:
        text = "\n".join([f"*{blocks.escaped(heading)}*", *map(blocks.escaped, lines)])
        folded.append(blocks.marked(_within(text, blocks.SECTION)))
    card_blocks += blocks.folded(say(language, "catalogue.in_full"), folded)
    statements = [blocks.marked(f"```{blocks.escaped(statement, _SQL_ROOM)}```") for statement in sql]
    card_blocks += blocks.folded("SQL", statements)
    row = [blocks.button(say(language, "button.ask", kpi=metric.id), ASK, metric.id)]
    variants = [variant for variant in metric.variants if variant in catalog.metrics]
    row += [blocks.button(variant, EXPLAIN, variant) for variant in variants[:4]]
    text_lines = [title, about, *(f"{heading}: {'; '.join(lines)}" for heading, lines in facts)]
    return Card(blocks.escaped("\n".join(text_lines), TEXT), [*card_blocks, *blocks.actions(row)])


def _in_short(metric: Metric, language: str) -> Iterator[str]:
    """What the KPI is, how it is made, what to do about it."""
    description = localized(metric.description, language)
    yield description or metric.name(language)
    formula = formula_with_names(metric, language)
    yield say(language, "card.text", title=say(language, "catalogue.formula"), value=formula)
    if playbook := localized(metric.playbook, language):
        yield say(language, "card.text", title=say(language, "catalogue.playbook"), value=playbook)


def list_title(catalog: Catalog, unavailable: Mapping[str, Notice], language: str) -> str:
    total = len(catalog.kpis())
    available = sum(metric.id not in unavailable for metric in catalog.kpis())
    return say(language, "catalogue.title", available=available, total=total)


def by_stage(catalog: Catalog, unavailable: Mapping[str, Notice]) -> Iterator[tuple[str, list[Metric]]]:
    """The computable KPIs of each journey stage, in catalogue order; a stage without any is left out."""
    stages = [*STAGES, *sorted({metric.stage for metric in catalog.kpis()} - set(STAGES))]
    for stage in stages:
        metrics = [metric for metric in catalog.kpis() if metric.stage == stage and metric.id not in unavailable]
        if metrics:
            yield stage, metrics


def reasons_of(catalog: Catalog, unavailable: Mapping[str, Notice], language: str) -> Iterator[str]:
    """Why KPIs cannot be computed, those with the same reason together."""
    reasons: dict[str, list[str]] = {}
    for metric in catalog.kpis():
        if metric.id in unavailable:
            reasons.setdefault(notice_text(unavailable[metric.id], language, metric), []).append(metric.id)
    for reason, ids in reasons.items():
        yield f"{', '.join(ids)}: {reason}"


def stage_name(stage: str, language: str) -> str:
    return say(language, f"stage.{stage}") if stage in STAGES else stage


def explain_head(metric: Metric, language: str) -> tuple[str, str]:
    """The name with its id, and what it means in one sentence with unit, direction and cadence."""
    description = metric.description.get(language) or metric.description.get("en") or ""
    return f"{metric.name(language)} ({metric.id})", f"{description}\n{kind_line(metric, language)}".strip()


def kind_line(metric: Metric, language: str) -> str:
    """Unit, direction and cadence."""
    return say(
        language,
        "catalogue.kind",
        unit=say(language, f"unit.{shown_unit(metric, language)}"),
        direction=say(language, f"direction.{metric.direction}"),
        cadence=say(language, f"cadence.{metric.cadence}"),
    )


def explain_facts(metric: Metric, catalog: Catalog, language: str) -> Facts:
    """The definition's headings and lines; one without content is left out."""
    variants = [catalog.metrics[variant_id] for variant_id in metric.variants if variant_id in catalog.metrics]
    playbook = metric.playbook.get(language) or metric.playbook.get("en") or ""
    facts: dict[str, Iterable[str]] = {
        "formula": [formula_with_names(metric, language), *_inputs(metric, language)],
        "reading": [localized(metric.reading, language)],
        "variants": [f"{variant.id}: {localized(variant.reading, language)}" for variant in variants],
        "benchmark": [_benchmark(benchmark, language) for benchmark in metric.benchmarks],
        "playbook": [playbook],
        "sources": [", ".join(models_of(metric, catalog))],
        "traps": [f"· {localized(trap, language)}" for trap in metric.traps],
        "disputes": [f"· {localized(dispute, language)}" for dispute in metric.disputes],
        "names": [", ".join(metric.aliases)],
        "file": [metric.file],
    }
    filled = ((heading, [line for line in lines if line]) for heading, lines in facts.items())
    return [(say(language, f"catalogue.{heading}"), lines) for heading, lines in filled if lines]


def formula_with_names(metric: Metric, language: str) -> str:
    """The formula with its parts in words: "marketing cost ÷ new customers"."""
    return _NAME.sub(lambda name: part_name(name[0], metric, language), metric.formula.translate(SIGNS))


def _inputs(metric: Metric, language: str) -> list[str]:
    """Where each part comes from; one that only repeats its own name says nothing."""
    return [
        f"{part_name(metric_input.name, metric, language)} = {metric_input.expression}"
        for metric_input in metric.inputs.values()
        if metric_input.expression != metric_input.name
    ]


def _benchmark(benchmark: Benchmark, language: str) -> str:
    trust = say(language, "catalogue.trust", trust=benchmark.trust)
    return f"{localized(benchmark.text, language)} ({benchmark.source}; {trust})"


def _sections(heading: str, lines: Sequence[str]) -> Iterator[Block]:
    """A heading and its lines in as few sections as Slack's limit allows."""
    text = heading
    for line in lines:
        if len(text) + 1 + len(line) > blocks.SECTION:
            yield blocks.marked(text)
            text = line
        else:
            text = f"{text}\n{line}"
    yield blocks.marked(text)


def _within(mrkdwn: str, most: int) -> str:
    """Whole lines of marked text up to a limit, so that no entity is torn."""
    lines = mrkdwn.split("\n")
    # Two characters for the ellipsis on a line of its own.
    while len("\n".join(lines)) > most - 2 and len(lines) > 1:
        lines.pop()
    return "\n".join(lines) if len(lines) == mrkdwn.count("\n") + 1 else "\n".join([*lines, "…"])
