"""Problems of known difficulty, made by rule from a seed: additions, anagrams, and texts to be transformed."""

from warm_inspect.datasets.problems.samples import make_problems, reliability_dataset

__all__ = ["make_problems", "reliability_dataset"]
