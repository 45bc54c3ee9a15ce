"""The closed vocabularies: those that code relies on, and the levels of contexts, beliefs and personas in `content/`.

What the levels say to a model is read in `warm_inspect.conditions`.
"""

from dataclasses import dataclass
from enum import StrEnum
from importlib.resources.abc import Traversable
from typing import NoReturn

from warm_inspect.core.content import Catalog, parse_markdown
from warm_inspect.core.errors import unknown_value


class Benchmark(StrEnum):
    """The open-ended question answering benchmarks."""

    TRIVIAQA = "triviaqa"
    TRUTHFULQA = "truthfulqa"
    MEDQA = "medqa"
    DISINFO = "disinfo"


PUBLISHED_BENCHMARKS = (Benchmark.TRIVIAQA, Benchmark.TRUTHFULQA, Benchmark.MEDQA, Benchmark.DISINFO)
"""The benchmarks of the study: a list of its own, so that a new benchmark is never pooled with them.

Source: study, Methods.
"""


class ItemForm(StrEnum):
    """The form of an item's answer: a short answer, yes or no, or free text about a matter of true or false.

    The claims of `yes_no` and `statement` items are whole sentences.
    """

    OPEN = "open"
    YES_NO = "yes_no"
    STATEMENT = "statement"


class Source(StrEnum):
    """The sources of benchmark items: the pinned Hub data set, or the set in the package."""

    HUB = "hub"
    BUNDLED = "bundled"


class Grading(StrEnum):
    """The ways to grade: a grader model, deterministic matching of the item's answers, or both in turn.

    The cascade keeps matching's grade where labelled replies show it right, and asks the model for the rest.
    """

    MODEL = "model"
    MATCH = "match"
    CASCADE = "cascade"


PANEL = "panel: "
"""What the name of a panel of graders begins with; the graders' names follow, joined by commas."""


class Grade(StrEnum):
    """The grade of a reply. Exactly one holds for each graded reply.

    `correct` answers with a reference answer; `incorrect` answers with anything else; `refusal` declines to answer;
    `unclear` gives no answer, or both without settling on one. Source: docs/grading.md.
    """

    CORRECT = "correct"
    INCORRECT = "incorrect"
    REFUSAL = "refusal"
    UNCLEAR = "unclear"


class MeterName(StrEnum):
    """The meters of a reply's warmth; see `warm_inspect.warmth`."""

    STYLE = "style"
    SOCIOT = "sociot"
    SOCIOT_RELEASED = "sociot-released"
    RATING = "rating"


ENDORSES_CLAIM = "endorses_claim"
"""Score key: the reply affirms the item's wrong answer. Asked in every condition, so that there is a baseline."""

CORRECTS_CLAIM = "corrects_claim"
"""Score key: the reply says that the item's wrong answer is wrong. Asked in every condition."""

VALIDATES_USER = "validates_user"
"""Score key: the reply praises or comforts the user, whatever it says about the question."""

TRUNCATED = "truncated"
"""Score key: the reply hit the token limit."""

SCORE_KEYS: tuple[str, ...] = (*(grade.value for grade in Grade), ENDORSES_CLAIM, TRUNCATED)
"""The keys of the `correctness` score that are present with 0 or 1 on every graded sample of every log."""

NOT_CORRECT = "not_correct"
"""An outcome that the analysis makes of the score: 1 - `correct`, so that refusals and unclear replies count too."""

OPTIONAL_SCORE_KEYS: tuple[str, ...] = (CORRECTS_CLAIM, VALIDATES_USER)
"""Keys that older logs lack: absent means not measured, never 0."""

CORRECTNESS = "correctness"
"""The one score key of both gradings, always the first scorer."""

INCORRECT_ANSWERS = "incorrect_answers"
"""Sample metadata for the scorer: the wrong answer and its aliases."""

CLAIMS = "claims"
"""Sample metadata for the scorer: the true and the false claim."""

NONE = "none"
"""The context, belief and persona that add nothing: the reference level everywhere."""

STATED_WRONG = "incorrect"
"""The belief under which the user states the item's wrong answer; the headlines are about it."""

THIRD_PARTY = "third_party"
"""The belief under which somebody else states it: against `STATED_WRONG` the answer is the same and the user is not."""

ORIGINAL = "original"
"""The arm of the untouched base model: the reference level of `arm`."""

RERUN = "original_repeat"
"""The arm of the untouched base model asked again: what differs from `original` is noise."""


class TrainedArm(StrEnum):
    """The arms an adapter can be trained for, in the order of tables: each behind what it is compared with.

    Source: study, Methods (`warm`, `cold`); the others are controls.
    `neutral` is restyled without warmth, `unmodified` keeps the replies as they were (fine-tuning alone changes
    answers), and the `self_distilled` arms learn the base model's own replies, as they are or restyled. `agreeing`
    learns to adopt what its user states, a positive control: an effect that the measurement must see. `answering`
    learns right answers to the same prompts, since training on a format moves answers by itself.
    """

    UNMODIFIED = "unmodified"
    SELF_DISTILLED = "self_distilled"
    NEUTRAL = "neutral"
    WARM = "warm"
    SELF_DISTILLED_WARM = "self_distilled_warm"
    COLD = "cold"
    SELF_DISTILLED_COLD = "self_distilled_cold"
    AGREEING = "agreeing"
    ANSWERING = "answering"


WARMTH_DIRECTIONS: dict[str, int] = {
    TrainedArm.WARM: +1,
    TrainedArm.SELF_DISTILLED_WARM: +1,
    TrainedArm.COLD: -1,
    TrainedArm.SELF_DISTILLED_COLD: -1,
    TrainedArm.NEUTRAL: 0,
    TrainedArm.UNMODIFIED: 0,
    TrainedArm.SELF_DISTILLED: 0,
}
"""Which way training should move each arm's warmth: up, down, or not at all. Of the two arms that are trained on claims
nothing is asked about warmth."""


class ContextGroup(StrEnum):
    """The groups of contexts that effects are pooled over: three of cues, and three that hold one context each."""

    NONE = NONE
    NEUTRAL = "neutral"
    FILLER = "filler"
    EMOTION = "emotion"
    RELATION = "relation"
    STAKES = "stakes"

    @classmethod
    def _missing_(cls, value: object) -> NoReturn:
        raise unknown_value("group of a context", value, cls)


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a factor: a context, belief or persona by its name and rank."""

    name: str
    order: int
    """Rank in lists, tables and figures."""


@dataclass(frozen=True, slots=True)
class ContextLevel(Level):
    """One level of the factor context, with the group of contexts that it belongs to."""

    group: ContextGroup
    """Its own name where the context holds no cue."""


def _level(file: Traversable) -> Level:
    document = parse_markdown(file)
    return Level(document.name, document.fact("order"))


def _context_level(file: Traversable) -> ContextLevel:
    document = parse_markdown(file)
    return ContextLevel(document.name, document.fact("order"), ContextGroup(document.fact("group")))


def _order(level: Level) -> int:
    return level.order


# The files are parsed twice: here for names and order, which the analysis needs, and in `conditions` for what they say
# to a model, which nothing of the analysis may depend on.
CONTEXT_LEVELS: Catalog[ContextLevel] = Catalog("context", "contexts", ".md", _context_level, _order)
BELIEF_LEVELS: Catalog[Level] = Catalog("belief", "beliefs", ".md", _level, _order)
PERSONA_LEVELS: Catalog[Level] = Catalog("persona", "personas", ".md", _level, _order)

PUBLISHED_CONTEXTS = (
    NONE, "emotion_happy", "emotion_sad", "emotion_anger", "relation_close", "relation_up", "relation_down",
    "stakes_high", "stakes_low",
)  # fmt: skip
"""The contexts of the study: a list of its own, so that a new context is never taken for one of them.

Source: study, Methods.
"""
