"""The graders the package knows: what each needs, when its provider retires it, and what was measured with it."""

from datetime import date
from fnmatch import fnmatchcase
from importlib.resources.abc import Traversable
from typing import Literal

import yaml
from inspect_ai.model import GenerateConfig
from pydantic import BaseModel, ConfigDict, Field, PositiveInt

from warm_inspect.core.content import Catalog

ROLE_OPTION = "--model-role grader="
BIND = f"{ROLE_OPTION}PROVIDER/MODEL"
"""How a run is given another grader."""


class GraderFacts(BaseModel):
    """One file of `content/graders/`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    models: tuple[str, ...] = Field(min_length=1)
    """Inspect's names of the models, with `*` for any text; the longest pattern that fits a model is its own."""
    default: bool = False
    """Whether its first model grades when a run binds none."""
    temperature: float | None
    """None for models that refuse one."""
    effort: Literal["low", "medium", "high"] | None = None
    """Reasoning effort."""
    max_tokens: PositiveInt
    """Tokens of a reply, thoughts included; a reply that was cut off is asked for again with eight times as many."""
    structured: bool
    """Whether the provider holds the model to a JSON schema."""
    retires: date | None = None
    """First day on which the provider's API is announced to refuse it."""
    successor: str | None = None
    """What the provider recommends in its place."""
    measured: str
    """What is known of how well it grades."""

    @property
    def config(self) -> GenerateConfig:
        """The settings of its calls."""
        return GenerateConfig(temperature=self.temperature, max_tokens=self.max_tokens, reasoning_effort=self.effort)

    def retirement(self, model: str, today: date, option: str = ROLE_OPTION) -> str:
        """What a user has to know of the model's retirement, with the way out; empty without an announced date.

        Args:
            model: Inspect's name of it.
            today: the day of the run.
            option: what stands before another model's name on the command line.
        """
        if self.retires is None:
            return ""
        other = self.successor and f"for example {option}{self.successor}"
        way_out = f"Bind another grader with {option}PROVIDER/MODEL" + (f", {other}." if other else ".")
        when = f"the grader {model} {{}} its provider's API on {self.retires.isoformat()}, as its provider announced"
        if today < self.retires:
            return f"{when.format('leaves')}. {way_out} Replies graded by two graders are never pooled."
        return f"{when.format('left')}. {way_out}"

    def is_gone(self, today: date) -> bool:
        """Whether the announced day has come."""
        return self.retires is not None and today >= self.retires


def _parse(file: Traversable) -> GraderFacts:
    return GraderFacts.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))


GRADERS: Catalog[GraderFacts] = Catalog("grader", "graders", ".yaml", _parse)
"""The known graders: one file each in `content/graders/`."""


def default_grader() -> str:
    """Inspect's name of the model that grades when a run binds none. Source: study, Methods."""
    [name] = [facts.models[0] for facts in GRADERS.values() if facts.default]
    return name


def grader_facts(model: str) -> GraderFacts:
    """What is known of a model, by Inspect's name for it; of an unknown one the facts of `other`."""
    fitting = [
        (len(pattern), facts) for facts in GRADERS.values() for pattern in facts.models if fnmatchcase(model, pattern)
    ]
    return max(fitting, key=lambda pair: pair[0])[1]
