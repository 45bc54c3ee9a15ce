"""The canary: before an adapter of a server is evaluated, its log probabilities must differ from its base's.

A server may give the base's replies under an adapter's name without an error, and they would be measured as the arm's.
"""

from dataclasses import dataclass
from functools import cache

import yaml
from inspect_ai.model import ChatMessageUser, ModelAPI

from warm_inspect.core.content import content_folder
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.serving.model import ServedModel

NOISE = 3.0
"""How many times the base's difference from itself an adapter must reach: in bfloat16 other requests of the batch move
the last digits."""
LEAST = 0.01
"""The least mean difference in nats, where the base's difference from itself is smaller still."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Mean absolute differences of log probabilities over the tokens of the canary's texts, in nats."""

    adapter: float
    """Between the adapter and its base."""
    noise: float
    """Between the base and itself, asked again."""

    @property
    def shows(self) -> bool:
        """Whether the adapter is told from its base."""
        return self.adapter > max(NOISE * self.noise, LEAST)


async def difference(adapter: ServedModel, base: ServedModel) -> Difference:
    """How far an adapter's log probabilities of fixed texts are from its base's, and the base's from themselves.

    Cost: three forward passes over each of four short texts, one after the other.

    Raises:
        PrerequisiteError: the server cannot be reached, or gives no such probabilities.
    """
    changed, again = [], []
    for prompt, reply in _texts():
        tokens = await base.prompt_tokens([ChatMessageUser(content=prompt)]), await base.text_tokens(reply)
        first, own, second = [await model.logprobs(*tokens) for model in (base, adapter, base)]
        changed += [abs(a - b) for a, b in zip(own, first, strict=True)]
        again += [abs(a - b) for a, b in zip(second, first, strict=True)]
    return Difference(sum(changed) / len(changed), sum(again) / len(again))


async def require_applied(api: ModelAPI) -> None:
    """Check that the server behind a provider applies the adapter.

    Raises:
        PrerequisiteError: it does not, cannot be reached, serves it as no adapter, or cannot show it.
    """
    adapter = await _behind(api)
    await _require_difference(adapter, await adapter.base())


async def served_as_adapter(api: ModelAPI) -> bool:
    """Whether the server behind a provider has the model as an adapter, which is then checked to be applied.

    Raises:
        PrerequisiteError: the adapter is not applied, or the server cannot be reached or cannot show it.
    """
    served = await _behind(api)
    if await served.parent() is None:
        return False
    await _require_difference(served, await served.base())
    return True


async def _behind(api: ModelAPI) -> ServedModel:
    served = await ServedModel.of(api)
    if served is None:
        raise PrerequisiteError(
            f"Whether the server applies the adapter cannot be checked: {type(api).__name__} is no provider that asks "
            "a vLLM server as this release of Inspect is known to",
            "Name the model openai-api/vllm/<name on the server>, or install an earlier release of Inspect.",
        )
    return served


async def _require_difference(adapter: ServedModel, base: ServedModel) -> None:
    seen = await difference(adapter, base)
    if not seen.shows:
        raise PrerequisiteError(
            f"The server gives the replies of its base under the name {adapter.name!r}: log probabilities of fixed "
            f"texts differ by {seen.adapter:.2g} nats a token from those of {base.name!r}, which differ by "
            f"{seen.noise:.2g} from themselves. Nothing was evaluated",
            "Look in the server's log whether it loaded the adapter for all its layers, and compare with peft/ on the "
            "same folder; try --enforce-eager, a rank that covers the adapter's, or another version of vLLM.",
        )


@cache
def _texts() -> list[tuple[str, str]]:
    """Prompts and replies."""
    text = content_folder("canary").joinpath("texts.yaml").read_text(encoding="utf-8")
    return [(each["prompt"], each["reply"]) for each in yaml.safe_load(text)]
