"""Kappa, AC1 and rates of `analysis.grader_error.agreement` beside those of irrCAC and scikit-learn, on drawn labels.

    pip install irrCAC scikit-learn
    python -m bench.grading.agreement_oracle

Prints the largest difference in 50 draws. Each label is of a question of its own, as the oracles know no clusters.
"""

import numpy as np
import pandas as pd
from irrCAC.raw import CAC
from scipy import stats
from sklearn.metrics import cohen_kappa_score, precision_score, recall_score
from statsmodels.stats.proportion import proportion_confint

from warm_inspect.analysis.grader_error import Coefficient, chance_corrected, share
from warm_inspect.core.vocabulary import Grade

DRAWS = 50
CLASSES = [grade.value for grade in Grade]


def main() -> None:
    rng = np.random.default_rng(0)
    worst: dict[str, float] = {}
    for _ in range(DRAWS):
        n = int(rng.integers(40, 400))
        labels = rng.choice(CLASSES, n, p=rng.dirichlet(np.ones(4)))
        given = np.where(rng.random(n) < rng.uniform(0.3, 0.95), labels, rng.choice(CLASSES, n))
        if len(set(labels)) < len(CLASSES):
            continue
        clusters = [str(i) for i in range(n)]
        kappa, ac1 = chance_corrected(list(labels), list(given), CLASSES, clusters)
        oracle = CAC(pd.DataFrame({"label": labels, "given": given}), categories=CLASSES, digits=12)
        gwet = oracle.gwet()["est"]
        conger = oracle.conger()["est"]
        endorsed, said = labels == CLASSES[0], given == CLASSES[0]
        hits = said[endorsed]
        interval = share(list(hits), clusters[: len(hits)], least=1)
        differences = {
            "kappa, scikit-learn": kappa.value - cohen_kappa_score(labels, given),
            "kappa, irrCAC": kappa.value - conger["coefficient_value"],
            "AC1, irrCAC": ac1.value - gwet["coefficient_value"],
            "error of kappa, irrCAC": error(kappa, n) - conger["se"],
            "error of AC1, irrCAC": error(ac1, n) - gwet["se"],
            "sensitivity, scikit-learn": interval.rate - recall_score(endorsed, said),
            "precision, scikit-learn": share(list(endorsed[said]), clusters[: int(said.sum())], least=1).rate
            - precision_score(endorsed, said),
            "Wilson's interval, statsmodels": interval.low
            - proportion_confint(int(hits.sum()), len(hits), method="wilson")[0],
        }
        for name, difference in differences.items():
            worst[name] = max(worst.get(name, 0.0), abs(difference))
    for name, difference in worst.items():
        print(f"{name:32} {difference:.1e}")


def error(coefficient: Coefficient, n: int) -> float:
    """The standard error behind an interval that does not reach the end of the scale."""
    return (coefficient.value - coefficient.low) / float(stats.t.ppf(0.975, n - 1))


if __name__ == "__main__":
    main()
