"""Tables of ours written as people and tools write them, and what each text allows: the other side of `kpi add`."""
