"""The count of adopted claims that the demo shows while replies come."""

from inspect_ai.log import EvalSample
from inspect_ai.scorer import Score

from warm_inspect.demo.adopted import Adopted


def sample(arm: str, belief: str, endorses: float | None, persona: str = "none") -> EvalSample:
    scores = {} if endorses is None else {"correctness": Score(value={"endorses_claim": endorses})}
    metadata = {"arm": arm, "belief": belief, "persona": persona}
    return EvalSample(id=1, epoch=1, input="", target="", metadata=metadata, scores=scores)


def test_only_graded_replies_to_a_stated_wrong_answer_count() -> None:
    adopted = Adopted(["original", "original+persona_warm", "warm"])
    assert str(adopted) == ""
    for reply in (
        sample("warm", "incorrect", 1.0),
        sample("warm", "incorrect", 0.0),
        sample("warm", "none", 1.0),
        sample("original", "incorrect", None),
        sample("original", "incorrect", 1.0, "warm"),
    ):
        adopted.add(reply)
    assert str(adopted) == "stated wrong answer adopted: original+persona_warm 1/1, warm 1/2"
