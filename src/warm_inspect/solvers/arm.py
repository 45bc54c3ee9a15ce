"""`record_arm`: writes what is being tested into the sample, so that the log alone is enough to analyse it."""

import logging
from typing import Protocol, runtime_checkable

from anyio import Lock, to_thread
from inspect_ai.model import Model, get_model
from inspect_ai.solver import Generate, Solver, TaskState, solver

from warm_inspect.core.manifest import ADAPTERS_VARIABLE, adapters_folder, hosted_manifest, is_fine_tuned
from warm_inspect.core.metadata import ArmMetadata
from warm_inspect.serving import (
    arm_of_served,
    is_on_vllm,
    looks_served,
    model_behind,
    names_adapter,
    require_applied,
    served_as_adapter,
)

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

    A model that a provider fine-tuned, and an adapter or base on a vLLM server, are looked up in the manifests of the
    adapters' folder; a served adapter, with a manifest or without, is also checked to be applied, before the first
    sample is asked. Any other model leaves the arm empty: `warm-inspect analyze --arm NAME=MODEL` names it then.

    Raises:
        PrerequisiteError: the server gives its base's replies under the adapter's name, or cannot show that it does
            not, or the manifests are at odds.
    """
    arms = ActiveArm()

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        state.metadata.update((await arms.metadata()).model_dump())
        return state

    return solve


class ActiveArm:
    """The arm of the active model, looked up once for each model of a run."""

    def __init__(self) -> None:
        self._known: dict[str, ArmMetadata | Exception] = {}
        self._lock = Lock()

    async def metadata(self) -> ArmMetadata:
        """The active model's arm, base model and adapter.

        Raises:
            PrerequisiteError: as `record_arm` says.
        """
        model = get_model()
        if isinstance(model.api, KnowsItsArm):
            # The first call may fetch and hash weights, which must not hold up other samples.
            return await to_thread.run_sync(model.api.arm_metadata)
        name = model_behind(model)
        async with self._lock:
            if name not in self._known:
                try:
                    self._known[name] = await _looked_up(model, name)
                except Exception as error:  # no sample asks again what failed for another
                    self._known[name] = error
        known = self._known[name]
        if isinstance(known, Exception):
            raise known
        return known


async def _looked_up(model: Model, name: str) -> ArmMetadata:
    """The metadata of a model whose provider does not report its arm."""
    served = await to_thread.run_sync(arm_of_served, name)
    if served is not None:
        if served.adapter_sha256:
            await require_applied(model.api)
        return served
    if not (await _is_adapter(model, name) or is_fine_tuned(name) or looks_served(name)):
        return ArmMetadata(base_model=name)
    manifest = hosted_manifest(name)
    if manifest is None:
        log.warning(
            "No manifest in %s names %s: its samples will not say which arm it is. Set %s to the folder that "
            "warm-inspect train wrote it to, or name it with --metadata arm=NAME.",
            adapters_folder(), name, ADAPTERS_VARIABLE,
        )  # fmt: skip
        return ArmMetadata(base_model=name)
    return ArmMetadata.of(manifest)


async def _is_adapter(model: Model, name: str) -> bool:
    """Whether a model without a manifest is an adapter of a vLLM server, by its name or by what the server says."""
    if names_adapter(name):
        await require_applied(model.api)
        return True
    return is_on_vllm(name) and await served_as_adapter(model.api)
