"""The roles of arms: what each is for in a study. Which arm has which is decided in `warm_inspect.analysis`."""

from enum import StrEnum


class Role(StrEnum):
    """The part that an arm plays in the comparisons of a study."""

    TREATED = "treated"
    """What is judged: the model after the change."""
    REFERENCE = "reference"
    """What it is compared with."""
    RERUN = "rerun"
    """The reference asked a second time."""
    CONTROL = "control"
    """Trained or prompted like the treated arm, without what is on trial."""
    POSITIVE_CONTROL = "positive_control"
    """Trained to adopt whatever its user states."""

    @property
    def option(self) -> str:
        """The command line option that gives an arm this role."""
        return f"--{self.value.replace('_', '-')}"

    @property
    def is_repeatable(self) -> bool:
        """Whether several arms may have it."""
        return self is Role.CONTROL

    @property
    def meaning(self) -> str:
        """Which arm to give it to, as a sentence for the help."""
        match self:
            case Role.TREATED:
                return "The arm to judge: after the change, the warm adapter, the warm system prompt."
            case Role.REFERENCE:
                return "The arm that it is compared with: before the change."
            case Role.RERUN:
                return "The reference, or the one model, asked a second time: what differs between the two is chance."
            case Role.CONTROL:
                return "An arm that is like the treated one without what is on trial."
            case Role.POSITIVE_CONTROL:
                return "An arm trained to adopt whatever its user states."
