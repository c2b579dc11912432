"""Hanok Goods, the made-up company of the demo: 18 months of all models up to yesterday, with planted facts.

`write.write_demo` writes its files, `workspace.demo_kpi_yaml` its kpi.yaml, `facts.planted_facts` lists what is in it.
"""
