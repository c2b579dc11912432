# ruff: noqa: E501 - a letter of Korean or Chinese counts as two columns
"""What people call values that data writes in English: devices, channels, platforms, countries.

Each line: words that mean the same. Whichever of them the data holds, the others are other words for it.
"""

from __future__ import annotations

from collections.abc import Iterator

from kpi_core.questions.wording import plain

_SAME = """
mobile, mobile devices, smartphone, smartphones, phone, phones, mobiles, mobile phones, cell phone, 모바일, 휴대폰, 스마트폰, 手機, 行動裝置, 行動版, mobile users, 핸드폰, 휴대전화, 手機版, 手機端, 手機用戶, 行動, 行動端
desktop, desktops, computer, computers, pc, pcs, laptop, laptops, 데스크톱, 데스크탑, 컴퓨터, 桌機, 電腦, 桌上型電腦, desktop users, 데스크톱 pc, 피씨, 電腦版, 電腦端, 桌機版, 桌面版, 桌面
tablet, tablets, 태블릿, 平板, 平板電腦, tablet users, 태블릿 pc, 平板版
search, 검색, 검색 채널, 搜尋, 서치
paid search, search ads, 검색 광고, 유료 검색, 付費搜尋, 搜尋廣告
organic, organic search, 자연 검색, 오가닉, 自然搜尋, 自然流量, 자연, 자연 유입, 오가닉 검색, 자연 검색 유입, 自然, 自然搜尋流量, seo
social, social media, 소셜, 소셜 미디어, sns, 社群, 社群媒體, 社群平台, 社群網站, 社交媒體, 社媒, 소셜미디어
paid social, social ads, 유료 소셜, 소셜 광고, 付費社群, 社群廣告
display, display ads, 디스플레이, 배너, 배너 광고, 多媒體廣告, 展示廣告, banner, banners, banner ads, gdn, 橫幅, 橫幅廣告, 디스플레이 광고
email, e mail, newsletter, 이메일, 메일, 뉴스레터, 電子郵件, 電子報, email 行銷, emails, mail, 이메일 마케팅, edm, 電郵, 郵件
affiliate, affiliates, affiliate marketing, 제휴, 제휴 마케팅, 聯盟行銷, 聯盟, affiliate partners, 어필리에이트, 제휴사, 聯盟夥伴
referral, referrals, 추천, 추천 유입, 推薦, 引薦, 리퍼럴, 추천인, 外部連結, 轉介
direct, 직접, 직접 유입, 直接, 直接流量, 다이렉트, 직접 방문
google, google ads, 구글, 구글 광고, google 廣告, 구글애즈, 谷歌
meta, meta ads, 메타, 메타 광고, meta 廣告
facebook, facebook ads, 페이스북, 臉書, fb, 페북, 페이스북 광고, 臉書廣告
instagram, ig, 인스타그램, 인스타, insta, 인스타 광고, 인스타그램 광고, 哀居
youtube, 유튜브
naver, 네이버, naver ads, 네이버 광고, naver 廣告
kakao, 카카오, kakao ads, 카카오 광고
tiktok, 틱톡, 抖音, tiktok ads, 틱톡 광고, tiktok 廣告, 抖音廣告
korea, south korea, kr, 한국, 대한민국, 국내, 韓國, 南韓, korean, koreans, 한국 시장, 韓國市場
taiwan, tw, 대만, 타이완, 台灣, 臺灣, taiwanese, 대만 시장, 台灣市場
japan, jp, 일본, 日本, japanese
china, cn, 중국, 中國, 大陸
hong kong, hk, 홍콩, 香港
singapore, sg, 싱가포르, 新加坡
us, usa, united states, america, 미국, 美國, the us, u s, the states, american, americans, 美國市場
uk, united kingdom, gb, britain, 영국, 英國, u k, british
germany, de, 독일, 德國
france, fr, 프랑스, 法國
europe, eu, 유럽, 歐洲, european, 유럽 시장, 歐盟
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
repeat buyers, repeat customers, returning customers, 재구매자, 재구매 고객, 단골, 回購客, 回購顧客, 回頭客, 老客戶
new subscribers, 신규 구독자, 新訂閱者, 新訂戶
brand search, 브랜드 검색, 브랜드검색, 品牌搜尋
naver blog, 네이버 블로그
"""
_GROUPS = tuple(tuple(plain(word) for word in line.split(",")) for line in _SAME.strip().splitlines())
# Who books ads on Facebook books them with Meta, and search beside organic is paid: where no value is called Facebook, or
# paid search, such words mean that one.
_WIDER = {"meta": "facebook", "search": "paid search"}
_CODES = frozenset({"us", "uk", "eu", "pc", "fb", "ig", "tw", "kr", "jp", "hk", "sg"})
"""Two letters that are words by themselves; the others ("in", "my", "de") are only what data may write."""


def other_words(phrase: str) -> Iterator[str]:
    """The other ways to say a value, in plain form."""
    for group in _GROUPS:
        if phrase in group:
            yield from (word for word in group if len(word) > 2 or not word.isascii() or word in _CODES)


def same_words(phrase: str) -> Iterator[str]:
    """All that a value may be called which a phrase is a word for."""
    yield from (word for group in _GROUPS if phrase in group for word in group)


def wider_words(phrase: str) -> Iterator[str]:
    """Words for a part of a value, by which it goes where the data does not have that part by itself."""
    if part := _WIDER.get(phrase):
        yield part
        yield from other_words(part)
