"""Hanok Goods, the made-up company of the demo: 18 months of all models up to yesterday, with planted facts."""

from kpi_core.demo.facts import Fact, planted_facts
from kpi_core.demo.generate import TABLES, generate
from kpi_core.demo.workspace import demo_kpi_yaml
from kpi_core.demo.write import DemoCompany, write_demo

__all__ = ["TABLES", "DemoCompany", "Fact", "demo_kpi_yaml", "generate", "planted_facts", "write_demo"]
