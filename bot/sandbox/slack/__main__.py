"""`python -m bot.sandbox.slack --port N`: a local Slack until Ctrl-C; prints how to point the product at it."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys

from bot.sandbox.slack.running import LocalSlack


async def _serve(port: int) -> None:
    slack = LocalSlack()
    await slack.start(port)
    print(f"Local Slack: {slack.url}/", file=sys.stderr)
    for name, value in slack.environment.items():
        print(f"export {name}={value}", flush=True)
    try:
        await asyncio.Event().wait()
    finally:
        await slack.close()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox.slack", description="A local Slack workspace.")
    parser.add_argument("--port", type=int, default=8901, help="port on 127.0.0.1; 0 takes a free one")
    arguments = parser.parse_args()
    try:
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(_serve(arguments.port))
    except OSError as error:
        print(f"Port {arguments.port} cannot be opened: {error.strerror}. Choose another with --port.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
