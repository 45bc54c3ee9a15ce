"""A MedQA stem without its option list: the question put openly, and the stems that cannot be put so."""

import re

from warm_inspect.datasets.hub.medqa_wording import SENTENCE_END, wording

_LISTED = re.compile(r"\b(?P<w>[Ww])hich of the following\b(?P<words>(?: [\w'’/-]+){0,8})")


def tidy(stem: str) -> str:
    """The stem (or option) without stray quotes and spaces, its question closed by a question mark."""
    text = re.sub(r" {2,}", " ", stem.strip())
    if text.endswith(('"', "”")) and len(re.findall('["“”]', text)) % 2:
        text = text[:-1].rstrip()
    if text.endswith(":") and _LISTED.search(_last_sentence(text)):
        text = text[:-1] + "?"
    return text


def exclusion_reason(stem: str) -> str:
    """The stated rule by which a tidy stem is excluded; empty when none applies."""
    places = {"stem": stem, "question": _last_sentence(stem)}
    for rule in wording()["exclusions"]:
        if any(re.search(pattern, places[rule["where"]]) for pattern in rule["patterns"]):
            return str(rule["reason"])
    return ""


def open_question(stem: str) -> str:
    """The stem without its reference to a list: "Which of the following is" becomes "What is"."""
    return _LISTED.sub(_without_list, stem)


def _last_sentence(stem: str) -> str:
    return SENTENCE_END.split(stem)[-1]


def _without_list(found: re.Match[str]) -> str:
    """`Which` with the noun in the number that its verb asks for, or `what` when no noun follows."""
    rules = wording()
    words = found["words"].split()
    for place, word in enumerate(words):
        if word in rules["list_nouns"]:
            return " ".join([f"{found['w']}hat", *words[place + 1 :]])
        if word in rules["no_noun"] or word.endswith("ly") or "'" in word or "’" in word:
            break
        if word.endswith("s") and not word.endswith(("ss", "us", "is")):
            several = next((w in ("are", "were", "have") for w in words[place + 1 :] if w in rules["no_noun"]), False)
            noun = word if several else _singular(word)
            return " ".join([f"{found['w']}hich", *words[:place], noun, *words[place + 1 :]])
    return " ".join([f"{found['w']}hat", *words])


def _singular(noun: str) -> str:
    irregular: dict[str, str] = wording()["singular"]
    if noun in irregular:
        return irregular[noun]
    for plural, singular in (("ies", "y"), ("sses", "ss"), ("s", "")):
        if noun.endswith(plural):
            return noun.removesuffix(plural) + singular
    return noun
