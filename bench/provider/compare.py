"""Our provider against Inspect's hf provider, bare transformers, and the servers of llama.cpp and vLLM.

python -m bench.provider.compare --repeats 5
python -m bench.provider.compare --contestants ours hf transformers llama.cpp vllm --prompts 64 --batches 64 \\
    --llama-server llama.cpp/build/bin/llama-server --vllm vllm/bin/python
"""

import argparse
import os
import statistics
import time
from contextlib import ExitStack

from bench.provider.contestants import Contestant, Run, Setting, dtype
from bench.provider.workload import MODEL, PROMPTS, model_folder

BATCHES = (32, 64, 128, 256)
OURS = "ours"


def best(settings: list[Setting]) -> Setting:
    """The setting that answers the workload fastest, one run each."""
    if len(settings) == 1:
        return settings[0]
    seconds = {}
    for setting in settings:
        with Contestant(setting) as contestant:
            seconds[setting] = contestant.run().seconds
        print(f"  {setting.name} at batch {setting.batch}: {setting.prompts / seconds[setting]:.2f} samples/s",
              flush=True)  # fmt: skip
    return min(settings, key=lambda setting: seconds[setting])


def peak_flops(seconds: float = 2.0) -> float:
    """Floating point operations per second of large matrix products here, two per multiply-add."""
    import torch

    size = 2_048
    one, other = (torch.randn(size, size).to(getattr(torch, dtype())) for _ in range(2))
    one @ other
    done, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        one @ other
        done += 1
    return done * 2.0 * size**3 / (time.perf_counter() - start)


def workload_flops(run: Run, name: str) -> float:
    """Matrix work that the workload cannot do without: each weight once per token, logits per written token only."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(
            AutoConfig.from_pretrained(model_folder(name), trust_remote_code=False), trust_remote_code=False
        )
    head = model.get_output_embeddings().weight.numel()
    body = sum(weights.numel() for weights in model.parameters() if weights.dim() == 2) - head
    return 2.0 * (body * (run.input_tokens + run.output_tokens) + head * run.output_tokens)


def shown(ratios: list[float]) -> str:
    return f"{min(ratios):.2f} / {statistics.median(ratios):.2f} / {max(ratios):.2f}"


def rounds(chosen: dict[str, Setting], repeats: int) -> tuple[dict[str, list[Run]], list[float]]:
    """Each contestant's runs, and the speed of large products after each round."""
    runs: dict[str, list[Run]] = {name: [] for name in chosen}
    peaks = []
    with ExitStack() as loaded:
        contestants = {}
        for name, setting in chosen.items():
            try:
                contestants[name] = loaded.enter_context(Contestant(setting))
            except EOFError:
                print(f"  {name} is left out: it did not start, as its messages above say", flush=True)
                del runs[name]
        for repeat in range(repeats):
            # Every other round in the opposite order, so that nobody always runs first.
            for name in list(contestants)[:: (-1) ** repeat]:
                runs[name].append(contestants[name].run())
            peaks.append(peak_flops())
            took = ", ".join(f"{name} {runs[name][-1].seconds:.1f} s" for name in runs)
            print(f"  round {repeat + 1}: {took}", flush=True)
    return runs, peaks


def equal(ours: Run, theirs: Run) -> str:
    """How many replies are the same text."""
    return f"{sum(a == b for a, b in zip(ours.replies, theirs.replies, strict=True))} of {ours.samples}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default=MODEL, help="alias or folder of the base model")
    parser.add_argument("--contestants", nargs="+", default=[OURS, "hf", "transformers"], help="ours is always one")
    parser.add_argument("--prompts", type=int, default=PROMPTS, help="a multiple of 16")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--batches", type=int, nargs="+", default=list(BATCHES), help="tried for all but ours")
    parser.add_argument("--ours", type=int, default=192, help="our batch size")
    parser.add_argument("--llama-server", default="llama-server", help="the program of llama.cpp")
    parser.add_argument("--vllm", default="python", help="the Python of the environment where vLLM is installed")
    options = parser.parse_args()
    programs = {"llama.cpp": options.llama_server, "vllm": options.vllm}
    chosen = {
        name: best(
            [
                Setting(name, options.model, batch, options.prompts, programs.get(name, ""))
                for batch in ([options.ours] if name == OURS else options.batches)
            ]
        )
        for name in dict.fromkeys([OURS, *options.contestants])
    }
    held = {name: os.environ[name] for name in ("ATEN_CPU_CAPABILITY", "ONEDNN_MAX_CPU_ISA") if name in os.environ}
    print(f"{options.prompts} prompts, {dtype()}, held to {held or 'nothing'}", flush=True)
    runs, peaks = rounds(chosen, options.repeats)
    for name in runs:
        setting = chosen[name]
        speeds = [run.samples / run.seconds for run in runs[name]]
        tokens = ", ".join(f"{run.output_tokens:,}" for run in runs[name])
        print(f"{name:>12} (batch {setting.batch}): {shown(speeds)} samples/s, "
              f"peak {runs[name][-1].peak_rss / 2**30:.2f} GiB, tokens in each run: {tokens}")  # fmt: skip
    for other in [name for name in runs if name != OURS]:
        pairs = list(zip(runs[OURS], runs[other], strict=True))
        samples = [theirs.seconds / ours.seconds for ours, theirs in pairs]
        # Greedy bf16 replies part ways where two tokens are nearly as likely, and then differ in length.
        in_tokens = [
            ratio * ours.output_tokens / theirs.output_tokens
            for ratio, (ours, theirs) in zip(samples, pairs, strict=True)
        ]
        print(f"ours is {shown(samples)} times as fast as {other} in samples, {shown(in_tokens)} in tokens "
              f"(min / median / max of {len(pairs)} pairs); equal replies: {equal(*pairs[-1])}")  # fmt: skip
    limits = [
        workload_flops(run, options.model) / peak / run.seconds for run, peak in zip(runs[OURS], peaks, strict=True)
    ]
    print(f"ours takes {shown([1 / limit for limit in limits])} times as long as its matrix products would at the "
          f"measured peak of {statistics.median(peaks) / 1e9:.0f} GFLOP/s")  # fmt: skip


if __name__ == "__main__":
    main()
