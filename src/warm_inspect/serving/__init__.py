"""Adapters on a vLLM server: the names that they have there, and the check that the server applies them.

`arm_of_served` gives the arm behind a name, `require_applied` is the canary, `ServedModel` the probability of a text,
and `plan_server` the command that starts a server.
"""

from warm_inspect.serving.canary import require_applied
from warm_inspect.serving.model import ServedModel
from warm_inspect.serving.names import PROVIDERS, arm_of_served, looks_served, model_behind, served_name
from warm_inspect.serving.server import ServedArm, ServerPlan, plan_server, served_models

__all__ = [
    "PROVIDERS",
    "ServedArm",
    "ServedModel",
    "ServerPlan",
    "arm_of_served",
    "looks_served",
    "model_behind",
    "plan_server",
    "require_applied",
    "served_models",
    "served_name",
]
