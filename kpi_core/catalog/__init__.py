"""The definitions of KPIs and models: built-in YAML files, and a team's own beside or over them."""

from kpi_core.catalog.loader import load_catalog

__all__ = ["load_catalog"]
