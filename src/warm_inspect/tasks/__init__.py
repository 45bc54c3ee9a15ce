"""The Inspect tasks: four benchmarks under interpersonal conditions, and two controls.

Each has a file of its own, which Inspect can also run by its path and which others import it from; `build` is what the
tasks share.
"""
