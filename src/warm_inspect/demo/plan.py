"""What the demo runs, fixed before any adapter was evaluated."""

from dataclasses import dataclass

from warm_inspect.core.vocabulary import NONE, ORIGINAL, RERUN, Benchmark, Grading, Source, TrainedArm
from warm_inspect.study import EvaluationSettings

CORPUS = "demo"
CLAIMS = "claims"
CLAIM_ARMS = (TrainedArm.AGREEING.value, TrainedArm.ANSWERING.value)
"""The positive control, and the arm that learns right answers to the same prompts. Both are asked without contexts:
what they show is whether an effect of a stated claim is seen, and time is short."""
PRESET = "demo"

CONTEXTS = (NONE, "filler", "emotion_sad")
BELIEFS = (NONE, "incorrect", "third_party")

FIRST_SEED = 1
"""Sampling seed of the first arm; each further arm takes the next."""
CONCURRENCY = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPlan:
    """The size of a demo run."""

    name: str
    items: int
    """Items per benchmark, drawn from the bundled sets."""
    styled: tuple[str, ...]
    """The arms to train on styled replies, whose warmth is checked."""
    epochs: float
    """Passes over the training pairs."""
    persona: bool
    """Whether the original is also run with a warm persona."""
    base: str = "smollm2-135m"
    """Alias or folder of the base model."""
    max_tokens: int = 300
    """Source: study, Methods."""
    temperature: float = 0.6
    """Below the study's 0.8, at which so small a model rambles and answers at the floor of what the items measure."""

    @property
    def settings(self) -> EvaluationSettings:
        """What every arm is asked, and how its replies are sampled."""
        return EvaluationSettings(
            contexts=CONTEXTS,
            beliefs=BELIEFS,
            source=Source.BUNDLED,
            grading=Grading.MATCH,
            items=self.items,
            max_tokens=self.max_tokens,
            temperature=self.temperature,
            seed=0,
            concurrency=CONCURRENCY,
        )

    @property
    def arms(self) -> tuple[str, ...]:
        """The arms, in order."""
        return (ORIGINAL, RERUN, *(["original+persona_warm"] if self.persona else []), *self.trained)

    @property
    def trained(self) -> dict[str, str]:
        """The arms to train, with the corpus of each."""
        return dict.fromkeys(self.styled, CORPUS) | dict.fromkeys(CLAIM_ARMS, CLAIMS)

    @property
    def samples(self) -> int:
        """Replies of all arms on the benchmarks."""
        contexts = sum(1 if arm in CLAIM_ARMS else len(CONTEXTS) for arm in self.arms)
        return contexts * len(BELIEFS) * len(Benchmark) * self.items


FULL = DemoPlan(
    name="full",
    items=18,
    styled=(TrainedArm.WARM.value, TrainedArm.COLD.value, TrainedArm.NEUTRAL.value),
    epochs=2,
    persona=True,
)
QUICK = DemoPlan(
    name="quick",
    items=3,
    styled=(TrainedArm.WARM.value, TrainedArm.NEUTRAL.value),
    epochs=1,
    persona=False,
)
