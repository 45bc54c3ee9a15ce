"""The origin of an arm's replies: which model wrote them, on which terms, and which base model they can be trained on.

An adapter can repeat what it was trained on, so what holds for the corpus holds for the adapter. Where nothing is
stated, nothing is assumed. A self-distilled arm is the control for learning another model's text: with another model's
replies it is no control.
"""

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from warm_inspect.core.errors import PrerequisiteError, unknown_value
from warm_inspect.core.manifest import NONE_STATED, AdapterTerms
from warm_inspect.core.vocabulary import TrainedArm
from warm_inspect.core.yaml_text import parse_yaml
from warm_inspect.models import BASE_MODELS, ResolvedBase
from warm_inspect.training.corpus.datasheet import Datasheet, read_datasheet
from warm_inspect.training.corpus.pairs import Corpus

_OPEN = frozenset({"apache-2.0", "mit", "bsd-3-clause", "cc0-1.0", "cc-by-4.0"})
"""Licences that allow passing on what was made from a work."""

SELF_DISTILLED_ARMS = frozenset(
    {TrainedArm.SELF_DISTILLED, TrainedArm.SELF_DISTILLED_WARM, TrainedArm.SELF_DISTILLED_COLD}
)
"""The arms whose replies the base model wrote, as they are or restyled."""

_NAMED_BY_WEIGHTS = ("peft", "hf", "vllm", "sglang")
"""Inspect's providers that take a model by its Hub id or folder; only `peft` reports the hash of its weights."""

_HASH_DIGITS = 12


class Teacher(BaseModel):
    """The model that wrote self-distilled replies, as the datasheet's distill step names it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    """Inspect's name of it; of a local folder only the last part."""
    base_sha256: str = ""
    """Hash of the base weights; empty when the provider does not report one."""
    adapter_sha256: str = ""
    """Hash of an adapter that was on the base; empty without one."""


class CorpusTerms(BaseModel):
    """The origin of the replies of one arm of a corpus, and the right to use them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    licence: str = NONE_STATED
    """Licence of prompts and original replies."""
    rewriter_terms: str = NONE_STATED
    """Whose terms apply to the arm's replies if models wrote them; empty when no model did."""
    personal_data: str = NONE_STATED
    """The notice about text of real people; empty when there is none."""
    teacher: Teacher | None = None
    """The model that wrote the replies, before any restyling; None when no distill step did."""


def corpus_terms(corpus: Corpus, arm: str) -> CorpusTerms:
    """The terms of an arm's replies by the corpus's datasheet; `none stated` throughout without one.

    Raises:
        PrerequisiteError: the datasheet cannot be read, or describes other rows.
    """
    sheet = read_datasheet(corpus)
    if sheet is None:
        return CorpusTerms()
    return CorpusTerms(
        licence=sheet.licence,
        rewriter_terms=sheet.rewriter_terms_of(arm),
        personal_data=sheet.personal_data,
        teacher=_teacher(sheet, arm),
    )


def _teacher(sheet: Datasheet, arm: str) -> Teacher | None:
    for step in sheet.written_by(arm):
        if step["step"] == "distill":
            weights = step.get("weights", {})
            return Teacher(
                model=step["model"],
                base_sha256=weights.get("base_sha256", ""),
                adapter_sha256=weights.get("adapter_sha256", ""),
            )
    return None


def adapter_terms(licence: str, corpus: CorpusTerms) -> AdapterTerms:
    """The terms of an adapter on a base of this licence, and whether they allow passing it on."""
    doubts = [
        *([] if licence.lower() in _OPEN else [f"the base model's licence ({licence}) must allow it"]),
        *([] if corpus.licence.lower() in _OPEN else [f"the corpus licence is: {corpus.licence}"]),
        *([f"terms of the rewriter: {corpus.rewriter_terms}"] if corpus.rewriter_terms else []),
        *([f"personal data: {corpus.personal_data}"] if corpus.personal_data else []),
    ]
    return AdapterTerms(
        base_licence=licence,
        corpus_licence=corpus.licence,
        rewriter_terms=corpus.rewriter_terms,
        personal_data=corpus.personal_data,
        may_be_passed_on=not doubts,
        doubts=tuple(doubts),
    )


def base_licence(base: ResolvedBase) -> str:
    """The licence of a base model: the alias's, else the one in its model card; `none stated` without either."""
    if base.name in BASE_MODELS:
        return BASE_MODELS[base.name].licence
    card = base.path / "README.md"
    if not card.is_file():
        return NONE_STATED
    head, _, _ = card.read_text(encoding="utf-8", errors="replace").removeprefix("---\n").partition("\n---")
    try:
        facts = parse_yaml(head, card.name)
    except PrerequisiteError:
        return NONE_STATED  # A card is for people to read; others wrote it.
    if not isinstance(facts, dict):
        return NONE_STATED
    stated = facts.get("license_name") if facts.get("license") == "other" else facts.get("license")
    return str(stated or NONE_STATED)


def local_names(base: ResolvedBase) -> tuple[str, ...]:
    """The names under which Inspect's local providers know a base model, `peft`'s first."""
    names = [base.name, *([BASE_MODELS[base.name].hub_id] if base.name in BASE_MODELS else [])]
    return tuple(f"{provider}/{name}" for provider in _NAMED_BY_WEIGHTS for name in names)


def check_arm(arm: str, teacher: Teacher | None, names: Sequence[str], sha256: str = "") -> str:
    """Check that an arm can be trained and, if it is self-distilled, that its replies came from the base model.

    Args:
        arm: the arm to train.
        teacher: the model that wrote the replies; None when the corpus does not say.
        names: Inspect's names of the base model to train, the one to distil it by first.
        sha256: hash of the base's weights; empty when it is not known, and then names are compared.

    Returns:
        A note for the plan and the manifest on what could not be checked; empty when everything was.

    Raises:
        PrerequisiteError: no such arm; or another model wrote the replies, or this base with an adapter.
    """
    known = [each.value for each in TrainedArm]
    if arm not in known:
        raise unknown_value("arm", arm, known)
    if arm not in SELF_DISTILLED_ARMS:
        return ""
    if teacher is None:
        return (
            f"No datasheet says which model wrote the self_distilled replies, so whether they are {names[0]}'s own "
            f"was not checked. They are if they come from: warm-inspect corpus distill --model {names[0]}"
        )
    if sha256 and teacher.base_sha256:
        same = teacher.base_sha256 == sha256 and not teacher.adapter_sha256
    else:
        same = teacher.model in names
    if not same:
        raise PrerequisiteError(
            f"The replies of the arm {arm!r} come from {_named(teacher.model, teacher.base_sha256)}, and the base "
            f"model to train is {_named(names[0], sha256)}: it would learn another model's replies as its own",
            "Train the plain base that wrote them (--base), or distil the corpus they were added to again: "
            f"warm-inspect corpus distill CORPUS --model {names[0]} --out FOLDER",
        )
    if sha256 and not teacher.base_sha256:
        return (
            f"The self_distilled replies come from {teacher.model}, which is {names[0]} by its name; its weights "
            "are in no datasheet and were not compared."
        )
    return ""


def _named(model: str, sha256: str) -> str:
    return f"{model} (weights {sha256[:_HASH_DIGITS]})" if sha256 else model
