"""The batching engine: one base model in memory with any number of LoRA adapters, served in shared batches.

`PeftAPI` puts it behind Inspect's `peft/<base>[:<adapter>]` names. The engine imports `core` and `models` only, and
`PeftAPI` is the one module that knows Inspect: everything below it takes tokens and gives tokens.
"""

from warm_inspect.engine.peft_provider import PeftAPI
from warm_inspect.engine.shared import close_engines, loaded_models

__all__ = ["PeftAPI", "close_engines", "loaded_models"]
