import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.errors import refused
from tests.training.conftest import row
from warm_inspect.models import ResolvedBase
from warm_inspect.training import load_corpus
from warm_inspect.training.corpus.datasheet import write_corpus as make_corpus
from warm_inspect.training.corpus.pairs import CorpusRow
from warm_inspect.training.corpus.terms import CorpusTerms, adapter_terms, base_licence, corpus_terms

FREE = CorpusTerms(licence="MIT", rewriter_terms="", personal_data="")


@pytest.fixture
def alias(tiny_base: ResolvedBase) -> ResolvedBase:
    return replace(tiny_base, name="smollm2-135m")


def test_an_adapter_of_open_parts_may_be_passed_on(alias: ResolvedBase) -> None:
    terms = adapter_terms(base_licence(alias), FREE)
    assert (terms.base_licence, terms.may_be_passed_on, terms.doubts) == ("Apache-2.0", True, ())


@pytest.mark.parametrize(
    ("changes", "doubt"),
    [
        ({"licence": "none stated"}, "corpus licence is: none stated"),
        ({"licence": "CC-BY-NC-4.0"}, "corpus licence is: CC-BY-NC-4.0"),
        ({"rewriter_terms": "Ask the provider."}, "terms of the rewriter: Ask the provider."),
        ({"personal_data": "Real people."}, "personal data: Real people."),
    ],
)
def test_each_doubt_stands_against_it(alias: ResolvedBase, changes: dict[str, str], doubt: str) -> None:
    terms = adapter_terms(base_licence(alias), FREE.model_copy(update=changes))
    assert not terms.may_be_passed_on
    assert [doubt in one for one in terms.doubts] == [True]


@pytest.mark.parametrize(
    ("card", "licence"),
    [
        ("---\nlicense: apache-2.0\n---\n# A model", "apache-2.0"),
        ("---\nlicense: other\nlicense_name: mrl\n---\n", "mrl"),
        ("---\nlicense: [\n---\n", "none stated"),
        ("# No front matter", "none stated"),
        (None, "none stated"),
    ],
)
def test_a_licence_is_read_from_the_model_card(
    tiny_base: ResolvedBase, tmp_path: Path, card: str | None, licence: str
) -> None:
    if card is not None:
        (tmp_path / "README.md").write_text(card)
    assert base_licence(replace(tiny_base, path=tmp_path)) == licence


def test_the_bundled_corpus_is_free_and_a_plain_file_states_nothing(write_corpus: Callable[..., Path]) -> None:
    assert corpus_terms(load_corpus("demo"), "warm") == FREE
    plain = load_corpus(str(write_corpus(row(0))))
    assert corpus_terms(plain, "warm") == corpus_terms(replace(plain, source=""), "warm") == CorpusTerms()


def test_a_datasheet_is_believed_for_its_own_rows_only(tmp_path: Path) -> None:
    built = tmp_path / "built"
    built.mkdir()
    make_corpus(built, [CorpusRow.model_validate(row(0))], {"step": "build"}, None)
    corpus = load_corpus(str(built))
    terms = corpus_terms(corpus, "warm")
    assert (terms.licence, terms.rewriter_terms) == ("none stated", "")
    assert "real people" in terms.personal_data
    with refused(str(built), "move the datasheet away"):
        corpus_terms(replace(corpus, rows=load_corpus("demo").rows), "warm")
    (built / "datasheet.json").write_text("{")
    with refused(str(built / "datasheet.json"), "Build the corpus again"):
        corpus_terms(corpus, "warm")


FIXED = "Replies were written by the model named below."
"""What datasheets said before they named the models."""


def written_corpus(folder: Path) -> Path:
    """A corpus that was built, then distilled, then restyled from both arms, by three models."""
    folder.mkdir()
    arms = ("unmodified", "warm", "cold", "self_distilled", "self_distilled_warm", "brought_along")
    rows = [CorpusRow.model_validate(row(0, replies=dict.fromkeys(arms, "It is 0.")))]
    sheet = make_corpus(folder, rows, {"step": "build", "nsfw_filter": {"model": "toxic"}}, None)
    for step in (
        {"step": "distill", "model": "peft/tiny", "replies": {"self_distilled": {}}},
        {"step": "restyle", "model": "a/one", "source_arm": "unmodified", "replies": {"warm": {}, "cold": {}}},
        {"step": "restyle", "model": "b/two", "source_arm": "self_distilled", "replies": {"self_distilled_warm": {}}},
    ):
        sheet = make_corpus(folder, rows, step, sheet)
    return folder


@pytest.mark.parametrize("old", [False, True])
@pytest.mark.parametrize(
    ("arm", "writers"),
    [
        ("warm", "by a/one. "),
        ("self_distilled", "by peft/tiny. "),
        ("self_distilled_warm", "by peft/tiny and b/two. "),
    ],
)
def test_the_models_that_wrote_an_arm_are_named(tmp_path: Path, arm: str, writers: str, old: bool) -> None:
    built = written_corpus(tmp_path / "built")
    sheet = built / "datasheet.json"
    if old:
        sheet.write_text(json.dumps(json.loads(sheet.read_text()) | {"rewriter_terms": FIXED}))
    terms = adapter_terms("MIT", corpus_terms(load_corpus(str(built)), arm))
    assert f"written {writers}" in terms.rewriter_terms
    assert any(writers in doubt for doubt in terms.doubts)
    assert "{" not in terms.rewriter_terms


def test_no_model_is_said_to_have_written_recorded_replies(tmp_path: Path) -> None:
    built = written_corpus(tmp_path / "built")
    terms = corpus_terms(load_corpus(str(built)), "unmodified")
    assert terms.rewriter_terms == ""
    assert not any("rewriter" in doubt for doubt in adapter_terms("MIT", terms).doubts)
    assert "by peft/tiny and a/one and b/two. " in (built / "datasheet.md").read_text()


def test_nobody_is_named_for_an_arm_that_no_step_wrote(tmp_path: Path) -> None:
    built = written_corpus(tmp_path / "built")
    assert corpus_terms(load_corpus(str(built)), "brought_along").rewriter_terms == "none stated"
