"""Files whose header calls their amounts Primary, as Meta Business Suite writes them: the title above says which."""

from __future__ import annotations

import csv
import io
from itertools import islice
from pathlib import Path

_HINT = "sep="
_UNNAMED = "primary"
_ABOVE = 3
"""The hint for a spreadsheet, the title, the header."""


def titled(text: Path, copy: Path) -> Path:
    """The file, or a copy whose header has the title above it for the unnamed amounts; lines stay where they are."""
    with text.open(encoding="utf-8-sig", newline="") as lines:
        first = list(islice(lines, _ABOVE))
        if len(first) < _ABOVE or not first[0].startswith(_HINT):
            return text
        sign = first[0].strip()[len(_HINT) :] or ","
        title, header = (next(csv.reader(io.StringIO(line), delimiter=sign), []) for line in first[1:])
        names = [cell.strip().casefold() for cell in header]
        if len(title) != 1 or not title[0].strip() or names.count(_UNNAMED) != 1:
            return text
        header[names.index(_UNNAMED)] = title[0].strip()
        with copy.open("w", encoding="utf-8", newline="") as target:
            target.writelines(first[:2])
            csv.writer(target, delimiter=sign, lineterminator="\n").writerow(header)
            target.writelines(lines)
    return copy
