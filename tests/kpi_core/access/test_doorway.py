"""The door: what one audience may learn of the numbers of a workspace, and nothing from which more could be told."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from math import isclose
from pathlib import Path
from typing import Any

import pytest
from companies.odd_amounts import NOW, OCTOBER, numbers_in, tables

from kpi_core.access.audiences import Channel, File, Person, Spreadsheet
from kpi_core.access.doorway import Door
from kpi_core.access.operator import OPERATOR
from kpi_core.access.relatives import relatives_of
from kpi_core.answering.engine import Engine
from kpi_core.answering.layout import leaves, models_of
from kpi_core.answers import Answer, HealthNote
from kpi_core.errors import QuestionError, SettingsError
from kpi_core.formats.findings import finding_text, health_json
from kpi_core.health.facts import CODES, COUNTED, Fill, Finding, Health, SourceFacts
from kpi_core.locale import sentences as sentences_of
from kpi_core.metrics import LANGUAGES, Metric
from kpi_core.phrases import Notice
from kpi_core.query import MetricQuery
from kpi_core.settings.values import Access, Goal, Settings

from tables import CATALOG, engine_on, settings

BOARD = Access(channels=("C0BOARD",), groups=("S0FINANCE",), users=("U0WEI",), sheets=("1Board",))
STRANGER = Person("U0ALEX", channel="C0MARKET")


@dataclass
class Recorded:
    """An engine whose answers were given before, under other limits."""

    engine: Engine
    settings: Settings
    given: dict[MetricQuery, Answer]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.engine, name)

    def answers(self, queries: Sequence[MetricQuery], now: datetime) -> list[Answer]:
        return [self.given[query] for query in queries]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return engine_on(tmp_path_factory.mktemp("limits") / "kpi.duckdb", tables())


@pytest.fixture(scope="module")
def everything(engine: Engine) -> dict[MetricQuery, Answer]:
    """Every KPI of October, by channel where its tables have one."""
    queries = [query_of(metric, engine) for metric in CATALOG.metrics.values()]
    return dict(zip(queries, engine.answers(queries, NOW), strict=True))


def query_of(metric: Metric, engine: Engine) -> MetricQuery:
    split = ("channel",) if "channel" in engine.dimensions_of(metric) else ()
    return MetricQuery(metric.id, OCTOBER, dimensions=split)


def limited(engine: Engine, *metric_ids: str, goals: tuple[Goal, ...] = ()) -> Engine:
    access = dict.fromkeys(metric_ids, BOARD)
    configured = replace(engine.settings, access=access, goals=goals)
    return Engine(configured, CATALOG, engine.warehouse)


def test_every_kpi_limited_in_turn_cannot_be_worked_out_by_a_stranger(
    engine: Engine, everything: dict[MetricQuery, Answer]
) -> None:
    """No number that a stranger gets equals an amount of the limited KPI, nor do two of them by + - x /."""
    closed = still_open = checked = 0
    for metric in CATALOG.metrics.values():
        recorded = Recorded(engine, settings(access={metric.id: BOARD}), everything)
        door = Door(recorded, STRANGER)
        refused, answers = asked(door, everything)
        closed, still_open = closed + refused, still_open + len(answers)
        secrets = amounts(metric, everything[query_of(metric, engine)])
        shown = sorted({number for answer in answers for number in numbers_in(answer)}) if secrets else []
        leaks = [secret for secret in secrets if any(ways_to(secret, shown))]
        checked += len(secrets)
        assert leaks == [], metric.id
    assert closed > 500
    assert still_open > 20_000
    assert checked > 60


def test_what_is_wrong_with_rows_tells_a_stranger_no_count_of_a_limited_kpi(
    engine: Engine, everything: dict[MetricQuery, Answer]
) -> None:
    """Each KPI limited in turn: what is said of its tables holds no number, also beside variants and parts."""
    withheld = told = 0
    for metric in CATALOG.metrics.values():
        tables_read = {table for name in models_of(metric, CATALOG) for table in (name, *CATALOG.models[name].reads)}
        recorded = Recorded(engine, settings(access={metric.id: BOARD}), with_findings(everything, tables_read))
        _refused, answers = asked(Door(recorded, STRANGER), everything)
        for answer in answers:
            for note in answer.health:
                behind = note.finding.table in tables_read
                assert ("1734" in spoken(note) or "9412" in spoken(note)) is not behind, (metric.id, spoken(note))
                withheld, told = withheld + behind, told + (not behind)
        board = Door(recorded, Person("U0WEI")).answer(query_of(metric, engine), NOW)
        assert all(note.finding.count == 1734 for note in board.health)
    assert withheld > 1_000
    assert told > 1_000


@cache
def spoken(note: HealthNote) -> str:
    """All that is said of a note; many answers have the same."""
    return json.dumps(health_json(note, "en")) + finding_text(note.finding, "en")


def test_what_is_told_with_counts_is_what_its_sentences_count() -> None:
    """The sentences of the other codes hold neither count nor total."""
    for code in CODES:
        sentences = [sentences_of(language)[f"health.{code}"] for language in LANGUAGES]
        counts = ["{count}" in sentence or "{total}" in sentence for sentence in sentences]
        assert counts == [code in COUNTED] * len(LANGUAGES), code


def with_findings(everything: dict[MetricQuery, Answer], tables_read: set[str]) -> dict[MetricQuery, Answer]:
    """Every answer with a finding of some kind on each of its own tables and on one of the limited KPI's."""

    def notes(answer: Answer, at: int) -> tuple[HealthNote, ...]:
        own = {table for name in models_of(answer.metric, CATALOG) for table in (name, *CATALOG.models[name].reads)}
        days = (OCTOBER.start, OCTOBER.end)
        codes = [code for code in CODES if code not in {"not_entered", "counts_withheld"}]
        return tuple(
            HealthNote(
                Finding(codes[(at + n) % len(codes)], "shop", table, "revenue", "", days, 1734, 9412), "period", True
            )
            for n, table in enumerate(sorted(own | set(sorted(tables_read)[:1])))
            if codes[(at + n) % len(codes)] in COUNTED
        )

    return {query: replace(answer, health=notes(answer, at)) for at, (query, answer) in enumerate(everything.items())}


def asked(door: Door, queries: Iterable[MetricQuery]) -> tuple[int, list[Answer]]:
    """How many KPIs are refused, and the answers of the others."""
    refused, answers = 0, []
    for query in queries:
        try:
            answers.append(door.answer(query, NOW))
        except QuestionError:
            refused += 1
    return refused, answers


def amounts(metric: Metric, answer: Answer) -> list[float]:
    """The amounts that a limit is to keep: those of one measure, too odd to be met by chance.

    Where a measure picks out rows, a month or a channel may hold no others, and then the total is the part.
    """
    measures = {CATALOG.models[leaf.model].measures[leaf.measure] for leaf in leaves(metric, CATALOG)}
    if metric.unit != "currency" or len(measures) != 1:
        return []
    kept = [answer.value or 0.0] if measures.pop().filter else [*numbers_in(answer)]
    return sorted({number for number in kept if abs(number) > 100 and number % 1})


def ways_to(secret: float, shown: Sequence[float]) -> Iterator[tuple[float, float]]:
    """One or two of the shown numbers that make the secret."""
    for one in shown:
        for other in (0.0, secret - one, one - secret, secret + one, secret / one if one else 0.0, one / secret):
            if isclose(one, secret, rel_tol=1e-9) or (abs(other) > 1e-6 and stands_in(other, shown)):
                yield one, other


def stands_in(number: float, shown: Sequence[float]) -> bool:
    place = bisect_left(shown, number - abs(number) * 1e-10)
    return place < len(shown) and isclose(shown[place], number, rel_tol=1e-10)


@pytest.mark.parametrize(
    ("audience", "sees"),
    [
        (OPERATOR, True),
        (Channel("C0BOARD"), True),
        (Channel("C0BOARD", shared=True), False),
        (Channel("C0MARKET"), False),
        (Spreadsheet("1Board"), True),
        (Spreadsheet("1Team"), False),
        (File("kpis.xlsx"), False),
        (Person("U0WEI"), True),
        (Person("U0WEI", foreign=True), False),
        (Person("U0ALEX"), False),
        (Person("U0ALEX", frozenset({"S0FINANCE"})), True),
        (Person("U0ALEX", frozenset({"S0SALES"})), False),
        (Person("U0ALEX", channel="C0BOARD"), True),
    ],
)
def test_who_may_see_a_limited_kpi(engine: Engine, audience: Any, sees: bool) -> None:
    """By channel, user group, member and spreadsheet; a file nobody, the operator all."""
    door = Door(limited(engine, "sales_revenue"), audience)
    for metric_id in ("sales_revenue", "sales_revenue@gross", "aov@gross"):
        assert door.may_see(metric_id) is sees
        assert (metric_id in door.catalog.metrics) is sees
    assert door.may_see("cac") is not getattr(audience, "foreign", getattr(audience, "shared", False))


def test_without_limits_everybody_of_the_workspace_sees_everything(engine: Engine) -> None:
    """And nobody of another one sees anything."""
    assert Door(engine, Channel("C0MARKET")).catalog is engine.catalog
    assert not Door(engine, Channel("C0MARKET", shared=True)).catalog.metrics


def test_a_misspelt_limit_opens_no_door_but_the_operators(engine: Engine) -> None:
    """It would leave the real KPI open to everybody: a sheet, a summary, an answer are refused with the name."""
    misspelt = Engine(replace(engine.settings, access={"sale_revenue": BOARD}), CATALOG, engine.warehouse)
    with pytest.raises(SettingsError, match="sale_revenue"):
        Door(misspelt, Spreadsheet("1Team"))
    assert Door(misspelt, OPERATOR).may_see("sales_revenue")


def test_a_kpi_under_two_limits_must_be_allowed_by_both(engine: Engine) -> None:
    """MER holds revenue and ad spend: the channel that may see only one of them does not see it."""
    access = {"sales_revenue": BOARD, "ad_spend": Access(channels=("C0BOARD", "C0MARKET"))}
    door = Door(Engine(replace(engine.settings, access=access), CATALOG, engine.warehouse), Channel("C0MARKET"))
    assert [door.may_see(each) for each in ("mer", "ad_spend", "cac")] == [False, True, True]


def test_a_variant_is_limited_as_its_kpi_unless_it_has_a_limit_of_its_own(engine: Engine) -> None:
    """cac@paid follows cac, and is shown where its own limit says so."""
    own = {"cac": BOARD, "cac@paid": Access(channels=("C0MARKET",))}
    for access, sees in (({"cac": BOARD}, False), (own, True)):
        door = Door(Engine(replace(engine.settings, access=access), CATALOG, engine.warehouse), Channel("C0MARKET"))
        assert [door.may_see("cac"), door.may_see("cac@paid")] == [False, sees]


def test_parts_that_give_a_limited_kpi_away_are_hidden_and_said(engine: Engine) -> None:
    """With MER@paid limited, MER answers without its amounts, in the rows too."""
    door, query = Door(limited(engine, "mer@paid"), STRANGER), MetricQuery("mer", OCTOBER, dimensions=("channel",))
    (whole,) = engine.answers([query], NOW)
    answer = door.answer(query, NOW)
    assert answer.value == whole.value is not None
    assert whole.parts
    assert whole.breakdown
    assert [answer.parts, *(row.parts for row in answer.breakdown or ())] == [{}] * (1 + len(whole.breakdown))
    assert Notice("warning.parts_hidden") in answer.warnings


def test_a_reading_that_answers_for_another_is_looked_at_too(tmp_path: Path) -> None:
    """Without subscriptions churn_rate is answered by churn_rate@orders, so the limit on that one holds."""
    without = {name: rows for name, rows in tables().items() if name != "subscriptions"}
    engine = engine_on(tmp_path / "kpi.duckdb", without, access={"churn_rate@orders": BOARD})
    assert not Door(engine, STRANGER).may_see("churn_rate")


def test_how_many_goals_were_reached_tells_of_a_limited_kpi(engine: Engine) -> None:
    """Goal attainment is closed while it counts a goal that the reader may not see, and such goals are not listed."""
    revenue, spend = (Goal(kpi, 100.0, OCTOBER.end) for kpi in ("sales_revenue", "ad_spend"))
    door = Door(limited(engine, "sales_revenue", goals=(revenue, spend)), STRANGER)
    assert door.goals() == (spend,)
    assert not door.may_see("goal_attainment")
    assert door.groups("goal_attainment") == ("S0FINANCE",)
    assert Door(limited(engine, "sales_revenue", goals=(spend,)), STRANGER).may_see("goal_attainment")


@pytest.mark.parametrize("words", ["zalse revenue last month", "refenu", "last month", "aovv by channel", "객단"])
def test_nothing_is_suggested_that_the_reader_may_not_see(engine: Engine, words: str) -> None:
    """Neither as a question nor by name, where others are offered just that."""
    door, closed = Door(limited(engine, "sales_revenue"), STRANGER), relatives_of("sales_revenue", CATALOG).closed
    offered, open_to_all = (suggested(each, words) for each in (door, Door(engine, STRANGER)))
    assert {door.question(each, NOW).metric for each in open_to_all.suggestions} & set(closed)
    assert not {door.question(each, NOW).metric for each in offered.suggestions} & set(closed)
    said = " ".join((offered.message, offered.hint, *offered.params.values()))
    assert not [each for each in closed if CATALOG.metrics[each].name("en") in said]


def suggested(door: Door, words: str) -> QuestionError:
    with pytest.raises(QuestionError) as caught:
        door.question(words, NOW)
    return caught.value


def test_how_far_columns_are_filled_is_said_of_no_table_behind_a_limit(engine: Engine) -> None:
    """Counts of rows with a value are numbers of that table; other tables' are anybody's, and the board sees all."""
    days = (OCTOBER.start, OCTOBER.last_day)
    sources = tuple(
        SourceFacts(table, table, *days, 30, NOW, {"channel": Fill(present=True, rows=30, filled=29)})
        for table in ("orders", "ad_performance")
    )
    bound = limited(engine, "sales_revenue")
    knowing = Knowing(bound, bound.settings, Health(sources))
    for audience, sees in ((STRANGER, [0, 1]), (File("answers.csv"), [0, 1]), (Person("U0WEI"), [1, 1])):
        health = Door(knowing, audience).health()
        assert [source.source for source in health.sources] == ["orders", "ad_performance"]
        assert [len(source.columns) for source in health.sources] == sees


@dataclass
class Knowing:
    """An engine whose loads have left something to know."""

    engine: Engine
    settings: Settings
    facts: Health

    def __getattr__(self, name: str) -> Any:
        return getattr(self.engine, name)

    def health(self) -> Health:
        return self.facts


def test_a_kpi_that_one_may_not_see_is_understood_and_refused_by_name(engine: Engine) -> None:
    """The words are read as always; the refusal names the KPI and what to do, in each language."""
    door = Door(limited(engine, "sales_revenue"), STRANGER)
    query = door.question("revenue last month", NOW)
    with pytest.raises(QuestionError) as caught:
        door.answer(query, NOW)
    assert caught.value.code == "not_allowed"
    assert caught.value.params["kpi.ko"] == CATALOG.metrics["sales_revenue"].name("ko")
