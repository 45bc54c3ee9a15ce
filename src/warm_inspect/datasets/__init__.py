"""Benchmark items and the samples made of them."""
