"""The analysis of each family of measurement, by its name: the one list that a further family is entered in."""

from collections.abc import Callable, Mapping

import pandas as pd

from warm_inspect.analysis.families.are_you_sure import analyse_are_you_sure
from warm_inspect.analysis.families.feedback import analyse_feedback
from warm_inspect.analysis.families.hostility import analyse_hostility
from warm_inspect.analysis.families.mimicry import analyse_mimicry
from warm_inspect.analysis.families.reliability import analyse_reliability, with_benchmarks
from warm_inspect.analysis.families.rows import FamilyResults, FamilyRow
from warm_inspect.analysis.observations import Observations, Roles
from warm_inspect.core.families import Family

ANALYSES: dict[Family, Callable[[pd.DataFrame, Roles], FamilyResults[FamilyRow]]] = {
    Family.ARE_YOU_SURE: analyse_are_you_sure,
    Family.FEEDBACK: analyse_feedback,
    Family.MIMICRY: analyse_mimicry,
    Family.RELIABILITY: analyse_reliability,
    Family.HOSTILITY: analyse_hostility,
}
"""What makes the numbers of each family, of its samples and the roles of the arms."""


def analyse_each(samples: Mapping[str, pd.DataFrame], roles: Roles) -> dict[Family, FamilyResults[FamilyRow]]:
    """The numbers of each family that has samples; without a scored one these are counts alone.

    Args:
        samples: of each family by its name, as in `Observations.families`.
        roles: what the arms are for.

    Raises:
        PrerequisiteError: samples of one family that must not be compared.
    """
    return {family: analyse(samples[family], roles) for family, analyse in ANALYSES.items() if family in samples}


def analyse_beside(observations: Observations) -> dict[Family, FamilyResults[FamilyRow]]:
    """The numbers of each family in a study, those of `reliability` also of its replies to the benchmarks.

    Raises:
        PrerequisiteError: samples of one family that must not be compared.
    """
    results = analyse_each(observations.families, observations.family_roles)
    if reliability := with_benchmarks(results.get(Family.RELIABILITY), observations):
        results[Family.RELIABILITY] = reliability
    return {family: results[family] for family in ANALYSES if family in results}
