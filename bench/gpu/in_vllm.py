"""Answers requests with vLLM: told by standard input, measured on standard output; run by the Python that has vLLM.

Nothing of this checkout is imported, since vLLM stands in an environment of its own.
"""

import json
import sys
import time
from typing import Any


def main() -> None:
    import torch
    from vllm import LLM, SamplingParams
    from vllm.lora.request import LoRARequest

    told = json.load(sys.stdin)
    model = LLM(
        model=told["base"],
        skip_tokenizer_init=True,
        load_format="dummy",
        dtype="bfloat16",
        max_model_len=512,
        max_num_seqs=told["rows"],
        enable_lora=True,
        max_loras=len(told["adapters"]),
        max_lora_rank=16,
        enable_prefix_caching=True,
    )
    loras = [LoRARequest(f"arm-{number}", number + 1, path) for number, path in enumerate(told["adapters"])]

    def answer(requests: list[dict[str, Any]]) -> None:
        replies = model.generate(
            [{"prompt_token_ids": each["prompt"]} for each in requests],
            [
                SamplingParams(temperature=0.0, max_tokens=each["reply"], ignore_eos=True, detokenize=False)
                for each in requests
            ],
            lora_request=[loras[each["arm"]] for each in requests],
            use_tqdm=False,
        )
        for request, reply in zip(requests, replies, strict=True):
            assert len(reply.outputs[0].token_ids) == request["reply"]

    answer(told["runs"][-1][1][: 2 * len(loras)])
    for arms, requests in told["runs"]:
        start = time.perf_counter()
        answer(requests)
        seconds = time.perf_counter() - start
        # It takes a fixed share of the card at its start, whatever it needs.
        free, total = torch.cuda.mem_get_info() if torch.cuda.is_available() else (0, 0)
        print("measured", json.dumps({"arms": arms, "seconds": seconds, "memory": total - free}), flush=True)


if __name__ == "__main__":
    main()
