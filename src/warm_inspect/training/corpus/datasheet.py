"""The datasheet of a corpus: where it came from, every count, every reason for leaving something out, its terms."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from warm_inspect import __version__
from warm_inspect.core.content import content_folder, parse_markdown, sections
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.files import write_whole
from warm_inspect.core.json_text import parse_json, read_text
from warm_inspect.core.manifest import NONE_STATED
from warm_inspect.training.corpus.pairs import BUNDLED, CORPUS_NAME, UNMODIFIED, Corpus, CorpusRow, load_corpus

DATASHEET_NAME = "datasheet.json"
READABLE_NAME = "datasheet.md"


class Datasheet(BaseModel):
    """Content and origin of a corpus folder, without a machine path and without text of the corpus."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: int = 1
    corpus_sha256: str
    """`Corpus.sha256` of the rows beside it."""
    counts: dict[str, Any]
    arms: tuple[str, ...]
    """Arms that can be trained."""
    licence: str
    """Licence of the prompts and original replies; `none stated` where the source states none."""
    personal_data: str
    """The notice about text of real people, which goes with every copy; empty when there is none."""
    rewriter_terms: str
    """Whose terms apply to replies that models wrote, over all arms; empty while there are none."""
    steps: tuple[dict[str, Any], ...]
    """The steps that made it, in order: settings, counts and drop reasons of each."""

    def written_by(self, arm: str) -> tuple[dict[str, Any], ...]:
        """The steps in which models wrote the replies of an arm, in order; none for recorded replies."""
        return _written_by(self.steps, arm)

    def rewriter_terms_of(self, arm: str) -> str:
        """Whose terms apply to the replies of one arm; empty when no model wrote them, `none stated` when unknown."""
        if not _writers(self.steps):
            return self.rewriter_terms  # A datasheet written by hand has no steps.
        if steps := self.written_by(arm):
            return _rewriter_terms(steps)
        return "" if arm == UNMODIFIED else NONE_STATED


def write_corpus(folder: Path, rows: Sequence[CorpusRow], step: dict[str, Any], before: Datasheet | None) -> Datasheet:
    """Write rows and datasheet into a folder; each file appears whole, the datasheet last.

    Args:
        folder: the corpus folder.
        rows: at least one of them to train on.
        step: what made them: settings, counts and drop reasons.
        before: the datasheet of the corpus they were made from; None for recorded chats.
    """
    text = "".join(row.model_dump_json(exclude_defaults=True) + "\n" for row in rows)
    (folder / DATASHEET_NAME).unlink(missing_ok=True)
    write_whole(folder / CORPUS_NAME, text)
    corpus = load_corpus(str(folder))
    notices = _notices()
    steps = (*(before.steps if before else ()), {**step, "warm_inspect_version": __version__})
    sheet = Datasheet(
        corpus_sha256=corpus.sha256,
        counts=_counts(corpus),
        arms=corpus.arms,
        licence=before.licence if before else NONE_STATED,
        personal_data=before.personal_data if before else notices["personal data"],
        rewriter_terms=_rewriter_terms(_writers(steps)),
        steps=steps,
    )
    write_whole(folder / READABLE_NAME, _readable(sheet))
    write_whole(folder / DATASHEET_NAME, sheet.model_dump_json(indent=2) + "\n")
    return sheet


def read_datasheet(corpus: Corpus) -> Datasheet | None:
    """The datasheet of a bundled corpus, or the one in a corpus's folder; None for other corpora.

    Raises:
        PrerequisiteError: it cannot be read, or describes other rows.
    """
    if corpus.source in BUNDLED:
        return _bundled(corpus)
    path = Path(corpus.source) / DATASHEET_NAME
    if not corpus.source or not path.is_file():
        return None
    text = read_text(path, "Build the corpus again.")
    parse_json(text, str(path), "Build the corpus again.")
    try:
        sheet = Datasheet.model_validate_json(text)
    except ValidationError as error:
        raise PrerequisiteError(f"The datasheet {path} cannot be read: {error}", "Build the corpus again.") from None
    if sheet.corpus_sha256 != corpus.sha256:
        raise PrerequisiteError(
            f"The datasheet of {corpus.source} describes other rows than the corpus has now, so its licence and "
            "notices may not hold for them",
            "Build the corpus again, or move the datasheet away (its terms then count as none stated).",
        )
    return sheet


def _writers(steps: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The steps in which a model wrote replies."""
    return [step for step in steps if "replies" in step]


def _written_by(steps: Sequence[dict[str, Any]], arm: str) -> tuple[dict[str, Any], ...]:
    for place, step in enumerate(steps):
        if arm in step.get("replies", ()):
            # The replies that were restyled may be a model's, too.
            return (*_written_by(steps[:place], step.get("source_arm", "")), step)
    return ()


def _rewriter_terms(steps: Sequence[dict[str, Any]]) -> str:
    """The notice that names each model of these steps once; empty without steps."""
    models = " and ".join(dict.fromkeys(step["model"] for step in steps))
    return _notices()["rewriter"].replace("{models}", models) if models else ""


def _bundled(corpus: Corpus) -> Datasheet:
    return Datasheet(
        corpus_sha256=corpus.sha256,
        counts=_counts(corpus),
        arms=corpus.arms,
        licence=BUNDLED[corpus.source].licence,
        personal_data="",
        rewriter_terms="",
        steps=(),
    )


def _notices() -> dict[str, str]:
    return sections(parse_markdown(content_folder("datasheets").joinpath("corpus.md")).body)


def _counts(corpus: Corpus) -> dict[str, Any]:
    counts = corpus.counts()
    for split, count in counts.items():
        count["replies_per_arm"] = sum(len(row.turns) for row in corpus.rows if row.split == split)
    return counts


def _readable(sheet: Datasheet) -> str:
    notices = _notices()
    parts = [
        "# Datasheet",
        f"Licence: **{sheet.licence}**. {notices['licence'] if sheet.licence == NONE_STATED else ''}".rstrip(),
        f"Personal data: {sheet.personal_data or notices['no personal data']}",
        *([sheet.rewriter_terms] if sheet.rewriter_terms else []),
        notices["plumbing"],
        f"Arms: {', '.join(sheet.arms)}. Rows' sha256: `{sheet.corpus_sha256}`.",
        "## Counts",
        _table(sheet.counts),
    ]
    for number, step in enumerate(sheet.steps, start=1):
        parts += [f"## Step {number}: {step['step']}", _table({k: v for k, v in step.items() if k != "step"})]
    return "\n\n".join(parts) + "\n"


def _table(values: Mapping[str, Any]) -> str:
    rows = [f"| {name} | {_cell(value)} |" for name, value in _flat(values)]
    return "\n".join(["| what | value |", "|---|---|", *rows])


def _flat(values: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    """Nested values as one list of names and values."""
    flat: list[tuple[str, Any]] = []
    for name, value in values.items():
        title = f"{prefix}{str(name).replace('_', ' ')}"
        if isinstance(value, Mapping) and value:
            flat += _flat(value, f"{title}: ")
        else:
            flat.append((title, value))
    return flat


def _cell(value: object) -> str:
    if value is None or value in ("", {}, [], ()):
        return "none"
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return text.replace("|", "\\|").replace("\n", " ")
