"""Adapters on a vLLM server: the names that they have there, and the check that the server applies them.

`arm_of_served` gives the arm behind a name, `require_applied` is the canary, `ServedModel` the probability of a text.
"""

from warm_inspect.serving.canary import require_applied
from warm_inspect.serving.model import ServedModel
from warm_inspect.serving.names import PROVIDERS, arm_of_served, base_label, model_behind, served_name

__all__ = ["PROVIDERS", "ServedModel", "arm_of_served", "base_label", "model_behind", "require_applied", "served_name"]
