"""Packed exports: what is in them is added as if it lay unpacked, and nothing that is hostile gets through."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pytest

from kpi_core.adding.addition import Added, add_files
from kpi_core.adding.archives import LARGEST, MOST_FILES, is_archive, unpacked
from kpi_core.catalog import load_catalog
from kpi_core.settings.file import read_settings

CATALOG = load_catalog(())
DATES = "Date,Clicks,Impressions,CTR,Position\n2026-11-01,3,100,3%,7.5\n2026-11-02,4,120,3.3%,7.1\n"
QUERIES = "Top queries,Clicks,Impressions,CTR,Position\nmugs,3,100,3%,7.5\n"


def packed(path: Path, members: Mapping[str, str | bytes], day: int = 3) -> Path:
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, content in members.items():
            info = ZipInfo(name, (2026, 11, day, 9, 0, 0))
            info.compress_type = ZIP_DEFLATED
            archive.writestr(info, content)
    return path


def added(folder: Path, *names: str) -> list[Added]:
    config = folder / "kpi.yaml"
    if not config.exists():
        config.write_text("timezone: Asia/Seoul\ncurrency: KRW\n", "utf-8")
    return list(add_files([folder / name for name in names], config, CATALOG, {}))


def test_the_tables_of_an_archive_are_added(tmp_path: Path) -> None:
    """What is ours becomes a source, what is not is said; the next archive of the kind belongs to the same source."""
    packed(tmp_path / "shop.example.zip", {"Queries.csv": QUERIES, "Chart.csv": DATES, "Filters.png": b"\x89PNG"})
    states = {item.file.name: item.state for item in added(tmp_path, "shop.example.zip")}
    assert states == {
        "Filters.png": "none_of_ours",
        "Queries-shop.example.csv": "none_of_ours",
        "Chart-shop.example.csv": "added",
    }
    text = (tmp_path / "kpi.yaml").read_text("utf-8")
    assert [item.state for item in added(tmp_path, "shop.example.zip")][-1] == "there"
    packed(tmp_path / "later.zip", {"a/b/Chart.csv": DATES.replace("2026-11", "2026-12")}, day=9)
    assert [item.state for item in added(tmp_path, "later.zip")] == ["there"]
    assert (tmp_path / "kpi.yaml").read_text("utf-8") == text
    (source,) = read_settings(tmp_path / "kpi.yaml").sources
    assert source.options["path"] == "uploads/*"
    assert (tmp_path / "shop.example.zip").is_file()


def test_an_archive_of_a_folder(tmp_path: Path) -> None:
    """A folder is taken whole, with the archives in it."""
    (tmp_path / "downloads").mkdir()
    packed(tmp_path / "downloads" / "console.zip", {"Dates.csv": DATES})
    assert [(item.state, item.source) for item in added(tmp_path, "downloads")] == [("added", "search_console")]


@pytest.mark.parametrize(
    "name", ["../../up.csv", "/etc/up.csv", "C:\\up.csv", "..\\up.csv", "a/../../up.csv", ".up.csv", "up\n.csv"]
)
def test_names_lead_nowhere(name: str, tmp_path: Path) -> None:
    """Whatever a member is called, it lies in the folder itself, or nowhere."""
    inbox = tmp_path / "deep" / "inbox"
    inbox.parent.mkdir()
    archive = packed(tmp_path / "a.zip", {name: DATES, "b.csv": QUERIES})
    unpacked(archive, inbox)
    outside = {path for path in tmp_path.rglob("*") if path.is_file()} - {archive}
    assert {path.parent for path in outside} == {inbox}


def locked(path: Path) -> Path:
    content = bytearray(packed(path, {"a.csv": DATES}).read_bytes())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + at] |= 1
    path.write_bytes(content)
    return path


def bomb(path: Path) -> Path:
    """Far more than it says of itself."""
    content = packed(path, {"a.csv": b"0" * 3_000_000}).read_bytes()
    path.write_bytes(content.replace((3_000_000).to_bytes(4, "little"), (1_000).to_bytes(4, "little")))
    return path


def large(path: Path) -> Path:
    """More than anybody exports, by what it says itself."""
    content = packed(path, {"a.csv": DATES}).read_bytes()
    path.write_bytes(content.replace(len(DATES).to_bytes(4, "little"), (LARGEST + 1).to_bytes(4, "little")))
    return path


def many(path: Path) -> Path:
    return packed(path, {f"{number}.csv": f"a,b\n{number},1\n" for number in range(MOST_FILES + 1)})


def damaged(path: Path) -> Path:
    content = packed(
        path, {"a.csv": "".join(f"{number},{number * 7919 % 1009}\n" for number in range(999))}
    ).read_bytes()
    middle = len(content) // 2
    path.write_bytes(content[:middle] + bytes(40) + content[middle + 40 :])
    return path


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (locked, "source_zip_locked"),
        (bomb, "source_zip_broken"),
        (large, "source_zip_large"),
        (many, "source_zip_many"),
        (damaged, "source_zip_broken"),
    ],
)
def test_what_cannot_be_unpacked_says_so(make: Callable[[Path], Path], code: str, tmp_path: Path) -> None:
    """A password, damage and too much are told with what to do, and leave no file behind."""
    make(tmp_path / "a.zip")
    (item,) = added(tmp_path, "a.zip")
    assert (item.state, item.error and item.error.code) == ("failed", code)
    assert not (tmp_path / "uploads").exists()


def test_an_archive_within_one_is_named(tmp_path: Path) -> None:
    """It is not unpacked; whoever sent it hears that there is one."""
    inner = io.BytesIO()
    with ZipFile(inner, "w") as archive:
        archive.writestr("x.csv", DATES)
    packed(tmp_path / "a.zip", {"inner.zip": inner.getvalue(), "Chart.csv": DATES})
    items = {item.file.name: (item.state, item.error and item.error.code) for item in added(tmp_path, "a.zip")}
    assert items == {"inner-a.zip": ("failed", "source_packed"), "Chart-a.csv": ("added", None)}


def test_a_workbook_is_no_archive(tmp_path: Path) -> None:
    """Nor is a zip without tables, or a file that only begins like one."""
    packed(tmp_path / "book.xlsx", {"[Content_Types].xml": "<x/>", "data.csv": "1"})
    packed(tmp_path / "pictures.zip", {"a.png": b"\x89PNG"})
    (tmp_path / "torn.zip").write_bytes(b"PK\x03\x04")
    (tmp_path / "a.csv").write_text(DATES, "utf-8")
    assert not any(is_archive(tmp_path / name) for name in ("book.xlsx", "pictures.zip", "torn.zip", "a.csv"))


def test_names_of_windows(tmp_path: Path) -> None:
    """A member that Windows has packed in Korea is called what it was called there."""
    archive = packed(tmp_path / "a.zip", {"xxxxxxxx.csv": DATES})
    archive.write_bytes(archive.read_bytes().replace(b"xxxxxxxx.csv", "광고성과.csv".encode("cp949")))
    (table,), _others = unpacked(archive, tmp_path / "inbox")
    assert table.name == "광고성과-a.csv"
