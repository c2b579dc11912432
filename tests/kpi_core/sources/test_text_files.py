"""Delimited files as tools and people write them: any encoding, delimiter and line end, and what is no row in them."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_core.errors import DataError
from kpi_core.settings.values import Source
from kpi_core.sources import Raw, ReadRequest, reader_of
from kpi_core.sources.files import HeaderRule, header_record, matching_files, opened, table_of
from kpi_core.sources.files.delimiters import delimiter_of

import long
from tables import new_tables

WORDS = {
    "cp949": "캠페인 광고세트 노출수 총비용 전환매출액 주문번호 결제금액 취소완료 가을신상 김철수 강남구",
    "big5": "活動名稱 曝光 點擊 費用 訂單編號 商品名稱 付款方式 信用卡 已取消 秋季外套 品牌字 王小明 台北市 請放門口",
    "shift_jis": "キャンペーン 広告 表示回数 注文番号 商品名 数量 合計 東京都 お願いします 山田太郎 さくら セール",
    "cp1252": "Währung Größe Überblick für Straße München 12,50€ Café façade Señor København naïve l’été",
    "utf-8": "캠페인 活動名稱 広告 Größe 🍂 Café 결제금액 訂單",
}
STORED = {"big5": "cp950", "shift_jis": "cp932"}
UTF_16 = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}
PREAMBLES = (
    "",
    "Campaign report\n",
    '"October 1, 2026 - October 24, 2026"\n\n',
    "# ----\n# Free form 1\n\n",
    "Bericht{d}{d}{d}\n",
)


@dataclass(frozen=True)
class Back:
    """A table that was read: its header, its rows with empty cells as "", and what the reader said."""

    header: list[str]
    rows: list[list[str]]
    raw: Raw
    places: list[str]

    @property
    def out(self) -> dict[str, int]:
        return {each.reason: each.rows for each in self.raw.left_out}


def read_back(path: Path, kind: str = "csv", **options: Any) -> Back:
    with TemporaryDirectory() as workspace, new_tables() as into:
        source = Source("shop", kind, "orders", options={"path": path.name} | options)
        raw = reader_of(kind)(ReadRequest(source, path.parent, Path(workspace)), into)
        rows = [[cell or "" for cell in row] for row in into.execute("FROM source").fetchall()]
        places = [str(raw.place(row)) for row in range(1, len(rows) + 1)]
        return Back([name for name, _column in raw.files[0].header], rows, raw, places)


def text_of(rows: Sequence[Sequence[str]], delimiter: str, end: str, *, quote_all: bool) -> str:
    written = io.StringIO(newline="")
    quoting = csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL
    csv.writer(written, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows(rows)
    return written.getvalue()


@st.composite
def written_files(draw: st.DrawFn) -> tuple[bytes, Mapping[str, Any], list[list[str]]]:
    """The bytes of a file, what kpi.yaml says of it, and its table."""
    script = draw(st.sampled_from(sorted(WORDS)))
    end, delimiter = draw(st.sampled_from(["\n", "\r\n", "\r"])), draw(st.sampled_from([",", ";", "\t", "|"]))
    word = st.sampled_from(WORDS[script].split())
    name = st.lists(word, min_size=1, max_size=3).map(" ".join)
    name = name | name.map(lambda text: f'{text}, "{text}"; a|b\n{text}')
    names = draw(st.lists(name, min_size=3, max_size=8))
    rows = [[f"2026-10-{n + 1:02}", text, draw(word), f"{n * 1000 + 7}.25"] for n, text in enumerate(names)]
    header = ["Day", draw(word), "Note", "Cost"]
    text = text_of([header, *rows], delimiter, end, quote_all=draw(st.booleans()))
    above = draw(st.sampled_from(PREAMBLES)).format(d=delimiter).replace("\n", end)
    encoding = STORED.get(script, script)
    mark = b""
    if script == "utf-8":
        encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", *UTF_16]))
        mark = UTF_16.get(encoding, b"") if draw(st.booleans()) else b""
    declared = {"header": 1 + above.count(end)} if above else {}
    if draw(st.booleans()):
        declared["delimiter"] = "tab" if delimiter == "\t" else delimiter
    if draw(st.booleans()):
        declared["encoding"] = "utf-16" if encoding in UTF_16 else script
    return mark + (above + text).encode(encoding), declared, [header, *rows]


@long.examples("text files written in any way", 15, 20_000, deadline=None)
@given(file=written_files())
def test_any_way_of_writing(file: tuple[bytes, Mapping[str, Any], list[list[str]]]) -> None:
    """A table comes back as it was written, or an error asks what kpi.yaml has to say: never another table."""
    stored, declared, table = file
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_bytes(stored)
        try:
            back = read_back(path, **declared)
        except DataError as error:
            assert error.code in {"source_encoding_open", "source_encoding", "source_delimiter_open"}  # noqa: PT017
            return
    assert [back.header, *back.rows] == [[cell.replace("\r", "\n") for cell in row] for row in table]
    assert back.raw.unreadable == ()


@pytest.mark.parametrize("script", sorted(WORDS))
def test_usual_files_need_no_settings(script: str, tmp_path: Path) -> None:
    """Twelve words are enough to tell how a file is stored."""
    rows = [["Day", "Name"], *([f"2026-10-{n + 1:02}", word] for n, word in enumerate(WORDS[script].split()[:12]))]
    (tmp_path / "a.csv").write_bytes(text_of(rows, ";", "\r\n", quote_all=False).encode(STORED.get(script, script)))
    assert read_back(tmp_path / "a.csv").rows == rows[1:]


@pytest.mark.parametrize("letter", ["탊", "뻽"])
def test_one_letter_proves_no_encoding(letter: str, tmp_path: Path) -> None:
    """Where a file could be stored in two ways, it is asked for, and never guessed."""
    (tmp_path / "a.csv").write_bytes(f"a,b\n1,{letter}\n".encode("cp949"))
    with pytest.raises(DataError) as caught:
        read_back(tmp_path / "a.csv")
    assert "encoding:" in caught.value.hint
    assert read_back(tmp_path / "a.csv", encoding="cp949").rows == [["1", letter]]


HEADERS = {
    "cp949": ("비고", "합계", "쇼핑몰", "상품평", "캠페인"),
    "big5": ("備註", "類別", "廣告活動", "曝光次數"),
    "shift_jis": ("備考", "摘要", "検索語句", "表示回数", "キャンペーン"),
    "cp1252": ("1\xa0234", "Größe", "12,50 €", "l’été", "Übergangsjacken", "¥1,200", "£12.50"),
}


@pytest.mark.parametrize(("script", "word"), [(script, word) for script in HEADERS for word in HEADERS[script]])
def test_one_word_of_a_header_is_enough(script: str, word: str, tmp_path: Path) -> None:
    """A word that stands in many headers, or the space within a number, tells how a file is stored."""
    (tmp_path / "a.csv").write_bytes(f"a;b;{word}\n1;2;3\n".encode(STORED.get(script, script)))
    assert read_back(tmp_path / "a.csv").header == ["a", "b", word.strip()]


def test_broken_utf8(tmp_path: Path) -> None:
    """One broken letter in UTF-8 does not turn the file into another encoding's text."""
    (tmp_path / "a.csv").write_bytes(
        "이름,금액\n검색 광고,1\n쇼핑 광고,2\n".encode().replace("쇼".encode(), b"\xec\x87")
    )
    with pytest.raises(DataError, match=r"a\.csv, line 3: this is not UTF-8 text"):
        read_back(tmp_path / "a.csv")


def test_won_sign(tmp_path: Path) -> None:
    """CP949 has its won sign where others have a backslash."""
    (tmp_path / "a.csv").write_bytes('주문번호,판매가,메모\n1,"\\19,000",경로 C:\\a\n'.encode("cp949"))
    assert read_back(tmp_path / "a.csv").rows == [["1", "₩19,000", "경로 C:\\a"]]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Report\nDay,Name,Cost\n2026-10-01,a,1\n", 2),
        ('"Report of October, 2026"\n\nDay;Name;Cost\n2026-10-01;a;1\n', 3),
        ("Bericht;;\nDay;Name;Cost\n2026-10-01;a;1\n", 2),
        ("# Free form\n# more\n\nDay,Name,Cost\n2026-10-01,a,1\n2026-10-01,b,1\n", 4),
        ("Report,shop01\nDay,Name,Cost\n2026-10-01,a,1\n2026-10-02,a,1\n", 2),
    ],
)
def test_lines_above_the_header(text: str, line: int, tmp_path: Path) -> None:
    """Lines above the header are told with where it is; with header: or skip: they are left out and counted."""
    (tmp_path / "a.csv").write_text(text, "utf-8")
    with pytest.raises(DataError) as caught:
        read_back(tmp_path / "a.csv")
    assert caught.value.hint == f"Add header: {line} to the source, or skip: {line - 1}."
    for option in ({"header": line}, {"skip": line - 1}):
        back = read_back(tmp_path / "a.csv", **option)
        assert back.header == ["Day", "Name", "Cost"]
        assert back.rows[0] == ["2026-10-01", "a", "1"]
        assert back.places[0] == f"a.csv, line {line + 1}"
        assert set(back.out) == {"preamble"}


@pytest.mark.parametrize("options", [{"header": 9}, {"skip": 9}, {"header": 2, "skip": 1}])
def test_no_header_there(options: Mapping[str, int], tmp_path: Path) -> None:
    """A header that is not there, and two answers to one question, are refused."""
    (tmp_path / "a.csv").write_text("a,b\n1,2\n", "utf-8")
    with pytest.raises(DataError):
        read_back(tmp_path / "a.csv", **options)


def test_header_of_a_layout(tmp_path: Path) -> None:
    """A header is looked for among the first records, and its lines are those of the file; without it, no rows."""
    (tmp_path / "a.csv").write_text('Title\n"two\nlines",x,y\n\nDay,Name,Cost\n2026-10-01,a,1\n', "utf-8")
    request = ReadRequest(Source("s", "csv", "orders", options={"path": "a.csv"}), tmp_path, tmp_path)
    file = opened(request, tmp_path / "a.csv")
    assert header_record(file.first, lambda cells: "Cost" in cells) == 5
    table = table_of(file, HeaderRule(is_header=lambda cells: "Cost" in cells), tmp_path)
    assert list(table.records()) == [(5, ["Day", "Name", "Cost"]), (6, ["2026-10-01", "a", "1"])]
    assert table.header_line == 5
    assert list(table_of(file, HeaderRule(is_header=lambda _cells: False), tmp_path).records()) == []


@pytest.mark.parametrize(
    ("below", "rows"),
    [
        ("\nDevice,Clicks\nphone,5\n", 2),
        ("\nBy device\nDevice,Clicks\nphone,5\ntablet,6\n", 4),
        (",,\nDevice,Clicks,Share\nphone,5,1\n", 2),
    ],
)
def test_a_second_table(below: str, rows: int, tmp_path: Path) -> None:
    """What stands under another header below a blank line is not read, and told."""
    (tmp_path / "a.csv").write_text("Day,Name,Cost\n2026-10-01,a,1\n2026-10-02,b,2\n" + below, "utf-8")
    back = read_back(tmp_path / "a.csv")
    assert back.rows == [["2026-10-01", "a", "1"], ["2026-10-02", "b", "2"]]
    assert back.out == {"other_table": rows}


@pytest.mark.parametrize(
    "text",
    [
        'Day,Name,Cost\n2026-10-01,"a\n\nb, c\nd",1\n2026-10-02,b,2\n',
        "Day,Name,Cost\n2026-10-01,a,1\n\n2026-10-02,b,2\n",
        "Day,Name,Note\n2026-10-01,a,x\n\n2026-10-02,b,y\n",
        "Name,Note,Text\na,x,x\n\nb,y,y\nc,z,z\n",
    ],
)
def test_blank_lines_end_nothing(text: str, tmp_path: Path) -> None:
    """Blank lines between rows and within cells are no ends of tables."""
    (tmp_path / "a.csv").write_text(text, "utf-8")
    back = read_back(tmp_path / "a.csv")
    assert back.rows == list(csv.reader(io.StringIO(text)))[1:] or len(back.rows) >= 2
    assert back.out == {}


HEAD = "Day,Campaign,Impressions,Cost\n"
ROWS = "2026-10-01,a,100,1.50\n2026-10-01,b,200,2.50\n2026-10-02,a,300,3.25\n2026-10-02,b,50,0.75\n"


@pytest.mark.parametrize(
    ("text", "out"),
    [
        (HEAD + ROWS + "Total,,650,8.00\n", {"total": 1}),
        (HEAD + ROWS + "Total: Account,--,650,8.00\nTotal: Search,--,600,8.00\n", {"total": 2}),
        (HEAD + ROWS + "합계,,650,8.00\n", {"total": 1}),
        (HEAD + ROWS + "總計,-,650,8.00\n", {"total": 1}),
        (HEAD + ",,650,8.00\n" + ROWS, {"total": 1}),
        (HEAD + ",,650,8.00,Grand total\n" + ROWS, {"total": 1}),
        (HEAD + ROWS + "Total,650\n", {"total": 1}),
        (HEAD + ROWS + '"©2026 Microsoft Corporation. All rights reserved. "\n', {"footer": 1}),
        (HEAD + ROWS + "©2026 Microsoft Corporation,,,\n", {"footer": 1}),
        (HEAD + ROWS + "Data as of this morning\n", {"footer": 1}),
        (HEAD + ROWS + "Data as of this morning,,,\n", {"footer": 1}),
        (HEAD + ROWS + "2026-10-01,Total,300,4.00\n2026-10-02,Total,350,4.00\n", {"total": 2}),
        (HEAD + "2026-10-01,a,100,1.50\n2026-10-01,b,200,2.50\n2026-10-01,Subtotal,300,4.00\n2026-10-02,a,7,3\n"
         "2026-10-02,Subtotal,7,3\n", {"total": 2}),
        ("Campaign;Cost\na;1.000,50\nb;2.000,25\nGesamt;3.000,75\n", {"total": 1}),
        ("Campaign,Reach,Clicks,Cost,Start\na,5,1,2,2026-10-01\nb,6,2,3,2026-10-01\n,9,3,5,2026-10-01\n", {"total": 1}),
        ("상품,수량,금액\n가,1,1000\n나,2,2000\n소계,3,3000\n다,5,500\n라,6,600\n소계,11,1100\n총계,14,4100\n",
         {"total": 3}),
        # A handful of rows, with a blank one, and columns that some rows leave empty.
        (HEAD + "2026-10-01,a,100,1.50\nGenerated by Acme on request,,,\n", {"footer": 1}),
        ("Day,Brand,Mentions,Note\n2026-10-01,a,5,\n2026-10-02,b,7,x\n,,,\nGenerated by Acme on request,,,\n",
         {"footer": 1}),
        ("Day,Order,Paid\nTotal,,30\n2026-10-01,A-1,10\n2026-10-02,A-2,20\n,,\nMade by Acme on request,,\n",
         {"total": 1, "footer": 1}),
        ("Start,Channel,Note,Id\n2026-10-01,a,,5\n2026-10-02,b,1,6\n,Subtotal,,11\n,Total,,11\n,,,\nSent by A B,,,\n",
         {"total": 2, "footer": 1}),
        # A month's long name, and blanks within a number that are none of the keyboard's.
        ("Posted,Post\n2 septiembre 2026,a\n3 septiembre 2026,b\nTotal,\n", {"total": 1}),
        ("Campaign;Cost\na;1\xa0000,50\nb;2\u202f000,25\nGesamt;3\xa0000,75\n", {"total": 1}),
        # How many a total adds up, and a signature in another language.
        ("日期,活動,花費\n2026-10-01,a,100\n2026-10-02,b,200\n總計 2 筆,-,300\n", {"total": 1}),
        ("Tag,Artikel,Preis\n2026-10-01,a,1\n2026-10-02,b,2\n\n2 Protokoll(e) heruntergeladen\nVerkäufer-ID: shop\n",
         {"footer": 2}),
        # Days as a spreadsheet counts them.
        ("Reach,Note,Day\n4,x,46355\n3,y,46349\n6,,46349\n14,,총계\n", {"total": 1}),
        ("Month,Channel,Budget,Note\nSumme,,9.115 €,\n46237,a,7.115 €,x\n46361,b,1.500 €,x\n46274,c,500 €,\n",
         {"total": 1}),
        ("Views,Posted,Post\n453586,46121.4666666667,003306\n1203074,46087.4555555556,003307\n12만,합계,\n",
         {"total": 1}),
        ("Region,Views,Day\nSeoul city,2,46365\nTaipei,3,46359\nTaipei,5,46361\nGenerated by Acme again,,\n",
         {"footer": 1}),
        ("channel,amount,month\na,1.5,26. 3. 2.\nb,2.5,26. 3. 2.\nGenerated by Acme on request,,\n,,\n", {"footer": 1}),
    ],
)  # fmt: skip
def test_totals_and_footers(text: str, out: Mapping[str, int], tmp_path: Path) -> None:
    """Totals, subtotals and footers are left out and counted where the file proves them; the other rows all stay."""
    (tmp_path / "a.csv").write_text(text, "utf-8")
    back = read_back(tmp_path / "a.csv")
    assert back.out == out
    assert len([row for row in back.rows if any(row)]) == _filled_lines(text) - 1 - sum(out.values())
    assert back.raw.unreadable == ()


def _filled_lines(text: str) -> int:
    return sum(bool(line.strip(",")) for line in text.splitlines())


@pytest.mark.parametrize(
    "text",
    [
        HEAD + ROWS + "2026-10-03,Total,70,9.00\n",
        HEAD + ROWS + "2026-10-02,Total,70,9.00\n",
        HEAD + ROWS + "2026-10-02,Total Care Shampoo,350,4.00\n",
        HEAD + ROWS + "2026-10-02,,7,0.10\n",
        "Campaign,Cost\na,1\nb,2\nTotal,5\n",
        "Day,Campaign,Cost\n2026-10-01,Total,1\n2026-10-02,Total,2\n2026-10-03,Total,3\n",
        "Name,Email,Spent\nTotal,t@x.example,5\nA,a@x.example,2\nB,b@x.example,4\n",
        "Day,Cost\n2026-10-01,1\n2026-10-02,\n",
        "Campaign,Reach,Clicks\na,5,1\nb,6,2\nBrand and search campaign,,\n",
        "Day,Campaign,Cost\n46355,Total,1\n46356,Total,2\n46357,Total,4\n",
        "Post,Revenue,Note\n1,41000,x\n2,42000,y\n3,,z\n",
    ],
)
def test_rows_that_stay(text: str, tmp_path: Path) -> None:
    """A row that is only called a total, or lacks a name, is a row like any other."""
    (tmp_path / "a.csv").write_text(text, "utf-8")
    back = read_back(tmp_path / "a.csv")
    assert back.out == {}
    assert len(back.rows) == len(text.splitlines()) - 1


def test_a_row_cut_off_is_no_footer(tmp_path: Path) -> None:
    """The end of a file that was not downloaded whole is kept out, and told as such."""
    (tmp_path / "a.csv").write_text(HEAD + ROWS + "Brand and search campaign", "utf-8")
    back = read_back(tmp_path / "a.csv")
    assert [(each.reason, each.count) for each in back.raw.unreadable] == [("fields", 1)]
    assert back.out == {}


def test_places_around_rows_left_out(tmp_path: Path) -> None:
    """Lines are those of the file, in each of several files, whatever was left out above."""
    (tmp_path / "a.csv").write_text(
        "Report,of,October,\n" + HEAD + ",,650,8.00\n" + ROWS + "Total,,650,8.00\n", "utf-8"
    )
    shutil.copy(tmp_path / "a.csv", tmp_path / "b.csv")
    with new_tables() as into:
        source = Source("shop", "csv", "orders", options={"path": ["a.csv", "b.csv"], "skip": 1})
        (tmp_path / "work").mkdir()
        raw = reader_of("csv")(ReadRequest(source, tmp_path, tmp_path / "work"), into)
    assert [str(raw.place(row)) for row in (1, 4, 5, 8)] == [
        "a.csv, line 4",
        "a.csv, line 7",
        "b.csv, line 4",
        "b.csv, line 7",
    ]
    assert [(file.label, file.before) for file in raw.files] == [("a.csv", 0), ("b.csv", 4)]
    assert {each.reason: each.rows for each in raw.left_out} == {"preamble": 2, "total": 4}


def test_several_patterns(tmp_path: Path) -> None:
    """`path:` takes a list of files and patterns; a file counts once, and a name with brackets is a name."""
    for name in ("a.csv", "b.csv", "orders [1].csv"):
        (tmp_path / name).write_text("a\n1\n", "utf-8")
    source = Source("shop", "csv", "orders", options={"path": ["[ab].csv", "a.csv", "orders [1].csv"]})
    matching = matching_files(ReadRequest(source, tmp_path, tmp_path))
    assert [path.name for path in matching] == ["a.csv", "b.csv", "orders [1].csv"]


def test_quotes_say_what_parts_the_cells(tmp_path: Path) -> None:
    """Thousands between quotes part no cells, however short the table is beside what stands above and below it."""
    text = 'Acme, Inc.\n"Day";"Brand, core";"Cost"\n"26/10/05";"";"46,000"\n"26/10/06";"1";"11,000"\n© A & B\n'
    (tmp_path / "a.csv").write_text(text, "utf-8")
    assert read_back(tmp_path / "a.csv", header=2).rows == [["26/10/05", "", "46,000"], ["26/10/06", "1", "11,000"]]


def test_a_short_report_below_many_lines() -> None:
    """Commas in the lines above two rows of a report do not part it: what has more cells does."""
    above = (
        "Report\nStart: October 1, 2026, 12:00 AM\nEnd: October 31, 2026, 11:59 PM\nMade: November 1, 2026, 9:15 AM\n"
    )
    rows = ["Start Date\tCampaign\tSpent\tClicks", "10/01/2026\tBrand\t12.50\t9", "10/13/2026\tBrand\t6.00\t6"]
    assert delimiter_of(above + "\n" + "\n".join(rows)) == "\t"


@pytest.mark.parametrize(("sign", "other"), [("|", ","), (";", ","), ("\t", ";"), (",", "|")])
def test_a_sign_in_the_cells_and_above_the_header(sign: str, other: str) -> None:
    """What stands in each row, and above besides, parts nothing where another sign parts the header, too."""
    above = ["Report", f"Acme{other} Inc.", f"Acme{other} Inc."]
    rows = [sign.join(["26-12-10", f"16:30{other} Z", "7"]) for _ in range(8)]
    assert delimiter_of("\n".join([*above, sign.join(["day", "time", "count"]), *rows])) == sign


def test_open_delimiter(tmp_path: Path) -> None:
    """Where two signs part the rows equally well, it is asked for."""
    (tmp_path / "a.csv").write_text("a|b,c|d\n1|2,3|4\n", "utf-8")
    assert read_back(tmp_path / "a.csv").header == ["a", "b,c", "d"]
    (tmp_path / "a.csv").write_text("a;b,c\n1;2,3\n", "utf-8")
    with pytest.raises(DataError, match="may be parted"):
        read_back(tmp_path / "a.csv")


def test_a_workbook_is_no_text(tmp_path: Path) -> None:
    """A workbook under type: csv is told as what it is."""
    (tmp_path / "a.csv").write_bytes(b"PK\x03\x04 and so on")
    with pytest.raises(DataError) as caught:
        read_back(tmp_path / "a.csv")
    assert "type: xlsx" in caught.value.hint
