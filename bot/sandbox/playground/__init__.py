"""The playground: one page on this machine that shows the local Slack and the local Sheet side by side, live."""

from bot.sandbox.playground.page_server import serve_page

__all__ = ["serve_page"]
