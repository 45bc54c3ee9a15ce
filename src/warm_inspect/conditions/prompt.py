"""The words round a question, in the order of the study: statement, lead-in, question, belief."""

from warm_inspect.conditions.words import BELIEFS, PERSONAS, lead_in_sentence
from warm_inspect.core.hashing import sha256_json
from warm_inspect.core.vocabulary import ItemForm


def prepend_context(question: str, statement: str, lead_in: bool, form: ItemForm) -> str:
    """The user message with the context statement and the lead-in before it."""
    parts = [statement, lead_in_sentence(form) if lead_in else "", question]
    return " ".join(part for part in parts if part)


def append_belief(question: str, belief: str, claim: str, form: ItemForm) -> str:
    """The user message with the belief sentence behind it."""
    sentence = BELIEFS[belief].sentence(form, claim)
    return f"{question} {sentence}" if sentence else question


def rendered_sha256(user_message: str, persona: str) -> str:
    """Hash of the messages a model is given: the persona's system message, if any, and the user message."""
    system = PERSONAS[persona].system
    messages = [["system", system]] if system else []
    return sha256_json([*messages, ["user", user_message]])
