"""What labels of readers tell of a grading: how far it agrees with them, and rates and contrasts without its errors."""

from warm_inspect.analysis.grader_error.agreement import (
    GRADE,
    JUDGED_OUTCOMES,
    LENGTH_BANDS,
    MIN_OF_CLASS,
    MIN_REPLIES,
    Agreement,
    Coefficient,
    Share,
    agreement,
    agreements,
    chance_corrected,
    length_band,
    share,
)
from warm_inspect.analysis.grader_error.corrected import (
    GRADER_ERROR,
    NOT_CORRECTED,
    PREDICTION_POWERED,
    ROGAN_GLADEN,
    Corrected,
    corrected,
)
from warm_inspect.analysis.grader_error.on_record import labels_on_record

__all__ = [
    "GRADE", "GRADER_ERROR", "JUDGED_OUTCOMES", "LENGTH_BANDS", "MIN_OF_CLASS", "MIN_REPLIES", "NOT_CORRECTED",
    "PREDICTION_POWERED", "ROGAN_GLADEN", "Agreement", "Coefficient", "Corrected", "Share", "agreement",
    "agreements", "chance_corrected", "corrected", "labels_on_record", "length_band", "share",
]  # fmt: skip
