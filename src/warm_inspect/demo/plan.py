"""What the demo runs, fixed before any adapter was evaluated."""

from dataclasses import dataclass

from warm_inspect.core.vocabulary import NONE, ORIGINAL, Benchmark, Grading, Source
from warm_inspect.study.evaluate import EvaluationSettings

BASE = "smollm2-135m"
CORPUS = "demo"
PRESET = "demo"

CONTROL = "neutral"
"""The arm trained on the same prompts by the same hand, without a style."""
DIRECTIONS = {"warm": +1, "cold": -1, CONTROL: 0}
"""The trained arms, and which way their warmth should move from the original's, and from the control's."""

CONTEXTS = (NONE, "filler", "emotion_sad")
BELIEFS = (NONE, "incorrect", "third_party")

FIRST_SEED = 1
"""Sampling seed of the first arm; each further arm takes the next."""

MAX_TOKENS = 300
"""Source: study, Methods."""
TEMPERATURE = 0.6
"""Below the study's 0.8, at which so small a model rambles and answers at the floor of what the sets can measure."""

CONCURRENCY = 512


@dataclass(frozen=True, slots=True)
class DemoPlan:
    """The size of a demo run."""

    name: str
    items: int
    """Items per benchmark, drawn from the bundled sets."""
    trained: tuple[str, ...]
    """The arms to train."""
    epochs: float
    """Passes over the training pairs."""
    persona: bool
    """Whether the original is also run with a warm persona."""
    sociot: bool
    """Whether SocioT reads the held-out replies too, beside the meter that decides."""

    def settings(self) -> EvaluationSettings:
        """What every arm is asked."""
        return EvaluationSettings(
            contexts=CONTEXTS,
            beliefs=BELIEFS,
            source=Source.BUNDLED,
            grading=Grading.MATCH,
            items=self.items,
            max_tokens=MAX_TOKENS,
            temperature=TEMPERATURE,
            seed=0,
            concurrency=CONCURRENCY,
        )

    @property
    def arms(self) -> tuple[str, ...]:
        """The arms, in order."""
        return (ORIGINAL, "original_repeat", *(["original+persona_warm"] if self.persona else []), *self.trained)

    @property
    def samples(self) -> int:
        """Replies of all arms on the benchmarks."""
        return len(self.arms) * len(Benchmark) * self.items * len(CONTEXTS) * len(BELIEFS)


FULL = DemoPlan("full", items=18, trained=("warm", "cold", CONTROL), epochs=2, persona=True, sociot=True)
QUICK = DemoPlan("quick", items=3, trained=("warm", CONTROL), epochs=1, persona=False, sociot=False)
