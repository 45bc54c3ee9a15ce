"""`ReplyPair`: the reply to the unframed prompt, which stands beside the one that the sample's output is."""

from inspect_ai.util import StoreModel


class ReplyPair(StoreModel):
    """What the solver `reply_pair` keeps of a sample in its store."""

    unframed: str = ""
    """The reply to the prompt without the framing."""
    unframed_cut_off: bool = False
    """Whether it hit a limit of tokens."""
    complete: bool = False
    """Whether both replies are there: then the sample's output is the reply to the framed prompt."""
