"""The styles of rewriting: one markdown file each in `content/rewrites/`."""

import re
from dataclasses import dataclass
from importlib.resources.abc import Traversable

from inspect_ai.model import ChatMessage, ChatMessageSystem, ChatMessageUser

from warm_inspect.core.catalog import Catalog
from warm_inspect.core.documents import parse_markdown, sections
from warm_inspect.core.hashing import sha256_text

_MARK_DIGITS = 8


@dataclass(frozen=True)
class Style:
    """A tone and the instructions that ask for it."""

    name: str
    system: str
    user: str
    """Template with the fields prompt, reply, open and close."""

    @property
    def sha256(self) -> str:
        """Hash of the instructions."""
        return sha256_text(f"{self.system}\n{self.user}")

    def messages(self, prompt: str, reply: str) -> list[ChatMessage]:
        """The messages that ask the rewriter for one reply.

        The marks around the data carry a hash of it, so that no text can hold its own closing mark; the text itself
        stays as it is, for code in it is to be copied byte for byte.
        """
        mark = sha256_text(f"{prompt}\n{reply}")[:_MARK_DIGITS]
        fields = {"prompt": prompt, "reply": reply, "open": f"<<<{mark} ", "close": f">>>{mark} "}
        text = re.sub(r"\{(\w+)\}", lambda match: fields[match.group(1)], self.user)
        return [ChatMessageSystem(content=self.system), ChatMessageUser(content=text)]


def _parse(file: Traversable) -> Style:
    document = parse_markdown(file)
    text = sections(document.body)
    return Style(document.name, text["system"], text["user"])


STYLES: Catalog[Style] = Catalog("style", "rewrites", ".md", _parse)
