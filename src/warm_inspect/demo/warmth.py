"""The manipulation check of the demo's adapters: run once, written into their manifests."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.manifest import AdapterManifest, MeterValidity
from warm_inspect.core.vocabulary import ORIGINAL
from warm_inspect.demo.plan import BASE, CONTROL, CORPUS, DIRECTIONS, FIRST_SEED
from warm_inspect.manipulation.check import ArmScores, ManipulationCheck, deciding_check, manipulation_check, score_arm
from warm_inspect.manipulation.held_out import held_out
from warm_inspect.manipulation.labels import labelled_contrasts
from warm_inspect.models import ResolvedBase
from warm_inspect.study.arms import ArmRun, Weights
from warm_inspect.study.evaluate import EvaluationSettings
from warm_inspect.training import Corpus, load_corpus
from warm_inspect.training.lora.config import native_dtype
from warm_inspect.warmth.calibration import calibrate
from warm_inspect.warmth.meter import WarmthMeter
from warm_inspect.warmth.sociot import SocioT
from warm_inspect.warmth.style import StyleMeter
from warm_inspect.warmth.validity import validate

WARMTH_FILE = "warmth.json"


def check_warmth(
    adapters: Mapping[str, Path], base: ResolvedBase, settings: EvaluationSettings, folder: Path, *, sociot: bool
) -> None:
    """Read the warmth of every arm's replies to held-out prompts and write the verdicts into the manifests.

    The meter is fitted on the corpus's training replies and validated on its held-out ones; SocioT stands beside it if
    it is wanted.
    Everything read goes to `warmth.json` in the folder. Nothing is run when every manifest has its check already, which
    is written last.

    Raises:
        PrerequisiteError: replies could not be generated, or are too few to check, or the meter may not gate.
    """
    if all((manifest := AdapterManifest.read(path)) and manifest.warmth_check for path in adapters.values()):
        return
    corpus, model = load_corpus(CORPUS), f"peft/{BASE}"
    prompts = corpus.prompts("held_out")
    meter = StyleMeter.fit(_replies(corpus, "warm", "train"), _replies(corpus, "cold", "train"))
    meters: list[WarmthMeter] = [meter, *([SocioT(base.path, native_dtype())] if sociot else [])]
    arms = [ArmRun(ORIGINAL, model, Weights(base.weights_sha256), sampling_seed=FIRST_SEED)]
    for seed, (arm, path) in enumerate(adapters.items(), FIRST_SEED + 1):
        weights = Weights.of_adapter(base.weights_sha256, path)
        arms.append(ArmRun(arm, f"{model}:{path}", weights, sampling_seed=seed))
    replies = held_out(arms, prompts, settings, folder / "replies")
    scores = {arm.name: score_arm(arm.name, texts, meters) for arm, texts in zip(arms, replies, strict=True)}
    validity = calibrate(meter, corpus.name, labelled_contrasts(corpus)).validity()
    checks = {arm: _checks(arm, scores, validity) for arm in adapters}
    report = {
        "meter_validity_on_held_out_replies": {
            f"warm against {other}": validate(
                meter, list(zip(_replies(corpus, "warm", "held_out"), _replies(corpus, other, "held_out"), strict=True))
            ).model_dump()
            for other in ("neutral", "cold")
        },
        "checks": {arm: [found.model_dump() for found in against] for arm, against in checks.items()},
    }
    (folder / WARMTH_FILE).write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    for arm, against in checks.items():
        manifest = AdapterManifest.read(adapters[arm])
        if manifest is None:
            raise PrerequisiteError(f"{adapters[arm]} lost its manifest. Delete the folder and run the demo again.")
        decides = deciding_check([found.check for found in against])
        manifest.model_copy(update={"warmth_check": decides}).write(adapters[arm])


def _checks(arm: str, scores: Mapping[str, ArmScores], validity: MeterValidity) -> list[ManipulationCheck]:
    """An arm's checks: against the original, and for a restyled arm also against its control.

    A restyled arm must have moved from both, since it is compared with both; the manifest keeps the smaller lift.
    Where the control itself moved, that is a caution and no verdict on the restyled arms.
    """
    references = [ORIGINAL] if arm == CONTROL else [ORIGINAL, CONTROL]
    return [manipulation_check(scores[arm], scores[reference], DIRECTIONS[arm], validity) for reference in references]


def _replies(corpus: Corpus, arm: str, split: Literal["train", "held_out"]) -> list[str]:
    return [example.reply for example in corpus.examples(arm, split)]
