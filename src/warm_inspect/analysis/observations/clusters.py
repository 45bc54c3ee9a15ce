"""Clusters of samples that are no separate evidence: those that a task declares, joined where prompts are the same."""

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components


def joined_clusters(clusters: "pd.Series[str]", prompts: "pd.Series[str]") -> "pd.Series[str]":
    """The clusters, with those that share a prompt made one, under the name of the first.

    The same prompt under another id is the same evidence once more. An empty prompt is an unknown one: it joins
    nothing.
    """
    codes, names = pd.factorize(clusters.astype(str))
    asked, _ = pd.factorize(prompts.astype(str).where(lambda text: text != ""))
    known = asked >= 0
    n = len(names)
    # A graph of clusters and prompts, an edge for each sample.
    edges = coo_array(
        (np.ones(known.sum()), (codes[known], n + asked[known])), shape=(n + asked.max(initial=-1) + 1,) * 2
    )
    _, component = connected_components(edges, directed=False)
    first = pd.Series(names).groupby(component[:n]).transform("first").to_numpy()
    return pd.Series(first[codes], index=clusters.index, dtype="str")
