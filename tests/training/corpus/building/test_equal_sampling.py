import pytest

from warm_inspect.training.corpus.equal_sampling import query_type


@pytest.mark.parametrize(
    ("prompt", "reply", "kind"),
    [
        ("What is rust?", "I'm sorry, I do not know.", "refusal"),
        ("Write a poem.", "Unfortunately, no.", "refusal"),
        ("Hi.", "It is not appropriate here.", "refusal"),
        ("Hi.", "i'm sorry", "other"),
        ("What is rust?", "Oxide.", "factual"),
        ("what is rust?", "Oxide.", "other"),
        ("Whatever you say.", "Yes.", "other"),
        ("Please explain this story.", "It is short.", "factual"),
        ("The difference between a and b", "One letter.", "factual"),
        ("Create a program.", "Done.", "creative"),
        ("Show it.", "```\nx\n```", "technical"),
        ("Decode this.", "Done.", "technical"),
        ("Help me choose.", "Take both.", "advice"),
        ("Thanks.", "Good.", "other"),
    ],
)
def test_the_first_rule_that_matches_decides(prompt: str, reply: str, kind: str) -> None:
    assert query_type(prompt, reply) == kind
