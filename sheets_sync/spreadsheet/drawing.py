"""Looks, protection and charts of a tab: the parts that changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sheets_sync.spreadsheet.batches import Json
from sheets_sync.spreadsheet.charts import chart_position, chart_spec
from sheets_sync.spreadsheet.looks import digest, looks, protection, rule_mark, rules
from sheets_sync.spreadsheet.metadata import chosen_id
from sheets_sync.spreadsheet.state import Block, Memory, State
from sheets_sync.tabs.tab import Tab


@dataclass(frozen=True, slots=True)
class Author:
    """Who writes: the only account that may edit protected cells beside the file's owner ("" leaves it to Google)."""

    language: str
    email: str = ""


def looks_requests(state: State, block: Block, tab: Tab, author: Author) -> tuple[list[Json], Memory]:
    """The parts of the looks that changed, and what to remember of all of them."""
    sheet_id, before = block.sheet_id, block.memory.looks
    requests: list[Json] = []
    digests: dict[str, str] = {}
    for part, part_requests in looks(tab, sheet_id).items():
        digests[part] = digest(part_requests)
        if before.get(part) != digests[part]:
            requests += part_requests
    wanted_rules = rules(tab, sheet_id)
    digests["rules"] = digest(wanted_rules)
    if before.get("rules") != digests["rules"]:
        requests += [*_old_rules(block, tab), *wanted_rules]
    guard = protection(tab, sheet_id, author.language, author.email)
    digests["protection"] = digest(guard)
    if before.get("protection") != digests["protection"]:
        requests += _protection(state, block, guard)
    drawn = [(chart, chart_spec(chart, sheet_id)) for chart in tab.charts]
    digests["charts"] = digest([spec for _chart, spec in drawn])
    if before.get("charts") != digests["charts"]:
        requests += _charts(state, block, drawn)
    keys = tuple(chart.key for chart in tab.charts)
    marks = tuple(sorted({rule_mark(request["addConditionalFormatRule"]["rule"]) for request in wanted_rules}))
    return requests, Memory(len(tab.rows), tab.width, digests, keys, marks, dict(tab.memory))


def _old_rules(block: Block, tab: Tab) -> Iterator[Json]:
    """The rules of ours that are there, deleted: they have no ids, only places, so the last goes first."""
    if not block.written:
        return
    marks = block.memory.rules
    if marks is None:
        marks = tuple(rule_mark(request["addConditionalFormatRule"]["rule"]) for request in rules(tab, block.sheet_id))
    for place, rule in reversed(list(enumerate(block.rules))):
        if rule_mark(rule) in marks and _in_block(rule, block):
            yield {"deleteConditionalFormatRule": {"sheetId": block.sheet_id, "index": place}}


def _in_block(rule: Mapping[str, Any], block: Block) -> bool:
    """Whether a rule holds in cells of ours; what people copied elsewhere is theirs."""
    return any(
        area.get("startRowIndex", 0) < max(block.memory.rows, 1)
        and area.get("startColumnIndex", 0) < block.memory.columns
        for area in rule.get("ranges", ())
    )


def _protection(state: State, block: Block, guard: Json) -> Iterator[Json]:
    """Added with the tab, changed later; one that a person took away stays away."""
    number = chosen_id(f"protected/{block.sheet_id}", state.protected_ids - block.protected)
    protected = {"protectedRangeId": number, **guard}
    if not block.written:
        yield {"addProtectedRange": {"protectedRange": protected}}
    elif number in block.protected:
        yield {"updateProtectedRange": {"protectedRange": protected, "fields": "description,unprotectedRanges"}}


def _charts(state: State, block: Block, drawn: Sequence[tuple[Any, Json]]) -> Iterator[Json]:
    """New charts added, changed ones redrawn in place, superfluous ones deleted; one a person took away stays away."""
    # Ours are not taken, or a chart that is there already would be given another id and drawn twice.
    others = state.chart_ids - block.charts
    drawn_keys = {chart.key for chart, _spec in drawn}
    for chart, spec in drawn:
        number = chosen_id(f"chart/{block.sheet_id}/{chart.key}", others)
        if number in block.charts:
            yield {"updateChartSpec": {"chartId": number, "spec": spec}}
        elif chart.key not in block.memory.charts:
            position = chart_position(chart, block.sheet_id)
            yield {"addChart": {"chart": {"chartId": number, "spec": spec, "position": position}}}
    for key in block.memory.charts:
        number = chosen_id(f"chart/{block.sheet_id}/{key}", others)
        if key not in drawn_keys and number in block.charts:
            yield {"deleteEmbeddedObject": {"objectId": number}}
