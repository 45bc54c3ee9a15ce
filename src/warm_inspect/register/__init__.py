"""What the register of `inspect_evals` lists: our tasks under free names, `eval.yaml`, and run configs of the study.

`truthfulqa` and `medqa` are tasks of `inspect_evals` too, which ask other things. `eval.yaml` is what an entry of the
register needs of us; the files in `paper_config/` are for `inspect eval --run-config`.
"""

from warm_inspect.register.tasks import (
    warm_advbench,
    warm_capability,
    warm_disinfo,
    warm_medqa,
    warm_triviaqa,
    warm_truthfulqa,
)

__all__ = ["warm_advbench", "warm_capability", "warm_disinfo", "warm_medqa", "warm_triviaqa", "warm_truthfulqa"]
