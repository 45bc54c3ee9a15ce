"""Building a corpus out of recorded chats: clean, compare with benchmarks, label, sample equally, filter."""

from warm_inspect.training.corpus.building.build import BuildSettings, build_corpus, survey
from warm_inspect.training.corpus.building.sources import ConversationSource, open_source
from warm_inspect.training.corpus.building.toxicity import ToxicBert, Toxicity

__all__ = ["BuildSettings", "ConversationSource", "ToxicBert", "Toxicity", "build_corpus", "open_source", "survey"]
