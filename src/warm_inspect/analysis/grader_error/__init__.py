"""What labels of readers tell of a grading: how far it agrees with them, and rates and contrasts without its errors."""

from warm_inspect.analysis.grader_error.corrected import (
    GRADER_ERROR,
    NOT_CORRECTED,
    PREDICTION_POWERED,
    ROGAN_GLADEN,
    Corrected,
    corrected,
)

__all__ = ["GRADER_ERROR", "NOT_CORRECTED", "PREDICTION_POWERED", "ROGAN_GLADEN", "Corrected", "corrected"]
