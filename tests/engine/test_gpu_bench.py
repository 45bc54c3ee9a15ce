"""The bench for cards: what it says a card must read at least, and that all contestants get the same work."""

from bench.gpu.workload import Request, Shape, least_bytes, make_requests

SHAPE = Shape(layers=1, width=4, inner=8, heads=2, key_heads=1, vocabulary=100, tied=True)


def test_least_bytes() -> None:
    """Weights: 16 + 8 + 8 + 16 and 3 x 32 in the layer, 400 in the output: 544. Keys and values: 2 x 2 a token.

    Replies of 2 and 1 tokens in rows of 2 take two steps, which see 3 and 4, and 1, earlier tokens. Two bytes a number.
    """
    requests = [Request((5, 6, 7), 0, 2), Request((5,), 0, 1)]
    assert least_bytes(SHAPE, requests, rows=2) == 2 * (2 * 544 + 8 * 4)
    assert least_bytes(SHAPE, requests, rows=1) == 2 * (3 * 544 + 8 * 4)


def test_the_number_of_adapters_changes_nothing_else() -> None:
    one, four = (make_requests(SHAPE, 12, arms) for arms in (1, 4))
    assert [(each.prompt, each.reply) for each in one] == [(each.prompt, each.reply) for each in four]
    assert [each.arm for each in four] == [0, 1, 2, 3] * 3
    assert {each.prompt[:24] for each in one} == {one[0].prompt[:24]}
    assert all(44 <= len(each.prompt) <= 144 and 32 <= each.reply <= 160 for each in one)
