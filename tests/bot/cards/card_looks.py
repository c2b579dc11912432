"""The reviewed cards as pictures, to be looked at: `KPI_CARD_LOOKS=build/cards pytest tests/bot/cards`, then
`python tests/bot/cards/card_looks.py build/cards`.

Each language is one picture in light, one in dark, one 390 px wide, drawn by the playground's own modules in Chromium.
What sticks out of its card, or is cut, is printed.
"""

from __future__ import annotations

import json
import shutil
import sys
from functools import partial
from pathlib import Path
from typing import Any

STATIC = Path(__file__).parents[3] / "bot" / "sandbox" / "playground" / "static"
ADDRESS = "http://cards.invalid"
TALLEST = 3000
"""Of a picture, so that it can be looked at without a glass."""
LOOKS = {"light": ("light", 1500), "dark": ("dark", 1500), "narrow": ("light", 390)}
KINDS = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
PAGE = """<!doctype html><meta charset=utf-8><html lang="{language}">
<link rel=stylesheet href=/static/frame.css><link rel=stylesheet href=/static/slack/slack.css>
<link rel=stylesheet href=/static/slack/blocks.css>
<style>html,body{{height:auto;overflow:visible}}body{{display:block;padding:8px}}.sheet{{columns:{columns};column-gap:12px}}
.card{{break-inside:avoid;border:1px solid #8886;border-radius:8px;padding:8px;margin:0 0 12px}}
.card>b{{font-size:11px;opacity:.7}}</style><div class=sheet></div>
<script type=module>
import {{ blocks }} from "/static/slack/blocks.js";
const cards = {cards};
for (const [name, card] of Object.entries(cards)) {{
  const place = document.createElement("div"); place.className = "card message"; place.style.display = "block";
  const title = document.createElement("b"); title.textContent = name;
  const body = document.createElement("div"); body.className = "body";
  const act = Object.assign(() => {{}}, {{ values: {{}} }});
  body.append(...blocks(card.blocks, act)); place.append(title, body);
  document.querySelector(".sheet").append(place);
}}
document.body.dataset.ready = "1";
</script>"""
CUT = """() => [...document.querySelectorAll(".card")].flatMap((card) => {
  const edge = card.getBoundingClientRect().right + 1, name = card.querySelector("b").textContent;
  const inside = (each) => each.closest(".table-wrap, .data-table, table, svg") === null;
  return [...card.querySelectorAll(".body *")]
    .filter((each) => inside(each) && (each.getBoundingClientRect().right > edge
      || each.clientWidth && each.scrollWidth > each.clientWidth + 1
      && getComputedStyle(each).overflowX !== "visible"))
    .map((each) => `${name}: ${each.tagName}.${each.className} ${each.textContent.slice(0, 60)}`);
})"""


def main(folder: Path) -> None:
    """Draw every card of the folder beside it."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for language in ("en", "ko", "zh-TW"):
            files = sorted(folder.glob(f"*.{language}.json"))
            cards = {each.name.partition(".")[0]: json.loads(each.read_text("utf-8")) for each in files}
            for name, (theme, width) in LOOKS.items():
                page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=theme)
                page.on("pageerror", lambda error: sys.stdout.write(f"{error}\n"))
                page.route(f"{ADDRESS}/**", _fulfil)
                columns = max(1, width // 500)
                text = PAGE.format(language=language, columns=columns, cards=json.dumps(cards).replace("<", "\\u003c"))
                page.route(f"{ADDRESS}/", partial(_page, text))
                page.goto(f"{ADDRESS}/")
                page.wait_for_selector("body[data-ready]", timeout=120_000)
                height = int(page.evaluate("document.documentElement.scrollHeight"))
                for number, top in enumerate(range(0, height, TALLEST), 1):
                    clip = {"x": 0, "y": top, "width": width, "height": min(TALLEST, height - top)}
                    page.screenshot(path=folder / f"{language}-{name}-{number}.png", full_page=True, clip=clip)
                for line in page.evaluate(CUT):
                    sys.stdout.write(f"{language} {name}: {line}\n")
                page.close()
        browser.close()


def _page(text: str, route: Any) -> None:
    route.fulfill(body=text, content_type="text/html")


def _fulfil(route: Any) -> None:
    path = STATIC / route.request.url.partition("/static/")[2]
    route.fulfill(path=path, content_type=KINDS.get(path.suffix, "text/plain"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
