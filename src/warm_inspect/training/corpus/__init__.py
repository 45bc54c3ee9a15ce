"""Corpora: pairs that differ in style only, with their datasheet.

`building` makes a corpus from recorded chats, `rewriting` adds arms whose replies a model writes. `pairs` reads the
rows, `datasheet` their origin and counts, `terms` the right to use an arm's replies.
"""

from warm_inspect.training.corpus.datasheet import Datasheet
from warm_inspect.training.corpus.pairs import CORPUS_NAME, Corpus, load_corpus

__all__ = ["CORPUS_NAME", "Corpus", "Datasheet", "load_corpus"]
