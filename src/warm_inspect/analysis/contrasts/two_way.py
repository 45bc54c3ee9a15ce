"""Errors clustered by question and by statement: what holds for other statements of the same kind, too.

The variance is that over questions plus that over statements minus that over their pairs. Replies without a statement
add to the first alone. Few statements voice a context, so the test is against t with (statements of the context that
has fewest) - 1 degrees of freedom, and the mean of each context's statements costs a factor S / (S - 1).

Source: Cameron, Gelbach and Miller 2011, Robust inference with multiway clustering.
"""

from dataclasses import replace

import numpy as np

from warm_inspect.analysis.contrasts.condition_means import CellTable, Codes, Contrast, Floats, Parts, named, parts
from warm_inspect.analysis.estimates import Estimate, wald
from warm_inspect.analysis.notes import Code, Note, not_estimable

TWO_WAY = "two_way"
"""The term of these estimates: same contrast, other error."""
_ENOUGH = 2


def two_way(table: CellTable, contrast: Contrast) -> list[Estimate]:
    """The contrast with errors clustered both ways, for each outcome; none when no statement enters.

    `n_clusters` counts the statements.
    """
    found = parts(table, contrast)
    if found is None:
        return []
    by_statement, contexts = _influence(table, found)
    statements = [len(codes) for codes in contexts]
    if not statements:
        return []
    clusters: Codes = np.unique(found.cluster[found.entering], return_inverse=True)[1].astype(np.intp)
    groups = int(clusters.max()) + 1
    rows = []
    for i, point in enumerate(found.points):
        row = named(table.outcomes[i], contrast, float(point), int(found.complete.sum()), sum(statements))
        row = replace(row, term=TWO_WAY, family="", notes=(Note(Code.OTHER_STATEMENTS),))
        if min(statements) < _ENOUGH or groups < _ENOUGH:
            rows.append(replace(row, notes=(not_estimable(Code.SINGLE_STATEMENT),)))
            continue
        variance = _variance(found.influence[i, found.entering], by_statement[i, found.entering], clusters, contexts)
        std_error = 100 * float(np.sqrt(variance))
        if std_error > 1e-10:
            rows.append(wald(row, std_error, min(statements) - 1))
        else:
            rows.append(replace(row, notes=(not_estimable(Code.ALL_AGREE, unit=contrast.clusters),)))
    return rows


def _influence(table: CellTable, found: Parts) -> tuple[Floats, list[list[int]]]:
    """The influence of each unit through each statement, and the statements of each context.

    Shape of the first: (outcome, unit, statement).
    """
    values, codes = table.values[:, found.units], table.statement[found.units]
    member = (np.arange(len(table.names))[:, None] == found.stratum).astype(float)
    influence = np.zeros((len(table.outcomes), values.shape[1], int(codes.max()) + 1))
    contexts: dict[str, set[int]] = {}
    for b, block in enumerate(found.blocks):
        complete = found.complete[:, b]
        count = np.maximum(member @ complete, 1)
        for cell, coefficient in block.items():
            column = table.columns[cell]
            spoken = complete & (codes[:, column] >= 0)
            if not spoken.any():
                continue
            filled = np.where(complete, values[:, :, column], 0.0)
            means = filled @ member.T / count
            own = coefficient * (filled - means[:, found.stratum]) * found.share[:, b]
            rows = np.flatnonzero(spoken)
            influence[:, rows, codes[rows, column]] += own[:, rows]
            contexts.setdefault(cell.context, set()).update(codes[rows, column].tolist())
    return influence, [sorted(found) for found in contexts.values()]


def _variance(influence: Floats, by_statement: Floats, clusters: Codes, contexts: list[list[int]]) -> float:
    """The two-way variance of one outcome, never below the one over questions alone.

    Args:
        influence: shape (unit,).
        by_statement: shape (unit, statement).
        clusters: the code of each unit's question; shape (unit,).
        contexts: the statements of each context.
    """
    groups = int(clusters.max()) + 1
    factor = groups / (groups - 1)
    over_questions = factor * float((np.bincount(clusters, influence) ** 2).sum())
    over_statements, over_pairs = 0.0, 0.0
    for codes in contexts:
        own = by_statement[:, codes]
        over_statements += len(codes) / (len(codes) - 1) * float((own.sum(axis=0) ** 2).sum())
        over_pairs += factor * sum(float((np.bincount(clusters, column) ** 2).sum()) for column in own.T)
    return max(over_questions, over_questions + over_statements - over_pairs)
