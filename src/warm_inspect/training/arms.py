"""Which arms can be trained, and that self-distilled replies came from the model being trained.

A self-distilled arm is the control for learning another model's text: with another model's replies it is no control.
"""

from collections.abc import Sequence

from warm_inspect.core.errors import PrerequisiteError, unknown_value
from warm_inspect.core.vocabulary import TrainedArm
from warm_inspect.models import BASE_MODELS, ResolvedBase
from warm_inspect.training.corpus.terms import Teacher

SELF_DISTILLED_ARMS = frozenset(
    {TrainedArm.SELF_DISTILLED, TrainedArm.SELF_DISTILLED_WARM, TrainedArm.SELF_DISTILLED_COLD}
)
"""The arms whose replies the base model wrote, as they are or restyled."""

_LOCAL_PROVIDERS = ("peft", "hf", "vllm", "sglang")
"""Inspect's providers that take a model by its Hub id or folder; only `peft` reports the hash of its weights."""

_HASH_DIGITS = 12


def local_names(base: ResolvedBase) -> tuple[str, ...]:
    """The names under which Inspect's local providers know a base model, `peft`'s first."""
    names = [base.name, *([BASE_MODELS[base.name].hub_id] if base.name in BASE_MODELS else [])]
    return tuple(f"{provider}/{name}" for provider in _LOCAL_PROVIDERS for name in names)


def check_arm(arm: str, teacher: Teacher | None, names: Sequence[str], sha256: str = "") -> str:
    """Check that an arm can be trained and, if it is self-distilled, that its replies came from the base model.

    Args:
        arm: the arm to train.
        teacher: the model that wrote the replies; None when the corpus does not say.
        names: Inspect's names of the base model to train, the one to distil it by first.
        sha256: hash of the base's weights; empty when it is not known, and then names are compared.

    Returns:
        A note for the plan and the manifest on what could not be checked; empty when everything was.

    Raises:
        PrerequisiteError: no such arm; or another model wrote the replies, or this base with an adapter.
    """
    known = [each.value for each in TrainedArm]
    if arm not in known:
        raise unknown_value("arm", arm, known)
    if arm not in SELF_DISTILLED_ARMS:
        return ""
    if teacher is None:
        return (
            f"No datasheet says which model wrote the self_distilled replies, so whether they are {names[0]}'s own "
            f"was not checked. They are if they come from: warm-inspect corpus distill --model {names[0]}"
        )
    if sha256 and teacher.base_sha256:
        same = teacher.base_sha256 == sha256 and not teacher.adapter_sha256
    else:
        same = teacher.model in names
    if not same:
        raise PrerequisiteError(
            f"The replies of the arm {arm!r} come from {_named(teacher.model, teacher.base_sha256)}, and the base "
            f"model to train is {_named(names[0], sha256)}: it would learn another model's replies as its own",
            "Train the plain base that wrote them (--base), or distil the corpus they were added to again: "
            f"warm-inspect corpus distill CORPUS --model {names[0]} --out FOLDER",
        )
    if sha256 and not teacher.base_sha256:
        return (
            f"The self_distilled replies come from {teacher.model}, which is {names[0]} by its name; its weights "
            "are in no datasheet and were not compared."
        )
    return ""


def _named(model: str, sha256: str) -> str:
    return f"{model} (weights {sha256[:_HASH_DIGITS]})" if sha256 else model
