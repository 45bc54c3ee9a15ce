"""`labels`: what readers said of replies, as a score beside the grading's."""

from inspect_ai.scorer import Scorer, mean, precomputed_scores, scorer, stderr


@scorer(metrics={"*": [mean(), stderr(cluster="cluster_id")]})
def labels(scores: str) -> Scorer:
    """Inspect's `precomputed_scores` over a file of `warm-inspect label import --scores`.

    Samples without a label are unscored. The metrics are those of the labelled samples only.

    Args:
        scores: the file of the log.
    """
    return precomputed_scores(scores)
