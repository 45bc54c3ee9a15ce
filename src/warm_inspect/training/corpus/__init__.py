"""Corpora: pairs that differ in style only, with their datasheet.

`build` makes a corpus from recorded chats: `chats` reads them, `filters` leaves some out, `equal_sampling` draws.
`restyling` and `distillation` add arms whose replies a model writes, by `asking` it for `new_replies`; `restyle_checks`
and `equivalence` test restyled ones. `pairs` reads the rows, `features` counts what
the arms' replies differ in, `datasheet` has their history and counts, `origin` who wrote an arm's replies and who may
use them.
"""

from warm_inspect.training.corpus.asking import Access, Prices
from warm_inspect.training.corpus.build import BuildSettings, build_corpus, survey
from warm_inspect.training.corpus.chats import ConversationSource, open_source
from warm_inspect.training.corpus.datasheet import Datasheet
from warm_inspect.training.corpus.distillation import DistillSettings, distill, plan_distill
from warm_inspect.training.corpus.features import FeatureDifference, compare_features
from warm_inspect.training.corpus.filters import ToxicBert, Toxicity
from warm_inspect.training.corpus.new_replies import STYLES, Unfinished
from warm_inspect.training.corpus.pairs import CORPUS_NAME, Corpus, load_corpus
from warm_inspect.training.corpus.restyling import ContentCheck, RestyleSettings, plan_restyle, restyle

__all__ = [
    "CORPUS_NAME",
    "STYLES",
    "Access",
    "BuildSettings",
    "ContentCheck",
    "ConversationSource",
    "Corpus",
    "Datasheet",
    "DistillSettings",
    "FeatureDifference",
    "Prices",
    "RestyleSettings",
    "ToxicBert",
    "Toxicity",
    "Unfinished",
    "build_corpus",
    "compare_features",
    "distill",
    "load_corpus",
    "open_source",
    "plan_distill",
    "plan_restyle",
    "restyle",
    "survey",
]
