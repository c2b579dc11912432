"""The catalogue as cards: every KPI by journey stage, and one definition in full."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.cards import blocks
from bot.cards.answer import ASK, EXPLAIN
from bot.cards.card import Block, Card
from bot.cards.lines import SIGNS
from kpi_core.answering.layout import models_of
from kpi_core.formats.notices import notice_text, part_name
from kpi_core.metrics import localized
from kpi_core.phrases import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kpi_core.metrics import Benchmark, Catalog, Metric
    from kpi_core.phrases import Notice

STAGES = ("awareness", "consideration", "conversion", "loyalty", "internal", "all")
TEXT = 3000
_NAME = re.compile(r"[A-Za-z_]\w*")
_SQL_ROOM = 2_800

Facts = list[tuple[str, list[str]]]
"""Headings of a definition, each with its lines."""


def list_card(catalog: Catalog, unavailable: Mapping[str, Notice], language: str) -> Card:
    """All KPIs by journey stage; `unavailable` gives the reason of each that cannot be computed, by metric id."""
    title = list_title(catalog, unavailable, language)
    shown: list[Block] = [blocks.section(title)]
    for stage, metrics in by_stage(catalog, unavailable):
        lines = [f"`{blocks.escaped(each.id)}` {blocks.escaped(each.name(language), 200)}" for each in metrics]
        shown += _sections(f"*{blocks.escaped(stage_name(stage, language))}*", lines)
    reasons = list(reasons_of(catalog, unavailable, language))
    if reasons:
        shown.append(blocks.context(reasons[:10]))
    how = say(language, "catalogue.how")
    shown.append(blocks.context([how]))
    names = ", ".join(metric.name(language) for metric in catalog.kpis() if metric.id not in unavailable)
    return Card(blocks.escaped(f"{title}\n{names}\n{how}", TEXT), shown[:50])


def explain_card(metric: Metric, catalog: Catalog, language: str, sql: Sequence[str] = ()) -> Card:
    """One definition: formula, reading, variants, benchmark with its trust, playbook, data, traps; SQL when given."""
    title, about = explain_head(metric, language)
    facts = explain_facts(metric, catalog, language)
    shown = [blocks.header(title), blocks.section(about)]
    for heading, lines in facts:
        text = "\n".join([f"*{blocks.escaped(heading)}*", *map(blocks.escaped, lines)])
        shown.append(blocks.marked(_within(text, blocks.SECTION)))
    shown += [blocks.marked(f"```{blocks.escaped(each, _SQL_ROOM)}```") for each in sql]
    row = [blocks.button(say(language, "button.ask", kpi=metric.id), ASK, metric.id)]
    row += [blocks.button(each, EXPLAIN, each) for each in metric.variants[:4]]
    said = [title, about, *(f"{heading}: {'; '.join(lines)}" for heading, lines in facts)]
    return Card(blocks.escaped("\n".join(said), TEXT), [*shown[:49], *blocks.actions(row)])


def list_title(catalog: Catalog, unavailable: Mapping[str, Notice], language: str) -> str:
    total = len(catalog.kpis())
    available = sum(metric.id not in unavailable for metric in catalog.kpis())
    return say(language, "catalogue.title", available=available, total=total)


def by_stage(catalog: Catalog, unavailable: Mapping[str, Notice]) -> Iterator[tuple[str, list[Metric]]]:
    """The computable KPIs of each journey stage, in catalogue order; a stage without any is left out."""
    stages = [*STAGES, *sorted({metric.stage for metric in catalog.kpis()} - set(STAGES))]
    for stage in stages:
        metrics = [each for each in catalog.kpis() if each.stage == stage and each.id not in unavailable]
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
    kind = say(
        language,
        "catalogue.kind",
        unit=say(language, f"unit.{metric.unit}"),
        direction=say(language, f"direction.{metric.direction}"),
        cadence=say(language, f"cadence.{metric.cadence}"),
    )
    return f"{metric.name(language)} ({metric.id})", f"{description}\n{kind}".strip()


def explain_facts(metric: Metric, catalog: Catalog, language: str) -> Facts:
    """The definition's headings and lines; one without content is left out."""
    variants = [catalog.metrics[each] for each in metric.variants if each in catalog.metrics]
    playbook = metric.playbook.get(language) or metric.playbook.get("en") or ""
    facts: dict[str, Iterable[str]] = {
        "formula": [formula_with_names(metric, language), *_inputs(metric, language)],
        "reading": [localized(metric.reading, language)],
        "variants": [f"{each.id}: {localized(each.reading, language)}" for each in variants],
        "benchmark": [_benchmark(each, language) for each in metric.benchmarks],
        "playbook": [playbook],
        "sources": [", ".join(models_of(metric, catalog))],
        "traps": [f"· {localized(each, language)}" for each in metric.traps],
        "disputes": [f"· {localized(each, language)}" for each in metric.disputes],
        "names": [", ".join(metric.aliases)],
        "file": [metric.file],
    }
    found = ((heading, [line for line in lines if line]) for heading, lines in facts.items())
    return [(say(language, f"catalogue.{heading}"), lines) for heading, lines in found if lines]


def formula_with_names(metric: Metric, language: str) -> str:
    """The formula with its parts in words: "marketing cost ÷ new customers"."""
    return _NAME.sub(lambda name: part_name(name[0], metric, language), metric.formula.translate(SIGNS))


def _inputs(metric: Metric, language: str) -> list[str]:
    """Where each part comes from; one that only repeats its own name says nothing."""
    return [
        f"{part_name(each.name, metric, language)} = {each.expression}"
        for each in metric.inputs.values()
        if each.expression != each.name
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
    while len("\n".join(lines)) > most - 2 and len(lines) > 1:
        lines.pop()
    return "\n".join(lines) if len(lines) == mrkdwn.count("\n") + 1 else "\n".join([*lines, "…"])
