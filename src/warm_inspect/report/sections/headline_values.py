"""The answer about one arm as JSON values."""

from math import isnan
from typing import Any

from warm_inspect.report.estimate_rows import Record
from warm_inspect.report.sections.headline import Headline


def headline_record(headline: Headline) -> dict[str, Any]:
    """The answer as JSON values; what is not known is null."""
    design, effect, noise = headline.design, headline.effect, headline.noise
    return {
        "design": design.name.value,
        "arm": design.arm,
        "reference": design.reference or None,
        "rerun": design.rerun or None,
        "conclusion": headline.conclusion,
        "answer": " ".join(headline.sentences),
        "outcome": effect["outcome"] if effect else None,
        "contrast": effect["contrast"] if effect else None,
        "number": _numbers(effect),
        "if_missing": {"best": _numbers(headline.best), "worst": _numbers(headline.worst)},
        "equivalence": _equivalence_record(headline),
        "chance": _numbers(noise),
        "positive_control": _positive_record(headline),
        "smallest_detectable": headline.detectable["estimate"] if headline.detectable else None,
        "calls_of_a_rerun": headline.calls,
        "warmth_check": list(headline.checks),
    }


def _equivalence_record(headline: Headline) -> dict[str, Any] | None:
    """The equivalence test as JSON values; null where no margin was named."""
    if not (test := headline.equivalence):
        return None
    return {
        "margin": headline.margin,
        "equivalent": headline.equivalent,
        "p_value": float(test["p_value"]),
        "interval_90": [None if isnan(test[end]) else float(test[end]) for end in ("conf_low", "conf_high")],
    }


def _positive_record(headline: Headline) -> dict[str, Any] | None:
    """The positive control as JSON values; null without one."""
    if not headline.positive_control:
        return None
    return {
        "arm": headline.positive_control,
        "reference": headline.positive_reference,
        "seen": headline.positive_seen,
        "number": _numbers(headline.positive),
    }


def _numbers(row: Record | None) -> dict[str, float | None] | None:
    """The estimate of a row with its interval; null where there is none."""
    if row is None:
        return None
    return {name: None if isnan(row[name]) else float(row[name]) for name in ("estimate", "conf_low", "conf_high")}
