"""What more adapters cost: 256 prompts to each of 1, 2 and 4 arms in one evaluation, each number in a fresh process.

python -m bench.provider.arms --repeats 3
"""

import argparse
import multiprocessing
import statistics
import tempfile
from multiprocessing.connection import Connection
from pathlib import Path

from bench.provider.workload import MODEL, PROMPTS, grid

ARMS = (1, 2, 4)


def make_adapters(folder: Path, model_name: str, count: int) -> list[Path]:
    """Adapters of the demo's shape with small random matrices."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    from bench.provider.workload import model_folder

    layers = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
    made = []
    for seed in range(count):
        torch.manual_seed(seed)
        model = get_peft_model(
            AutoModelForCausalLM.from_pretrained(model_folder(model_name), trust_remote_code=False),
            LoraConfig(r=8, lora_alpha=16, target_modules=layers),
        )
        for name, weights in model.named_parameters():
            if "lora_B" in name:
                torch.nn.init.normal_(weights, std=1e-3)
        model.peft_config["default"].base_model_name_or_path = ""
        model.save_pretrained(folder / f"arm-{seed}")
        made.append(folder / f"arm-{seed}")
    return made


def _measure(model: str, adapters: list[Path], batch: int, pipe: Connection) -> None:
    from bench.provider.contestants import IN_FLIGHT, answer_through_inspect
    from warm_inspect.models import share_cpus

    share_cpus()
    models = [f"peft/{model}:{adapter}" for adapter in adapters]
    answer = answer_through_inspect(models, IN_FLIGHT, model, dtype="bfloat16", batch_size=batch)
    answer(grid(PROMPTS)[:8])
    run = answer(grid(PROMPTS))
    pipe.send((run.seconds / run.samples, run.peak_rss, run.output_tokens / run.samples))


def measure(model: str, adapters: list[Path], batch: int) -> tuple[float, int, float]:
    """Seconds per sample, peak bytes, tokens per sample."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_measure, args=(model, adapters, batch, there))
    process.start()
    there.close()  # so that a process that dies is noticed
    measured: tuple[float, int, float] = here.recv()
    process.join()
    return measured


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default=MODEL, help="alias or folder of the base model")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--batch", type=int, default=192)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        adapters = make_adapters(Path(folder), arguments.model, max(ARMS))
        rounds = [
            {
                arms: measure(arguments.model, adapters[:arms], arguments.batch)
                for arms in ARMS[:: 1 if repeat % 2 == 0 else -1]
            }
            for repeat in range(arguments.repeats)
        ]
    for arms in ARMS:
        seconds, memory, tokens = (statistics.median(each[arms][i] for each in rounds) for i in range(3))
        times = [each[arms][0] / each[1][0] for each in rounds]
        peaks = [each[arms][1] / each[1][1] for each in rounds]
        print(
            f"{arms} arms: {1 / seconds:.2f} samples/s of {tokens:.0f} tokens, {memory / 2**30:.2f} GiB; "
            f"of one arm, min / median / max: time per sample "
            f"{min(times):.2f} / {statistics.median(times):.2f} / {max(times):.2f}, "
            f"peak memory {min(peaks):.2f} / {statistics.median(peaks):.2f} / {max(peaks):.2f}"
        )


if __name__ == "__main__":
    main()
