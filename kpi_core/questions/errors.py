"""What is wrong with a question, with words for people and whole questions that would be answered.

`params` fills `error.<code>` and its hint; what differs by language (`choices`, `dimension`) is there for each
language as `<name>.<language>`, and `error_words` puts it together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from kpi_core.errors import KpiBotError, QuestionError, SettingsError
from kpi_core.locale.problem_words import in_words_of, problem_in
from kpi_core.metrics import LANGUAGES
from kpi_core.phrases import knows, say

InLanguage = Callable[[str], str]
"""A text for each language."""


def question_error(
    code: str,
    *,
    suggestions: Sequence[str] = (),
    hint: str = "",
    choices: InLanguage | str = "",
    dimension: InLanguage | str = "",
    **params: str,
) -> QuestionError:
    """`hint` names the sentence `error.<hint>` where it is not the code's own."""
    key = f"error.{hint or code + '_hint'}"
    filled = dict(params)
    for name, words in (("choices", choices), ("dimension", dimension)):
        in_language = words if callable(words) else (lambda _language, words=words: words)
        filled |= {f"{name}.{language}": in_language(language) for language in LANGUAGES}
        filled[name] = in_language("en")
    filled["hint"] = key
    return QuestionError(
        say("en", f"error.{code}", **filled),
        code=code,
        hint=say("en", key, **filled),
        suggestions=suggestions,
        params={name: value for name, value in filled.items() if value},
    )


_OR = {"en": " or ", "ko": " 또는 ", "zh-TW": " 或 "}


def either(choices: Sequence[str]) -> InLanguage:
    """The choices as a language lists alternatives: "A, B or C"."""

    def listed(language: str) -> str:
        *most, last = choices or ("",)
        return ", ".join(most) + _OR.get(language, _OR["en"]) + last if most else last

    return listed


def error_words(error: KpiBotError, language: str) -> tuple[str, str]:
    """Message and hint of an error in a language: the sentence of its code, else its own English in other words."""
    key = f"error.{error.code}"
    if isinstance(error, SettingsError) and not knows(key):
        return _of_problems(error, language)
    if not knows(key):
        return in_words_of(language, error.message), in_words_of(language, error.hint)
    params = _in_language(error.params, language)
    hint_key = params.pop("hint", f"{key}_hint")
    try:
        message = say(language, key, **params)
        return message, say(language, hint_key, **params) if knows(hint_key) else in_words_of(language, error.hint)
    except KeyError:
        return in_words_of(language, error.message), in_words_of(language, error.hint)


def _of_problems(error: SettingsError, language: str) -> tuple[str, str]:
    """How many there are, and each with its place; one that stands alone in no line needs no count."""
    if language == "en":
        return error.message, error.hint
    lines = [str(problem_in(language, problem)) for problem in error.problems]
    counted = say(language, "check.problems", count=len(lines))
    return "\n".join([counted, *lines]), in_words_of(language, error.hint)


def _in_language(params: Mapping[str, str], language: str) -> dict[str, str]:
    own = {name.removesuffix(f".{language}"): value for name, value in params.items() if name.endswith(f".{language}")}
    plain = {name: value for name, value in params.items() if "." not in name}
    # Why a service or a disk failed is told where it fails, in English.
    reasons = {name: in_words_of(language, plain[name]) for name in ("reason", "kind") if name in plain}
    return plain | reasons | own
