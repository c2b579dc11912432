"""Definitions held against numbers."""
