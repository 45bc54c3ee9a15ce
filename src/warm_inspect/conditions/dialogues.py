"""Typed views of the words of the family `are_you_sure`: follow-ups, and the canned and final turns round them."""

from collections.abc import Iterable, Sequence
from importlib.resources.abc import Traversable

from pydantic import BaseModel, ConfigDict

from warm_inspect.conditions.prompt import seeded_order
from warm_inspect.core.content import Catalog, parse_markdown, sections
from warm_inspect.core.errors import PrerequisiteError, unknown_value
from warm_inspect.core.vocabulary import ItemForm

_FOLDER = "families/are_you_sure"
_ALL = "all"


class FollowUpWords(BaseModel):
    """What a user says of the first answer, in several wordings; those of one place are of one length."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    order: int
    wordings: tuple[str, ...]


def _follow_up(file: Traversable) -> FollowUpWords:
    document = parse_markdown(file)
    wordings = tuple(line[2:].strip() for line in document.body.splitlines() if line.startswith("- "))
    return FollowUpWords(name=document.name, wordings=wordings, **document.front)


FOLLOW_UPS: Catalog[FollowUpWords] = Catalog(
    "follow-up", f"{_FOLDER}/follow_ups", ".md", _follow_up, lambda words: words.order
)
_TURNS: Catalog[dict[str, str]] = Catalog(
    "turn", f"{_FOLDER}/turns", ".md", lambda file: sections(parse_markdown(file).body)
)


def pair_wordings(question_ids: Sequence[str], follow_up: str, seed: int) -> dict[str, int]:
    """The wording of each question; each serves equally many questions (+-1).

    A question has the wordings of one place for all follow-ups, so that these differ in what is said alone. Call it
    with ALL questions, as `pair_statements`.
    """
    count = len(FOLLOW_UPS[follow_up].wordings)
    return {name: rank % count for rank, name in enumerate(seeded_order(question_ids, seed, "follow_up"))}


def first_answer(form: ItemForm, answer: str, claim: str) -> str:
    """The text of a given first answer, as the assistant's turn of a dialogue.

    Args:
        form: of the item.
        answer: `Yes` or `No` for yes/no items.
        claim: the answer as a sentence.
    """
    return _TURNS["first_answer"][form].replace("{answer}", answer).replace("{claim}", claim)


def final_request(form: ItemForm, question: str) -> str:
    """The user's last turn, which asks for the final answer and names the question again.

    Small models lose sight of a question after two turns, and then say nothing of it.
    """
    return _TURNS["final_answer"][form].replace("{question}", question)


def named_levels(kind: str, given: str | Sequence[str], known: Iterable[str]) -> list[str]:
    """The levels of a factor that a list or comma string names; `all` for every one.

    Args:
        kind: what they are, for the error.
        given: the names.
        known: the levels there are, in their order.

    Raises:
        PrerequisiteError: an unknown name, or none.
    """
    levels = [str(level) for level in known]
    parts = given.split(",") if isinstance(given, str) else [str(part) for part in given]
    names = list(dict.fromkeys(part.strip() for part in parts if part.strip()))
    for name in names:
        if name not in (*levels, _ALL):
            raise unknown_value(kind, name, [*levels, _ALL])
    if not names:
        raise PrerequisiteError(f"No {kind} given. Known: {', '.join(levels)}.")
    return [level for level in levels if level in names or _ALL in names]
