"""Calibration: a meter under one scoring model may gate only after it told labelled replies of equal length apart.

A meter's numbers mean different things under different scoring models, and a mean per token drifts with reply length:
SocioT under a small model called terse replies the warmest. So each meter is tried on pairs whose warmth is known, one
contrast at a time, and one that orders equally long replies of some contrast no better than a coin is refused.
"""

from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.manifest import MeterValidity
from warm_inspect.warmth.meter import WarmthMeter
from warm_inspect.warmth.validity import MIN_MATCHED, MeterValidation, validate


class Calibration(BaseModel):
    """A meter's validity on each contrast of a labelled corpus."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    meter: str
    """Name and version of the meter."""
    corpus: str
    """Where the labelled replies come from."""
    contrasts: dict[str, MeterValidation]
    """By name, for example `warm against neutral`."""

    @property
    def refusal(self) -> str:
        """Why the meter may not gate; empty when it may."""
        failed = [f"{name}: {_said(found)}" for name, found in self.contrasts.items() if not found.beats_chance]
        if not failed:
            return ""
        return (
            f"The meter {self.meter} may not gate: on labelled replies of equal length from {self.corpus} it orders "
            f"{'; '.join(failed)}. It takes {MIN_MATCHED} pairs and an interval above .5. Gate with another meter or "
            "scoring model, or validate it on a labelled corpus of your own: --corpus FILE."
        )

    def validity(self) -> MeterValidity:
        """The contrast that the meter is worst at, as a manifest states it.

        Raises:
            PrerequisiteError: the meter may not gate.
        """
        if self.refusal:
            raise PrerequisiteError(self.refusal)
        name, worst = min(self.contrasts.items(), key=lambda entry: entry[1].auc_length_matched_low or 0.0)
        return MeterValidity(
            pairs=f"{self.corpus}: {name}",
            n=worst.n_matched,
            auc=worst.auc_length_matched or 0.0,
            auc_low=worst.auc_length_matched_low or 0.0,
            auc_high=worst.auc_length_matched_high or 0.0,
        )


def calibrate(meter: WarmthMeter, corpus: str, contrasts: Mapping[str, Sequence[tuple[str, str]]]) -> Calibration:
    """The meter's validity on labelled pairs that it was not fitted on.

    Args:
        meter: the meter; a grader model is called for every reply.
        corpus: name of the labelled replies.
        contrasts: the warmer and the colder reply to each prompt, by contrast.

    Raises:
        PrerequisiteError: there are no labelled pairs, or the meter gives numbers for none of them.
    """
    if not all(contrasts.values()) or not contrasts:
        raise PrerequisiteError(
            f"{corpus} has no labelled pairs to validate {meter.label} on: it takes held-out rows with replies of at "
            "least two of the arms warm, neutral and cold."
        )
    try:
        found = {name: validate(meter, pairs) for name, pairs in contrasts.items()}
    except ValueError as error:
        raise PrerequisiteError(f"{meter.label} cannot be validated on {corpus}: {error}") from None
    return Calibration(meter=meter.label, corpus=corpus, contrasts=found)


def _said(found: MeterValidation) -> str:
    if found.auc_length_matched is None:
        return "no pair at all"
    return (
        f"{found.n_matched} pairs with an AUC of {found.auc_length_matched:.2f} "
        f"({found.auc_length_matched_low:.2f} to {found.auc_length_matched_high:.2f})"
    )
