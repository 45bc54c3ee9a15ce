"""A self-distilled arm is trained on the base that wrote its replies, and on no other."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.errors import refused
from tests.training.conftest import row
from warm_inspect.cli.train import train
from warm_inspect.core.manifest import AdapterManifest
from warm_inspect.models import ResolvedBase
from warm_inspect.training import PRESETS, load_corpus, plan_training
from warm_inspect.training.corpus.datasheet import write_corpus as make_corpus
from warm_inspect.training.corpus.origin import (
    SELF_DISTILLED_ARMS,
    CorpusTerms,
    Teacher,
    adapter_terms,
    base_licence,
    check_arm,
    corpus_terms,
    local_names,
)
from warm_inspect.training.corpus.pairs import CorpusRow

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


SHA = "a" * 64
NAMES = ("peft/tiny", "vllm/tiny")
REPLIES = dict.fromkeys(("unmodified", *sorted(SELF_DISTILLED_ARMS)), "It is 0.")
HOSTED = "openai/gpt-4o-2024-08-06"


def distilled(folder: Path, model: str, **weights: str) -> Path:
    """A corpus distilled from this model and restyled by another."""
    folder.mkdir()
    rows = [CorpusRow.model_validate(row(number, split="train", replies=REPLIES)) for number in range(10)]
    own = {"step": "distill", "model": model, "weights": weights, "replies": {"self_distilled": {}}}
    styles: dict[str, Any] = {arm: {} for arm in REPLIES if arm.startswith("self_distilled_")}
    restyled = {"step": "restyle", "model": HOSTED, "source_arm": "self_distilled", "replies": styles}
    make_corpus(folder, rows, restyled, make_corpus(folder, rows, own, None))
    return folder


def run(corpus: Path, base: str, out: Path, *options: str) -> Any:
    given = ["--corpus", str(corpus), "--base", base, "--out", str(out), *options]
    return CliRunner().invoke(train, given, catch_exceptions=False)


@pytest.mark.parametrize("arm", sorted(SELF_DISTILLED_ARMS))
@pytest.mark.parametrize(
    ("teacher", "parts"),
    [
        (
            Teacher(model="peft/tiny", base_sha256="b" * 64),
            ("peft/tiny (weights bbbbbbbbbbbb)", "peft/tiny (weights aaaaaaaaaaaa)"),
        ),
        (Teacher(model="peft/tiny:warm-1", base_sha256=SHA, adapter_sha256="c" * 64), ("peft/tiny:warm-1",)),
        (Teacher(model=HOSTED), (HOSTED, "corpus distill CORPUS --model peft/tiny")),
        (Teacher(model="vllm/tiny:warm-1"), ("vllm/tiny:warm-1",)),
    ],
)
def test_another_models_words_are_refused(arm: str, teacher: Teacher, parts: tuple[str, ...]) -> None:
    with refused(*parts):
        check_arm(arm, teacher, NAMES, SHA)
    assert check_arm("unmodified", teacher, NAMES, SHA) == ""


def test_weights_decide_where_they_are_known_and_names_elsewhere() -> None:
    assert check_arm("self_distilled", Teacher(model="peft/other-name", base_sha256=SHA), NAMES, SHA) == ""
    assert "vllm/tiny" in check_arm("self_distilled", Teacher(model="vllm/tiny"), NAMES, SHA)
    assert check_arm("self_distilled", Teacher(model=HOSTED), [HOSTED]) == ""
    with refused("peft/tiny", HOSTED):
        check_arm("self_distilled", Teacher(model="peft/tiny", base_sha256=SHA), [HOSTED])
    with refused("openai/ft:gpt-4o-2024-08-06:a:b:c"):
        check_arm("self_distilled", Teacher(model="openai/ft:gpt-4o-2024-08-06:a:b:c"), [HOSTED])


def test_an_alias_is_known_by_its_hub_id_too(tiny_base: ResolvedBase) -> None:
    names = local_names(replace(tiny_base, name="smollm2-135m"))
    assert names[0] == "peft/smollm2-135m"
    assert "vllm/HuggingFaceTB/SmolLM2-135M-Instruct" in names


def test_the_plan_reads_the_datasheet(tmp_path: Path, tiny_base: ResolvedBase) -> None:
    own = distilled(tmp_path / "own", "peft/tiny", base_sha256=tiny_base.weights_sha256, adapter_sha256="")
    corpus, other = load_corpus(str(own)), replace(tiny_base, weights_sha256=SHA)
    for arm in sorted(SELF_DISTILLED_ARMS):
        assert plan_training(PRESETS["demo"], corpus, arm, tiny_base).note == ""
        with refused(f"'{arm}'", "aaaaaaaaaaaa", "--base"):
            plan_training(PRESETS["demo"], corpus, arm, other)


def test_the_command_refuses_another_base(tmp_path: Path, tiny_base: ResolvedBase) -> None:
    corpus = distilled(tmp_path / "own", "peft/smollm2-135m", base_sha256=SHA, adapter_sha256="")
    with refused("peft/smollm2-135m", "peft/tiny"):
        run(corpus, str(tiny_base.path), tmp_path / "out", "--arm", "self_distilled_warm")
    assert not list((tmp_path / "out").glob("*"))
    assert run(corpus, str(tiny_base.path), tmp_path / "out", "--arm", "unmodified", "--dry-run").exit_code == 0


def test_at_openai_the_name_decides(tmp_path: Path) -> None:
    options = ("--arm", "self_distilled", "--provider", "openai", "--dry-run", "--json")
    own, other = distilled(tmp_path / "own", HOSTED), distilled(tmp_path / "other", "openai/gpt-4o-mini-2024-07-18")
    [plan] = json.loads(run(own, "gpt-4o-2024-08-06", tmp_path, *options).stdout)
    assert plan["note"] == ""
    with refused("openai/gpt-4o-mini", f"distill CORPUS --model {HOSTED}"):
        run(other, "gpt-4o-2024-08-06", tmp_path, *options)


@pytest.mark.slow
def test_where_nobody_says_the_plan_and_the_manifest_do(
    write_corpus: Callable[..., Path], tiny_base: ResolvedBase, tmp_path: Path
) -> None:
    plain = write_corpus(*(row(number, split="train", replies=REPLIES) for number in range(10)))
    arms = ("--arm", "self_distilled", "--arm", "self_distilled_warm", "--arm", "unmodified")
    shown = run(plain, str(tiny_base.path), tmp_path / "out", *arms, "--seeds", "1,2", "--dry-run").output
    assert shown.count("Note: No datasheet says which model wrote the self_distilled replies") == 1
    hosted = run(plain, "gpt-4o-2024-08-06", tmp_path / "out", *arms, "--provider", "openai", "--dry-run").output
    assert hosted.count("Note: No datasheet says") == 1
    made = json.loads(run(plain, str(tiny_base.path), tmp_path / "out", *arms, "--json").stdout)
    assert len(made) == 3
    for one in made:
        manifest = AdapterManifest.read(Path(one["folder"]))
        assert manifest is not None
        assert manifest.corpus.get("note", "") == one["note"]
        assert bool(one["note"]) == (one["arm"] != "unmodified")
