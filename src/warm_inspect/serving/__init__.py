"""Adapters on a vLLM server: the names that they have there, and the check that the server applies them.

`arm_of_served` gives the arm behind a name, `require_applied` and `served_as_adapter` are the canary, `ServedModel`
gives the probability of a text, and `plan_server` the command that starts a server.
"""

from warm_inspect.serving.canary import require_applied, served_as_adapter
from warm_inspect.serving.model import ServedModel
from warm_inspect.serving.names import (
    PROVIDERS,
    arm_of_served,
    is_on_vllm,
    looks_served,
    model_behind,
    names_adapter,
    served_name,
)
from warm_inspect.serving.server import ServedArm, ServerPlan, plan_server, served_models

__all__ = [
    "PROVIDERS",
    "ServedArm",
    "ServedModel",
    "ServerPlan",
    "arm_of_served",
    "is_on_vllm",
    "looks_served",
    "model_behind",
    "names_adapter",
    "plan_server",
    "require_applied",
    "served_as_adapter",
    "served_models",
    "served_name",
]
