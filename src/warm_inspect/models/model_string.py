"""The name of a local model: `peft/<base>[:<adapter>[@revision]]`, the grammar of Inspect's `vllm/` provider.

The adapter is part of the name because Inspect's cache and eval sets tell models apart by their name alone.
"""

from dataclasses import dataclass

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.files import user_folder

GRAMMAR = (
    "peft/<base>[:<adapter>[@<revision>]] - base: an alias, a folder or a Hub id; adapter: a folder, or a Hub id "
    "with an optional revision"
)


@dataclass(frozen=True)
class ModelString:
    """The parts of a model name after `peft/`."""

    base: str
    """Alias, folder or Hub id."""
    adapter: str | None = None
    """Folder or Hub id; None = the plain base model."""
    revision: str | None = None
    """Revision of an adapter on the Hub."""


def parse_model_string(text: str) -> ModelString:
    """The parts of a model name. Existing folders win, so their names may contain ':' and '@'.

    Args:
        text: what follows `peft/`.

    Raises:
        PrerequisiteError: the text does not follow the grammar.
    """
    if user_folder(text):
        return ModelString(text)
    cuts = [index for index, character in enumerate(text) if character == ":"]
    if not cuts:
        return ModelString(_part(text, text))
    cut = next((index for index in reversed(cuts) if user_folder(text[:index])), cuts[0])
    base, adapter = text[:cut], text[cut + 1 :]
    if user_folder(adapter):
        return ModelString(_part(base, text), adapter)
    name, at, revision = adapter.partition("@")
    if at and user_folder(adapter.rpartition("@")[0]):
        raise PrerequisiteError(
            f"The adapter in {text!r} is a folder, which has no revisions: leave out '@' and after."
        )
    return ModelString(_part(base, text), _part(name, text), _part(revision, text) if at else None)


def _part(part: str, text: str) -> str:
    if not user_folder(part) and (not part or part != part.strip() or ":" in part or "@" in part):
        raise PrerequisiteError(f"The model name {text!r} does not follow the grammar {GRAMMAR}.")
    return part
