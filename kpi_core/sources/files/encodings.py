"""How the text of a file is stored: declared, marked, or told by the whole of it. Never a guess.

UTF-8 proves itself: text in another encoding is hardly ever valid in it. Of the others each is taken that decodes every
byte, and of these the one whose letters people write (`writings.py`); where two remain, the error asks for `encoding:`.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from pathlib import Path

from kpi_core.errors import DataError
from kpi_core.frozen_dataclass import frozen
from kpi_core.sources.files.writings import WRITINGS, Writing, letters, likelihood

CHUNK = 1 << 20
_SAMPLE = 1 << 21
"""Bytes that are looked at to tell encodings apart; that they decode the rest is tried on all of it."""
_WORDS = 4_000
_CLEARLY = 6.0
"""One in four hundred: how much less likely, as a logarithm, the second best must be."""
_WORD = re.compile(rb"[^\x00-\x3f]+(?=[\x00-\x3f])")
"""Bytes below 0x40 are themselves in all of these encodings, never the second of a letter."""
_PYTHON_NAMES = {"big5": "cp950", "shift_jis": "cp932", "utf-8": "utf-8-sig"}
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_WON = re.compile(r'(?<![^\s,;"|(-])\\(?=\d)')


@frozen
class Bytes:
    """A file as it lies there; people know it as `label`."""

    label: str
    path: Path

    def chunks(self) -> Iterator[bytes]:
        with self.path.open("rb") as opened:
            while chunk := opened.read(CHUNK):
                yield chunk


def in_utf8(stored: Bytes, declared: str | None, copy: Path) -> tuple[Path, str]:
    """The file itself where it is UTF-8 with one kind of line end, else a copy that is; and how it is stored.

    DataError naming the line that is no such text, or the encodings that it could be.
    """
    encoding = _declared_or_marked(stored, declared)
    if encoding in {None, "utf-8", "utf-8-sig"}:
        decoder = _decoder(encoding or "utf-8")
        failure = _failure(stored, decoder)
        if failure is None and not isinstance(decoder.newlines, tuple):
            return stored.path, encoding or "utf-8"
        if failure is not None and encoding:
            raise _wrong(stored.label, encoding, failure)
        encoding = encoding or ("utf-8" if failure is None else _other(stored, failure))
    _write(stored, encoding, copy)
    return copy, encoding


def _declared_or_marked(stored: Bytes, declared: str | None) -> str | None:
    """What kpi.yaml or the file's first bytes say, as Python calls it; None where neither does."""
    with stored.path.open("rb") as opened:
        begins = opened.read(_SAMPLE)
    marked = next((encoding for mark, encoding in _MARKS if begins.startswith(mark)), None)
    if declared == "utf-16" or (not declared and not marked and b"\0" in begins):
        return marked or _end_first(begins)
    return _PYTHON_NAMES.get(declared, declared) if declared else marked


def _end_first(begins: bytes) -> str:
    """UTF-16 without a mark: which half of a letter comes first. Separators and digits have zeros in the high one."""
    even, odd = begins[::2].count(0), begins[1::2].count(0)
    return "utf-16-be" if even > odd else "utf-16-le"


def _write(stored: Bytes, encoding: str, copy: Path) -> None:
    line = 1
    try:
        with copy.open("w", encoding="utf-8", newline="") as target:
            for text in _decoded(stored, _decoder(encoding)):
                # In Korean text the sign of the won is stored as a backslash.
                target.write(_WON.sub("₩", text) if encoding == "cp949" and "\\" in text else text)
                line += text.count("\n")
    except UnicodeDecodeError as error:
        raise _wrong(stored.label, encoding, line + error.object.count(b"\n", 0, error.start)) from None


def _decoder(encoding: str) -> io.IncrementalNewlineDecoder:
    return io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(encoding)(), translate=True)


def _decoded(stored: Bytes, decoder: io.IncrementalNewlineDecoder) -> Iterator[str]:
    """The text of a file, some at a time, every line ending in a single sign."""
    for chunk in stored.chunks():
        yield decoder.decode(chunk)
    yield decoder.decode(b"", final=True)


def _failure(stored: Bytes, decoder: io.IncrementalNewlineDecoder) -> int | None:
    """The line on which the file is no text of this encoding; None where all of it is."""
    line = 1
    try:
        for text in _decoded(stored, decoder):
            line += text.count("\n")
    except UnicodeDecodeError as error:
        return line + error.object.count(b"\n", 0, error.start)
    return None


def _other(stored: Bytes, line: int) -> str:
    """The encoding of a file that is not UTF-8 from a line on."""
    words = _words(stored)
    if 2 * sum(_decodes(word, "utf-8") for word in words) >= len(words):
        raise _wrong(stored.label, "utf-8", line)
    ranked = _ranked(words)
    while ranked:
        best, value = ranked[0]
        rivals = [
            writing for writing, other in ranked[1:]
            if value - other < _CLEARLY and _differs(words, best, writing)
            and _failure(stored, _decoder(writing.encoding)) is None
        ]  # fmt: skip
        if _failure(stored, _decoder(best.encoding)) is not None:
            del ranked[0]
        elif rivals:
            raise _open(stored.label, [best, *rivals], line)
        elif not _is_plausible(words, best):
            raise _wrong(stored.label, "utf-8", line)
        else:
            return best.encoding
    raise _wrong(stored.label, "utf-8", line)


def _words(stored: Bytes) -> list[bytes]:
    """Different words with letters outside ASCII, from all over the file."""
    size = stored.path.stat().st_size
    words: dict[bytes, None] = {}
    with stored.path.open("rb") as opened:
        parts = max(1, min(16, size // _SAMPLE))
        for part in range(parts):
            opened.seek(size * part // parts)
            sample = opened.read(_SAMPLE // parts)
            # What a part begins or ends within is no word.
            if part:
                sample = sample.partition(b"\n")[2]
            if opened.tell() == size:
                sample += b"\n"
            words.update(dict.fromkeys(word for word in _WORD.findall(sample) if max(word) > 0x7F))
            if len(words) > _WORDS:
                break
    return list(words)


def _ranked(words: list[bytes]) -> list[tuple[Writing, float]]:
    """The encodings that decode all words, the most likely first, each with how likely it is."""
    fitting = []
    for writing in WRITINGS:
        try:
            texts = [word.decode(writing.encoding) for word in words]
        except UnicodeDecodeError:
            continue
        fitting.append((writing, sum(likelihood(text, writing) for text in texts)))
    return sorted(fitting, key=lambda pair: -pair[1])


def _is_plausible(words: list[bytes], writing: Writing) -> bool:
    """Whether the letters are ones that people write: those of an encoding that none of these is, are not."""
    texts = [word.decode(writing.encoding) for word in words]
    count = sum(map(letters, texts))
    # One wide letter may be anything.
    if writing.wide and count < 2:
        return False
    ascii_alone = sum(likelihood(re.sub(r"[^\x00-\x7f]", "", text), writing) for text in texts)
    return (sum(likelihood(text, writing) for text in texts) - ascii_alone) / count >= writing.worst


def _differs(words: list[bytes], one: Writing, other: Writing) -> bool:
    """Whether two encodings make different texts of the words."""
    return any(word.decode(one.encoding) != word.decode(other.encoding) for word in words)


def _decodes(word: bytes, encoding: str) -> bool:
    try:
        word.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _wrong(label: str, encoding: str, line: int) -> DataError:
    name = encoding.removesuffix("-sig").upper()
    message = f"{label}, line {line}: this is not {name} text."
    hint = "Add encoding: cp949 (Korean) or encoding: big5 (Traditional Chinese) to the source, or save it as UTF-8."
    params = {"file": label, "line": str(line), "encoding": name}
    return DataError(message, code="source_encoding", hint=hint, params=params)


def _open(label: str, could_be: list[Writing], line: int) -> DataError:
    names = " or ".join(writing.name for writing in could_be)
    message = f"{label}, line {line}: this may be {names} text."
    hint = f"Add encoding: {could_be[0].name}, or the other, to the source, or save the file as UTF-8."
    params = {"file": label, "line": str(line), "encodings": ", ".join(writing.name for writing in could_be)}
    params["encoding"] = could_be[0].name
    return DataError(message, code="source_encoding_open", hint=hint, params=params)
