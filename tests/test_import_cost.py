"""Every Inspect user of an environment imports our registry: it must load nothing heavy."""

import subprocess
import sys

import pytest

HEAVY = (
    "torch",
    "transformers",
    "peft",
    "trl",
    "datasets",
    "pandas",
    "pyarrow",
    "statsmodels",
    "matplotlib",
    "scipy",
    "openai",
)


@pytest.mark.parametrize("module", ["warm_inspect", "warm_inspect._registry", "warm_inspect.cli.main"])
@pytest.mark.slow
def test_importing_loads_nothing_heavy(module: str) -> None:
    code = f"import sys, {module}; print(','.join({{m.partition('.')[0] for m in sys.modules}} & set({HEAVY!r})))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_public_names_resolve_on_first_use() -> None:
    import warm_inspect

    for name in warm_inspect.__all__:
        assert getattr(warm_inspect, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = warm_inspect.nothing
