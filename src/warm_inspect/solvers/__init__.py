"""Solvers that make a prompt interpersonal: each works in our tasks and alone on anybody's."""

from warm_inspect.solvers.arm import record_arm
from warm_inspect.solvers.interpersonal_context import interpersonal_context
from warm_inspect.solvers.persona import persona
from warm_inspect.solvers.user_belief import user_belief

__all__ = ["interpersonal_context", "persona", "record_arm", "user_belief"]
