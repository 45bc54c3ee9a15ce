"""Under which terms an adapter stands: those of its base model, of its corpus, and of whoever restyled the replies.

An adapter can repeat what it was trained on, so what holds for the corpus holds for the adapter. Where nothing is
stated, nothing is assumed.
"""

import yaml
from pydantic import BaseModel, ConfigDict

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.manifest import NONE_STATED, AdapterTerms
from warm_inspect.models import BASE_MODELS, ResolvedBase
from warm_inspect.training.corpus.datasheet import Datasheet, read_datasheet
from warm_inspect.training.corpus.pairs import Corpus
from warm_inspect.training.lora.teacher_check import Distiller

_OPEN = frozenset({"apache-2.0", "mit", "bsd-3-clause", "cc0-1.0", "cc-by-4.0"})
"""Licences that allow passing on what was made from a work."""


class CorpusTerms(BaseModel):
    """What is known about where the replies of one arm of a corpus come from, and the right to use them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    licence: str = NONE_STATED
    """Licence of prompts and original replies."""
    rewriter_terms: str = NONE_STATED
    """Whose terms apply to the arm's replies if models wrote them; empty when no model did."""
    personal_data: str = NONE_STATED
    """The notice about text of real people; empty when there is none."""
    distiller: Distiller | None = None
    """The model whose own words the replies are or were; None when no distill step wrote them."""


def corpus_terms(name_or_path: str, corpus: Corpus, arm: str) -> CorpusTerms:
    """The terms of an arm's replies: a bundled corpus's own, else those in the datasheet of its folder.

    Raises:
        PrerequisiteError: the datasheet cannot be read, or describes other rows.
    """
    sheet = read_datasheet(name_or_path)
    if sheet is None:
        return CorpusTerms()
    if sheet.corpus_sha256 != corpus.sha256:
        raise PrerequisiteError(
            f"The datasheet of {name_or_path} describes other rows than the corpus has now, so its licence and notices "
            "may not hold for them. Build the corpus again, or move the datasheet away (its terms then count as none "
            "stated)."
        )
    return CorpusTerms(
        licence=sheet.licence,
        rewriter_terms=sheet.rewriter_terms_of(arm),
        personal_data=sheet.personal_data,
        distiller=_distiller(sheet, arm),
    )


def _distiller(sheet: Datasheet, arm: str) -> Distiller | None:
    for step in sheet.written_by(arm):
        if step["step"] == "distill":
            weights = step.get("weights", {})
            return Distiller(
                model=step["model"],
                base_sha256=weights.get("base_sha256", ""),
                adapter_sha256=weights.get("adapter_sha256", ""),
            )
    return None


def adapter_terms(licence: str, corpus: CorpusTerms) -> AdapterTerms:
    """The terms of an adapter on a base of this licence, and whether what is stated allows to pass it on."""
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
    head, _, _ = card.read_text(encoding="utf-8").removeprefix("---\n").partition("\n---")
    try:
        facts = yaml.safe_load(head)
    except yaml.YAMLError:
        return NONE_STATED
    if not isinstance(facts, dict):
        return NONE_STATED
    stated = facts.get("license_name") if facts.get("license") == "other" else facts.get("license")
    return str(stated or NONE_STATED)
