"""Versions: hosted models of different names that a user compares stand in for one base model that was changed."""

from collections.abc import Mapping

import pandas as pd

from warm_inspect.analysis.observations.roles import Role


def as_versions(samples: pd.DataFrame, arms: Mapping[str, Role | None]) -> pd.DataFrame:
    """The samples in which these arms share one base model, called by the names of all their models.

    The difference of two models that are compared by name is wanted although no training joins them. Adapters keep the
    base they were trained on, and so do arms that were run on several, where it decides which replies are paired. The
    weights of the shared base are then not known. A rerun shows chance only where it is the model of the reference: one
    of another model keeps its base, and is compared with nothing.

    Args:
        samples: samples with their arms.
        arms: the arms that are compared by name, each with its declared role, if it has one.
    """
    reruns, references = ([arm for arm, own in arms.items() if own == role] for role in (Role.RERUN, Role.REFERENCE))
    named = samples["arm"].astype(str).isin(set(arms) - set(reruns))
    bases = samples.loc[named].astype({"arm": str, "base_model": str}).groupby("arm")["base_model"].unique()
    shared = sorted({str(base) for of_arm in bases for base in of_arm})
    repeated = samples.loc[samples["arm"].astype(str).isin(references), "base_model"].astype(str)
    affected = samples["base_model"].astype(str).isin(shared)
    affected &= ~samples["arm"].astype(str).isin(reruns) | samples["base_model"].astype(str).isin(set(repeated))
    adapters = samples.loc[affected, "adapter_sha256"].astype(str) != ""
    if len(shared) < 2 or adapters.any() or any(len(of_arm) > 1 for of_arm in bases):
        return samples
    return samples.assign(
        base_model=samples["base_model"].astype(str).mask(affected, " and ".join(shared)).astype("category"),
        base_sha256=samples["base_sha256"].astype(str).mask(affected, "").astype("category"),
    )
