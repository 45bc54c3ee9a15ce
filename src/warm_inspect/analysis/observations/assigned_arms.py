"""Which arm the samples of a model are of: as its logs say, or as the user assigns it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from warm_inspect.core.arm_names import require_adapter_arm, require_arm_name, with_persona
from warm_inspect.core.errors import PrerequisiteError, unknown_value
from warm_inspect.core.roles import Role
from warm_inspect.core.vocabulary import ORIGINAL
from warm_inspect.core.yaml_text import read_yaml

_FIELDS = ("arm", "base_model", "training_seed", "role")
"""What an arms file may say of a model."""


@dataclass(frozen=True)
class AssignedArm:
    """What the samples of one model count as."""

    arm: str
    base_model: str = ""
    """Empty: the models without one share the base model of the original among them."""
    training_seed: int | None = None
    """None: as the log says."""
    role: Role | None = None
    """What the arm is for; None: not declared here."""


def read_arms(path: Path) -> dict[str, AssignedArm]:
    """The arms that a YAML file gives to Inspect's model names.

    Each value is an arm, or a mapping with `arm` and, where it is known, `base_model`, `training_seed` and `role`.

    Raises:
        PrerequisiteError: the file cannot be read, or says something else.
    """
    content = read_yaml(path, "Write for each model a line such as: openai/gpt-4o: original")
    if not isinstance(content, Mapping) or not content:
        raise PrerequisiteError(f"{path.name} does not map models to arms, for example: openai/gpt-4o: original")
    return {str(model): _assigned(path.name, str(model), value) for model, value in content.items()}


def _assigned(name: str, model: str, value: Any) -> AssignedArm:  # noqa: ANN401 - anything YAML can hold
    facts = {"arm": value} if isinstance(value, str) else value
    if not isinstance(facts, Mapping) or not isinstance(facts.get("arm"), str) or not facts["arm"]:
        raise PrerequisiteError(f"{name}: {model} has no arm. Write for example: {model}: warm")
    for key in facts:
        if key not in _FIELDS:
            raise unknown_value(f"key of {model} in {name}", key, _FIELDS)
    base, seed = facts.get("base_model", ""), facts.get("training_seed")
    if not isinstance(base, str) or not (seed is None or type(seed) is int):
        raise PrerequisiteError(f"{name}: base_model of {model} must be a name, and training_seed a whole number.")
    role = facts.get("role")
    if role is not None and role not in list(Role):
        raise unknown_value(f"role of {model} in {name}", role, Role)
    return AssignedArm(require_arm_name(facts["arm"], f"{name}, {model}"), base, seed, Role(role) if role else None)


def require_models(arms: Collection[str], samples: Iterable[pd.DataFrame]) -> None:
    """Refuse to give an arm to a model that none of the samples is of.

    Raises:
        PrerequisiteError: there is such a model.
    """
    models = sorted({str(model) for frame in samples for model in set(frame["model"])})
    for name in arms:
        if name not in models:
            raise unknown_value("model that is given an arm", name, models)


def with_arms(samples: pd.DataFrame, arms: Mapping[str, AssignedArm]) -> pd.DataFrame:
    """The samples with the assigned arms, and with the persona in the arm's name.

    Raises:
        PrerequisiteError: a model without an arm, more than one original model without a
            base model of its own, an arm that may not be called so, or replies of an adapter as those of the original.
    """
    bases = _bases(arms)
    model, arm, persona = (samples[column].astype(str) for column in ("model", "arm", "persona"))
    mapped = model.isin(list(arms))
    # A model that was run again under another name has several arms: only the logs that name none are given theirs.
    several = arm.groupby(model).transform("nunique") > 1
    arm = arm.mask(mapped & ((arm == "") | ~several), model.map({name: each.arm for name, each in arms.items()}))
    unknown = model[arm == ""]
    if not unknown.empty:
        raise PrerequisiteError(
            f"The logs of model {unknown.iloc[0]} do not say which arm it is. "
            f"Add for example: --arm original={unknown.iloc[0]}"
        )
    adapter = samples["adapter_sha256"].astype(str)
    for _, row in pd.DataFrame({"arm": arm, "model": model, "adapter": adapter}).drop_duplicates().iterrows():
        require = require_adapter_arm if row["adapter"] else require_arm_name
        require(row["arm"], f"The logs of model {row['model']}")
    seeds = {name: each.training_seed for name, each in arms.items() if each.training_seed is not None}
    seeded = model.map(seeds).fillna(samples["training_seed"]).astype(int)
    return samples.assign(
        arm=pd.Series(map(with_persona, arm, persona), arm.index, arm.dtype).astype("category"),
        base_model=samples["base_model"].astype(str).mask(mapped, model.map(bases)).astype("category"),
        training_seed=seeded,
    )


def _bases(arms: Mapping[str, AssignedArm]) -> dict[str, str]:
    """The base model of each assigned model."""
    shared = [name for name, each in arms.items() if not each.base_model]
    originals = [name for name in shared if arms[name].arm == ORIGINAL]
    if len(originals) > 1:
        raise PrerequisiteError(
            f"{len(originals)} original models share one base model: {', '.join(originals)}. "
            "Give each model its base_model in a file: --arms-file FILE"
        )
    base = next(iter(originals or shared), "")
    return {name: each.base_model or base for name, each in arms.items()}
