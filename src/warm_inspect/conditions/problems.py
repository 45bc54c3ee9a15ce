"""Typed view of the words of the family `reliability`: the templates that ask the problems of a domain."""

from importlib.resources.abc import Traversable

from pydantic import BaseModel, ConfigDict

from warm_inspect.core.content import Catalog, content_folder, parse_markdown, sections

_FOLDER = "families/reliability"


class Template(BaseModel):
    """One way to ask the problems of a domain."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    """Its number, for example `07`."""
    style: str
    """`bare`, `framed` by a situation, or `format`: it asks for a form of the answer."""
    text: str
    """With the names of what a problem states in braces."""

    def filled(self, stated: dict[str, str]) -> str:
        """The question about a problem.

        Args:
            stated: what the problem states, by the names in the template.
        """
        text = self.text
        for name, value in stated.items():
            text = text.replace(f"{{{name}}}", value)
        return text


def _templates(file: Traversable) -> tuple[Template, ...]:
    titled = sections(parse_markdown(file).body)
    return tuple(
        Template(name=name, style=style, text=text)
        for (name, style), text in ((title.split(), text) for title, text in titled.items())
    )


def _tasks() -> dict[str, str]:
    tasks: dict[str, str] = parse_markdown(content_folder(_FOLDER).joinpath("transforms.md")).front["tasks"]
    return tasks


TRANSFORM_TASKS: dict[str, str] = _tasks()
"""What is asked of a text, by the kind of transformation; words in braces are drawn for each problem."""
PROBLEM_TEMPLATES: Catalog[tuple[Template, ...]] = Catalog("domain", _FOLDER, ".md", _templates)
"""The templates of each domain, in their order: the first five hold two bare ones, two framed ones and one format."""
