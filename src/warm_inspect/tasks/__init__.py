"""The Inspect tasks: the benchmarks under interpersonal conditions, two controls, and any task of the user `crossed`.

Each has a file of its own, which Inspect can also run by its path and which others import it from; `build` is what the
tasks share.
"""
