"""Every layout by made-up files as its tool writes them: recognised by the header alone, and loaded with right sums."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

sys.path.insert(0, str(Path(__file__).parent))

from sample_files import SAMPLES, WORKSPACES, Made, content, described, expected, plain_content, records

from kpi_core.answering.engine import Engine
from kpi_core.catalog import load_catalog
from kpi_core.layouts.export_layout import layout_ids, layouts
from kpi_core.layouts.meaning import meaning_of
from kpi_core.layouts.recognition import recognised
from kpi_core.loading.load import load
from kpi_core.loading.staged import SourceLoad
from kpi_core.questions.parse import parse_question
from kpi_core.settings.file import read_settings
from kpi_core.settings.values import Settings
from kpi_core.warehouse.duckdb import DuckDBWarehouse

import long
from tables import read_tables

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
CATALOG = load_catalog()
MADE: Mapping[str, Made] = {
    f"{path.parent.name}/{name}": made
    for path in sorted(SAMPLES.glob("*/made.yaml"))
    for name, made in described(path.read_text("utf-8")).items()
}
RIGHT: Mapping[str, Mapping[str, Any]] = {
    f"{path.parent.name}/{name}": right
    for path in sorted(SAMPLES.glob("*/expected.yaml"))
    for name, right in described(path.read_text("utf-8")).items()
}
TRIED = (
    list({made["layout"]: file for file, made in reversed(MADE.items())}.values())
    if long.share() is None
    else [*MADE][:: long.step(1)]
)
"""Files that are loaded: in the short form the first one of each layout."""
OF_THE_READER = ("preamble", "footer")
"""Lines around a table, which the reader may count in more than one way."""


def test_the_files_are_those_of_the_descriptions() -> None:
    """Whoever changes a made.yaml writes its files anew: `python tests/kpi_core/layouts/sample_files.py`."""
    assert MADE.keys() == RIGHT.keys()
    for file, made in MADE.items():
        assert (SAMPLES / file).read_bytes() == content(made, file), file
        assert RIGHT[file] == described(yaml.safe_dump(expected(made))), file


@pytest.mark.parametrize("file", RIGHT)
def test_recognised_by_its_header(file: str) -> None:
    """The header is this layout's and no other's, and no line above or below it is the header of anything."""
    made = MADE[file]
    # The title above the table is the name of a column that has none.
    called: Mapping[str, str] = made.get("called", {})
    header = [called.get(str(name), str(name)) for name in made["columns"]]
    assert [layout_id for layout_id in layout_ids() if recognised(header, only=layout_id)] == [made["layout"]]
    lines = [["" if cell is None else str(cell) for cell in record] for record in records(made)]
    lines = [header if line == [str(name) for name in made["columns"]] else line for line in lines]
    assert [line for line in lines if recognised(line)] == [header]


@pytest.mark.parametrize(
    "header",
    [
        "Campaign name,Ad set name,Amount spent (USD),Impressions,Link clicks",
        "Campaign,Campaign type,Currency code,Impr.,Clicks,Cost,Conversions",
        "Week,Campaign,Currency code,Impr.,Clicks,Cost",
        "월별,캠페인,광고그룹,노출수,클릭수,총비용",
        "Campaign name,Spend,Impressions,Clicks,Conversions,Revenue",
        "상위 캠페인,상위 광고그룹,소재,비용,노출수,클릭수",
        "キャンペーン名,インプレッション数,クリック数,ご利用金額",
        "Campaign name,Cost,Impressions,Clicks (destination),Conversions",
        "Campaign Name,Total Spent,Impressions,Clicks",
        "Session default channel group,Sessions,Total users,New users",
        "Top queries,Clicks,Impressions,CTR,Position",
        "Date,Page path and screen class,Sessions,Views",
        "Date,Spend,Sessions,Orders",
        "Date,Primary",
    ],
)
def test_sums_of_no_day_are_nobodys(header: str) -> None:
    """An export without a day, or with parts that do not add up, is not taken for one that has."""
    assert recognised(header.split(",")) is None


@pytest.mark.parametrize(
    ("header", "whose", "table"),
    [
        ("일,매체,캠페인,노출수,클릭수,비용", "매체", "ad_performance"),
        ("Day,Platform,Campaign,Impr.,Clicks,Cost", "Platform", "ad_performance"),
        ("Day,Channel,Campaign name,Amount spent,Impressions,Clicks", "Channel", "ad_performance"),
        ("日期,廣告平台,廣告活動,曝光,點擊,費用", "廣告平台", "ad_performance"),
        ("일별,광고 매체,캠페인,노출수,클릭수,총비용", "광고 매체", "ad_performance"),
        ("날짜,채널,세션수", "채널", "traffic"),
        ("Date,Channel,Sessions,Users", "Channel", "traffic"),
        (
            "日,地域,曝光,コンバージョン,広告グループ,點擊數,ご利用金額 (JPY),廣告媒體,管道",
            "廣告媒體",
            "ad_performance",
        ),
    ],
)
def test_a_list_of_several_tools_is_nobodys_export(header: str, whose: str, table: str) -> None:
    """A team's own list of all that it spends has one tool's names: its rows are those of whom they say."""
    names = header.split(",")
    assert recognised(names) is None
    meaning = meaning_of(names, CATALOG.models)
    assert meaning is not None
    assert (meaning.table, meaning.doubts) == (table, ())
    assert whose in meaning.columns.values()


def test_measures_by_names_that_no_tool_writes_are_nobodys_export() -> None:
    """Where a tool's names for the day and the cost stand beside others' for what it counts, none is left unread."""
    names = ["Day", "Campaign name", "Amount spent (USD)", "노출수", "클릭수"]
    assert recognised(names) is None
    assert recognised(["Day", "Campaign name", "Amount spent (USD)", "Impressions", "Link clicks"]) is not None


@pytest.mark.parametrize(
    ("header", "layout_id"),
    [
        ("Day,Platform,Campaign name,Amount spent (USD),Impressions,Link clicks", "meta_ads/by_day"),
        ("By Day,Platform,Campaign name,Cost,Impressions,Clicks (destination)", "tiktok_ads/by_day"),
    ],
)
def test_a_tools_own_breakdown_stays_its_export(header: str, layout_id: str) -> None:
    """Reports by placement say where an ad was seen, beside names that the tool alone writes."""
    match = recognised(header.split(","))
    assert match is not None
    assert match.layout.id == layout_id


ROWS_OF_SEVERAL_DAYS = {
    "meta_ads/one_day_rows": (
        "Campaign name,Reporting starts,Reporting ends,Amount spent (USD),Impressions",
        "Fall,2026-10-01,2026-10-31,900.50,9000",
        "Fall,2026-11-01,2026-11-01,20.25,100",
    ),
    "kakao_moment/custom_report": (
        "시작일,종료일,캠페인,비용,노출수,클릭수",
        "2026-10-01,2026-10-31,가을,900,9000,7",
        "2026-11-01,2026-11-01,가을,20,100,1",
    ),
    "meta_business_suite/instagram_posts": (
        "Post ID,Account username,Publish time,Date,Views,Reach",
        "18012345678900001,glow,10/13/2026 09:30,10/14/2026,900,700",
        "18012345678900002,glow,10/14/2026 09:30,Lifetime,20,10",
    ),
    "meta_business_suite/facebook_posts": (
        "Post ID,Page ID,Publish time,Date,Views,Reach",
        "18012345678900001,61571000000001,10/13/2026 09:30,10/14/2026,900,700",
        "18012345678900002,61571000000001,10/14/2026 09:30,Lifetime,20,10",
    ),
}


@pytest.mark.parametrize("layout_id", ROWS_OF_SEVERAL_DAYS)
def test_a_row_that_is_no_whole_day_or_post(layout_id: str, tmp_path: Path) -> None:
    """The sum of a month never lands on its first day, nor a day of a post beside the post: such a row is refused."""
    (tmp_path / "made.csv").write_text("\n".join(ROWS_OF_SEVERAL_DAYS[layout_id]) + "\n", "utf-8")
    table = layouts()[layout_id].table
    source = {"name": "made", "type": "csv", "path": "made.csv", "table": table, "layout": layout_id}
    workspace = WORKSPACES["korea" if layout_id.startswith("kakao") else "america"]
    settings = settings_of(tmp_path, workspace, [source])
    (report,) = load(settings, CATALOG, now=NOW).sources
    with read_tables(tmp_path / "kpi.duckdb") as snapshot:
        assert snapshot.execute(f"SELECT sum(impressions) FROM {table}").fetchall() == [(100 if "ad" in table else 20,)]
    assert report.rejected == 1


@pytest.mark.parametrize("layout_id", layout_ids())
def test_fills_columns_of_its_model(layout_id: str) -> None:
    """Each column that a layout makes or sets is one of the model's, and it makes those that a row must have."""
    each = layouts()[layout_id]
    columns = CATALOG.models[each.table].columns
    made = {*each.columns, *each.set}
    assert made <= columns.keys()
    assert {name for name, column in columns.items() if column.required} <= made


WAITING = {
    "tiktok_account/FollowerHistory.csv": "a day without its year",
    "tiktok_account/Viewers.csv": "a day without its year",
}
"""Files with values that are not read yet, and why: none of their rows is in."""
HAS_TOTALS = find_spec("kpi_core.sources.files.totals") is not None
OPEN = dict(WAITING) | {
    file: "a total row is told as one that does not fit"
    for file, right in RIGHT.items()
    if "total" in right["left_out"] and not HAS_TOTALS
}
FILES = [pytest.param(file, marks=pytest.mark.xfail(reason=OPEN[file])) if file in OPEN else file for file in TRIED]
AS_WRITTEN = find_spec("kpi_core.sources.xlsx") is not None
"""Without a reader of all that tools write, the lines of each table are tried as UTF-8 with commas."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A workspace with all files of one country, each a source of its own, and what the load said of each."""

    settings: Settings
    loads: Mapping[str, SourceLoad]
    stored: Mapping[str, tuple[int, dict[str, Decimal]]]
    """By file its number of rows, and the sum of each column that was written."""
    counts: Mapping[str, dict[str, int]]


@pytest.fixture(scope="module")
def workspaces(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Loaded]:
    """The workspace of a country, loaded once."""

    @cache
    def loaded(country: str) -> Loaded:
        folder = tmp_path_factory.mktemp(country)
        files = [file for file in TRIED if MADE[file]["workspace"] == country]
        sources = [source_of(file, folder) for file in files]
        settings = settings_of(folder, WORKSPACES[country], sources)
        loads = dict(zip(files, load(settings, CATALOG, now=NOW).sources, strict=True))
        # Opening a snapshot takes longer than to look at a file in it: all at once.
        with read_tables(folder / "kpi.duckdb") as snapshot:
            rows = {
                file: stored(snapshot, loads[file].source, RIGHT[file]["sums"])
                for file in files
                if file not in OPEN and loads[file].error is None
            }
            counts = {file: with_values(snapshot, loads[file].source, RIGHT[file]["counts"]) for file in rows}
        return Loaded(settings, loads, rows, counts)

    return loaded


@pytest.mark.long
@pytest.mark.parametrize("file", FILES)
def test_loaded(file: str, workspaces: Callable[[str], Loaded]) -> None:
    """Nothing is rejected; the rows and the sum of each column are those that were written."""
    right = RIGHT[file]
    loaded = workspaces(MADE[file]["workspace"])
    report = loaded.loads[file]
    assert (report.error, report.rejections, report.left_empty, report.unknown_words) == (None, (), (), ())
    sums = {name: Decimal(value) for name, value in right["sums"].items()}
    assert loaded.stored[file] == (right["rows"], sums)
    assert loaded.counts[file] == right["counts"]
    long.ran("files of layouts loaded")
    assert without(left_out_of(report)) == (without(right["left_out"]) if AS_WRITTEN else {})


@pytest.mark.long
@pytest.mark.parametrize("country", sorted({MADE[file]["workspace"] for file in TRIED}))
def test_answers(country: str, workspaces: Callable[[str], Loaded]) -> None:
    """What people ask about a month is the sum of what all files of a workspace hold."""
    settings = workspaces(country).settings
    values: dict[str, Decimal] = {}
    for file in TRIED:
        if MADE[file]["workspace"] == country and file not in WAITING:
            for answer in RIGHT[file]["answers"]:
                values[answer["ask"]] = values.get(answer["ask"], Decimal(0)) + Decimal(answer["value"])
    with closing(DuckDBWarehouse(settings.folder / "kpi.duckdb")) as warehouse:
        engine = Engine(settings, CATALOG, warehouse)
        for ask, value in values.items():
            query = parse_question(ask, engine.vocabulary(), settings.calendar, engine.today(NOW))
            assert engine.answer(query, NOW).value == pytest.approx(float(value)), ask


def source_of(file: str, folder: Path) -> dict[str, str]:
    """An entry of kpi.yaml for a made-up file."""
    layout_id = MADE[file]["layout"]
    name = f"s{list(MADE).index(file)}"
    path = SAMPLES / file
    if not AS_WRITTEN:
        path = folder / f"{name}.csv"
        path.write_bytes(plain_content(MADE[file]))
    kind = "xlsx" if path.suffix == ".xlsx" else "csv"
    return {"name": name, "type": kind, "path": str(path), "table": layouts()[layout_id].table, "layout": layout_id}


def settings_of(folder: Path, workspace: Mapping[str, str], sources: Sequence[Mapping[str, str]]) -> Settings:
    """A workspace with these sources."""
    written = {"company": "Made up", **workspace, "sources": [dict(source) for source in sources]}
    (folder / "kpi.yaml").write_text(yaml.safe_dump(written, allow_unicode=True), "utf-8")
    return read_settings(folder / "kpi.yaml")


def stored(
    snapshot: duckdb.DuckDBPyConnection, source: str, columns: Collection[str]
) -> tuple[int, dict[str, Decimal]]:
    """The number of rows that a source has, and the sum of some columns."""
    sums = ", ".join(["count(*)", *(f"sum({name})" for name in columns)])
    rows, *values = snapshot.execute(f'SELECT {sums} FROM loaded."source {source}"').fetchall()[0]
    return rows, {name: Decimal(str(value)) for name, value in zip(columns, values, strict=True)}


def with_values(snapshot: duckdb.DuckDBPyConnection, source: str, columns: Collection[str]) -> dict[str, int]:
    """How many rows of a source have each of some columns."""
    counts = ", ".join(["count(*)", *(f"count({name})" for name in columns)])
    _rows, *values = snapshot.execute(f'SELECT {counts} FROM loaded."source {source}"').fetchall()[0]
    return dict(zip(columns, values, strict=True))


def left_out_of(report: SourceLoad) -> dict[str, int]:
    """Rows by the reason for which they are none."""
    counted: dict[str, int] = {}
    for each in report.left_out:
        counted[each.reason] = counted.get(each.reason, 0) + each.rows
    return counted


def without(counted: Mapping[str, int]) -> dict[str, int]:
    return {reason: rows for reason, rows in counted.items() if reason not in OF_THE_READER}
