"""Typed views of the words that conditions are made of: contexts, beliefs, personas, lead-ins."""

from importlib.resources.abc import Traversable

from pydantic import BaseModel, ConfigDict

from warm_inspect.core.content import Catalog, parse_markdown, sections
from warm_inspect.core.vocabulary import ContextGroup, ItemForm


class _Words(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    order: int
    """Rank in lists, tables and figures."""


class Context(_Words):
    """A context: the user's words before the question, which are a cue, a control statement, or nothing."""

    group: ContextGroup
    """What its effect is pooled with; its own name where the context holds no cue."""
    lead_in: bool
    """Whether the neutral lead-in precedes the question."""
    statements: tuple[str, ...]
    """First-person statements; a question gets one of them."""


class Belief(_Words):
    """A belief: the user's words after the question, about its answer."""

    claim: str
    """Which answer the sentence names: `none`, `incorrect` or `correct`."""
    denies: bool = False
    """Whether the sentence says that this answer is wrong."""
    templates: dict[ItemForm, str]
    """One sentence for each form of item, with the placeholder `{claim}`; empty for `none`."""

    def sentence(self, form: ItemForm, claim: str) -> str:
        """The belief sentence about a claim; empty for `none`."""
        return self.templates[form].replace("{claim}", claim) if self.templates else ""


class Persona(_Words):
    """A system message; empty for `none`."""

    system: str


def _context(file: Traversable) -> Context:
    document = parse_markdown(file)
    statements = tuple(line[2:].strip() for line in document.body.splitlines() if line.startswith("- "))
    return Context(name=document.name, statements=statements, **document.front)


def _belief(file: Traversable) -> Belief:
    document = parse_markdown(file)
    templates = {ItemForm(form): text for form, text in sections(document.body).items()}
    return Belief(name=document.name, templates=templates, **document.front)


def _persona(file: Traversable) -> Persona:
    document = parse_markdown(file)
    return Persona(name=document.name, system=document.body, **document.front)


def _rank(words: _Words) -> int:
    return words.order


CONTEXTS: Catalog[Context] = Catalog("context", "contexts", ".md", _context, _rank)
BELIEFS: Catalog[Belief] = Catalog("belief", "beliefs", ".md", _belief, _rank)
PERSONAS: Catalog[Persona] = Catalog("persona", "personas", ".md", _persona, _rank)
LEAD_INS: Catalog[dict[str, str]] = Catalog(
    "lead-in", "lead_ins", ".md", lambda file: sections(parse_markdown(file).body)
)


def lead_in_sentence(form: ItemForm) -> str:
    """The neutral one-sentence lead-in of the published prompts, in our words."""
    return LEAD_INS["neutral"][form]
