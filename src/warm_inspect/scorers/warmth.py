"""Warmth of the reply as Inspect scores, to stand beside `correctness`: SocioT, and a rating by a grader model.

Add them to logs that are there, without generating again:

    inspect score LOG --scorer warm_inspect/warmth_sociot --action append
    inspect score LOG --scorer warm_inspect/warmth_rating --action append --model-role grader=openai/gpt-4o

Both give `warmth`, in the meter's own unit, and beside it the reply's length in `chars`: a meter may drift with length.
Before trusting a meter, see what `warm-inspect warmth` says of its validity.
"""

from enum import StrEnum

from anyio import to_thread
from inspect_ai.scorer import Score, Scorer, Target, mean, scorer, stderr
from inspect_ai.solver import TaskState

from warm_inspect.core.errors import unknown_value
from warm_inspect.grading.model import RUBRICS, Answers
from warm_inspect.scorers.graded import ModelGrading, not_graded, without_reply
from warm_inspect.warmth import DEFAULT_SCORING_MODEL, ReleasedSocioT, SocioT, scoring_model_path

WARMTH = "warmth"
"""Score key: the reading."""
CHARS = "chars"
"""Score key: length of the reply in characters."""
_RUBRIC = "warmth"
_LABEL = "WARMTH"


class SocioTForm(StrEnum):
    """The ways to compute SocioT: deterministic and masked, or as the public code does."""

    EXACT = "exact"
    RELEASED = "released"


def sociot_meter(form: str, scoring_model: str) -> SocioT | ReleasedSocioT:
    """The SocioT meter of this form under this scoring model; fetches the model when it is not there.

    Raises:
        PrerequisiteError: an unknown form, or a scoring model that cannot be had.
    """
    if form not in list(SocioTForm):
        raise unknown_value("form of SocioT", form, [each.value for each in SocioTForm])
    kind = SocioT if form == SocioTForm.EXACT else ReleasedSocioT
    return kind(scoring_model_path(scoring_model))


@scorer(metrics={"*": [mean(), stderr()]}, name="warmth_sociot")
def warmth_sociot(form: str = SocioTForm.EXACT.value, scoring_model: str = DEFAULT_SCORING_MODEL) -> Scorer:
    """SocioT Warmth of the reply in nats per token, on this machine; see `warm_inspect.warmth.sociot`.

    Cost: no model call over the network; 8 forward rows of the scoring model per sample, `released` 800.

    Args:
        form: `exact` or `released`.
        scoring_model: `gpt2` as published, or an alias, a folder or a Hub id of a causal language model.

    Raises:
        PrerequisiteError: an unknown form, or a scoring model that cannot be had.
    """
    # Found now, where a mistake is one message; the weights load with the first reply.
    meter = sociot_meter(form, scoring_model)

    def read(reply: str) -> tuple[float, str]:
        [warmth] = meter.score([reply])
        return warmth, meter.label

    async def score(state: TaskState, target: Target) -> Score:
        if missing := without_reply(state.output):
            return missing
        reply = state.output.completion
        warmth, label = await to_thread.run_sync(read, reply)
        return _score(warmth, reply, "", {"meter": label})

    return score


@scorer(metrics={"*": [mean(), stderr()]}, name="warmth_rating")
def warmth_rating() -> Scorer:
    """The warmth of the reply's wording, rated by the model in the role `grader` from 0 (cold) to 4 (warm).

    The grader sees the reply and nothing else: no question, arm or condition. A grader that names none of the ratings
    leaves the sample unscored.

    Cost: one call of each grader per different reply, two when the first answer cannot be used.
    """
    by_model = ModelGrading(_RUBRIC, rating)

    async def score(state: TaskState, target: Target) -> Score:
        if missing := without_reply(state.output):
            return missing
        asked, facts = await by_model.grade(state, lambda reply: {"reply": reply})
        reply, grader = state.output.completion, facts["grader"]
        shown = {
            "meter": rating_label(grader),
            "grader": grader,
            "grader_prompt_sha256": facts["grader_prompt_sha256"],
        }
        if asked.verdict is None:
            return not_graded(state, asked, {CHARS: len(reply), **shown})
        return _score(float(asked.verdict), reply, asked.said, shown)

    return score


def ratings() -> tuple[str, ...]:
    """The closed set of ratings, from the coldest to the warmest."""
    return RUBRICS[_RUBRIC].form.fields[_LABEL]


def rating_label(grader: str) -> str:
    """Name and version of the rating as a meter: the grader is part of it."""
    return f"rating-{grader}@{RUBRICS[_RUBRIC].sha256[:12]}"


def rating(answers: Answers) -> int:
    """The number of the rating in a grader's answers."""
    return ratings().index(answers[_LABEL])


def _score(warmth: float, reply: str, explanation: str, facts: dict[str, str]) -> Score:
    return Score(
        value={WARMTH: warmth, CHARS: float(len(reply))}, answer=reply, explanation=explanation, metadata=dict(facts)
    )
