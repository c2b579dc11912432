"""Words with a meaning are understood in three languages and any case; what nobody knows is told, and stays itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from loading_side import CATALOG, asked_of, csv, loaded

from kpi_core.loading.load import LoadReport
from kpi_core.loading.reading.meanings import words_of
from kpi_core.settings.values import Source

from tables import read_tables


def column(folder: Path, name: str, table: str) -> list[Any]:
    with read_tables(folder / "kpi.duckdb") as snapshot:
        return [value for (value,) in snapshot.execute(f"SELECT {name} FROM {table} ORDER BY ALL").fetchall()]


def costs(folder: Path, *categories: str, **changes: Any) -> Source:
    lines = [f"2026-10-{number:02},{word},100" for number, word in enumerate(categories, start=1)]
    return csv(folder, "costs", "costs", "\n".join(["date,category,amount", *lines]) + "\n", **changes)


def unknown(report: LoadReport) -> list[tuple[str, str]]:
    return [(each.column, each.word) for source in report.sources for each in source.unknown_words]


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("Salaries", "salaries"),
        ("salary ", "salaries"),
        ("급여", "salaries"),
        ("薪資", "salaries"),
        ("ＴＯＯＬＳ", "tools"),
        ("대행사", "agency"),
        ("其他", "other"),
    ],
)
def test_categories_of_costs(tmp_path: Path, word: str, meant: str) -> None:
    """Whatever people write for a category, the table has the word that formulas ask for."""
    assert unknown(loaded(tmp_path, costs(tmp_path, word))) == []
    assert column(tmp_path, "category", "costs") == [meant]


def test_every_word_of_every_model(tmp_path: Path) -> None:
    """Each word that a model's YAML lists is one of a single meaning."""
    for model in CATALOG.models.values():
        for each in model.columns.values():
            for word, written in each.words.items():
                assert {words_of(each)[text.lower()] for text in (word, *written)} == {word}


def test_a_firm_adds_its_own(tmp_path: Path) -> None:
    """`values:` of a source comes first, for any column: words, yes and no, numbers as text."""
    own = costs(tmp_path, "인력", "Tools", values={"category": {"인력": "salaries", "tools": "agency"}})
    assert unknown(loaded(tmp_path, own)) == []
    assert column(tmp_path, "category", "costs") == ["agency", "salaries"]
    shop = csv(
        tmp_path,
        "shop",
        "orders",
        "order_id,ordered_at,revenue,channel,landing\n1,2026-10-01,free,FB,ja\n2,2026-10-02,5,x,nein\n",
        values={"channel": {"fb": "facebook"}, "landing": {"ja": "true", "nein": "false"}, "revenue": {"free": "0"}},
    )
    loaded(tmp_path, shop)
    assert column(tmp_path, "channel", "orders") == ["facebook", "x"]
    assert column(tmp_path, "landing", "orders") == [False, True]
    assert column(tmp_path, "revenue", "orders") == [0, 5]


def test_values_of_a_column_that_is_not_there(tmp_path: Path) -> None:
    """A misspelt column is told, as under `columns:`."""
    report = loaded(tmp_path, costs(tmp_path, "tools", values={"categry": {"a": "b"}}))
    error = report.sources[0].error
    assert error is not None
    assert "has no column categry" in error.message


def test_an_unknown_word_is_told(tmp_path: Path) -> None:
    """Rent is none of the categories: it counts as it did, and load and answer say so; salaries do not depend on it."""
    source = replace(costs(tmp_path, "tools", "Rent", "rent"), name="books", options={"path": "costs.csv"})
    answer, (report,) = asked_of(tmp_path, "cac 2026-10", source)
    assert [(each.column, each.word, sum(each.days.values())) for each in report.unknown_words] == [
        ("category", "Rent", 2)
    ]
    notes = [note for note in answer.health if note.finding.code == "unknown_words"]
    assert [(note.finding.source, note.finding.member, note.finding.count) for note in notes] == [("books", "Rent", 2)]
    assert all(note.incomplete for note in notes)
    declared = replace(source, values={"category": {"rent": "rent"}})
    assert asked_of(tmp_path, "cac 2026-10", declared)[1][0].unknown_words == ()


def test_what_was_loaded_before_a_word_was_known(tmp_path: Path) -> None:
    """Rows of earlier loads take the word, too, with the next load of anything."""
    category = CATALOG.models["costs"].columns["category"]
    loaded(tmp_path, costs(tmp_path, "salaries"))
    with duckdb.connect(str(tmp_path / "kpi.duckdb")) as snapshot:
        snapshot.execute("""UPDATE loaded."source costs" SET category = '월급'""")
    assert words_of(category)["월급"] == "salaries"
    ads = csv(tmp_path, "ads", "ad_performance", "date,spend\n2026-10-01,1\n")
    loaded(tmp_path, costs(tmp_path, "salaries"), ads, only="ads")
    assert column(tmp_path, "category", "costs") == ["salaries"]


def test_channels_and_surveys(tmp_path: Path) -> None:
    """Direct, (direct) and 직접 are one channel among any others; NPS, nps and 순추천지수 are one survey."""
    visits = "".join(
        f"{n},v{n},2026-10-01 10:00,{word}\n" for n, word in enumerate(["Direct", "(direct)", "직접", "search"])
    )
    site = csv(tmp_path, "site", "web_sessions", f"session_id,visitor_id,started_at,channel\n{visits}")
    answers = "".join(
        f"{n},2026-10-01 10:00,{word},{score}\n"
        for n, (word, score) in enumerate([("NPS", 9), ("nps", 3), ("순추천지수", 10), ("CSAT", 5)])
    )
    surveys = csv(tmp_path, "surveys", "survey_responses", f"response_id,responded_at,survey,score\n{answers}")
    assert unknown(loaded(tmp_path, site, surveys)) == []
    assert column(tmp_path, "channel", "web_sessions") == ["direct", "direct", "direct", "search"]
    assert column(tmp_path, "survey", "survey_responses") == ["csat", "nps", "nps", "nps"]


@pytest.mark.parametrize(
    "words", [("예", "아니오"), ("是", "否"), ("YES", "No"), ("O", "X"), ("ｙ", "Ｎ"), ("랜딩", "無")]
)
def test_yes_and_no(tmp_path: Path, words: tuple[str, str]) -> None:
    """Whether an order came over a landing page, in the words of three languages."""
    rows = "".join(f"{n},2026-10-0{n},1,{word}\n" for n, word in enumerate(words, start=1))
    loaded(tmp_path, csv(tmp_path, "shop", "orders", f"order_id,ordered_at,revenue,landing\n{rows}"))
    assert column(tmp_path, "landing", "orders") == [False, True]
