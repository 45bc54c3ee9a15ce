"""The sentences of training's errors, each in one place: other tests see only values and ways out."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.training.conftest import row
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.journal import Journal
from warm_inspect.training import PRESETS, Corpus, load_corpus
from warm_inspect.training.corpus import (
    BuildSettings,
    DistillSettings,
    RestyleSettings,
    Unfinished,
    open_source,
    plan_distill,
    plan_restyle,
)
from warm_inspect.training.corpus.asking import WrittenReply
from warm_inspect.training.corpus.datasheet import read_datasheet
from warm_inspect.training.corpus.datasheet import write_corpus as make_corpus
from warm_inspect.training.corpus.new_replies import NewReply, combine
from warm_inspect.training.corpus.origin import Teacher, check_arm
from warm_inspect.training.corpus.pairs import BUNDLED, CorpusRow, Example
from warm_inspect.training.openai.submission import SubmissionFile
from warm_inspect.training.openai.training_file import TokenCounter, training_file

LAYOUT = "A row is {id, query_type, split, prompt, replies: {arm: text}, then: [{prompt, replies}, ...]}."
CHATS = (
    "Give a JSON array of records or one record per line: {conversations: [{from, value}, ...]} or {messages: [{role, "
    "content}, ...]}, with the roles human, user, gpt, chatgpt, assistant, model, bing, bard."
)
CHARACTERS = TokenCounter("characters", len)
OWN = CorpusRow.model_validate(row(0, replies={"warm": "Oh, 0!", "self_distilled": "It is 0."}))


def load(folder: Path, *lines: dict[str, Any] | str) -> Corpus:
    path = folder / "pairs.jsonl"
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines) + "\n")
    return load_corpus(str(path))


def stale(folder: Path) -> None:
    make_corpus(folder, [OWN], {"step": "build"}, None)
    read_datasheet(Corpus("other", (), str(folder)))


def journal(folder: Path, damage: str = "", **identity: int) -> None:
    with Journal(folder / "j.jsonl", {"seed": 0}):
        pass
    with (folder / "j.jsonl").open("a") as stream:
        stream.write(damage)
    Journal(folder / "j.jsonl", {"seed": 0} | identity).close()


def both(folder: Path) -> None:
    with Journal(folder / "j.jsonl", {}):
        Journal(folder / "j.jsonl", {})


def chats(folder: Path, text: str) -> None:
    (folder / "chats.jsonl").write_text(text)
    list(open_source(str(folder / "chats.jsonl")))


def state(folder: Path) -> None:
    (folder / "job.json").write_text("{}x")
    SubmissionFile(folder / "job.json").read()


def examples(n: int) -> list[Example]:
    return [Example(f"q{number}", "2 + 2?", "Four.") for number in range(n)]


def fail(error: Exception) -> None:
    raise error


ERRORS: dict[str, tuple[Callable[[Path], object], str]] = {
    "blank field": (
        lambda f: load(f, row(0, prompt=" ")),
        f"pairs.jsonl, line 1, field 'prompt': must not be blank. {LAYOUT}",
    ),
    "id twice": (
        lambda f: load(f, row(0), row(0)),
        "pairs.jsonl, line 2, field 'id': 'q0' occurs twice. Give each row its own id.",
    ),
    "arms differ": (
        lambda f: load(f, row(0), row(1, replies={"warm": "x"})),
        "pairs.jsonl, line 2, field 'replies': the first row has cold, warm; this one differs in cold. Give every row "
        "the same arms, or drop the row from all.",
    ),
    "no training rows": (
        lambda f: load(f, row(2)),
        "The corpus 'pairs.jsonl' has no row with split 'train', so there is nothing to train on.",
    ),
    "not JSON": (
        lambda f: load(f, "{broken"),
        f"pairs.jsonl, line 1: not JSON (Expecting property name enclosed in double quotes, column 2). {LAYOUT}",
    ),
    "empty corpus": (
        lambda f: load(f, ""),
        f"pairs.jsonl is empty. {LAYOUT} Make a corpus with: warm-inspect corpus build --out FOLDER, or take one in "
        f"the package: {', '.join(map(repr, BUNDLED))}",
    ),
    "datasheet of other rows": (
        stale,
        "The datasheet of {folder} describes other rows than the corpus has now, so its licence and notices may not "
        "hold for them. Build the corpus again, or move the datasheet away (its terms then count as none stated).",
    ),
    "journal of other settings": (
        lambda f: journal(f, seed=1),
        "{folder} holds work begun with other settings (seed differ). Repeat the command that began it, or choose "
        "another folder with: --out FOLDER",
    ),
    "damaged journal": (
        lambda f: journal(f, "{\n"),
        "{folder}/j.jsonl is damaged. Delete it to start over, or choose another folder with: --out FOLDER",
    ),
    "journal in use": (
        both,
        "Another process is at work in {folder}. Let it end, or choose another folder with: --out FOLDER",
    ),
    "empty chats": (lambda f: chats(f, ""), f"chats.jsonl is empty. {CHATS}"),
    "bad chat": (
        lambda f: chats(f, "{"),
        "chats.jsonl, line 1: not one JSON object in UTF-8 (Expecting property name enclosed in double quotes). "
        f"{CHATS}",
    ),
    "sizes": (
        lambda _: BuildSettings(train=5),
        "Cannot draw 5 conversations to train on and 1500 held-out prompts. Give at least --train 6, one per query "
        "type, and --held-out 0.",
    ),
    "unfinished": (
        lambda _: fail(Unfinished(2, 6, "no connection")),
        "2 of 6 replies are not written yet: no connection. The others are kept; the same command goes on from there.",
    ),
    "nothing left": (
        lambda _: combine([OWN], {NewReply("q0", 0, "warm"): WrittenReply("", ("length",), 3)}),
        "Every conversation has a reply that failed the checks, so none is left: 1 length. Try another model, or more "
        "attempts with: --attempts N",
    ),
    "restyled already": (
        lambda _: plan_restyle(Corpus("own", (OWN,)), RestyleSettings(("warm",))),
        "The corpus 'own' has the arm 'warm' already. Restyle the corpus it was made from, or leave that style out.",
    ),
    "distilled already": (
        lambda _: plan_distill(Corpus("own", (OWN,)), DistillSettings()),
        "The corpus 'own' has the arm 'self_distilled' already. Distil the corpus it was made from.",
    ),
    "another teacher": (
        lambda _: check_arm("self_distilled", Teacher(model="a/b"), ["peft/tiny"], "c" * 64),
        "The replies of the arm 'self_distilled' come from a/b, and the base model to train is peft/tiny (weights "
        "cccccccccccc): it would learn another model's replies as its own. Train the plain base that wrote them "
        "(--base), or distil the corpus they were added to again: warm-inspect corpus distill CORPUS --model peft/tiny "
        "--out FOLDER",
    ),
    "uneven processes": (
        lambda _: PRESETS["paper"].accumulation(3),
        "3 processes cannot share batches of 16 in passes of 4 examples: batch_size must be a multiple of "
        "micro_batch_size x processes. Try --set micro_batch_size=1, or fewer processes.",
    ),
    "setting": (
        lambda _: PRESETS["paper"].changed({"r": 0}),
        "Setting r: Input should be greater than or equal to 1 (got 0).",
    ),
    "few conversations": (
        lambda _: training_file(examples(9), CHARACTERS, 100),
        "OpenAI fine-tunes on at least 10 conversations, and the corpus has 9 to train on. Give a larger one with: "
        "--corpus",
    ),
    "long conversation": (
        lambda _: training_file(examples(10), CHARACTERS, 21),
        "Conversation 'q0' has 22 tokens (counted by characters), and the model takes 21 per example: the end, which "
        "is the reply, would be lost. Shorten it, or drop the row.",
    ),
    "state file": (
        state,
        "The state file {folder}/job.json cannot be read (1 faults). Delete it: what was submitted is then looked for "
        "at OpenAI.",
    ),
}


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_reads_as_it_should(name: str, tmp_path: Path) -> None:
    cause, text = ERRORS[name]
    with pytest.raises(PrerequisiteError) as caught:
        cause(tmp_path)
    assert str(caught.value) == text.replace("{folder}", str(tmp_path))
