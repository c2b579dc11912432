# ruff: noqa: E501 - a letter of Korean or Chinese counts as two columns
"""What people call values that data writes in English: devices, channels, platforms, countries.

Each line: words that mean the same. Whichever of them the data holds, the others are other words for it.
"""

from __future__ import annotations

from collections.abc import Iterator

from kpi_core.questions.wording import plain

_SAME = """
mobile, mobile devices, smartphone, smartphones, phone, phones, mobiles, mobile phones, cell phone, 모바일, 휴대폰, 스마트폰, 手機, 行動裝置, 行動版
desktop, desktops, computer, computers, pc, pcs, laptop, laptops, 데스크톱, 데스크탑, 컴퓨터, 桌機, 電腦, 桌上型電腦
tablet, tablets, 태블릿, 平板, 平板電腦
search, 검색, 검색 채널, 搜尋
paid search, search ads, 검색 광고, 유료 검색, 付費搜尋, 搜尋廣告
organic, organic search, 자연 검색, 오가닉, 自然搜尋, 自然流量
social, social media, 소셜, 소셜 미디어, sns, 社群, 社群媒體
paid social, social ads, 유료 소셜, 소셜 광고, 付費社群, 社群廣告
display, display ads, 디스플레이, 배너, 배너 광고, 多媒體廣告, 展示廣告
email, e mail, newsletter, 이메일, 메일, 뉴스레터, 電子郵件, 電子報, email 行銷
affiliate, affiliates, affiliate marketing, 제휴, 제휴 마케팅, 聯盟行銷, 聯盟
referral, referrals, 추천, 추천 유입, 推薦, 引薦
direct, 직접, 직접 유입, 直接, 直接流量
google, google ads, 구글, 구글 광고, google 廣告
meta, meta ads, 메타, 메타 광고, meta 廣告
facebook, facebook ads, 페이스북, 臉書, fb
instagram, ig, 인스타그램, 인스타
youtube, 유튜브
naver, 네이버
kakao, 카카오
tiktok, 틱톡, 抖音
korea, south korea, kr, 한국, 대한민국, 국내, 韓國, 南韓
taiwan, tw, 대만, 타이완, 台灣, 臺灣
japan, jp, 일본, 日本
china, cn, 중국, 中國, 大陸
hong kong, hk, 홍콩, 香港
singapore, sg, 싱가포르, 新加坡
us, usa, united states, america, 미국, 美國
uk, united kingdom, gb, britain, 영국, 英國
germany, de, 독일, 德國
france, fr, 프랑스, 法國
europe, eu, 유럽, 歐洲
canada, ca, 캐나다, 加拿大
australia, au, 호주, 澳洲
vietnam, vn, 베트남, 越南
thailand, th, 태국, 泰國
indonesia, id, 인도네시아, 印尼
malaysia, my, 말레이시아, 馬來西亞
philippines, ph, 필리핀, 菲律賓
india, in, 인도, 印度
seoul, 서울, 首爾
taipei, 타이베이, 台北, 臺北
"""
_GROUPS = tuple(tuple(plain(word) for word in line.split(",")) for line in _SAME.strip().splitlines())
_CODES = frozenset({"us", "uk", "eu", "pc", "fb", "ig"})
"""Two letters that are words by themselves; the others ("in", "my", "de") are only what data may write."""


def other_words(phrase: str) -> Iterator[str]:
    """The other ways to say a value, in plain form."""
    for group in _GROUPS:
        if phrase in group:
            yield from (word for word in group if len(word) > 2 or not word.isascii() or word in _CODES)
