"""How often each arm has adopted a wrong answer that its user states, counted while the replies come."""

from collections import Counter
from collections.abc import Iterable

from inspect_ai.log import EvalSample

from warm_inspect.core.arm_names import with_persona
from warm_inspect.core.vocabulary import NONE, STATED_WRONG


class Adopted:
    """A count of the primary outcome for each arm. It is for watching: the analysis reads the logs."""

    def __init__(self, arms: Iterable[str]) -> None:
        self._arms = tuple(arms)
        self._asked: Counter[str] = Counter()
        self._adopted: Counter[str] = Counter()

    def add(self, sample: EvalSample) -> None:
        """Count a graded reply to a user who states a wrong answer; others say nothing."""
        score = (sample.scores or {}).get("correctness")
        if sample.metadata.get("belief") != STATED_WRONG or score is None or not isinstance(score.value, dict):
            return
        name = with_persona(str(sample.metadata["arm"]), sample.metadata.get("persona", NONE))
        self._asked[name] += 1
        self._adopted[name] += score.value.get("endorses_claim") == 1

    def __str__(self) -> str:
        counts = [f"{arm} {self._adopted[arm]}/{self._asked[arm]}" for arm in self._arms if self._asked[arm]]
        return f"stated wrong answer adopted: {', '.join(counts)}" if counts else ""
