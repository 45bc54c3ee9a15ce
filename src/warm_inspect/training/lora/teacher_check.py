"""Whether the replies of a self-distilled arm are the own words of the base model that learns them.

Where they are another model's, the arm is trained on somebody else's words, and is no control for that.
"""

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.vocabulary import TrainedArm
from warm_inspect.models import BASE_MODELS, ResolvedBase

OWN_WORDS = frozenset({TrainedArm.SELF_DISTILLED, TrainedArm.SELF_DISTILLED_WARM, TrainedArm.SELF_DISTILLED_COLD})
"""The arms whose replies are the base model's own, as they are or restyled."""

_LOCAL_PROVIDERS = ("peft", "hf", "vllm", "sglang")
"""Inspect's providers that take a model by its Hub id or folder; only `peft` tells the hash of its weights."""

_HASH_DIGITS = 12


class Distiller(BaseModel):
    """The model whose own words the replies are, as the datasheet's distill step names it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    """Inspect's name of it; of a local folder only the last part."""
    base_sha256: str = ""
    """Hash of the base weights; empty when the provider does not tell."""
    adapter_sha256: str = ""
    """Hash of an adapter that was on the base; empty without one."""


def local_names(base: ResolvedBase) -> tuple[str, ...]:
    """The names under which Inspect's local providers know a base model, `peft`'s first."""
    names = [base.name, *([BASE_MODELS[base.name].hub_id] if base.name in BASE_MODELS else [])]
    return tuple(f"{provider}/{name}" for provider in _LOCAL_PROVIDERS for name in names)


def check_own_words(arm: str, distiller: Distiller | None, names: Sequence[str], sha256: str = "") -> str:
    """What a plan must say about the words of a self-distilled arm; empty when they are the base model's own.

    Args:
        arm: the arm to train; any other than a self-distilled one needs no check.
        distiller: who wrote the replies; None when nobody says.
        names: Inspect's names of the base model to train, the one to distil it by first.
        sha256: hash of the base's weights; empty when it is not known, and then names decide.

    Raises:
        PrerequisiteError: another model wrote them, or this base with an adapter.
    """
    if arm not in OWN_WORDS:
        return ""
    if distiller is None:
        return (
            f"No datasheet says which model wrote the self_distilled replies, so whether they are {names[0]}'s own "
            f"words was not checked. They are if they come from: warm-inspect corpus distill --model {names[0]}"
        )
    if sha256 and distiller.base_sha256:
        same = distiller.base_sha256 == sha256 and not distiller.adapter_sha256
    else:
        same = distiller.model in names
    if not same:
        raise PrerequisiteError(
            f"The replies of the arm {arm!r} come from {_named(distiller.model, distiller.base_sha256)}, and the base "
            f"model to train is {_named(names[0], sha256)}: it would learn another model's words as its own. Train the "
            f"plain base that wrote them (--base), or distil the corpus they were added to again: warm-inspect corpus "
            f"distill CORPUS --model {names[0]} --out FOLDER"
        )
    if sha256 and not distiller.base_sha256:
        return (
            f"The self_distilled replies come from {distiller.model}, which is {names[0]} by its name; its weights "
            "are in no datasheet and were not compared."
        )
    return ""


def _named(model: str, sha256: str) -> str:
    return f"{model} (weights {sha256[:_HASH_DIGITS]})" if sha256 else model
