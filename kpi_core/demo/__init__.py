"""Hanok Goods, the made-up company of the demo: every model from May 2025 up to yesterday, with planted facts.

`write.write_demo` writes its files, `kpi_yaml.demo_kpi_yaml` its kpi.yaml, `planted_facts` what there is to find.
"""
