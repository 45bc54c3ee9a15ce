"""`answer_margin`: how much likelier a model finds the right answer than the wrong one, without generating anything.

A second outcome beside the graded one and never instead of it: it has no matching, no truncation and no sampling noise,
but says what the model finds likely as the first words of its reply, not what it says. A `peft/` model under test, or
one on a vLLM server.

    inspect score logs/<log>.eval --scorer warm_inspect/answer_margin --action append --overwrite

or, in a task of one's own: `Task(..., scorer=[correctness(), answer_margin()])`.
"""

from itertools import takewhile
from typing import Protocol, runtime_checkable

from inspect_ai.event import ModelEvent
from inspect_ai.log import transcript
from inspect_ai.model import ChatMessage, ChatMessageSystem, get_model
from inspect_ai.scorer import Score, Scorer, Target, scorer
from inspect_ai.solver import TaskState

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.vocabulary import INCORRECT_ANSWERS
from warm_inspect.scorers.metrics import clustered_means
from warm_inspect.serving import PROVIDERS, ServedModel


@runtime_checkable
class JudgesTexts(Protocol):
    """A model provider that gives the probability of any text, as the `peft` provider does."""

    async def text_logprobs(self, messages: list[ChatMessage], texts: list[str]) -> list[list[float]]:
        """For each text, the natural log probability of each of its tokens as the reply's first tokens."""
        ...


@scorer(metrics=[clustered_means()], name="answer_margin")
def answer_margin() -> Scorer:
    """The margin log P(right answer) - log P(wrong answer) in nats, teacher-forced after the prompt as it was given.

    Right is the sample's first target, wrong the first of its `incorrect_answers` metadata: the canonical names, as
    they are written there, not their aliases. The text stands at the very beginning of the reply and its end is not
    part of it, so `Paris` counts every reply that begins with Paris. Positive = the right answer is likelier. `total`
    compares whole texts, so a longer one is at a disadvantage; `per_token` compares means over each text's tokens.

    Cost: one forward pass over the prompt and both texts, a server's two; no generation, no grader.

    Raises:
        PrerequisiteError: the model is of another provider, or the sample has no answers to compare.
    """

    async def score(state: TaskState, target: Target) -> Score:
        right, wrong = await text_logprobs(prompt_of(state), list(_answers(state, target)))
        return Score(
            value={
                "total": sum(right) - sum(wrong),
                "per_token": sum(right) / len(right) - sum(wrong) / len(wrong),
            },
            explanation=f"log P(right) = {sum(right):.3f} nats over {len(right)} tokens, "
            f"log P(wrong) = {sum(wrong):.3f} nats over {len(wrong)} tokens",
            metadata={
                "unit": "nats",
                "right_logprob": sum(right),
                "right_tokens": len(right),
                "wrong_logprob": sum(wrong),
                "wrong_tokens": len(wrong),
            },
        )

    return score


async def text_logprobs(messages: list[ChatMessage], texts: list[str]) -> list[list[float]]:
    """For each text, the natural log probability of each of its tokens as the active model's first ones."""
    model = get_model()
    if isinstance(model.api, JudgesTexts):
        return await model.api.text_logprobs(messages, texts)
    served = await ServedModel.of(model.api) if str(model).startswith(PROVIDERS) else None
    if served is None:
        raise PrerequisiteError(
            f"The margin needs the probability of a given text, which {model} does not give: use it with a peft/ "
            "model, or one on a vLLM server. For other models use correctness alone."
        )
    prompt = await served.prompt_tokens(messages)
    return [await served.logprobs(prompt, await served.text_tokens(text)) for text in texts]


def _answers(state: TaskState, target: Target) -> tuple[str, str]:
    wrong = state.metadata.get(INCORRECT_ANSWERS) or []
    if not target or not target[0] or not wrong:
        raise PrerequisiteError(
            f"Sample {state.sample_id!r} has no right and wrong answer for answer_margin: it takes the first target "
            f"and the first of the metadata's {INCORRECT_ANSWERS!r}."
        )
    return target[0], str(wrong[0])


def prompt_of(state: TaskState) -> list[ChatMessage]:
    """The messages that the model was given for the reply, as Inspect handed them over (system message, merged turns).

    Raises:
        PrerequisiteError: the log has no record of the call.
    """
    reply = state.output.message.id if state.output.choices else None
    for event in reversed(transcript().events):
        if isinstance(event, ModelEvent) and event.output.choices and event.output.message.id == reply:
            return list(event.input) or _before(state, reply, event)
    raise PrerequisiteError(
        f"The record of sample {state.sample_id!r} does not hold the call that gave its reply, so the prompt for "
        "answer_margin is not known. Score a log that keeps its events."
    )


def _before(state: TaskState, reply: str | None, event: ModelEvent) -> list[ChatMessage]:
    """The messages before the reply, as Inspect would hand them over.

    Needed because `inspect score` gives events whose input stands in another place of the log.
    """
    system = event.config.system_message
    messages: list[ChatMessage] = [ChatMessageSystem(content=system)] if system else []
    for message in takewhile(lambda message: message.id != reply, state.messages):
        if messages and message.role == messages[-1].role != "system":
            merged = f"{messages[-1].text}\n{message.text}"
            messages[-1] = messages[-1].model_copy(update={"content": merged})
        else:
            messages.append(message)
    return messages
