"""`python -m sheets_sync.sandbox --port N`: the local Sheets on its own, until it is stopped."""

from __future__ import annotations

import argparse
import signal
import sys
import threading

from sheets_sync.sandbox.running import start_sheets


def main() -> int:
    """Serves one shared spreadsheet and says where it and the credential file are."""
    parser = argparse.ArgumentParser(
        prog="python -m sheets_sync.sandbox", description="A local Google Sheets, in memory."
    )
    parser.add_argument("--port", type=int, default=0, help="loopback port; 0 takes a free one")
    parser.add_argument("--title", default="KPI", help="title of the spreadsheet that is there from the start")
    arguments = parser.parse_args()
    # A stop from outside leaves the block too, so that the key does not stay on disk.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with start_sheets(arguments.port) as sheets:
        spreadsheet_id = sheets.create(arguments.title)
        lines = [
            f"Local Sheets: {sheets.url}/",
            f"spreadsheet {arguments.title}: {sheets.address(spreadsheet_id)}",
            f"export KPI_SHEETS_API_URL={sheets.url}",
            f"export KPI_DRIVE_API_URL={sheets.drive_url}",
            f"export GOOGLE_APPLICATION_CREDENTIALS={sheets.credentials_file}",
        ]
        sys.stdout.write("\n".join(lines) + "\n")
        sys.stdout.flush()
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
