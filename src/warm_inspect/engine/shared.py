"""The engines of this process: models on one base, numeric type and device share one."""

import atexit
import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from warm_inspect.models import available_cpus, resolve_device, resolve_dtype

if TYPE_CHECKING:
    from warm_inspect.engine.engine import Engine

_MAX_WORKERS = 4
"""Batches side by side: each has a KV cache of its own."""


class LoadedModel(NamedTuple):
    """A base model in memory."""

    path: Path
    dtype: str
    device: str


@dataclass
class _SharedEngine:
    engine: "Engine"
    users: int = 0


_PROCESS = os.getpid()
_ENGINES: dict[LoadedModel, _SharedEngine] = {}
_LOCK = threading.Lock()


def shared_engine(path: Path, dtype: str, device: str, slots: int) -> "Engine":
    """The engine of a base model, loaded on first use; loading one closes those of other models that are idle.

    Args:
        path: folder of the base model.
        dtype: `auto` or the name of a numeric type.
        device: `auto`, `cpu`, `cuda` or `mps`.
        slots: the most rows that decode at once; the largest value of all calls applies.

    Raises:
        PrerequisiteError: the model cannot be loaded.
    """
    place = resolve_device(device)
    key = LoadedModel(path.resolve(), resolve_dtype(dtype, place), place)
    # Loading holds the lock too: a second call for the model waits for it instead of loading it again.
    with _LOCK:
        if key not in _ENGINES or _ENGINES[key].engine.closed:
            for other in [other for other, shared in _ENGINES.items() if shared.engine.close_if_idle()]:
                del _ENGINES[other]
            _ENGINES[key] = _SharedEngine(_new_engine(key, slots))
        shared = _ENGINES[key]
        shared.engine.widen(slots)
        shared.users += 1
        return shared.engine


def _new_engine(model: LoadedModel, slots: int) -> "Engine":
    from warm_inspect.engine.engine import Engine
    from warm_inspect.engine.loading import load_model

    workers = min(available_cpus(), _MAX_WORKERS, slots) if model.device == "cpu" else 1
    return Engine(*load_model(*model), slots, workers)


@atexit.register
def _close_at_exit() -> None:
    # A thread in the middle of a forward pass aborts the process when the interpreter ends. A forked child has no such
    # threads to end.
    if os.getpid() == _PROCESS:
        close_engines()


def release(engine: "Engine") -> None:
    """Give back an engine that `shared_engine` gave; the last of its users closes it."""
    with _LOCK:
        for key, shared in list(_ENGINES.items()):
            if shared.engine is engine:
                shared.users -= 1
                if shared.users > 0:
                    return
                del _ENGINES[key]
    engine.close()


def loaded_models() -> list[LoadedModel]:
    """The base models in memory, oldest first."""
    with _LOCK:
        return [model for model, shared in _ENGINES.items() if not shared.engine.closed]


def close_engines() -> None:
    """Close every engine and free its weights; requests in flight are cancelled, and a later one loads again."""
    with _LOCK:
        engines = [shared.engine for shared in _ENGINES.values()]
        _ENGINES.clear()
    for engine in engines:
        engine.close()
