"""An own task, which this package did not write: found by its name or file, as Inspect finds it."""

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import chdir, contextmanager
from copy import copy
from importlib.metadata import entry_points
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from inspect_ai import Task, list_tasks

from warm_inspect.core.errors import PrerequisiteError, unknown_value
from warm_inspect.core.hashing import sha256_text

_EXAMPLES = "Give a file, my_file.py@my_task, or a task of an installed package, inspect_evals/mmlu_0_shot"


def own_task(named: str | Task | Callable[..., Task], arguments: Mapping[str, object]) -> Task:
    """The task that is named, made with the arguments; a copy of one that exists already.

    Args:
        named: `FILE.py@TASK`, `FILE.py` with one task in it, `PACKAGE/TASK`, a task, or the function that makes it.
        arguments: parameters of the task's function.

    Raises:
        PrerequisiteError: there is no such task, or it has no such parameter.
    """
    if isinstance(named, Task):
        if arguments:
            raise unknown_value("parameter of crossed", next(iter(arguments)), ("contexts", "beliefs", "personas"))
        return copy(named)
    if callable(named):
        return _made(named, getattr(named, "__name__", "task"), arguments)
    file, _, name = named.partition("@")
    if Path(file).suffix == ".py":
        return _from_file(Path(file), name, arguments)
    package, slash, name = named.partition("/")
    if not slash:
        raise PrerequisiteError(f"task={named!r} names no task", _EXAMPLES)
    return _made(_of_package(package, name), named, arguments)


def _from_file(file: Path, name: str, arguments: Mapping[str, object]) -> Task:
    if not file.is_file():
        raise PrerequisiteError(f"task={file}: there is no such file here ({Path.cwd()})", _EXAMPLES)
    names = [info.name for info in list_tasks(file.name, root_dir=file.parent)]
    if not name and len(names) == 1:
        [name] = names
    if name not in names:
        raise unknown_value(f"task of {file.name}", name, names or ["none has @task"], f"Give {file}@TASK.")
    with _in_folder(file.resolve().parent):
        module = _loaded(file.name)
        return _made(_function(module, name, f"{file}@{name}"), f"{file.name}@{name}", arguments)


@contextmanager
def _in_folder(folder: Path) -> Iterator[None]:
    """Inside the folder, whose modules can be imported, as Inspect loads the tasks of a file."""
    sys.path.insert(0, str(folder))
    try:
        with chdir(folder):
            yield
    finally:
        sys.path.remove(str(folder))


def _loaded(name: str) -> ModuleType:
    path = Path(name).resolve()
    spec = spec_from_file_location(f"own_task_{path.stem}_{sha256_text(str(path))[:8]}", path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    # Inspect asks for the file of the module that a task comes from.
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def _of_package(package: str, name: str) -> Callable[..., Task]:
    registered = {entry.name: entry for entry in entry_points(group="inspect_ai")}
    if package not in registered:
        raise unknown_value("package with Inspect tasks", package, sorted(registered), f"{_EXAMPLES}.")
    return _function(registered[package].load(), name, f"{package}/{name}")


def _function(module: ModuleType, name: str, named: str) -> Callable[..., Task]:
    function = getattr(module, name, None)
    if not callable(function):
        raise PrerequisiteError(f"There is no task {named}", "See what there is with: inspect list tasks FILE")
    return function  # type: ignore[no-any-return]


def _made(function: Callable[..., Task], named: str, arguments: Mapping[str, object]) -> Task:
    parameters = inspect.signature(function).parameters
    if not any(each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters.values()):
        for name in arguments:
            if name not in parameters:
                raise unknown_value(f"parameter of {named}", name, parameters or ["it has none"])
    made = function(**arguments)
    if not isinstance(made, Task):
        raise PrerequisiteError(f"{named} makes no Inspect task but a {type(made).__name__}", _EXAMPLES)
    return made
