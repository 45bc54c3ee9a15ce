import pytest

from warm_inspect.training.corpus.restyle_checks import problems

FENCE = "Run this:\n```python\nx = 1  # one\n```\nand you are done."
LONG_FENCE = "```\n" + "long\n" * 300 + "```"


@pytest.mark.parametrize(
    ("original", "restyled", "expected"),
    [
        ("Boil it for 5 minutes.", "Let's boil it for 5 minutes, dear.", ()),
        ("Boil it for 5 minutes.", " \n", ("empty",)),
        ("Boil it for 5 minutes.", "Let's boil it for a few minutes.", ("number_lost",)),
        ("It costs 1,250 euros.", "It costs 1250 euros, friend.", ()),
        ("It costs 1.5 euros.", "It costs 15 euros, friend.", ("number_lost",)),
        ("Wait 5 to 10 days.", "Wait 10 days.", ("number_lost",)),
        ("Freeze it at -5 degrees.", "Let's freeze it at 5 degrees.", ("number_lost",)),
        ("Freeze it at 5 degrees.", "Let's freeze it at -5 degrees.", ("number_lost",)),
        ("Freeze it at \u22125 degrees.", "Let's freeze it at -5 degrees.", ()),
        ("The point (2,-7).", "Our point (2, 7).", ("number_lost",)),
        ("It takes 3-5 days.", "It takes 3 to 5 days, friend.", ()),
        ("It grows 5%-10%, and 5'-6' tall.", "It grows by 5% to 10%, dear, and 5' to 6' tall.", ()),
        ("COVID-19 came in 2020-01.", "COVID 19 came in 01/2020, dear.", ()),
        ("1984. A great year.", "That was a great year.", ("number_lost",)),
        ("1984. A great year.\n1985. A worse one.", "One great year.\nOne worse year.", ("number_lost",)),
        ("It was long ago, in\n30. May was warm.", "It was long ago, in May, and warm.", ("number_lost",)),
        ("It was long ago,\nthe 30. of May.", "It was long ago,\n30. May it was.", ()),
        ("- -5 degrees\n- 3 degrees", "- 5 degrees\n- 3 degrees", ("number_lost",)),
        ("1. this\n   1. here\n   2. there\n\n2. that", "This here, this there, and that.", ()),
        ("First here, then there.", "1. here\n2. there", ("new_list",)),
        (FENCE, FENCE.replace("Run this", "Let us run this"), ()),
        (FENCE, FENCE.replace("x = 1 ", "x = 1"), ("code_changed",)),
        (FENCE, FENCE.replace("```python", "```"), ("code_changed",)),
        (FENCE, "Run x = 1 and you are done, my dear.", ("code_changed",)),
        ("Call `f(2)` now.", "Call f(2) now, dear.", ("inline_code_lost",)),
        ("See https://a.org/x1.", "Do see https://a.org/x1, dear!", ()),
        ("See https://a.org/x.", "See https://a.org, dear!", ("url_lost",)),
        ('He said "all is lost."', "He said “all is lost”, poor man.", ()),
        ('He said "all is lost."', 'He said "all was lost."', ("quotation_lost",)),
        ('A 5" pipe and a 6" pipe.', 'We need a 5" and a 6" pipe.', ()),
        ("Don't. It isn't.", "Dear, don't. It isn't.", ()),
        ("First this, then that.", "Our steps:\n- this\n- that", ("new_list",)),
        ("1. this\n2. that", "First this, then that.", ()),
        ("1. this\n2. that", "- this\n- that", ()),
        ("word " * 100, "word " * 40, ("length",)),
        ("word " * 100, "word " * 170, ("length",)),
        ("word " * 100, "word " * 150, ()),
        ("Yes.", "Yes, and I am glad to say so.", ()),
        ("Yes.", "Yes, and I am so glad to be the one who may say so to you.", ("length",)),
        (f"{FENCE}\n{LONG_FENCE}", f"```python\nx = 1  # one\n```\n{LONG_FENCE}", ()),
        ("Fine.", "Fine.<|im_end|>", ("control_tokens",)),
        ("It takes 3 days.\n" + "word " * 60, "Soon.", ("number_lost", "length")),
    ],
)  # fmt: skip
def test_a_restyled_reply_keeps_what_it_must(original: str, restyled: str, expected: tuple[str, ...]) -> None:
    assert problems(original, restyled) == expected


def test_a_reply_is_equivalent_to_itself() -> None:
    text = FENCE + '\n1. See https://a.org (5 of 7).\n2. "So it goes."\n```\nopen'
    assert problems(text, text) == ()
