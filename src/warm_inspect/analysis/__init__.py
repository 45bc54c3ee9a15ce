"""The statistics: logs in, estimates out. It knows the contract of `core` and nothing of what made the logs.

From below: `logs` reads what the files hold and `observations` makes the checked frame of replies from it; every number
made of that frame is an `estimates` row. `contrasts` compares condition means, `regressions` fits models, `compare`
pairs two logs of any task, `controls` the control benchmarks, `published` repeats the published analysis. On these
stand what commands ask for: `study` (`analyze` and `export`), `gate` and `power`.
"""
