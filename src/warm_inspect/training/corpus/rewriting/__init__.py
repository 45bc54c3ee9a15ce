"""Arms whose replies a model writes: restyled ones, which differ in tone, and a base model's own."""

from warm_inspect.training.corpus.rewriting.asking import Access
from warm_inspect.training.corpus.rewriting.cost import Prices
from warm_inspect.training.corpus.rewriting.distill import DistillSettings, distill, plan_distill
from warm_inspect.training.corpus.rewriting.outcome import Unfinished
from warm_inspect.training.corpus.rewriting.restyle import Grading, RestyleSettings, plan_restyle, restyle
from warm_inspect.training.corpus.rewriting.styles import STYLES

__all__ = [
    "STYLES",
    "Access",
    "DistillSettings",
    "Grading",
    "Prices",
    "RestyleSettings",
    "Unfinished",
    "distill",
    "plan_distill",
    "plan_restyle",
    "restyle",
]
