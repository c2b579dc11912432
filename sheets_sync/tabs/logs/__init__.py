"""Tabs that grow: a row for each thing that happened, the newest on top."""
