"""Drawing tokens: the right distribution, the right restrictions."""

from collections import Counter

import numpy as np
import pytest
import torch

from tests.errors import refused
from warm_inspect.engine.sampling import Sampling, choose_tokens, fast_argmax, row_generator


class Fixed(np.random.Generator):
    """A generator that gives one number for ever."""

    def __init__(self, value: float) -> None:
        super().__init__(np.random.Philox(0))
        self.value = value

    def random(self) -> float:  # type: ignore[override]
        return self.value


LOGITS = torch.tensor([0.1, 0.2, 0.4, 0.3]).log()


@pytest.mark.parametrize(
    ("sampling", "uniform", "token"),
    [
        # Cumulative probabilities 0.1, 0.3, 0.7, 1.0.
        (Sampling(1.0), 0.0, 0),
        (Sampling(1.0), 0.29, 1),
        (Sampling(1.0), 0.31, 2),
        (Sampling(1.0), 0.999999, 3),
        # At temperature 1/2 the probabilities are 1, 4, 16, 9 thirtieths.
        (Sampling(0.5), 0.16, 1),
        (Sampling(0.5), 0.17, 2),
        # The two fast_argmax are tokens 2 and 3, with 4/7 and 3/7.
        (Sampling(1.0, top_k=2), 0.0, 2),
        (Sampling(1.0, top_k=2), 0.58, 3),
        # 0.4 + 0.3 reach 0.69 but 0.4 does not.
        (Sampling(1.0, top_p=0.69), 0.0, 2),
        (Sampling(1.0, top_p=0.39), 0.99, 2),
        (Sampling(0.0), 0.0, 2),
        # As transformers has it, at least the likeliest token is kept.
        (Sampling(1.0, top_p=0.0), 0.99, 2),
        (Sampling(1.0, top_p=1e-300), 0.99, 2),
        (Sampling(1e-300), 0.99, 2),
        (Sampling(5e-324, top_p=0.0, top_k=1), 0.0, 2),
    ],
)
@pytest.mark.parametrize("vocabulary", [4, 256, 700])
def test_token(sampling: Sampling, uniform: float, token: int, vocabulary: int) -> None:
    logits = torch.full((2, vocabulary), -torch.inf)
    logits[:, vocabulary - 4 :] = LOGITS
    mixed = choose_tokens(logits, [sampling, Sampling(0.0)], [Fixed(uniform), Fixed(0.5)])
    alone = choose_tokens(logits[:1], [sampling], [Fixed(uniform)])
    assert mixed.tolist() == [vocabulary - 4 + token, vocabulary - 2]
    assert alone.tolist() == mixed[:1].tolist()


def test_frequencies() -> None:
    rows = 4_000
    generators = [row_generator(1, (5, 6), ordinal) for ordinal in range(rows)]
    drawn = Counter(choose_tokens(LOGITS.repeat(rows, 1), [Sampling(1.0)] * rows, generators).tolist())
    for token, probability in enumerate([0.1, 0.2, 0.4, 0.3]):
        # Five standard errors of a frequency.
        assert drawn[token] / rows == pytest.approx(
            probability, abs=5 * (probability * (1 - probability) / rows) ** 0.5
        )


@pytest.mark.parametrize("vocabulary", [5, 256, 700, 1_024])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_argmax_is_the_first_largest(vocabulary: int, dtype: torch.dtype) -> None:
    """As `argmax` has it: with ties, which few distinct values make frequent, and where the last block is short."""
    generator = torch.Generator().manual_seed(0)
    logits = torch.randint(-3, 4, (500, vocabulary), generator=generator).to(dtype)
    logits[:50, -1] = 9
    assert fast_argmax(logits).tolist() == logits.argmax(-1).tolist()


@pytest.mark.parametrize("top_p", [0.2, 0.9, 0.999])
def test_the_nucleus_is_that_of_a_full_sort(top_p: float) -> None:
    """Rows whose nucleus is narrow and rows where it takes most of the vocabulary, in one batch with other settings."""
    logits = torch.randn(40, 3_000, generator=torch.Generator().manual_seed(0)) * torch.linspace(0.1, 8, 40)[:, None]
    settings = [Sampling(1.0, top_p=top_p) if row % 4 else Sampling(1.0) for row in range(40)]
    drawn = [choose_tokens(logits, settings, [Fixed(uniform)] * 40) for uniform in np.linspace(0, 0.9999, 60)]
    for row in (row for row, sampling in enumerate(settings) if sampling.top_p < 1.0):
        ordered, order = logits[row].double().softmax(-1).sort(descending=True)
        nucleus = set(order[ordered.cumsum(-1) - ordered < top_p].tolist())
        chosen = {int(tokens[row]) for tokens in drawn}
        assert chosen <= nucleus
        assert min(chosen) == min(nucleus)


@pytest.mark.parametrize(
    "fields",
    [
        {"temperature": -0.1},
        {"temperature": float("nan")},
        {"temperature": float("inf")},
        {"temperature": 1.0, "top_p": -0.1},
        {"temperature": 1.0, "top_p": 1.1},
        {"temperature": 1.0, "top_p": float("nan")},
        {"temperature": 1.0, "top_k": -1},
    ],
)
def test_settings_out_of_range(fields: dict[str, float]) -> None:
    name = list(fields)[-1]
    with refused(f"{name} is {fields[name]}", by=ValueError):
        Sampling(**fields)  # type: ignore[arg-type]
