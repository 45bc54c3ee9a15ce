"""`record_arm`: writes what is being tested into the sample, so that the log alone is enough to analyse it."""

import logging
from typing import Protocol, runtime_checkable

from anyio import to_thread
from inspect_ai.model import get_model
from inspect_ai.solver import Generate, Solver, TaskState, solver

from warm_inspect.core.manifest import ADAPTERS_VARIABLE, adapters_folder, hosted_manifest, is_fine_tuned
from warm_inspect.core.metadata import ArmMetadata

log = logging.getLogger(__name__)


@runtime_checkable
class KnowsItsArm(Protocol):
    """A model provider that can say which arm it is, as the `peft` provider can."""

    def arm_metadata(self) -> ArmMetadata:
        """The arm, base model and adapter behind the model name."""
        ...


@solver
def record_arm() -> Solver:
    """Write the active model's arm, base model and adapter into the sample's metadata.

    A model that a provider fine-tuned is looked up in the manifests of the adapters' folder. Any other leaves the arm
    empty: `warm-inspect analyze --arm NAME=MODEL` names it then.
    """
    by_name: dict[str, ArmMetadata] = {}

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        state.metadata.update((await arm_of_model(by_name)).model_dump())
        return state

    return solve


async def arm_of_model(by_name: dict[str, ArmMetadata]) -> ArmMetadata:
    """The active model's arm, base model and adapter.

    Args:
        by_name: what was looked up in this run, by the name of the model; added to.
    """
    model = get_model()
    if isinstance(model.api, KnowsItsArm):
        # The first call may fetch and hash weights, which must not hold up other samples.
        return await to_thread.run_sync(model.api.arm_metadata)
    name = str(model)
    if name not in by_name:
        by_name[name] = _by_name(name)
    return by_name[name]


def _by_name(model: str) -> ArmMetadata:
    """The metadata of a model whose provider does not report its arm."""
    if not is_fine_tuned(model):
        return ArmMetadata(base_model=model)
    manifest = hosted_manifest(model)
    if manifest is None:
        log.warning(
            "No manifest in %s names %s: its samples will not say which arm it is. Set %s to the folder that "
            "warm-inspect train wrote it to.",
            adapters_folder(), model, ADAPTERS_VARIABLE,
        )  # fmt: skip
        return ArmMetadata(base_model=model)
    return ArmMetadata.of(manifest)
