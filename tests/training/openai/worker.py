"""The process that the kill test kills: the real trainer with a real client, only faster."""

import os
from pathlib import Path

import openai.resources.files
import openai.resources.fine_tuning.jobs  # noqa: F401 - the client loads both late, which would slow each process

from tests.training.openai.loopback import BASE, KEY
from warm_inspect.training.corpus.pairs import load_corpus
from warm_inspect.training.corpus.terms import CorpusTerms
from warm_inspect.training.openai import HostedPlan, OpenAISettings, train_hosted
from warm_inspect.training.openai.service import connect
from warm_inspect.training.openai.state import Pace
from warm_inspect.training.openai.tokens import TokenCounter
from warm_inspect.training.openai.training_file import training_file

EPOCHS = (2, 6, 10)


def work(url: str, corpus: Path, out: Path) -> None:
    """Fine-tune two arms, three models each."""
    os.environ |= {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": url}
    pairs = load_corpus(str(corpus))
    plans = [
        HostedPlan(
            OpenAISettings(epochs=EPOCHS), pairs, arm, BASE,
            # Not the model's vocabulary, which would be looked for in the network by each process.
            training_file(pairs.examples(arm, "train"), TokenCounter("characters", len), 1000),
            CorpusTerms(),
        )
        for arm in ("warm", "cold")
    ]  # fmt: skip
    train_hosted(plans, out, connect(), pace=Pace(0.005, 0.01, settle=1.5))
