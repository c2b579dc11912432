"""Who may see which KPI. Every face asks the door of this room; `docs/decisions/access.md` says what a limit closes."""
