"""Warmth checks that were made after an evaluation, attached to the arms of its logs.

A check is found by the hash of an adapter's weights in manifests, and by the name of the arm in `warmth.json`. A check
that the logs hold already stays: it was made before the replies were seen.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
from pydantic import BaseModel, ConfigDict, ValidationError

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.json_text import parse_json, read_text
from warm_inspect.core.manifest import MANIFEST_NAME, AdapterManifest, WarmthCheck
from warm_inspect.core.metadata import warmth_fields

_REPORT_NAME = "warmth.json"
_MAKE = "Make one with: warm-inspect warmth PATH --out FOLDER"
_NOT_RECORDED = ("", "not_run")


class _Report(BaseModel):
    """Of the report that `warm-inspect warmth` writes the checks, by the name of the arm."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    checks: dict[str, WarmthCheck]
    why_undecided: str = ""
    notes: tuple[str, ...] = ()
    """Among them why an arm was not checked."""


@dataclass(frozen=True)
class LaterChecks:
    """Warmth checks by the weights of the adapter and by the name of the arm."""

    of_weights: Mapping[str, WarmthCheck] = field(default_factory=dict)
    of_arms: Mapping[str, WarmthCheck] = field(default_factory=dict)

    def attach(self, samples: pd.DataFrame) -> pd.DataFrame:
        """The samples with the checks of their arms, where their logs hold none.

        Raises:
            PrerequisiteError: no check is of an arm of these samples.
        """
        if not (self.of_weights or self.of_arms):
            return samples
        arms = (samples[name] for name in ("arm", "adapter_sha256", "training_seed", "training_epochs"))
        own = [
            self._check(str(arm), str(weights), int(seed), epochs)
            for arm, weights, seed, epochs in zip(*arms, strict=True)
        ]
        if not any(own):
            named = ", ".join([*self.of_arms, *(sha[:8] for sha in self.of_weights)])
            known = ", ".join(sorted(set(map(str, samples["arm"]))))
            raise PrerequisiteError(
                f"None of the warmth checks ({named}) is of an arm of these logs ({known}). "
                "Call the arms alike: warm-inspect warmth LOGS --arm NAME=MODEL"
            )
        recorded = ~samples["warmth_check"].astype(str).isin(_NOT_RECORDED)
        fields = [warmth_fields(check) if check and not held else {} for check, held in zip(own, recorded, strict=True)]
        attached = {
            name: pd.Series(
                [new.get(name, old) for new, old in zip(fields, samples[name], strict=True)],
                index=samples.index,
                dtype="object" if samples[name].dtype == "category" else samples[name].dtype,
            )
            for name in warmth_fields(next(filter(None, own)))
        }
        return samples.assign(**attached)

    def _check(self, arm: str, weights: str, seed: int, epochs: float | None) -> WarmthCheck | None:
        """The check of an adapter, else of its arm, which is named with seed, epochs or hash where it has several."""
        if weights and weights in self.of_weights:
            return self.of_weights[weights]
        parts = {f"seed {seed}", weights[:8]} | ({f"epoch {epochs:g}"} if epochs else set())
        for name, check in self.of_arms.items():
            rest = name.removeprefix(arm)
            if name == arm or (rest != name and rest.startswith(" ") and _words(rest) <= parts):
                return check
        return None


def _words(rest: str) -> set[str]:
    """The parts of what tells adapters of one arm apart: ` seed 1 epoch 0.5` gives `seed 1` and `epoch 0.5`."""
    words = iter(rest.split())
    return {f"{word} {next(words, '')}" if word in ("seed", "epoch") else word for word in words}


def read_checks(paths: Sequence[Path]) -> LaterChecks:
    """The checks in files `warmth.json`, in folders that hold one, and in the manifests of folders of adapters.

    Raises:
        PrerequisiteError: a path holds no check, or cannot be read.
    """
    of_weights: dict[str, WarmthCheck] = {}
    of_arms: dict[str, WarmthCheck] = {}
    for path in paths:
        report = path / _REPORT_NAME if path.is_dir() else path
        if report.is_file():
            of_arms |= _report(report).checks
        elif manifests := dict(_manifests(path)):
            of_weights |= manifests
        else:
            raise PrerequisiteError(f"--warmth {path} holds no warmth check. {_MAKE}, or write manifests with it.")
    return LaterChecks(of_weights, of_arms)


def _report(path: Path) -> _Report:
    text = read_text(path, _MAKE)
    parse_json(text, str(path), _MAKE)
    try:
        report = _Report.model_validate_json(text)
    except ValidationError as error:
        raise PrerequisiteError(
            f"{path} is no report of warm-inspect warmth ({error.error_count()} faults). {_MAKE}"
        ) from None
    if not report.checks:
        why = " ".join(filter(None, (report.why_undecided, *report.notes)))
        raise PrerequisiteError(f"No arm was checked in {path}. {why or _MAKE}")
    return report


def _manifests(folder: Path) -> Iterator[tuple[str, WarmthCheck]]:
    """The check of each adapter in a folder and below."""
    for file in sorted(folder.rglob(MANIFEST_NAME)):
        manifest = AdapterManifest.read(file.parent)
        if manifest and manifest.warmth_check:
            yield manifest.adapter_sha256, manifest.warmth_check
