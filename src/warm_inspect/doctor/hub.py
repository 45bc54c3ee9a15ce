"""The Hugging Face Hub: whether it gives the full benchmarks to this user."""

from collections.abc import Iterator
from importlib.util import find_spec

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.vocabulary import Benchmark
from warm_inspect.datasets import HubUnreachable, hub_access
from warm_inspect.doctor.finding import Finding, Readiness


def benchmarks() -> Iterator[Finding]:
    """Each benchmark's data set on the Hub; the bundled items need none of them.

    Nothing where the Hub's package is not installed, which `machine.packages` says once for all.
    """
    if find_spec("huggingface_hub") is None:
        return
    for benchmark in Benchmark:
        subject = f"Hub {benchmark}"
        try:
            yield Finding(subject, Readiness.OK, f"gives {hub_access(benchmark)}")
        except HubUnreachable:
            fix = "Go online once for -T source=hub; the bundled items (-T source=bundled) need no network."
            yield Finding(
                "Hub", Readiness.WARNING, "does not answer; what was loaded before is read from its cache", fix
            )
            return
        except PrerequisiteError as error:
            yield Finding(subject, Readiness.WARNING, error.problem, error.plain.removeprefix(f"{error.problem}. "))
