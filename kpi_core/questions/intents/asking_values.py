# ruff: noqa: E501 - a letter of Korean or Chinese counts as two columns
"""What a person typed who asks which channels, campaigns or regions there are, and for no number of theirs."""

from __future__ import annotations

import re

_ENGLISH = r"channels?|campaigns?|regions?|countries|devices?|platforms?|sources?|mediums?|audiences?|segments?|networks?|landing pages?|products?|categories|stores?|brands?|ad groups?|keywords?|search terms?|sales reps?"
_KOREAN = r"채널|캠페인|지역|국가|나라|기기|디바이스|플랫폼|매체|소스|오디언스|네트워크|랜딩 ?페이지|상품|제품|카테고리|매장|지점|브랜드|광고 ?그룹|키워드"
_CHINESE = r"管道|通路|渠道|行銷活動|廣告活動|活動|地區|國家|裝置|平台|媒體|來源|受眾|到達網頁|商品|產品|類別|門市|分店|品牌|廣告群組|關鍵字"
_FORMS = (
    re.compile(
        rf"(?:which|what)(?: kinds? of)? (?P<of>{_ENGLISH}) (?:are there|are available|exist|do (?:we|you|i) (?:have|know|track)|have we got)"
        rf"|(?:(?:show|give) me )?(?:a |the )?list (?:all |of |of all )?(?:the |our )?(?P<all>{_ENGLISH})",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?:우리 ?)?(?:어떤|무슨) (?P<of>{_KOREAN}) ?(?:들)?(?:이|가|은|는)? ?있(?:어요?|나요?|니|지요?|죠|는지)(?: ?(?:알려|보여)\S*)?"
        rf"|(?P<all>{_KOREAN})(?:들)?(?:의)? ?(?:목록|리스트|종류)(?: ?(?:좀 ?)?(?:알려|보여)\S*| ?뭐\S*)?"
        rf"|(?P<what>{_KOREAN})(?:에는|에|은|는|이|가)? ?(?:뭐|뭐가|어떤 ?(?:게|것이)) ?있(?:어요?|나요?|니|지|죠)"
    ),
    re.compile(
        rf"(?:請問)?(?:我們|現在|目前)?有(?:哪些|什麼|哪幾個)(?P<of>{_CHINESE})(?:呢|啊)?|(?:請)?列出(?:所有|全部)?的?(?P<all>{_CHINESE})|(?P<what>{_CHINESE})(?:總共)?有哪些(?:呢|啊)?"
    ),
)


def asked_for_values(typed: str) -> str | None:
    """The dimension whose values are asked for; None of any other text."""
    bare = " ".join(typed.split()).rstrip("?？!.。~ ")
    for form in _FORMS:
        if match := form.fullmatch(bare):
            return str(next(filter(None, match.groups())))
    return None
