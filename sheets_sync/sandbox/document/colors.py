"""Colours are said twice in the API, as `…Color` and as `…ColorStyle`: writing one sets the other, readers see both."""

from __future__ import annotations

from sheets_sync.sandbox.document.spreadsheet import Json

PAIRS = (("backgroundColor", "backgroundColorStyle"), ("foregroundColor", "foregroundColorStyle"))


def paired(old: Json, new: Json) -> Json:
    """The CellFormat `new`, which has replaced `old`, with both words of each colour; the style wins when both came."""
    both = _paired(old, new)
    if "textFormat" in both:
        both["textFormat"] = _paired(old.get("textFormat", {}), both["textFormat"])
    return both


def _paired(old: Json, new: Json) -> Json:
    both = dict(new)
    for color, style in PAIRS:
        style_changed = new.get(style) != old.get(style)
        if style_changed and "rgbColor" in new.get(style, {}):
            both[color] = new[style]["rgbColor"]
        elif new.get(color) != old.get(color) and color in new:
            both[style] = {"rgbColor": new[color]}
        elif (style_changed and style not in new) or (color in old and color not in new):
            both.pop(color, None)
            both.pop(style, None)
    return both
