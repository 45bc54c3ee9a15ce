"""SocioT `exact` against `released` on the same texts and weights, in pairs.

The weights are those of `--model`, or random ones in GPT-2's shape (its speed does not depend on them) with the
tokenizer of SmolLM2:

    python bench/warmth/sociot.py                        GPT-2's own size
    python bench/warmth/sociot.py --layers 4 --width 256
    python bench/warmth/sociot.py --model gpt2           the published weights, from the Hub
"""

from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import click

from warm_inspect.models import load_tokenizer, share_cpus
from warm_inspect.training import load_corpus
from warm_inspect.warmth import ReleasedSocioT, SocioT, WarmthMeter, scoring_model_path


@click.command()
@click.option("--texts", default=3, show_default=True, help="Replies, one pair of timings each.")
@click.option("--layers", default=12, show_default=True)
@click.option("--width", default=768, show_default=True)
@click.option("--model", help="Measure these weights instead: gpt2, alias, folder or Hub id.")
def main(texts: int, layers: int, width: int, model: str | None) -> None:
    """Time both forms on each reply in turn and print the ratio of each pair."""
    share_cpus()
    replies = [example.reply for example in load_corpus("demo").examples("warm", "held_out")[:texts]]
    with TemporaryDirectory() as scratch:
        path = scoring_model_path(model) if model else random_gpt2(Path(scratch), layers, width)
        exact, released = SocioT(path), ReleasedSocioT(path)
        exact.score(replies[:1])
        ratios = []
        for reply in replies:
            fast, slow = seconds(exact, reply), seconds(released, reply)
            ratios.append(slow / fast)
            print(f"{len(reply):4d} characters: exact {fast:.3f} s, released {slow:.2f} s, ratio {slow / fast:.0f}")
        ratio = f"median ratio {median(ratios):.0f}, least {min(ratios):.0f}"
        print(f"{ratio}, over {len(ratios)} pairs, {released.passes} passes")


def seconds(meter: WarmthMeter, reply: str) -> float:
    start = perf_counter()
    meter.score([reply])
    return perf_counter() - start


def random_gpt2(path: Path, layers: int, width: int) -> Path:
    from transformers import GPT2Config, GPT2LMHeadModel

    tokenizer = load_tokenizer(scoring_model_path("smollm2-135m"))
    config = GPT2Config(vocab_size=len(tokenizer), n_layer=layers, n_embd=width, n_head=width // 64)
    GPT2LMHeadModel(config).save_pretrained(path)
    tokenizer.save_pretrained(path)
    return path


if __name__ == "__main__":
    main()
