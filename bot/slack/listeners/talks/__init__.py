"""Talks that go on: what was asked before in a thread, and where a thread begins."""
