"""How likely a text is in what people write, for each encoding that it may be stored in. Pure.

Two double-byte encodings often both decode the same bytes. What tells them apart is which letters come out: a Korean
text is made of a few hundred syllables over and over, and read as Chinese it becomes characters that nobody writes.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable
from itertools import pairwise

from kpi_core.frozen_dataclass import frozen
from kpi_core.layouts.meaning import wide_words

_SYLLABLES = frozenset(
    "이다에의는로하을가고지서한은기으년대사시를리도인스일어나자과해여부정그전주제보성상수장국개조아원중만세구유연진선소동공화등"
    "모무우경용방계라트관생문신거당물학분체업회간실력오양위심내없있었것같들때면더안품매입출금액광검색결취환불완료쇼핑캠페클릭노"
    "비율평균총별명번호옵션배송준량판담월목토날짜작종후객휴폰메클렌징폼럼크림틱톤너본추천링파워룹바표타겟네버카채널웹앱설치독규재"
    "익손택역령남녀두집디자인팀건강마케터센블루건식음니까요습께드려맞춤할쿠폰벤및외손앞뒤반층길읍면동호차예약달저레드그린블랙"
    "각감값게겨격굿글급꽃닝단답댓된됨든딩락람래랜랫럽록류름맛몰묶미믹받발밥변봄봇뷔뷰브빠산새샵석셋속솔숏순술싱애앤언열영옷울응임잠점"
    "접족좋즈즐직참찾책처청초촉최츠칙컬코콘쿼키킹탈탐태탬털테텐통팔팟패팸펌포프픈플픽함항행형확활"
)
_CHARACTERS = frozenset(
    "的一是不在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後作里裡用道行所然家種事成"
    "方多經麼去法學如都同現當沒動面起看定天分還進好小部其些主樣理心本前開但因只從想實日月元訂單編號商品名稱數量金額付款式狀態"
    "員取消完配送物流門市宅退貨運費折扣活廣告搜尋曝光點擊次轉換成平均率總計合間期始結束購買客戶姓電話郵件址備註序規格選項料價售"
    "店網站新舊加入渠源類別已未確認信卡超行支便利線午早晚碼台灣北區路高雄南東西外套褲裙衣服鞋包禮盒組限優惠免滿贈牌字全再銷關鍵"
    "詞受眾帳系列目標每預算男女長短袖連身手機應程式會口紅保濕面膜洗髮乳精華霜春夏秋冬黑白藍綠色"
    "丟串了予互交享介代份佈位使促值假停僅儲先內公共功務化匯即卷原參及句司否問啟器回圾垃型域報場填增失媒存安容寄寒專導工布幣建引影徑性"
    "情慶截戳投按排掛接推提摘播擁收放敗文旗旨明易暑曆更替材析果查案業模檢止段母氏求況注淨潛瀏照父片珍產由留番畫登益示社祝科秒稿立答管"
    "箱節簽粉約純素索細終絡絲織續置群者耗聖聯聲與舉艦良花藏表裝複覆見視覽觀觸言記訪設評詢誕語談請變讚負販責貼資贏跳蹤躍車載返追通造達"
    "重錄閉閱階集雙頁順題顧館驗體齡"
)
_KANJI = frozenset(
    "日一人年大中本出時行見月分後前生間上東今金入学高円子外下来気小山話女北午百書先名川千水半男西電校語土木食車何万毎白天母火"
    "右読友左休父雨注文番号商品数量価格合計税込送料支払方法住所顧客広告表示回費用期開始終了件売店舗新規会員登録配信全体使無料"
    "不串主予事互交享介付代以伝位作便保個値停備僅儲元光公共内再列別利到割功加動務化区単即原参及収取受句可台司否和問器因国在地均型域報"
    "場填変失姓媒字存安完定実宣家容寄尋導工市布帳幣平序府度庫建式引当影得心性情態成手投折抜担按排掛接推掲提換摘播擁放敗旅旨明易是曝更"
    "替有材村束析果査案検業標模機次款止段比氏求況活流消渠満源為照熱片牌物状獲率珍理産由町画留発的益目看県社科秒程種稿立答算管箱粉粗約"
    "純素索累細組経結絡継続網総線編績織置署群考者耗聯聴自良花荷複要覆視覧解触言訂記訪設評詞詳談請負貨販責買貼賃資購足路跳躍載返追退通"
    "造連道達選還部郵都重鍵門閉閲限階集面頁項順預領題額類齢"
)
_LATIN = frozenset("äöüßÄÖÜéèêëàâçîïôùûœæñóíáúÉÀÇãõåøÅØìòÁÓÚÑ")
_SIGNS = frozenset("€£¥©®™°·–—’‘“”„…«»§²³´\xa0¿¡ªº")
_NO_LETTERS = frozenset("¹²³¿¡¼½¾±¤¦¬¯¶¸×÷‡†ˆ˜‹›©")
_HALF_WIDE_MARKS = frozenset("｡｢｣､･")
"""Of Japanese punctuation what takes one byte, as the signs of pounds and yen do in Western text."""
_NOTES = frozenset(["비고", "메모", "備註", "備考", "摘要"])
"""Columns that stand in many lists and are none of ours."""
_USUAL = math.log(0.3 / 3_000)
"""A word of a header: there are some thousands of them."""
_UNLIKELY = -2.5
"""Beside what it hardly ever stands beside, a letter counts for a twelfth."""
_ASCII = math.log(1 / 30)
_NEVER = -30.0
"""A control sign, or one that means nothing to anybody else, stands in no text."""


@frozen
class Writing:
    """What an encoding is used to write. `worst` is the mean a letter may have in a text that somebody wrote."""

    encoding: str
    name: str
    """What kpi.yaml calls it."""
    letter: Callable[[str], float]
    """The logarithm of how often a letter outside ASCII stands in such texts."""
    worst: float
    wide: bool = True


def _share(mass: float, of: int) -> float:
    return math.log(mass / of)


_KOREAN = (
    _share(0.72, len(_SYLLABLES)),
    _share(0.22, 2350),
    _share(0.04, 280),
    _share(0.005, 4888),
    _share(0.005, 8822),
)
_CHINESE = (_share(0.65, len(_CHARACTERS)), _share(0.30, 5401), _share(0.04, 408), _share(0.005, 7652))
_JAPANESE = (
    _share(0.5, 170), _share(0.2, len(_KANJI)), _share(0.22, 2965), _share(0.06, 500), _share(0.005, 3390),
    _share(0.005, 63),
)  # fmt: skip
_WESTERN = (_share(0.75, len(_LATIN)), _share(0.2, len(_SIGNS)), _share(0.02, 70))


def _korean(letter: str) -> float:
    if letter in _SYLLABLES:
        return _KOREAN[0]
    lead, trail = _bytes(letter, "cp949")
    if trail >= 0xA1 and 0xB0 <= lead <= 0xC8:
        return _KOREAN[1]
    if trail >= 0xA1 and lead <= 0xA3:
        return _KOREAN[2]
    return _KOREAN[3] if trail >= 0xA1 and lead >= 0xCA else _KOREAN[4]


def _chinese(letter: str) -> float:
    if letter in _CHARACTERS:
        return _CHINESE[0]
    lead, _trail = _bytes(letter, "cp950")
    if 0xA4 <= lead <= 0xC6:
        return _CHINESE[1]
    return _CHINESE[2] if 0xA1 <= lead <= 0xA3 else _CHINESE[3]


def _japanese(letter: str) -> float:
    if "ぁ" <= letter <= "ヾ":
        return _JAPANESE[0]
    if letter in _KANJI:
        return _JAPANESE[1]
    lead, trail = _bytes(letter, "cp932")
    if not trail:
        return _JAPANESE[5]
    if lead <= 0x87:
        return _JAPANESE[3]
    return _JAPANESE[2] if (lead, trail) <= (0x98, 0x72) else _JAPANESE[4]


def _western(letter: str) -> float:
    if letter in _LATIN:
        return _WESTERN[0]
    return _WESTERN[1] if letter in _SIGNS else _WESTERN[2]


def _bytes(letter: str, encoding: str) -> tuple[int, int]:
    stored = letter.encode(encoding)
    return stored[0], stored[1] if len(stored) > 1 else 0


WRITINGS = (
    Writing("cp949", "cp949", _korean, -8.8),
    Writing("cp950", "big5", _chinese, -9.0),
    Writing("cp932", "shift_jis", _japanese, -8.5),
    Writing("cp1252", "cp1252", _western, -6.2, wide=False),
)


def likelihood(text: str, writing: Writing) -> float:
    """The logarithm of how likely a text is in this writing; only differences between writings mean something."""
    alone = sum(
        _ASCII if letter < "\x80" else _NEVER if _is_no_sign(letter) else writing.letter(letter) for letter in text
    )
    beside = _wide_beside if writing.wide else _western_beside
    # A Western word is mostly ASCII.
    is_odd = not writing.wide and 2 * letters(text) >= len(text) > 1
    # Before a number it is a sign of money; no Japanese word is made of punctuation alone.
    is_odd |= writing.wide and set(text) <= _HALF_WIDE_MARKS
    letterwise = alone + _UNLIKELY * (sum(beside(first, second) for first, second in pairwise(text)) + is_odd)
    return max(letterwise, _USUAL) if text in _NOTES or text in wide_words() else letterwise


def _is_no_sign(letter: str) -> bool:
    return letter < "\xa0" or "\ue000" <= letter <= "\uf8ff"


def letters(text: str) -> int:
    """How many letters of a text are outside ASCII."""
    return sum(letter >= "\x80" for letter in text)


def _wide_beside(first: str, second: str) -> bool:
    """Whether one of two neighbours is a wide letter and the other a small Latin one."""
    return (_is_wide(first) and second.islower()) or (first.islower() and _is_wide(second))


def _is_wide(letter: str) -> bool:
    return letter >= "\u1100" and unicodedata.category(letter) == "Lo"


def _western_beside(first: str, second: str) -> bool:
    """Whether two letters outside ASCII follow each other, a sign or a capital stands within a word."""
    if first < "\x80" and second < "\x80":
        return False
    if (first >= "\x80" and second >= "\x80") or (first.islower() and second.isupper()):
        return True
    return (first in _NO_LETTERS and second.isalpha()) or (second in _NO_LETTERS and first.isalpha())
