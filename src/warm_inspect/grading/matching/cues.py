"""The cues by which `match` reads: plain facts about English in `content/graders/matching/`."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import yaml

from warm_inspect.core.content import content_folder


@cache
def facts(name: str) -> Mapping[str, Any]:
    """The content of one YAML file of cues in `content/graders/matching/`."""
    text = content_folder("graders/matching").joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    cues: dict[str, Any] = yaml.safe_load(text)
    return cues


@cache
def auxiliaries() -> frozenset[str]:
    """The forms of "be", "do", "have", "can" and "will"."""
    return frozenset(form for forms in facts("clauses")["auxiliaries"].values() for form in forms)


@cache
def listed(name: str, kind: str) -> frozenset[str]:
    """The single words of one kind."""
    return frozenset(facts(name)[kind])
