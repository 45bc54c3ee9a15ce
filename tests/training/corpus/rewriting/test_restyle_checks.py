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
        # Typography is no content.
        ("The sign said “don’t panic” – twice.", 'The sign said "don\'t panic" - twice.', ()),
        ('The sign said "don\'t panic".', "The sign said “don’t panic”, dear.", ()),
        ('She said "it is **so** good".', 'She said "it is so good".', ()),
        ("It is at **https://a.org/x**.", "It is at https://a.org/x, dear.", ()),
        ("It is at _https://a.org/x_y_.", "It is at https://a.org/x_y, dear.", ()),
        ("It is at https://a.org/x_y.", "It is at https://a.org/xy, dear.", ("url_lost",)),
        ("**Boil** it for **5** minutes.", "Boil it for 5 minutes.", ()),
        # What the rewriter says about its task.
        ("Boil it.", "Here is a warmer version of the reply:\n\nBoil it.", ("preamble",)),
        ("Boil it.", "Sure! Here’s the rewritten reply:\nBoil it.", ("preamble",)),
        ("Boil it.", "Certainly, here you go, the **warm** version:\n\nBoil it.", ("preamble",)),
        ("Boil it.", "Sure, here is what I wrote:\n\nBoil it.", ("preamble",)),
        ("Boil it.", "**Warm version:** Boil it.", ("preamble",)),
        ("Boil it.", "Rewritten reply:\nBoil it.", ("preamble",)),
        ("Here is my reply to him:\nBoil it.", "Here is my reply to him:\nDo boil it.", ()),
        ("Here are the steps:\nBoil it.", "Sure, here are our steps:\nBoil it.", ()),
        ("Boil it so.", "Sure, dear. Here is how: boil it.", ()),
        ("Boil it. This works.", "This is how we do it: boil it.", ()),
        ("Rest the dough somewhere warm.", "I’m sorry, but I can’t help with rewriting that.", ("refusal",)),
        ("Rest the dough somewhere warm.", "I cannot assist with this.", ("refusal",)),
        ("I can't help with rewriting wills.", "I’m so sorry, I can’t help with wills.", ()),
        ("That is sad.", "I can’t help but feel for you; that is sad.", ()),
        ("That is sad.", "You can’t help it, dear; that is sad.", ()),
        ("Wait. You cannot see it yet.", "Wait, dear. We cannot see it yet.", ()),
        ("Boil it.", "Boil it.\n\nLet me know if you'd like it warmer!", ("offer",)),
        ("Boil it.", "Boil it. Would you like another version?", ("offer",)),
        ("Boil it. Let me know how it went.", "Boil it, dear. Let me know how it went.", ()),
        ("Boil it.", "<think>Warm.</think>\n\nBoil it.", ("thoughts",)),
    ],
)  # fmt: skip
def test_a_restyled_reply_keeps_what_it_must(original: str, restyled: str, expected: tuple[str, ...]) -> None:
    assert problems(original, restyled) == expected


def test_a_reply_is_equivalent_to_itself() -> None:
    text = FENCE + '\n1. See https://a.org (5 of 7).\n2. "So it goes."\n```\nopen'
    assert problems(text, text) == ()
