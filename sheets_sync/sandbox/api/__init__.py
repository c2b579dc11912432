"""The Sheets, Drive and token calls over HTTP, with their log and their faults."""
