"""Observations: the checked frame of graded replies that every statistic starts from."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from warm_inspect.analysis.logs import Collected
from warm_inspect.analysis.observations.assigned_arms import AssignedArm, require_models, with_arms
from warm_inspect.analysis.observations.cell_counts import WEIGHT, checked_counts
from warm_inspect.analysis.observations.clusters import joined_clusters
from warm_inspect.analysis.observations.later_checks import LaterChecks
from warm_inspect.analysis.observations.levels import FACTORS, ordered_levels
from warm_inspect.analysis.observations.roles import Roles, roles_of
from warm_inspect.analysis.observations.versions import as_versions
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.measurements import BENCHMARKS
from warm_inspect.core.roles import Role
from warm_inspect.core.scored import ScoreDetails
from warm_inspect.core.vocabulary import NOT_CORRECT, Grade

IDENTITY = (
    "arm", "base_model", "training_seed", "training_epochs", "benchmark", "question_id", "context", "belief", "persona",
    "epoch",
)  # fmt: skip
"""What makes a reply unique. Adapters of one arm that differ in their training seed are replicates; checkpoints of one
run are told apart by their epochs."""

_GRADE_ALIKE = "Grade the logs alike with: warm-inspect regrade LOGS --grader MODEL --out FOLDER"
_ONE_PER = (
    (("benchmark",), "task_version", "Different versions ask different things: run the older logs again."),
    (
        ("benchmark",),
        "dataset_revision",
        "Questions pair by their id, which may mean another question there: run the arms on one revision of the data.",
    ),
    (("benchmark",), "grading", _GRADE_ALIKE),
    (("benchmark",), "grader", _GRADE_ALIKE),
    (("benchmark",), "grader_prompt_sha256", _GRADE_ALIKE),
    (("benchmark",), "lexicon_sha256", "Read all by one lexicon, with this version's: inspect score LOG"),
    (("base_model",), "base_sha256", "Arms must share their base weights: run them on one copy of the base model."),
    (
        ("benchmark", "question_id"),
        "cluster_id",
        "Questions pair within their cluster: give a question one cluster_id in every log.",
    ),
    (
        ("benchmark", "question_id", "context", "belief", "persona"),
        "prompt_sha256",
        "Pairs must see the same prompt: run the arms with the same version, seed and chat settings.",
    ),
)
# Epochs of training, of an adapter. The column `epoch` is Inspect's: how often a prompt was asked by then.
EPOCHS = "training_epochs"
PROMPT = ("base_model", "benchmark", "question_id", "context", "belief", "epoch")
"""What both replies of a pair have in common."""
GRADES = tuple(grade.value for grade in Grade)

COLUMNS = (
    *BENCHMARKS.fields, "cluster", "model", "log_id", "log_file", "sample_id", "epoch", "uuid", *BENCHMARKS.keys,
    NOT_CORRECT, "grade", *ScoreDetails.model_fields,
)  # fmt: skip
"""The columns of the frame, in order."""

EXCLUSION_COLUMNS = ("reason", "arm", "benchmark", "context", "belief")


UNIT = ("base_model", "benchmark", "question_id", "cluster")
"""The columns that name a question of one base model, which an arm answers in each cell."""


class Cell(NamedTuple):
    """An arm under one context and one belief, over which replies are averaged."""

    arm: str
    context: str
    belief: str


@dataclass(frozen=True)
class Observations:
    """Graded replies of one or more logs, checked to be comparable.

    Factors are ordered categoricals with the reference first. `arm` carries the persona (`warm+persona_warm`);
    `cluster` is the unit of clustered errors: the cluster that the task declares, joined with others that hold one of
    its prompts under another id; `not_correct` is 1 - `correct`.
    """

    frame: pd.DataFrame
    """One row per graded reply, columns `COLUMNS`; of cell counts, one row per cell and outcome (`from_counts`)."""
    exclusions: pd.DataFrame
    """Counts of samples without a grade: reason, arm, benchmark, context, belief, n."""
    checkpoints: pd.DataFrame
    """The frame before one checkpoint was chosen for each arm: the dose curve's rows."""
    ungraded: pd.DataFrame
    """One row per sample without a grade, as in `Collected.samples` with its cluster; none of cell counts."""
    roles: Roles
    """What each arm is for."""
    families: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    """The samples of each further family of measurement, ungraded ones too, as in `Collected.families`: with `arm` and
    `cluster` as in `frame`, of the checkpoints that stand for their arms."""
    family_roles: Roles = field(default_factory=Roles)
    """What each arm is for where some have samples of families alone."""

    @classmethod
    def from_counts(cls, frame: pd.DataFrame) -> "Observations":
        """Observations of cell counts: columns base_model, arm, benchmark, context, belief, n and n_incorrect.

        The frame has the columns of the factors, `context_group`, `incorrect` (0 or 1) and `weight`, the number of
        replies that a row stands for. It names no question, so its errors can only be model-based.

        Raises:
            PrerequisiteError: the counts break a rule (see `checked_counts`).
        """
        rows, empty = checked_counts(frame)
        lost = empty.loc[:, list(EXCLUSION_COLUMNS[1:])].astype(str)
        exclusions = lost.assign(reason="empty cell")[list(EXCLUSION_COLUMNS)].assign(n=0)
        roles = roles_of([str(arm) for arm in rows["arm"].cat.categories])
        return cls(rows, exclusions, rows, rows.iloc[:0], roles)

    @property
    def counted(self) -> bool:
        """Whether these are cell counts, without the replies behind them."""
        return WEIGHT in self.frame

    @property
    def arms(self) -> list[str]:
        """The arms in order, the original first."""
        return [str(arm) for arm in self.frame["arm"].cat.categories]

    @property
    def baseline(self) -> str:
        """The arm that the others are compared with (`Roles.baseline`)."""
        return self.roles.baseline(self.arms)

    @property
    def compared_arms(self) -> list[str]:
        """The arms that are compared with the baseline (`Roles.compared`)."""
        return self.roles.compared(self.arms)


def observe(
    collected: Collected,
    arms: Mapping[str, str | AssignedArm] | None = None,
    epoch: float | None = None,
    roles: Mapping[str, Role] | None = None,
    warmth: LaterChecks | None = None,
    compared: Collection[str] = (),
) -> Observations:
    """The observations of the collected samples.

    Args:
        collected: what was read from the logs.
        arms: the arm of each model whose samples do not name one, by Inspect's model name. Models that are given no
            base model count as one: the one of the original arm.
        epoch: the epochs of training after which a checkpoint stands for its arm, where an arm has several.
        roles: what arms are for, by the name of the arm; it goes before the roles in `arms`.
        warmth: warmth checks that were made after the evaluation.
        compared: the arms that are compared by name; with those that are given a role they count as versions of one
            base model (see `as_versions`).

    Raises:
        PrerequisiteError: samples of other families of measurement only, a model without an arm, a model that is in no
            log, no graded sample at all, samples that must not be compared (see `check_comparable`), several
            checkpoints of an arm and no epoch, or roles that do not fit the arms (see `roles_of`).
    """
    if collected.samples.empty:
        others = ", ".join(f"{len(samples)} samples of {name}" for name, samples in collected.families.items())
        raise PrerequisiteError(
            f"The logs hold no sample of a benchmark or of an own task, only {others}",
            "Give them to warm-inspect analyze, or add the logs of a benchmark, for example of: "
            "inspect eval warm_inspect/truthfulqa --model MODEL",
        )
    given = {name: AssignedArm(arm) if isinstance(arm, str) else arm for name, arm in (arms or {}).items()}
    require_models(given, [collected.samples, *collected.families.values()])
    assigned = {each.arm: each.role for each in given.values() if each.role} | dict(roles or {})
    samples = with_arms(collected.samples, given)
    families = {name: with_arms(each, given) for name, each in collected.families.items()}
    roles_anywhere = roles_of(_arms_of([_with_grades(samples), *families.values()]), assigned)
    named = {*compared, *assigned}
    samples = _with_base_and_cluster(samples, samples["benchmark"].astype(str), named, roles_anywhere)
    samples = (warmth or LaterChecks()).attach(samples)
    frame = _graded(samples)
    check_comparable(frame)
    chosen = chosen_checkpoints(frame, epoch)
    left_out = set(frame.loc[~chosen, "log_id"])
    ungraded = samples[(samples["excluded"] != "") & ~samples["log_id"].isin(left_out)].reset_index(drop=True)
    checkpoints = frame.loc[:, list(COLUMNS)]
    # A family of measurement may have arms that no benchmark has: then a role may fall to another arm here.
    of_arms = roles_of([str(arm) for arm in frame["arm"].cat.categories], assigned)
    graded = checkpoints[chosen].reset_index(drop=True)
    families = _compared_families(families, epoch, named, roles_anywhere)
    return Observations(graded, _exclusions(ungraded), checkpoints, ungraded, of_arms, families, roles_anywhere)


def observe_families(
    collected: Collected, arms: Mapping[str, AssignedArm], epoch: float | None, declared: Mapping[str, Role]
) -> dict[str, pd.DataFrame]:
    """The samples of each further family of measurement, as in `Observations.families`.

    Args:
        collected: what was read from the logs.
        arms: as for `observe`.
        epoch: as for `observe`.
        declared: what arms are for, by the name of the arm.

    Raises:
        PrerequisiteError: a model without an arm, several checkpoints of an arm and no epoch, or roles that do not fit
            the arms (see `roles_of`).
    """
    families = {name: with_arms(each, arms) for name, each in collected.families.items()}
    return _compared_families(families, epoch, declared, roles_of(_arms_of(families.values()), declared))


def _arms_of(frames: Iterable[pd.DataFrame]) -> list[str]:
    """The arms of any of these samples, in order."""
    return ordered_levels("arm", (str(arm) for each in frames for arm in each["arm"].unique()))


def _compared_families(
    families: Mapping[str, pd.DataFrame], epoch: float | None, named: Collection[str], roles: Roles
) -> dict[str, pd.DataFrame]:
    return {name: _chosen(_with_base_and_cluster(each, name, named, roles), epoch) for name, each in families.items()}


def _with_base_and_cluster(
    samples: pd.DataFrame, measured: "pd.Series[str] | str", named: Collection[str], roles: Roles
) -> pd.DataFrame:
    """The samples with the base model that they are compared within, and with their cluster.

    Args:
        samples: samples of one family of measurement, with their arms.
        measured: what each of them is of, within which the clusters that it declares are distinct.
        named: the arms that the user compares by name or gives a role.
        roles: what every arm is for.
    """
    placed = as_versions(samples, named, roles)
    declared = measured + ":" + placed["cluster_id"].astype(str)
    return placed.assign(cluster=joined_clusters(declared, placed["prompt_sha256"]))


def _chosen(samples: pd.DataFrame, epoch: float | None) -> pd.DataFrame:
    """The samples of the checkpoints that stand for their arms, with the arms in order."""
    chosen = samples[chosen_checkpoints(samples, epoch)].reset_index(drop=True)
    return chosen.assign(arm=_in_order("arm", chosen["arm"]))


def _with_grades(samples: pd.DataFrame) -> pd.DataFrame:
    """The samples with a grade.

    Raises:
        PrerequisiteError: there is none.
    """
    frame = samples[samples["excluded"] == ""].reset_index(drop=True)
    if frame.empty:
        reasons = sorted(set(samples["excluded"]))
        raise PrerequisiteError(
            f"None of the {len(samples)} samples has a grade ({'; '.join(reasons)}). "
            "Grade them with: warm-inspect regrade LOGS --missing --out FOLDER"
        )
    return frame


def _graded(samples: pd.DataFrame) -> pd.DataFrame:
    """The samples with a grade, texts as categories and factors in their order."""
    frame = _with_grades(samples)
    frame[NOT_CORRECT] = 1.0 - frame["correct"]
    frame["grade"] = pd.Categorical(grade_names(frame), categories=list(GRADES))
    for column in frame.columns[frame.dtypes == "str"].difference(["sample_id", "uuid"]):
        frame[column] = frame[column].astype("category")
    for column in frame.columns[frame.dtypes == "category"].difference(["grade"]):
        # The order in which logs were read is no order: what is drawn or numbered by it would move with the logs.
        frame[column] = frame[column].cat.reorder_categories(sorted(frame[column].cat.categories))
    for factor in FACTORS:
        frame[factor] = _in_order(factor, frame[factor])
    return frame


def _in_order(factor: str, values: "pd.Series[Any]") -> "pd.Series[Any]":
    """The column of a factor with its levels in order, those that do not occur left out."""
    values = values.cat.remove_unused_categories()
    return values.cat.reorder_categories(ordered_levels(factor, values.cat.categories), ordered=True)


def grade_names(frame: pd.DataFrame) -> npt.NDArray[np.object_]:
    """The name of each reply's grade, whose column alone holds 1; None where an own score stands instead of grades."""
    values = frame[list(GRADES)].to_numpy(dtype=float)
    names: npt.NDArray[np.object_] = np.array(GRADES, dtype=object)[values.argmax(axis=1)]
    names[np.isnan(values).any(axis=1)] = None
    return names


def _exclusions(ungraded: pd.DataFrame) -> pd.DataFrame:
    by = list(EXCLUSION_COLUMNS)
    rows = ungraded[["excluded", *by[1:]]].astype(str)
    rows = rows.rename(columns={"excluded": "reason"})
    return rows.groupby(by, as_index=False).size().rename(columns={"size": "n"})


def measured_outcomes(frame: pd.DataFrame, outcomes: Sequence[str]) -> tuple[str, ...]:
    """Those of the outcomes that the replies were scored by: own tasks know only how correct a reply is."""
    return tuple(outcome for outcome in outcomes if frame[outcome].notna().any())


def paired_replies(
    frame: pd.DataFrame, arm: str, reference: str, columns: Sequence[str], prompt: Sequence[str] = PROMPT
) -> pd.DataFrame:
    """One row per pair of replies to one prompt: what was asked, and the two replies side by side.

    A prompt that several adapters of an arm answered gives a pair for each.

    Args:
        frame: rows of `Observations.frame`.
        arm: whose replies have the columns under their own names.
        reference: whose replies have them with `_reference`.
        columns: outcomes of the replies, or facts about them.
        prompt: the columns that name a prompt in every arm.
    """
    kept = [*prompt, *columns, "training_seed"]
    own = frame.loc[frame["arm"] == arm, [*kept, "cluster"]]
    other = frame.loc[frame["arm"] == reference, kept]
    pairs = own.merge(other, on=list(prompt), suffixes=("", "_reference"))
    trained = (pairs["training_seed"] >= 0) & (pairs["training_seed_reference"] >= 0)
    # Trained arms pair by seed, so that each pair of adapters counts once.
    if set(own["training_seed"]) & set(other["training_seed"]):
        pairs = pairs[~trained | (pairs["training_seed"] == pairs["training_seed_reference"])]
    return pairs


def check_comparable(frame: pd.DataFrame) -> None:
    """Refuse replies that were counted twice, or asked or graded in different ways. Unknown values are not compared.

    Raises:
        PrerequisiteError: duplicates; or more than one task version, data revision, grading, grader, grader prompt or
            lexicon in a benchmark; more than one set of base weights in a base model; more than one cluster of a
            question; or more than one prompt in a pair.
    """
    _refuse_duplicates(frame)
    for by, column, remedy in _ONE_PER:
        # Only the family that is read by a lexicon names one.
        if column in frame:
            _refuse_mixed(frame, by, column, remedy)


def _refuse_duplicates(frame: pd.DataFrame) -> None:
    twice = frame[frame.duplicated(list(IDENTITY), keep=False)]
    if twice.empty:
        return
    _, first = next(iter(twice.groupby(list(IDENTITY), observed=True, dropna=False, sort=False)))
    files = sorted(set(first["log_file"]))
    where = " and ".join(files) if len(files) > 1 else f"{files[0]} (twice)"
    raise PrerequisiteError(
        f"Sample {first['sample_id'].iloc[0]} of arm {first['arm'].iloc[0]} is in {where}. "
        "Each reply counts once: leave one of them out, or delete the older log."
    )


def _refuse_mixed(frame: pd.DataFrame, by: Sequence[str], column: str, remedy: str) -> None:
    known = frame[frame[column].astype(str) != ""]
    counts = known.groupby(list(by), observed=True)[column].nunique()
    mixed = counts[counts > 1]
    if mixed.empty:
        return
    key = mixed.index[0] if len(by) > 1 else (mixed.index[0],)
    group = known[(known[list(by)] == list(key)).all(axis=1)]
    values = [f"{value} in {rows['log_file'].iloc[0]}" for value, rows in group.groupby(column)]
    raise PrerequisiteError(
        f"More than one {column} for {'/'.join(str(part) for part in key)}: {'; '.join(values)}. {remedy}"
    )


def epochs_by_arm(frame: pd.DataFrame) -> dict[str, list[float]]:
    """The epochs of training after which each trained arm replied, ascending."""
    known = frame[frame[EPOCHS].notna()]
    return {str(arm): sorted(set(map(float, rows[EPOCHS]))) for arm, rows in known.groupby("arm", observed=True)}


def several_epochs(frame: pd.DataFrame) -> dict[str, list[float]]:
    """The epochs of each arm that has checkpoints of more than one."""
    return {arm: epochs for arm, epochs in epochs_by_arm(frame).items() if len(epochs) > 1}


def chosen_checkpoints(frame: pd.DataFrame, epoch: float | None) -> "pd.Series[bool]":
    """Which replies stand for their arm: all, but of an arm with several checkpoints those of one epoch.

    Raises:
        PrerequisiteError: an arm has several checkpoints and no epoch was chosen, or none of the chosen epoch.
    """
    several = several_epochs(frame)
    for arm, epochs in several.items():
        shown = ", ".join(f"{value:g}" for value in epochs)
        if epoch is None:
            raise PrerequisiteError(
                f"The logs hold arm {arm} after {shown} epochs of training. Choose the checkpoint that stands for the "
                f"arm in the tables, for example: --epoch {epochs[-1]:g}. The dose curve shows them all."
            )
        if epoch not in epochs:
            raise PrerequisiteError(f"--epoch {epoch:g}: the logs hold arm {arm} after {shown} epochs.")
    return ~frame["arm"].astype(str).isin(list(several)) | (frame[EPOCHS].astype(float) == epoch)
