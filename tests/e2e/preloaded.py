"""What the server of commands does once, so that no command does it again: imports and first calls that take long."""

import gc
from importlib import import_module, metadata

from tests.spared import spare_work

LIBRARIES = (
    "inspect_ai._cli.main", "inspect_ai._control.server", "inspect_ai.agent._acp.server", "inspect_ai.hooks._startup",
    "anyio._backends._asyncio", "fastapi", "IPython", "openai", "pydantic.v1", "pygments.lexers.python", "requests",
    "rich.markdown", "tiktoken", "uvicorn.lifespan.on", "uvicorn.protocols.http.auto",
    "uvicorn.protocols.websockets.auto",
    "matplotlib.backends.backend_svg", "matplotlib.figure", "matplotlib.style", "pandas.io.formats.style",
    "pyarrow.parquet", "statsmodels.api",
    "warm_inspect._registry", "warm_inspect.cli.analyze", "warm_inspect.cli.main", "warm_inspect.engine.engine",
    "warm_inspect.grading.model", "warm_inspect.report",
)  # fmt: skip
"""What commands import; what these read from the environment then is the same for every command."""

spare_work()
metadata.packages_distributions()
for library in LIBRARIES:
    import_module(library)
import_module("warm_inspect.grading.labels").held_out_labels()
# A fork that collects garbage would go through all of this, and copy its pages.
gc.collect()
gc.freeze()
