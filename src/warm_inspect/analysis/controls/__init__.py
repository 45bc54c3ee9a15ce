"""The control benchmarks: what each arm keeps, with equivalence margins."""
