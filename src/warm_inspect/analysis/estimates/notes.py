"""Notes: what a reader must know about a number, a study or a verdict, as a code with values; put into words last."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum, unique
from functools import cache
from string import Formatter


@unique
class Code(Enum):
    """What a note says. The value is its words, without a full stop at the end, which name the note's fields."""

    # Why there is no number, or no error of one.
    NOT_ESTIMABLE = "not estimable: {reason}"
    FEWER_THAN_TWO = "fewer than two {unit}"
    FEWER_THAN_FIVE = "a condition has {n} {unit}, and an interval takes five"
    SINGLE_IN_PART = "a benchmark, or a condition of it, has one of the {unit} only, which shows no error"
    TOO_UNEQUAL = "the {unit} are so unequal that they are worth {n:.1f} equal ones, and an interval takes five"
    FEWER_THAN_TWO_DIFFER = "fewer than two questions differ"
    ALL_AGREE = "all {unit} agree"
    REPLICATES_AGREE = "all {unit} agree exactly"
    ZERO_ERROR = "the standard error is zero, all questions agree"
    ZERO_ERROR_OF_CELLS = "the standard error is zero, every cell is all right or all wrong"
    SINGLE_STATEMENT = "a context has a single statement"
    NO_PAIR_DIFFERS = "no pair differs"
    ONE_SIDED = "all {n} differing pairs lean to one side"
    BALANCED = "every question has as many pairs on one side as on the other"
    NO_DISCORDANT_PAIR = "no discordant pair"
    NO_REFERENCE_ERROR = "the reference made no error"
    NO_REPLIES = "there is no reply"
    NOT_ASKED = "no question has a graded reply in every condition that it compares; it keeps its place in the family"
    NOT_MEASURED = "no reply was scored by {outcome}; it keeps its place in the family"
    NO_FIRST_ANSWER = "no first answer of {arm} is {grade}"
    NO_SHARED_FIRST_ANSWER = "no first answer is {grade} in {arm} and in {reference}"
    NO_GATE = "{arm} was not asked who wrote the poems: give -T claims=wrong,gate"
    NO_POEM_KNOWN = "{arm} names the poet of no poem when it is asked"
    NO_POEM_KNOWN_TO_BOTH = "there is no poem whose poet {arm} and {reference} both name when they are asked"
    NOT_REPEATED = "no prompt was asked twice, so what sampling alone changes is not known: give -T repeats"
    ONE_TEMPLATE = "no problem was asked in two templates: give -T templates"
    NONE_WRONG_OR_AVOIDED = "no reply is wrong or avoided"
    NONE_JUDGED = "no {outcome} reply was judged by a grader"
    UNDEFINED_DRAWS = "{share:.0%} of the resamples have no such number"
    NOT_TESTABLE = (
        "not testable: the lowest level has {n} problems, and it takes {needed} without an error to bound the share of "
        "errors at {share:.0%}"
    )
    ENDS_UNTESTED = "the next level has {n} problems, and it takes {needed}: more levels may be free of errors"
    NO_EVENT = "none in these: the upper end is a one-sided 95% bound, which takes {needed}"
    TURNS_DEPEND = "no interval: the turns of a dialogue depend on each other"
    NO_CHECKED_REPLY = "no reply of {arm} could be checked for what was asked for"
    FEW_HOSTILE = "{n} of these dialogues turn hostile, and a regression takes {needed}: exact counts only"
    NO_REPLY = "no graded reply of {arm}"
    NO_REPLY_UNDER = "no graded reply of {arm} under {factor} {levels}"
    NO_LENGTHS = "the logs do not hold the length of every reply"
    ONE_LEVEL = "only one level of {factor}"
    CONSTANT_OUTCOME = "{outcome} is {value:.0f} in every reply"
    ONE_GRADE = "every reply is {grade}"
    GRADE_NEVER_GIVEN = "{arm} never gives a reply of grade {grades}"
    NO_SHARED_CONDITION = "the arms share no condition: the arm cannot be told from the other terms"
    COLLINEAR = "the terms are collinear: some combination of levels has no rows"
    SEPARATION = "separation: the outcome never or always occurs along {columns}"
    NO_CONVERGENCE = "the fit did not converge"
    NO_CONVERGENCE_OF_GRADES = "the fit did not converge: some grade may never occur under a condition"
    CHAINS_DISAGREE = (
        "the chains of the sampler do not agree, also when drawn twice as long: R-hat {r_hat:.3f} (at most {most}), "
        "effective draws {ess:.0f} (at least {least}), divergent draws {divergent} (none). Give more questions, or "
        "logs of fewer conditions; the contrasts of condition means need no sampler"
    )
    COUNTS_LACK_LENGTHS = "cell counts hold no reply length"
    COUNTS_LACK_QUESTIONS = "cell counts do not say which replies answer the same question: errors are model-based"
    COUNTS_LACK_PAIRS = "cell counts do not pair the replies of two arms"
    COUNTS_LACK_ADAPTERS = "cell counts do not tell adapters apart"
    COUNTS_LACK_STATEMENTS = "cell counts do not say which statement voiced a context"
    COUNTS_LACK_CLAIMS = "cell counts hold incorrect replies only, not which claim a reply affirms"
    COUNTS_LACK_ENDORSEMENT = "cell counts hold incorrect replies only: errors are not sycophancy"
    COUNTS_LACK_REFUSALS = "cell counts do not say what became of refusals and of replies that name no answer"
    COUNTS_POOL_TEMPLATES = "the counts pool the templates in which the user is wrong"

    LABELS_LACKING = "{n} labelled replies: it takes {more} more"
    ONE_LABEL = "every label is {label}: it takes replies with another label"
    ARM_LABELS_LACKING = "{n} labelled replies of {arm}: it takes {more} more"
    ONE_LABEL_OF_ARM = "the labels of {arm} all say the same: it takes replies with another label"
    GRADES_UNINFORMED = (
        "the grades of {arm} are not shown to say anything of its labels: their sensitivity ({sensitivity:.0%}) and "
        "specificity ({specificity:.0%}) may not add up to more than 100%"
    )

    # What limits a number.
    ADJUSTED_AWAY = "P is {p:.3g} before adjustment and {adjusted:.3g} after it, which decides"
    TESTS_DISAGREE = "P of {test} is {other:.3g} and that of the permutation test, which decides, {p:.3g}"
    EXACT_BOUND = "standard error not estimable: all {unit} agree; the interval is an exact bound"
    MCNEMAR_BOUND = "no discordant pair: the interval is an exact bound"
    FEW_DIFFER = "only {n} {unit} differ: the interval is a rough guide"
    FEW_CLUSTERS = "a condition has only {n} {unit}: the interval is a rough guide"
    FEW_LEVELS = "from {n} {unit}: how much others differ rests on the prior"
    UNEQUAL_CLUSTERS = "unequal {unit}, worth {n:.1f} equal ones: the interval is a rough guide"
    SILENT_STRATA = "all {unit} of {strata} agree: the error is as if one did not"
    SILENT_SIZES = "far larger clusters that agree: {n}; the error is as if they varied as the other replies do"
    INCOMPLETE_PAIRS = "{n} incomplete pairs dropped"
    SOME_CONDITIONS = "{used} of {possible} conditions"
    SOME_CONDITIONS_OF_BENCHMARKS = "{used} of {possible} conditions over its benchmarks"
    SOME_STRATA = "only {strata}"
    DESIGN_CUT = "To fit into {minutes:g} minutes on this machine the design leaves out {cuts}"
    CUT_REPLIES = "up to {share:.0%} of the replies in a condition were cut at the token limit"
    OTHER_STATEMENTS = "holds for other statements of these contexts too"
    UNSHARED_PROMPTS = "{n} replies to prompts that only one arm answered left out"
    CONTRARIAN = "{n} replies, {known} of them to prompts it answered correctly without the belief"
    PENALISED = "penalised fit (Firth), because of {reason}"
    DROPPED_TERMS = "dropped, single level: {terms}"
    MODEL_BASED_ERRORS = "errors are model-based: cell counts name no question"
    ASSOCIATION = "an association, not a cause"
    SEVERAL_ADAPTERS = (
        "not tested: several adapters answered each prompt, and the exact test takes pairs as independent"
    )
    MISSING_TAKEN = "{n:,} of {asked:,} replies are missing and are all taken so"
    INTERVAL_WITHIN_MARGIN = "the 90% interval lies within the margin, and the test that decides gives P {p:.3g}"
    MARGIN = "margin {points:g} points"
    LABELS = "by labels of replies: {labelled}"

    # What limits a study.
    NOT_COMPARED = "No question compares {arm} with {reference}: {reason}"
    NO_SHARED_BASE = (
        "they share no base model ({arm} was run on {of_arm}, {reference} on {of_reference}). Run both on one, or name "
        "the base model that they share with base_model in --arms-file"
    )
    NO_SHARED_BENCHMARK = (
        "they share no benchmark ({arm} was run on {of_arm}, {reference} on {of_reference}). Run both on one"
    )
    NO_SHARED_CELL = (
        "they share no condition of context/belief ({arm} has {of_arm}, {reference} has {of_reference}). Run both with "
        "the same -T contexts and -T beliefs"
    )
    NO_SHARED_QUESTION = "no question has a graded reply of both. Run both on the same questions"
    GRADING_LABELLED = (
        "{n:,} replies were graded by {grading}. On the {labelled} of them that a reader labelled, endorses_claim has "
        "precision {precision} and recall {recall}"
    )
    GRADING_LABELLED_ELSEWHERE = (
        "{n:,} replies were graded by {grading}, and none of them is labelled: how often it errs here is not known. On "
        "the package's {labelled} labelled replies of a small model that it was not developed on, endorses_claim has "
        "precision {precision} and recall {recall} (to label your own: warm-inspect label export LOGS -o sheet.jsonl)"
    )
    GRADING_UNLABELLED = (
        "{n:,} replies were graded by {grading}, and none of them is labelled: how often it errs here is not known (to "
        "label some: warm-inspect label export LOGS -o sheet.jsonl)"
    )
    GRADED_BY_TASK = (
        "{n:,} replies count as correct by {score}, a score of the task itself: how often it errs here is not known, "
        "and which replies adopt a stated answer it does not say"
    )
    REMOTE_GRADER = (
        "{n:,} replies of the gated or harmful benchmark {benchmark} were graded by {grader}, which runs elsewhere: "
        "their text left this machine. {advice} (--model-role grader=...)"
    )
    STYLE_BIAS = (
        "Graded by {grading}, whose grades move with the style of a reply: of the same {content} content, the share "
        "that is graded {outcome} differs by {points:+.1f} points ({low:+.1f} to {high:+.1f}, {items} items) between "
        "{first} and {second} replies (warm-inspect grader style)"
    )
    WARMTH_FAILED = (
        "The adapter of arm {arm}{where} failed its warmth check: its replies did not change in warmth as intended"
    )
    WARMTH_MOVED = (
        "The adapter of arm {arm}{where} failed its warmth check: its replies moved in warmth, which they should not"
    )
    WARMTH_NOT_CHECKED = (
        "The adapter of arm {arm}{where} has no warmth check in its logs: whether training moved it is unknown"
    )
    UNEQUAL_EPOCHS = "The arms were trained for different numbers of epochs ({epochs}): their effects may come from it"
    UNEQUAL_SETTINGS = "The arms of {benchmark} differ in their {setting} ({values}): their effects may come from it"
    SAME_PROMPTS = (
        "{questions:,} questions ask the same prompts as others under another id: they count as {clusters:,} clusters. "
        "Give repeated questions one id and run them with --epochs"
    )
    NO_LARGER_THAN_NOISE = (
        "{contrast} on {outcome} is {points:+.1f} points, and asking {arm} twice gives {twice:+.1f}: as a point "
        "estimate, this effect is no larger than noise"
    )
    UNEQUAL_MISSING = (
        "Missing replies differ from arm to arm, so that what is missing may make a difference: {arms}. See the "
        "best and the worst case beside each effect"
    )
    UNGRADED = "{share:.1%} of the samples of arm {arm} have no grade ({n:,} of its {total:,})"
    CELL_CUT = (
        "{share:.0%} of the replies of {arm} under context {context}, belief {belief} were cut at the token limit"
    )
    UNEQUAL_GRIDS = "The benchmarks were not run with the same arms and conditions: see the notes of the estimates"
    FEW_SEEDS = "Training seeds per arm: {seeds}. The results hold for these adapters, not for warmth training"
    OTHER_FAMILY = "The logs also hold {n:,} samples of {family}, which is measured apart: they enter no number here"
    CONTROL_LEFT_OUT = "Control log {log} ({benchmark}) is left out: {reason}"
    OTHER_CHECKPOINT = "it is of another checkpoint of {arm} than the one analysed"
    UNKNOWN_MODEL = "no benchmark log is of this model, so its arm is not known"
    UNKNOWN_ARM = "its run names the arm {arm}, and no benchmark log is of this model and arm"
    AMBIGUOUS_MODEL = "{n} arms go by this model's name, so its arm is not known"
    LARGE_REPORT = (
        "{file} has {size:.1f} MB, more than the {limit:.1f} MB that it should: browsers may be slow with it. Analyse "
        "fewer arms, benchmarks or conditions at once to get a smaller one"
    )

    LABELS_OF_SOME_BENCHMARKS = (
        "No labelled reply of {arm} is on {benchmarks}: corrected numbers take its grades there to be as wrong as "
        "elsewhere"
    )
    LABELS_ELSEWHERE = "{n} of {total} labels are of replies that no log here has graded: they enter no number"

    # What limits a comparison of two logs.
    LOG_UNFINISHED = "Log {log} did not finish (status {status}): the samples it holds may not be a fair draw"
    ONLY_IN_ONE_LOG = "{n} samples are in log {log} only and enter no number"
    UNSCORED_IN_LOG = "{n} of {total} paired samples have no score in log {log}, most often for an error"
    POSITIVE_CONTROL_LOG = (
        "Log {log} is of {arm}, an arm of the positive control: a difference from it shows that the measurement sees, "
        "and nothing about a change"
    )
    MISSING_IN_LOG = (
        "{missing:,} of {asked:,} replies have no value: whatever they would have been, the difference over all "
        "samples is between {low:+.1f} and {high:+.1f} points"
    )
    UNLIKE_LOGS = "The logs differ in their {setting} ({a} in A, {b} in B)"
    CLUSTERED = "Errors are clustered by {cluster}: {samples} samples in {clusters} clusters"
    NO_MCNEMAR = "no McNemar test: {reason}"
    NOT_BINARY = "the values of a sample are not 0 or 1"
    EPOCHS_AVERAGED = "epochs are averaged"
    SHARED_CLUSTERS = "{samples} samples share {clusters} clusters, and the test takes samples as independent"
    NO_SHARED_SCORE = "no sample has it in both logs"
    NO_NUMBERS = "values that are no number from 0 to 1: {values}"
    NOT_SCORED = "no sample is scored"

    # What the gate's evidence lacks.
    POSITIVE_SEEN = (
        "Positive control seen: {arm} adopts a wrong answer that its user states {points:+.1f} points more often than "
        "{reference}. Neither enters a test"
    )
    POSITIVE_NOT_SEEN = (
        "positive control not seen: it is not shown that {arm} adopts a stated wrong answer more often than "
        "{reference}, so the harm of another arm could go unseen too"
    )
    SAMPLES_GONE = (
        "log {log} lacks {n:,} of the {total:,} samples that it says were run: what they showed is not known. Give the "
        "log as it was written"
    )
    SAMPLES_CHOSEN = (
        "the questions of log {log} were chosen by their ids ({chosen}): whoever knows the replies can choose the "
        "harmless. Draw questions before they are run: -T items=N -T seed=N"
    )
    UNDECLARED_LOOKS = (
        "The replies of an arm to one set of questions are from {parts} logs, and the margins say looks: {looks}. If a "
        "verdict was asked for before the last of them was there, this one is too easy: say looks: {parts}"
    )
    SAMPLES_LEFT_OUT = "Log {log} holds only a part of its task's samples ({chosen}): the verdict is about these alone"
    LOG_SKIPPED = "log {log} is {kind}"
    CONDITION_LACKING = "{arm} has no reply under {n} conditions that {other} has: {conditions}"
    NO_CONTEXT_RUN = "worst_context is about interpersonal contexts, and only {contexts} was run"
    NO_CONTROL_LOGS = (
        "no control logs: give logs of {tasks} of both arms among LOGS, or two logs of any task with "
        "--control {margin} REFERENCE.eval ARM.eval"
    )
    NO_DIALOGUES = (
        "no dialogues of both {arm} and {reference}: give logs of warm_inspect/are_you_sure with right first answers "
        "given (-T first_turns=given_right) that are doubted and asked again (-T follow_ups=challenge,neutral_reask)"
    )
    NO_REVISIONS = "no live dialogues of revisions of {arm}: give logs of warm_inspect/hostility (-T history=live)"
    ONE_TURN = "a dialogue of one turn asks for no revision: give logs of warm_inspect/hostility -T depth=2 or more"
    MANNER_LACKING = (
        "dialogues of {n} scripts of a user who is {affect}, and of {most} of another one: give logs of "
        "warm_inspect/hostility -T affects=all"
    )
    MANNER_AT_LIMIT = (
        "of the dialogues of a user who is {affect} {share:.1f}% are hostile or not known to be civil, which those of "
        "other users must not hide"
    )
    ALIKE_DIALOGUES = (
        "{n} dialogues of different scripts or manners, worth {worth:.0f} where those of one script correlate at "
        "{rho:g}; further epochs of one add nothing"
    )
    UNKNOWN_HOSTILE = (
        "{n} of {asked} dialogues are not known to be civil ({reasons}) and count as hostile: the bound is {bound:.1f}%"
    )
    NO_PROBLEMS = (
        "no problems of both {arm} and {reference}: give logs of warm_inspect/reliability about the same domain "
        "(-T designs=natural)"
    )
    FAMILY_OF_OTHER_CHECKPOINT = "the {family} logs of {arm} are of another checkpoint than its replies"
    ONE_CONTROL_LOG = "there is a {benchmark} log of {arm}, and none of {lacking}"
    CONTROL_OF_OTHER_ARM = "the samples of the {margin} log {log} say {said}, and of arm {arm} it is {expected}"
    CONTROL_OF_OTHER_MODEL = "the {margin} log {log} is of the model {model}, and arm {arm} is {expected}"
    CONTROL_UNFINISHED = "the {margin} log {log} did not finish (status {status})"
    CONTROLS_UNLIKE = "the {margin} logs differ in their {setting} ({of_reference} for {reference}, {of_arm} for {arm})"
    WARMTH_UNKNOWN = "the warmth of {arm} was never checked: warm-inspect warmth ADAPTERS --write-manifest"
    NO_SHARED_PROMPT = "no prompt here has a graded reply of both {arm} and {reference}"
    MISSING_AT_WORST = (
        "{n:,} of {asked:,} replies are missing ({reasons}) and count at their worst, which is {added:.1f} of the "
        "{bound:.1f} points that the harm may be"
    )
    MISSING_CUT = "{n:,} of {arm} cut at the token limit: generate them again with a larger --max-tokens"
    MISSING_FILTERED = "{n:,} of {arm} stopped by the provider's filter: run them where there is none"
    MISSING_EMPTY = "{n:,} of {arm} empty: see in the log why it said nothing, and run them again"
    MISSING_ABSTAINED = "{n:,} of {arm} not understood by matching: grade them by a model with warm-inspect regrade"
    MISSING_UNGRADED = "{n:,} of {arm} without a grade: grade them again with inspect score LOG"
    MISSING_NOT_RUN = "{n:,} of {arm} never run: run both arms on the same questions and epochs"
    NO_WARMTH_MARGIN = "{note}. The margins have no warmth, so the verdict does not depend on it"

    # What a plan lacks.
    ONE_PROMPT_PER_ITEM = (
        "each item has one prompt: how much further prompts of an item add is unknown, and the worst case is taken"
    )
    FEW_PILOT_SEEDS = "the spread between seeds comes from {n} seeds and is very uncertain"

    @property
    def fields(self) -> frozenset[str]:
        """The fields that a note of this code has."""
        return _fields(self.value)


@dataclass(frozen=True, init=False)
class Note:
    """One code with its values: texts, numbers, or a note that gives the reason."""

    code: Code
    values: Mapping[str, "str | float | Note"] = field(hash=False)

    def __init__(self, code: Code, **values: "str | float | Note") -> None:
        if code.fields != set(values):
            raise TypeError(f"a note {code.name} has the fields {sorted(code.fields)}, not {sorted(values)}")
        object.__setattr__(self, "code", code)
        object.__setattr__(self, "values", values)

    @property
    def codes(self) -> tuple[Code, ...]:
        """Its code, and those of the notes in it."""
        inner = [code for value in self.values.values() if isinstance(value, Note) for code in value.codes]
        return (self.code, *inner)

    @property
    def words(self) -> str:
        """The note as a part of a sentence."""
        said = {name: value.words if isinstance(value, Note) else value for name, value in self.values.items()}
        return str(self.code.value).format(**said)

    @property
    def sentence(self) -> str:
        """The note as a sentence of its own."""
        return f"{self.words}."


def not_estimable(code: Code, **values: str | float | Note) -> Note:
    """Why something could not be estimated."""
    return Note(Code.NOT_ESTIMABLE, reason=Note(code, **values))


def in_words(notes: Iterable[Note]) -> str:
    """Several notes as one text."""
    return "; ".join(note.words for note in notes)


def code_names(notes: Iterable[Note]) -> str:
    """The codes of several notes as words with underscores, for columns that programs read."""
    return " ".join(code.name.lower() for note in notes for code in note.codes)


@cache
def _fields(words: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in Formatter().parse(words) if name)
