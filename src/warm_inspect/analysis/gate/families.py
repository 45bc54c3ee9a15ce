"""What tests on a family of measurement share: its samples of the two arms, and what keeps them from being evidence."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pandas as pd

from warm_inspect.analysis.estimates import Code, Note
from warm_inspect.analysis.gate.margins import GatePolicy
from warm_inspect.analysis.gate.verdict import MarginTest
from warm_inspect.analysis.logs import Collected
from warm_inspect.analysis.observations import Observations, log_table, unlike_settings
from warm_inspect.core.families import Family

# Without the model's name, which holds the path of an adapter: its folder may be moved between two runs.
_CHECKPOINT = ["base_model", "base_sha256", "adapter_sha256", "training_seed"]


@dataclass(frozen=True)
class FamilyTests:
    """The tests of a margin on a family of measurement, and the samples that they rest on."""

    family: Family
    samples: Callable[[GatePolicy, Observations], pd.DataFrame]
    """Those that the margin is about, unscored ones too: their logs are evidence. Empty without margin or samples."""
    tests: Callable[[GatePolicy, pd.DataFrame], Iterator[MarginTest]]
    """The tests on these samples; none without the margin, and one without numbers where there are no samples."""


def samples_of(policy: GatePolicy, observations: Observations, family: Family) -> pd.DataFrame:
    """The samples of the two arms, unscored ones too; without columns where the logs hold none of the family."""
    samples = observations.families.get(family)
    if samples is None:
        return pd.DataFrame()
    return samples[samples["arm"].isin([policy.arm, policy.reference])].reset_index(drop=True)


def family_gaps(
    policy: GatePolicy, observations: Observations, samples: pd.DataFrame, collected: Collected, family: Family
) -> Iterator[Note]:
    """Samples of another checkpoint than the replies to the benchmarks, or made under unlike settings."""
    if samples.empty:
        return
    for arm in (policy.arm, policy.reference):
        of_replies, of_family = (
            set(frame.loc[frame["arm"] == arm, _CHECKPOINT].astype(str).itertuples(index=False, name=None))
            for frame in (observations.frame, samples)
        )
        if of_family - of_replies:
            yield Note(Code.FAMILY_OF_OTHER_CHECKPOINT, arm=arm, family=family.value)
    yield from unlike_settings(log_table(samples, collected.family_logs))
