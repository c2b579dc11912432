"""One file a command of `kpi`; each has `run_<command>(call) -> exit code`."""
