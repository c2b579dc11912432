"""Looks, protection and charts of a tab: the parts that changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from kpi_core.frozen_dataclass import frozen
from sheets_sync.spreadsheet.arrangement import Layout, identity
from sheets_sync.spreadsheet.batches import Json
from sheets_sync.spreadsheet.charts import chart_position, chart_spec, grid_range
from sheets_sync.spreadsheet.looks import Canvas, digest, looks, plain_rows, protection, rule_mark, rules
from sheets_sync.spreadsheet.metadata import chosen_id
from sheets_sync.spreadsheet.state import Block, State
from sheets_sync.tabs.tab import Tab


@frozen
class Author:
    """In which language the bot writes, and which bot it is; "" where nobody asks."""

    language: str
    name: str = ""


@frozen
class Looks:
    """What is sent for the looks of a tab. `before` goes ahead of deleted rows and columns, which take rules along."""

    before: tuple[Json, ...]
    inserted: tuple[Json, ...]
    """For new rows, before anything is written into them."""
    after: tuple[Json, ...]
    digests: Mapping[str, str]


def looks_requests(state: State, block: Block, tab: Tab, layout: Layout, author: Author) -> Looks:
    """The parts of the looks that changed, what new rows and columns need, and digests of all parts."""
    sheet_id, before = block.sheet_id, block.memory.looks
    # By what the tab is to look like and not by where that lies: what people only moved took its looks along.
    plain = Canvas(sheet_id, identity(tab))
    digests = {part: digest(requests) for part, requests in looks(tab, plain).items()}
    there, fresh = Canvas(sheet_id, layout), Canvas(sheet_id, layout, fresh=True)
    requests: list[Json] = []
    new = looks(tab, fresh) if layout.rows.fresh or layout.columns.fresh else {}
    for part, part_requests in looks(tab, there).items():
        requests += part_requests if before.get(part) != digests[part] else new.get(part, [])
    wanted_rules, old_rules = rules(tab, there), list[Json]()
    digests["rules"] = digest(wanted_rules)
    if before.get("rules") != digests["rules"]:
        old_rules = list(_old_rules(block, tab, there))
        requests += wanted_rules
    guard = protection(tab, there, author.language)
    digests["protection"] = digest(guard)
    if before.get("protection") != digests["protection"]:
        requests += _protection(state, block, guard)
    drawn = [(chart, chart_spec(chart, sheet_id, layout)) for chart in tab.charts]
    digests["charts"] = digest([spec for _chart, spec in drawn])
    if before.get("charts") != digests["charts"]:
        requests += _charts(state, block, drawn, layout)
    requests += _named_ranges(state, block, tab, layout)
    return Looks(tuple(old_rules), tuple(plain_rows(tab, there)), tuple(requests), digests)


def rule_marks(tab: Tab, layout: Layout, sheet_id: int) -> tuple[str, ...]:
    """What our conditional formats are told by at the next sync."""
    mine = rules(tab, Canvas(sheet_id, layout))
    return tuple(sorted({rule_mark(request["addConditionalFormatRule"]["rule"]) for request in mine}))


def unmerged(block: Block, layout: Layout) -> Iterator[Json]:
    """Cells of ours that people joined, taken apart where one of them would be hidden with what it says."""
    for merge in block.merges:
        top, left = merge.get("startRowIndex", 0), merge.get("startColumnIndex", 0)
        rows = layout.rows.covered(top, merge["endRowIndex"])
        columns = layout.columns.covered(left, merge["endColumnIndex"])
        if set(product(rows, columns)) - {(layout.rows.now(top), layout.columns.now(left))}:
            yield {"unmergeCells": {"range": {**merge, "sheetId": block.sheet_id}}}


def _old_rules(block: Block, tab: Tab, canvas: Canvas) -> Iterator[Json]:
    """The rules of ours that are there, deleted: they have no ids, only places, so the last goes first."""
    if not block.written:
        return
    marks = block.memory.rules
    if marks is None:
        marks = rule_marks(tab, canvas.layout, block.sheet_id)
    for place, rule in reversed(list(enumerate(block.rules))):
        if rule_mark(rule) in marks and _in_block(rule, canvas.layout):
            yield {"deleteConditionalFormatRule": {"sheetId": block.sheet_id, "index": place}}


def _in_block(rule: Mapping[str, Any], layout: Layout) -> bool:
    """Whether a rule holds in cells of ours; what people copied elsewhere is theirs."""
    bottom, right = max(layout.rows.lines) + 1, max(layout.columns.lines) + 1
    return any(
        area.get("startRowIndex", 0) < bottom and area.get("startColumnIndex", 0) < right
        for area in rule.get("ranges", ())
    )


def _protection(state: State, block: Block, guard: Json) -> Iterator[Json]:
    """Added with the tab, changed later; one that a person took away stays away."""
    number = chosen_id(f"protected/{block.sheet_id}", state.protected_ids - block.protected)
    protected = {"protectedRangeId": number, **guard}
    if number in block.protected:
        fields = "description,warningOnly,unprotectedRanges"
        yield {"updateProtectedRange": {"protectedRange": protected, "fields": fields}}
    elif "protection" not in block.memory.looks:
        yield {"addProtectedRange": {"protectedRange": protected}}


def _named_ranges(state: State, block: Block, tab: Tab, layout: Layout) -> Iterator[Json]:
    """Names for people's formulas, put back where they are gone; one that people gave to a range of theirs stays."""
    for name, area in tab.names.items():
        number = str(chosen_id(f"named/{name}", ()))
        (piece,) = layout.areas(area)
        named = {"namedRangeId": number, "name": name, "range": grid_range(piece, block.sheet_id)}
        there = state.named.get(name)
        if there is None and number not in {taken for taken, _sheet in state.named.values()}:
            yield {"addNamedRange": {"namedRange": named}}
        elif there and there[0] == number and there[1] != block.sheet_id:
            # Of a tab that people deleted.
            yield {"updateNamedRange": {"namedRange": named, "fields": "range"}}


def _charts(state: State, block: Block, drawn: Sequence[tuple[Any, Json]], layout: Layout) -> Iterator[Json]:
    """New charts added, changed ones redrawn in place, superfluous ones deleted; one a person took away stays away."""
    # Ours are not taken, or a chart that is there already would be given another id and drawn twice.
    others = state.chart_ids - block.charts
    drawn_keys = {chart.key for chart, _spec in drawn}
    for chart, spec in drawn:
        number = chosen_id(f"chart/{block.sheet_id}/{chart.key}", others)
        if number in block.charts:
            yield {"updateChartSpec": {"chartId": number, "spec": spec}}
        elif chart.key not in block.memory.charts:
            position = chart_position(chart, block.sheet_id, layout)
            yield {"addChart": {"chart": {"chartId": number, "spec": spec, "position": position}}}
    for key in block.memory.charts:
        number = chosen_id(f"chart/{block.sheet_id}/{key}", others)
        if key not in drawn_keys and number in block.charts:
            yield {"deleteEmbeddedObject": {"objectId": number}}
