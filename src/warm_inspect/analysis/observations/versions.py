"""Versions: hosted models of different names that a user compares stand in for one base model that was changed."""

from collections.abc import Collection

import pandas as pd

from warm_inspect.analysis.observations.roles import Roles


def as_versions(samples: pd.DataFrame, named: Collection[str], roles: Roles) -> pd.DataFrame:
    """The samples in which the arms that a user compares share one base model, called by the names of all their models.

    The difference of two models that are compared by name is wanted although no training joins them. Adapters keep the
    base they were trained on, and so do arms that were run on several, where it decides which replies are paired. The
    weights of the shared base are then not known. A rerun shows chance only where it is the model of the reference: one
    of another model keeps its base, and is compared with nothing.

    Args:
        samples: samples with their arms.
        named: the arms that the user compares by name or gives a role.
        roles: the role of every arm, declared or not: of the treated arm and its reference the user may name one.
    """
    arms, on_trial = set(named), {roles.treated, roles.reference}
    arms |= on_trial if on_trial & arms else set()
    of_arm, base = samples["arm"].astype(str), samples["base_model"].astype(str)
    bases = base[of_arm.isin(arms - {roles.rerun})].groupby(of_arm).unique()
    shared = sorted({str(name) for names in bases for name in names})
    affected = base.isin(shared) & ((of_arm != roles.rerun) | base.isin(set(base[of_arm == roles.rerun_of])))
    adapters = samples.loc[affected, "adapter_sha256"].astype(str) != ""
    if len(shared) < 2 or adapters.any() or any(len(names) > 1 for names in bases):
        return samples
    return samples.assign(
        base_model=base.mask(affected, " and ".join(shared)).astype("category"),
        base_sha256=samples["base_sha256"].astype(str).mask(affected, "").astype("category"),
    )
