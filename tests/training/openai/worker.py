"""The process that the kill test kills: the real trainer with a real client, only faster."""

import os
from pathlib import Path

import openai.resources.files
import openai.resources.fine_tuning.jobs  # noqa: F401 - the client loads both late, which would slow each process
import tiktoken

from tests.training.openai.loopback import BASE, KEY
from warm_inspect.training.corpus.pairs import load_corpus
from warm_inspect.training.openai import OpenAISettings, plan_hosted, train_hosted
from warm_inspect.training.openai.run import Pace
from warm_inspect.training.openai.service import connect

EPOCHS = (2, 6, 10)


def work(url: str, corpus: Path, out: Path) -> None:
    """Fine-tune two arms, three models each."""
    os.environ |= {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": url}
    # Each process would look for the vocabulary in the network.
    tiktoken.get_encoding = _no_vocabulary
    pairs = load_corpus(str(corpus))
    plans = [plan_hosted(OpenAISettings(epochs=EPOCHS), pairs, arm, BASE) for arm in ("warm", "cold")]
    train_hosted(plans, out, connect(), pace=Pace(0.005, 0.01, settle=1.5))


def _no_vocabulary(encoding_name: str) -> tiktoken.Encoding:
    raise OSError(f"no network for {encoding_name}")
