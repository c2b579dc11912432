"""What is wrong with a file, a setting or a service is said in the reader's language, whatever it is."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from shipped import calls, place, shipped_files, tree_of

from kpi_core import errors
from kpi_core.errors import DataError, Problem, SettingsError
from kpi_core.locale.problem_words import in_words_of, sentences_of_problems
from kpi_core.metrics import LANGUAGES
from kpi_core.phrases import knows
from kpi_core.questions.errors import error_words

OTHERS = [language for language in LANGUAGES if language != "en"]
KINDS = {
    name
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.KpiBotError) and kind is not errors.SettingsError
}
OF_FINDINGS = [
    "kpi_core/documents", "kpi_core/settings/address_rules.py", "kpi_core/settings/addresses.py",
    "kpi_core/settings/file.py", "kpi_core/settings/off_limits.py", "kpi_core/settings/rules.py",
    "kpi_core/catalog/rules.py", "kpi_core/catalog/filter_rules.py", "kpi_core/review/limit_notes.py",
    "bot/slack/manifest.py",
]  # fmt: skip
"""Where every text is one of a problem, but for what describes a key to an editor."""
NOT_SAID = re.compile(
    r"^\W*(\{\d\}\W*)+$|^%|^kpi |pip install|^(A goal|The KPI|Days of the KPI|Data is late)|"
    r"^(did not find expected (key|':')|mapping values|could not find|expected |found |undefined|cannot start)"
)
"""Names beside each other, commands, descriptions, and words of the YAML parser that are looked for."""


def texts_of(tree: ast.AST, *, all_of_it: bool) -> Iterator[tuple[int, str]]:
    """The texts of a tree with a blank in them: what is filled in is n1, n2."""
    inner = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)
             if part is not node and isinstance(part, ast.Constant)}  # fmt: skip
    inner |= {id(part) for node in ast.walk(tree) for part in _unsaid(node)} if all_of_it else set()
    for node in ast.walk(tree):
        if id(node) in inner:
            continue
        if isinstance(node, ast.JoinedStr):
            text = _numbered(node)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        else:
            continue
        if " " in text.strip() and len(text) > 6 and not NOT_SAID.search(re.sub(r"\bn\d\b", "{1}", text)):
            yield getattr(node, "lineno", 0), text


def _unsaid(node: ast.AST) -> Iterator[ast.AST]:
    """What is no sentence: docstrings, descriptions, regular expressions, lines of YAML."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        yield node.value
    if isinstance(node, ast.keyword) and node.arg == "description":
        yield from ast.walk(node.value)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in {"compile", "sub"}:
        yield from ast.walk(node)


def _numbered(node: ast.JoinedStr) -> str:
    parts, number = [], 0
    for part in node.values:
        number += not isinstance(part, ast.Constant)
        parts.append(str(part.value) if isinstance(part, ast.Constant) else f"n{number}")
    return "".join(parts)


def _of_findings() -> Iterator[tuple[str, str]]:
    for path in shipped_files():
        if any(part in path.as_posix() for part in OF_FINDINGS) and path.name != "amendments.py":
            yield from ((f"{path.name}:{line}", text) for line, text in texts_of(tree_of(path), all_of_it=True))


def _of_errors() -> Iterator[tuple[str, str]]:
    """Message and hint of each error whose code has no sentence of its own."""
    for path in shipped_files():
        if "sandbox" in path.parts:
            continue
        for name, call in calls(path):
            given = {keyword.arg: keyword.value for keyword in call.keywords}
            code = given.get("code")
            if name not in KINDS or (isinstance(code, ast.Constant) and knows(f"error.{code.value}")):
                continue
            for part in (*call.args[:1], given.get("hint")):
                for words in _meant(part, path, call):
                    yield from ((place(path, call), text) for _line, text in texts_of(words, all_of_it=False))


def _meant(part: ast.AST | None, path: Path, call: ast.Call) -> Iterator[ast.AST]:
    """The expression itself, or what its name was set to in the function around the call; none that is worked out."""
    if isinstance(part, ast.Name):
        around = [node for node in ast.walk(tree_of(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
                  and node.lineno <= call.lineno <= (node.end_lineno or 0)]  # fmt: skip
        for node in (inner for function in around for inner in ast.walk(function)):
            if isinstance(node, ast.Assign):
                yield from (value for target in node.targets for value in _set(target, node.value, part.id))
    elif part is not None:
        yield part


def _set(target: ast.AST, value: ast.AST, name: str) -> Iterator[ast.AST]:
    if isinstance(target, ast.Name) and target.id == name:
        yield value
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for each, its in zip(target.elts, value.elts, strict=True):
            yield from _set(each, its, name)


def test_every_problem_is_said_in_every_language() -> None:
    """A message or a hint that the code writes in English has its words in the others; what varies stays in it.

    One in fifty may be so new that it has none yet.
    """
    sentences = {english: where for where, english in (*_of_findings(), *_of_errors())}
    silent = [f"{where}: {english}" for english, where in sentences.items() if not _is_said(english)]
    assert len(silent) <= len(sentences) // 50, silent


def _is_said(english: str) -> bool:
    told = [in_words_of(language, english) for language in OTHERS]
    varies = set(re.findall(r"n\d", english))
    return all(words != english and set(re.findall(r"n\d", words)) <= varies for words in told)


LATIN = re.compile(r"(?:(?<![\w$:./`'{<-])[a-z]{2,}(?![\w:./`'}>=-])[ ,;]+){2,}[a-z]{2,}")
COMMANDS = re.compile(
    r"`[^`]*`|kpi [a-z]+( [a-z]+)*|https?://\S+|(GRANT|SELECT|pip) .*?(?=[은는이가을를로의 ]|$)|end, entity|cast\(.*?\)"
)


@pytest.mark.parametrize("language", OTHERS)
def test_no_english_is_left_in_a_problem(language: str) -> None:
    """Names, keys and commands stay as they are typed; three words of English beside each other are none of them."""
    left = [
        words for each in sentences_of_problems().values()
        if LATIN.search(COMMANDS.sub("·", words := each[language]))
    ]  # fmt: skip
    assert left == []


def test_every_problem_has_all_languages() -> None:
    """Each sentence stands in all of them and names nothing that the English does not."""
    for english, others in sentences_of_problems().items():
        places = set(re.findall(r"\{\d\}", english))
        assert set(others) == set(OTHERS), english
        assert all(set(re.findall(r"\{\d\}", words)) <= places for words in others.values()), english


@pytest.mark.parametrize(
    ("english", "korean"),
    [
        (
            "sources, item 1, must be a mapping, not a text",
            "sources의 1번째 항목: 이름: 값 형식이어야 합니다. 지금은 글자",
        ),
        ("name is missing in sources, item 2", "sources의 2번째 항목에 name이(가) 없습니다"),
        ("warehouse: the environment variable PG is not set", "warehouse: 환경 변수 PG가 설정되지 않았습니다"),
        ("unknown key empty", "empty: 없는 이름입니다"),
        ("a sentence of nobody's", "a sentence of nobody's"),
    ],
)
def test_a_problem_is_said_with_its_names(english: str, korean: str) -> None:
    """What fills a sentence is said in the language, too, but a name stays one."""
    assert in_words_of("ko", english) == korean


def test_errors_without_a_sentence_and_lists_of_problems() -> None:
    """The terminal, Slack and the page all take an error's words from one place."""
    error = DataError("There is no source shop.", code="load_unknown_source", hint="There are ads.")
    assert error_words(error, "zh-TW") == ("沒有來源 shop。", "有：ads。")
    wrong = SettingsError([Problem("kpi.yaml", 3, 1, "unknown key sorces", "Did you mean sources?")])
    message, hint = error_words(wrong, "ko")
    assert message == "문제 1개가 있습니다.\nkpi.yaml:3:1: sorces: 없는 이름입니다\n    혹시 sources?"
    assert hint == "이 줄을 고치고 다시 해 보세요."
