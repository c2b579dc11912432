# ruff: noqa: E501 - a letter of Korean or Chinese counts as two columns
"""Greetings, thanks and calls for help: words that ask for no number, and are answered with how to ask for one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable

from kpi_core.errors import QuestionError
from kpi_core.phrases import say
from kpi_core.questions.errors import question_error
from kpi_core.questions.fillers import fillers
from kpi_core.questions.period_words.clock import matches
from kpi_core.questions.segments import Segment, best_cut
from kpi_core.questions.wording import Wording

_ENGLISH = (
    r"hi|hiya|hello|hey|yo|howdy|greetings|good (?:morning|afternoon|evening|night|day)|morning"
    r"|thanks(?: a lot| so much| again)?|thank you(?: so much| very much)?|thx|ty|cheers|much appreciated|well done|good (?:job|bot|work)"
    r"|bye|goodbye|good bye|see you(?: later| soon)?|see ya|ok|okay|cool|great|nice|awesome|perfect|got it|lol|haha|wow|sorry|welcome"
    r"|help(?: me)?|how are you|whats up|what s up|sup|who are you|what are you|what can you do|what do you do|how do you work"
    r"|how does (?:this|it) work|how do i (?:use (?:this|it|you)|ask)|what can i ask(?: you)?|are you (?:there|a bot|human)|tell me a joke|test|testing|ping"
)
_KOREAN = (
    r"안녕(?:하세요|하십니까|히계세요|히가세요)?|ㅎㅇ|하이|헬로|반가워요?|반갑습니다|좋은아침(?:이에요|입니다)?|잘자요?|잘가요?"
    r"|고마워요?|고맙습니다|감사(?:합니다|해요|드립니다)?|땡큐|ㄳ|ㄱㅅ|수고(?:했어요?|하셨(?:어요|습니다)|하세요|많으세요)?|네|넵|넹|응|아니요?|아니오|좋아요?|오케이|ㅇㅋ|ㅋ+|ㅎ+"
    r"|도움말?|도와줘요?|도와주세요|사용법|뭐할수있(?:어요?|니|나요)|무엇을할수있나요|누구(?:야|세요|니)|너는?누구(?:야|니)?|미안(?:해요?|합니다)?|테스트"
)
_CHINESE = (
    r"你好|您好|哈囉|哈嘍|嗨|嘿|早安|早上好|早|午安|晚安|大家好|謝謝(?:你|您|大家)?|谢谢|感謝|感恩|多謝|辛苦了|再見|掰掰|拜拜|好的?|收到|了解|讚|太好了|哈+|抱歉|不好意思|沒事"
    r"|幫助|帮助|幫忙|救命|使用說明|怎麼用|怎麼使用|你(?:是誰|會什麼|能做什麼|會做什麼|可以做什麼)|可以做什麼|可以問什麼|測試"
)
_NO_QUESTION = (
    r"\b(?:ignore|disregard|forget|override|bypass|pretend|jailbreak|prompt|instructions?|passwords?|tokens?|api keys?|secrets?|credentials|salar(?:y|ies)|wages?|phone numbers?"
    r"|email address(?:es)?|home address|personal data|admin(?:istrator)?|root|delete|remove|erase|truncate|drop table|drop database|insert into|update set|select from|grant|sudo"
    r"|system|weather|joke|poem|song|story|translate|lunch|dinner|recipe|python|javascript|customers table|users table|names of (?:all )?(?:our )?customers|everyone in|rename|set my|change my)\b"
    r"|무시하|무시해|잊어|비밀번호|패스워드|암호|토큰|api키|연봉|급여|월급|전화번호|연락처|이메일(?:주소|전부|목록|다)|집주소|개인정보|명단|관리자|권한|삭제|지워|프롬프트|지시|명령|시스템|날씨|농담|점심|저녁|메뉴|번역|노래|파이썬|초기화"
    r"|忽略|無視|忘記|忘掉|密碼|權杖|金鑰|薪水|薪資|電話|信箱|地址|個資|管理員|權限|刪除|刪掉|清空|提示詞|指示|指令|規則|系統|天氣|笑話|午餐|晚餐|翻譯|寫程式|唱歌"
)
_ASKS_ELSE = re.compile(_NO_QUESTION)
_TALK = (_ENGLISH, unicodedata.normalize("NFC", unicodedata.normalize("NFKC", _KOREAN)), _CHINESE)
_LITTLE = r"there|s|that s|is|was|are|really|amazing|helpful|great|best|exactly what i needed|for|this|everyone|all|team|bot|kpi|please|and|you|so|much|a|lot|for|the|your|that|it|very|again|today|,|~|!|요|좀|봇|님|여러분|啊|呀|喔|哦|囉|啦|了|呢|嗎|的|機器人"
_EXAMPLES = ("last_month", "by", "vs")


def is_small_talk(words: Wording) -> bool:
    """Whether a text is such words and little ones between them, and nothing else."""
    talk = [Segment(match.start(), match.end(), (True,)) for pattern in _TALK for match in matches(pattern, words.text)]
    if not talk:
        return False
    little = [Segment(match.start(), match.end(), (False,)) for match in matches(_LITTLE, words.text)]
    little += [Segment(start, end, (False,)) for start, end in fillers(words.text, words.breaks)]
    cut = best_cut(words.text, [*talk, *little])
    return all(segment.meanings for segment in cut) and any(True in segment.meanings for segment in cut)


def is_no_question(text: str) -> bool:
    """Whether a plain text asks for what nobody gets here: orders to the bot, secrets, people's data, a joke."""
    return _ASKS_ELSE.search(text) is not None


def help_with(language: str, answers: Callable[[str], bool]) -> QuestionError:
    """How to ask, with examples in the language of the greeting, as far as this workspace answers them."""
    examples = (say(language, f"help.{topic}", command="").strip() for topic in _EXAMPLES)
    return question_error("help", choices=_quoted, suggestions=[text for text in examples if answers(text)])


def _quoted(language: str) -> str:
    return _listed(say(language, f"help.{topic}", command="").strip() for topic in _EXAMPLES[:2])


def _listed(texts: Iterable[str]) -> str:
    return ", ".join(f"“{text}”" for text in texts)
