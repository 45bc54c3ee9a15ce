from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.training.conftest import row
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.models import ResolvedBase
from warm_inspect.training import CorpusTerms, corpus_terms, load_corpus
from warm_inspect.training.corpus import CorpusRow
from warm_inspect.training.datasheet import write_corpus as make_corpus
from warm_inspect.training.terms import adapter_terms, base_licence

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
    assert corpus_terms("demo", load_corpus("demo")) == FREE
    path = str(write_corpus(row(0)))
    assert corpus_terms(path, load_corpus(path)) == CorpusTerms()


def test_a_datasheet_is_believed_for_its_own_rows_only(tmp_path: Path) -> None:
    built = tmp_path / "built"
    built.mkdir()
    make_corpus(built, [CorpusRow.model_validate(row(0))], {"step": "build"}, None)
    corpus = load_corpus(str(built))
    terms = corpus_terms(str(built), corpus)
    assert (terms.licence, terms.rewriter_terms) == ("none stated", "")
    assert "real people" in terms.personal_data
    with pytest.raises(PrerequisiteError, match="describes other rows"):
        corpus_terms(str(built), load_corpus("demo"))
    (built / "datasheet.json").write_text("{")
    with pytest.raises(PrerequisiteError, match="cannot be read"):
        corpus_terms(str(built), corpus)
