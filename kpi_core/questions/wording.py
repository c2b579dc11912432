"""Text as the parsers read it: one form for all widths, cases, spaces and hyphens that people type.

Kept are single spaces between two words of letters or two numbers, hyphens between digits, and `~` for every mark of a
range; a space, hyphen or underscore anywhere else says nothing ("지난 달", "last-month", "top 5"), nor does the
punctuation of a sentence.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from kpi_core.frozen_dataclass import frozen

_QUOTES = {
    '"': '"”“',
    "“": '”“"',
    "”": '”"',
    "„": "“”",
    "「": "」",
    "『": "』",
    "《": "》",
    "«": "»",
    "'": "'’",
    "‘": "’'",
}
"""Each mark that opens a quoted part -> those that close it."""
_UNEQUAL = re.compile(r"!=|<>")
_ORDERED = re.compile(r"[<>]=|[<>](?=\s*[$₩€¥]?\d)")
_BOUND_SIGNS = {">=": "≥", "<=": "≤", ">": "＞", "<": "＜"}
_SHORT_YEAR = re.compile(
    r"((?<![\w=,'’‘])|(?<![a-z])(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec|fy)|[qh][1-4])['’‘](\d\d)(?![\d'’])",
    re.IGNORECASE,
)
"""'26 and Sep'26, and no part that is quoted."""
_RANGE_MARKS = "~〜∼–—―→"
_OTHER_LETTERS = """
营營 业業 额額 销銷 转轉 换換 点點 击擊 访訪 数數 广廣 费費 购購 订訂 单單 价價 个個 么麼 这這 们們 给給 请請 问問 显顯
对對 较較 还還 标標 达達 样樣 谢謝 帮幫 为為 时時 间間 长長 设設 备備 区區 国國 韩韓 湾灣 机機 电電 脑腦 脸臉 书書 寻尋
联聯 荐薦 邮郵 线線 潜潛 户戶 获獲 顾顧 终終 弃棄 车車 离離 丝絲 触觸 频頻 关關 键鍵 词詞 览覽 页頁 动動 应應 产產 类類
项項 门門 员員 龄齡 层層 别別 预預 执執 举舉 诉訴 满滿 识識 声聲 总總 过過 进進 来來 从從 环環 涨漲 减減 变變 异異 趋趨
势勢 图圖 内內 现現 欧歐 亚亞 东東 报報 资資 观觀 视視 赢贏 实實 际際 当當 几幾 说說 话話 见見 让讓 开開 启啟 组組 计計
历歷 优優 质質 极極 热熱 种種 选選 择擇 统統 号號 无無 后後 发發 头頭 两兩 传傳 网網 络絡 节節 双雙 岁歲 吗嗎 没沒 错錯
赚賺 钱錢 买買 卖賣 贡貢 献獻 带帶 贵貴 与與 于於 众眾 会會 听聽 尔爾 纳納 细細 约約 级級 续續 维維 绩績 绿綠 编編 缩縮
规規 觉覺 认認 讯訊 记記 许許 论論 证證 评評 译譯 试試 询詢 该該 详詳 语語 误誤 读讀 调調 谁誰 负負 财財 账賬 货貨 贩販
贴貼 贷貸 贸貿 赏賞 跃躍 轻輕 载載 输輸 边邊 迟遲 远遠 连連 适適 递遞 释釋 针針 铁鐵 银銀 链鏈 锁鎖 镇鎮 闭閉 队隊 阶階
阳陽 随隨 难難 须須 题題 风風 飞飛 饭飯 馆館 驱驅 验驗 齐齊 亏虧 佣傭 侧側 债債 偿償 储儲 兰蘭 兴興 冲衝 决決 净淨 凭憑
创創 删刪 剧劇 劳勞 务務 励勵 劲勁 协協 卫衛 厂廠 压壓 参參 叹嘆 响響 园園 围圍 场場 块塊 坏壞 处處 复復 複復 夸誇 奖獎
妆妝 学學 宁寧 宝寶 审審 导導 将將 尽盡 岛島 师師 帐帳 库庫 弹彈 强強 归歸 录錄 彻徹 忆憶 怀懷 态態 恶惡 惯慣 扩擴 扫掃
抢搶 护護 担擔 拟擬 拥擁 挡擋 挤擠 损損 据據 搅攪 敌敵 斗鬥 旧舊 晓曉 术術 权權 条條 构構 枪槍 检檢 楼樓 欢歡 毁毀 汉漢
测測 济濟 浏瀏 游遊 灯燈 炼煉 烧燒 爱愛 状狀 独獨 佔占
"""
"""Chinese letters that are also written in a simpler way, each with the one that the grammar uses."""
_FOLDED = {pair[0]: pair[1] for pair in _OTHER_LETTERS.split()} | {"、": ",", "○": "〇"}
_SILENT = frozenset("?!;:·・。.()[]{}<>《》「」『』'’‘`*|\\\"“”")
_BRACKETS = frozenset("()[]{}<>《》「」『』'’‘`*\"“”")
_SEPARATORS = frozenset("-_/‐ ")
_DATE_ENDS = frozenset("일월년기日月年季號号度周週주")


@frozen
class Wording:
    """`text` is the plain form; `source` what was typed (NFKC), `places[i]` where in it `text[i]` stood.

    `breaks` are the positions of `text` before which the writer left a gap; `quotes` the quoted parts, each of which
    is one character of `text` from QUOTED on.
    """

    text: str
    source: str
    places: tuple[int, ...]
    breaks: frozenset[int]
    quotes: tuple[str, ...] = ()

    def typed(self, start: int, end: int) -> str:
        """What the writer typed for `text[start:end]`."""
        if start >= end:
            return ""
        return self.source[self.places[start] : self.places[end - 1] + 1]

    def replaced(self, start: int, end: int, words: str) -> str:
        """The whole question with `text[start:end]` replaced."""
        before, after = self.source[: self.places[start]], self.source[self.places[end - 1] + 1 :]
        gap_before = " " if before and not before.endswith((" ", "=", "≠", ",", "-")) else ""
        # A Korean particle stays with its word: 방문자들이.
        attached = "가" <= after[:1] <= "힣"
        gap_after = " " if after and not attached and not after.startswith((" ", ",", "-", "?", ".", "=")) else ""
        return " ".join(f"{before}{gap_before}{words}{gap_after}{after}".split())


QUOTED = 0xE000
"""The first of the private characters that stand for a quoted part."""


@lru_cache(maxsize=16_384)
def plain(text: str) -> str:
    """The plain form of a phrase. Those of the data's words are asked for with every question that is not plain."""
    return wording(text).text


def wording(text: str) -> Wording:
    """Read a text; any Unicode is allowed."""
    # "≠" before anything else: the single signs of "<>" and "!=" say nothing and would be dropped.
    source = _UNEQUAL.sub("≠", unicodedata.normalize("NFKC", text))
    # Nor may ">=" be taken for "=", and ">" before a number is no bracket.
    source = _SHORT_YEAR.sub(_full_year, _ORDERED.sub(_bound_sign, source))
    characters, quotes = _characters(source)
    plain_characters: list[tuple[str, int]] = []
    breaks: set[int] = set()
    gap: list[str] = []
    for index, (character, place) in enumerate(characters):
        if _is_gap(characters, index):
            gap.append(character)
            continue
        if gap and plain_characters:
            # A bracket closes no word: "이탈률(바운스)는" goes on.
            if not _BRACKETS.issuperset(gap):
                breaks.add(len(plain_characters))
            between = _between(plain_characters[-1][0], "".join(gap), character)
            if between:
                plain_characters.append((between, place - 1))
                breaks.add(len(plain_characters))
        gap = []
        plain_characters.append((character, place))
    return Wording(
        text="".join(character for character, _ in plain_characters),
        source=source,
        places=tuple(place for _, place in plain_characters),
        breaks=frozenset(breaks),
        quotes=tuple(quotes),
    )


def _bound_sign(match: re.Match[str]) -> str:
    return _BOUND_SIGNS[match[0]]


def _full_year(match: re.Match[str]) -> str:
    return f"{match[1]} 20{match[2]}" if match[1] else f"20{match[2]}"


def is_letter(character: str) -> bool:
    """Of an alphabet that parts its words by spaces."""
    return character.isalpha() and not is_cjk(character)


def is_cjk(character: str) -> bool:
    code = ord(character)
    return 0x1100 <= code <= 0x11FF or 0x2E80 <= code <= 0xA4CF or 0xAC00 <= code <= 0xFAFF or code >= 0x20000


def ends_word(text: str, position: int) -> bool:
    """Whether a word or number may begin or end here: not inside a run of letters or of digits."""
    if position in (0, len(text)):
        return True
    before, after = text[position - 1], text[position]
    return not (is_letter(before) and is_letter(after)) and not (before.isdigit() and after.isdigit())


def _characters(source: str) -> tuple[list[tuple[str, int]], list[str]]:
    """Casefolded characters with their places; each quoted part becomes one private character."""
    characters: list[tuple[str, int]] = []
    quotes: list[str] = []
    place = 0
    while place < len(source):
        end = _quote_end(source, place)
        if end:
            quotes.append(source[place + 1 : end])
            characters.append((chr(QUOTED + len(quotes) - 1), end))
            place = end + 1
            continue
        characters.extend((character, place) for character in _folded(source[place]))
        place += 1
    return _with_ranges(characters), quotes


def _quote_end(source: str, place: int) -> int:
    """Where the part that is quoted from here, after an equals or unequal sign or a comma, closes; 0 when it does not.

    It closes where a word ends, so that a value may hold quotes of its own.
    """
    closing = _QUOTES.get(source[place])
    if not closing or not source[:place].rstrip().endswith(("=", "≠", ",")):
        return 0
    for end in range(place + 1, len(source)):
        if source[end] in closing and (end + 1 == len(source) or not _goes_on(source[end + 1], closing)):
            return end
    return 0


def _goes_on(character: str, closing: str) -> bool:
    return is_letter(character) or character.isdigit() or character in closing


def _folded(character: str) -> str:
    if character in _RANGE_MARKS:
        return "~"
    if character in _FOLDED:
        return _FOLDED[character]
    category = unicodedata.category(character)
    # Invisible marks go, even inside a word, and private characters, which stand for quoted parts here.
    if category in ("Cf", "Mn", "Co", "Cs"):
        return ""
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    if category in ("Cc", "Zs", "Zl", "Zp", "So", "Sk"):
        return " "
    return character.casefold()


def _with_ranges(characters: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Two dots, and a hyphen that stands alone, mark a range."""
    text = "".join(character for character, _ in characters)
    folded: list[tuple[str, int]] = []
    for index, (character, place) in enumerate(characters):
        around = text[max(index - 1, 0) : index + 2]
        # Both dots of ".." stand for one mark: the first becomes it, the second is passed over.
        if character == "." and text[index - 1 : index] == ".":
            continue
        marks = (character == "." and around.endswith("..")) or around == " - "
        folded.append(("~" if marks else character, place))
    return folded


def _is_gap(characters: list[tuple[str, int]], index: int) -> bool:
    character = characters[index][0]
    if character in _SEPARATORS:
        return True
    if character not in _SILENT:
        return False
    # A point between digits is a part of a number or a date: 3.5, 2026.10.15.
    return not (character == "." and _between_digits(characters, index))


def _between_digits(characters: list[tuple[str, int]], index: int) -> bool:
    neighbours = characters[index - 1 : index] + characters[index + 1 : index + 2]
    return len(neighbours) == 2 and all(character.isdigit() for character, _ in neighbours)


def _between(before: str, gap: str, after: str) -> str:
    """What remains of a gap between two characters."""
    if gap in ("-", "/", "‐") and before.isdigit() and after.isdigit():
        return "-"
    # 10월-12월: after a day or month in words a hyphen can only be a range.
    if gap == "-" and before in _DATE_ENDS and after.isdigit():
        return "~"
    if (is_letter(before) and is_letter(after)) or (before.isdigit() and after.isdigit()):
        return " "
    return ""
