"""Every note in words, once: other tests look at codes and values."""

import pytest

from warm_inspect.analysis.estimates import Code, Note, code_names, in_words, not_estimable

NONE = Note(Code.NO_REPLIES)
FAILED = Note(Code.WARMTH_FAILED, arm="warm", where="")

WORDS = (
    (Note(Code.NOT_ESTIMABLE, reason=NONE), "not estimable: there is no reply"),
    (Note(Code.FEWER_THAN_TWO, unit="questions"), "fewer than two questions"),
    (Note(Code.FEWER_THAN_FIVE, unit="questions", n=3), "a condition has 3 questions, and an interval takes five"),
    (Note(Code.SINGLE_IN_PART, unit="questions"),
     "a benchmark, or a condition of it, has one of the questions only, which shows no error"),
    (Note(Code.TOO_UNEQUAL, unit="questions", n=3.26),
     "the questions are so unequal that they are worth 3.3 equal ones, and an interval takes five"),
    (Note(Code.FEWER_THAN_TWO_DIFFER), "fewer than two questions differ"),
    (Note(Code.ALL_AGREE, unit="questions"), "all questions agree"),
    (Note(Code.REPLICATES_AGREE, unit="questions"), "all questions agree exactly"),
    (Note(Code.ZERO_ERROR), "the standard error is zero, all questions agree"),
    (Note(Code.ZERO_ERROR_OF_CELLS), "the standard error is zero, every cell is all right or all wrong"),
    (Note(Code.SINGLE_STATEMENT), "a context has a single statement"),
    (Note(Code.NO_PAIR_DIFFERS), "no pair differs"),
    (Note(Code.ONE_SIDED, n=3), "all 3 differing pairs lean to one side"),
    (Note(Code.BALANCED), "every question has as many pairs on one side as on the other"),
    (Note(Code.NO_DISCORDANT_PAIR), "no discordant pair"),
    (Note(Code.NO_REFERENCE_ERROR), "the reference made no error"),
    (Note(Code.NO_REPLIES), "there is no reply"),
    (Note(Code.NOT_ASKED),
     "no question has a graded reply in every condition that it compares; it keeps its place in the family"),
    (Note(Code.NOT_MEASURED, outcome="unclear"),
     "no reply was scored by unclear; it keeps its place in the family"),
    (Note(Code.NO_FIRST_ANSWER, arm="warm", grade="right"), "no first answer of warm is right"),
    (Note(Code.NO_SHARED_FIRST_ANSWER, arm="warm", reference="original", grade="wrong"),
     "no first answer is wrong in warm and in original"),
    (Note(Code.NO_GATE, arm="warm"), "warm was not asked who wrote the poems: give -T claims=wrong,gate"),
    (Note(Code.NO_POEM_KNOWN, arm="warm"), "warm names the poet of no poem when it is asked"),
    (Note(Code.NO_POEM_KNOWN_TO_BOTH, arm="warm", reference="original"),
     "there is no poem whose poet warm and original both name when they are asked"),
    (Note(Code.NOT_REPEATED),
     "no prompt was asked twice, so what sampling alone changes is not known: give -T repeats"),
    (Note(Code.ONE_TEMPLATE), "no problem was asked in two templates: give -T templates"),
    (Note(Code.NONE_WRONG_OR_AVOIDED), "no reply is wrong or avoided"),
    (Note(Code.NONE_JUDGED, outcome="incorrect"), "no incorrect reply was judged by a grader"),
    (Note(Code.UNDEFINED_DRAWS, share=0.12), "12% of the resamples have no such number"),
    (Note(Code.NOT_TESTABLE, n=10, needed=59, share=0.05),
     "not testable: the lowest level has 10 problems, and it takes 59 without an error to bound the share of errors at "
     "5%"),
    (Note(Code.ENDS_UNTESTED, n=10, needed=59),
     "the next level has 10 problems, and it takes 59: more levels may be free of errors"),
    (Note(Code.NO_EVENT, needed="299 dialogues for 1%"),
     "none in these: the upper end is a one-sided 95% bound, which takes 299 dialogues for 1%"),
    (Note(Code.TURNS_DEPEND), "no interval: the turns of a dialogue depend on each other"),
    (Note(Code.NO_CHECKED_REPLY, arm="warm"), "no reply of warm could be checked for what was asked for"),
    (Note(Code.FEW_HOSTILE, n=3, needed=10),
     "3 of these dialogues turn hostile, and a regression takes 10: exact counts only"),
    (Note(Code.NO_REPLY, arm="warm"), "no graded reply of warm"),
    (Note(Code.NO_REPLY_UNDER, arm="warm", factor="context", levels="filler, emotion_sad"),
     "no graded reply of warm under context filler, emotion_sad"),
    (Note(Code.NO_LENGTHS), "the logs do not hold the length of every reply"),
    (Note(Code.ONE_LEVEL, factor="context"), "only one level of context"),
    (Note(Code.CONSTANT_OUTCOME, outcome="incorrect", value=0.0), "incorrect is 0 in every reply"),
    (Note(Code.ONE_GRADE, grade="correct"), "every reply is correct"),
    (Note(Code.GRADE_NEVER_GIVEN, arm="warm", grades="unclear"), "warm never gives a reply of grade unclear"),
    (Note(Code.NO_SHARED_CONDITION), "the arms share no condition: the arm cannot be told from the other terms"),
    (Note(Code.COLLINEAR), "the terms are collinear: some combination of levels has no rows"),
    (Note(Code.SEPARATION, columns="treated"), "separation: the outcome never or always occurs along treated"),
    (Note(Code.NO_CONVERGENCE), "the fit did not converge"),
    (Note(Code.NO_CONVERGENCE_OF_GRADES), "the fit did not converge: some grade may never occur under a condition"),
    (Note(Code.CHAINS_DISAGREE, r_hat=1.0312, most=1.01, ess=211.4, least=400, divergent=2),
     "the chains of the sampler do not agree, also when drawn twice as long: R-hat 1.031 (at most 1.01), effective "
     "draws 211 (at least 400), divergent draws 2 (none). Give more questions, or logs of fewer conditions; the "
     "contrasts of condition means need no sampler"),
    (Note(Code.COUNTS_LACK_LENGTHS), "cell counts hold no reply length"),
    (Note(Code.COUNTS_LACK_QUESTIONS),
     "cell counts do not say which replies answer the same question: errors are model-based"),
    (Note(Code.COUNTS_LACK_PAIRS), "cell counts do not pair the replies of two arms"),
    (Note(Code.COUNTS_LACK_ADAPTERS), "cell counts do not tell adapters apart"),
    (Note(Code.COUNTS_LACK_STATEMENTS), "cell counts do not say which statement voiced a context"),
    (Note(Code.COUNTS_LACK_CLAIMS), "cell counts hold incorrect replies only, not which claim a reply affirms"),
    (Note(Code.COUNTS_LACK_ENDORSEMENT), "cell counts hold incorrect replies only: errors are not sycophancy"),
    (Note(Code.COUNTS_LACK_REFUSALS),
     "cell counts do not say what became of refusals and of replies that name no answer"),
    (Note(Code.COUNTS_POOL_TEMPLATES), "the counts pool the templates in which the user is wrong"),
    (Note(Code.LABELS_LACKING, n=7, more=3), "7 labelled replies: it takes 3 more"),
    (Note(Code.ONE_LABEL, label="correct"), "every label is correct: it takes replies with another label"),
    (Note(Code.ARM_LABELS_LACKING, arm="warm", n=12, more=18), "12 labelled replies of warm: it takes 18 more"),
    (Note(Code.ONE_LABEL_OF_ARM, arm="warm"),
     "the labels of warm all say the same: it takes replies with another label"),
    (Note(Code.GRADES_UNINFORMED, arm="warm", sensitivity=0.5, specificity=0.55),
     "the grades of warm are not shown to say anything of its labels: their sensitivity (50%) and specificity (55%) "
     "may not add up to more than 100%"),
    (Note(Code.ADJUSTED_AWAY, p=0.0312, adjusted=0.12),
     "P is 0.0312 before adjustment and 0.12 after it, which decides"),
    (Note(Code.TESTS_DISAGREE, test="the interval's t test", other=0.0731, p=0.0462),
     "P of the interval's t test is 0.0731 and that of the permutation test, which decides, 0.0462"),
    (Note(Code.EXACT_BOUND, unit="questions"),
     "standard error not estimable: all questions agree; the interval is an exact bound"),
    (Note(Code.MCNEMAR_BOUND), "no discordant pair: the interval is an exact bound"),
    (Note(Code.FEW_DIFFER, n=3, unit="questions"), "only 3 questions differ: the interval is a rough guide"),
    (Note(Code.FEW_CLUSTERS, n=7, unit="questions"),
     "a condition has only 7 questions: the interval is a rough guide"),
    (Note(Code.FEW_LEVELS, n=3, unit="trained adapters"),
     "from 3 trained adapters: how much others differ rests on the prior"),
    (Note(Code.UNEQUAL_CLUSTERS, n=8.44, unit="questions"),
     "unequal questions, worth 8.4 equal ones: the interval is a rough guide"),
    (Note(Code.SILENT_STRATA, strata="medqa", unit="questions"),
     "all questions of medqa agree: the error is as if one did not"),
    (Note(Code.SILENT_SIZES, n=1),
     "far larger clusters that agree: 1; the error is as if they varied as the other replies do"),
    (Note(Code.INCOMPLETE_PAIRS, n=3), "3 incomplete pairs dropped"),
    (Note(Code.SOME_CONDITIONS, possible=4, used=2), "2 of 4 conditions"),
    (Note(Code.SOME_CONDITIONS_OF_BENCHMARKS, possible=4, used=2), "2 of 4 conditions over its benchmarks"),
    (Note(Code.SOME_STRATA, strata="medqa"), "only medqa"),
    (
        Note(Code.DESIGN_CUT, minutes=8.0, cuts="the cold adapter, the warm persona"),
        "To fit into 8 minutes on this machine the design leaves out the cold adapter, the warm persona",
    ),
    (Note(Code.CUT_REPLIES, share=0.25), "up to 25% of the replies in a condition were cut at the token limit"),
    (Note(Code.OTHER_STATEMENTS), "holds for other statements of these contexts too"),
    (Note(Code.UNSHARED_PROMPTS, n=3), "3 replies to prompts that only one arm answered left out"),
    (Note(Code.CONTRARIAN, known=1, n=3),
     "3 replies, 1 of them to prompts it answered correctly without the belief"),
    (Note(Code.PENALISED, reason=NONE), "penalised fit (Firth), because of there is no reply"),
    (Note(Code.DROPPED_TERMS, terms="C(benchmark)"), "dropped, single level: C(benchmark)"),
    (Note(Code.MODEL_BASED_ERRORS), "errors are model-based: cell counts name no question"),
    (Note(Code.ASSOCIATION), "an association, not a cause"),
    (Note(Code.SEVERAL_ADAPTERS),
     "not tested: several adapters answered each prompt, and the exact test takes pairs as independent"),
    (Note(Code.MISSING_TAKEN, n=1_200, asked=9_000), "1,200 of 9,000 replies are missing and are all taken so"),
    (Note(Code.INTERVAL_WITHIN_MARGIN, p=0.0712),
     "the 90% interval lies within the margin, and the test that decides gives P 0.0712"),
    (Note(Code.MARGIN, points=2.5), "margin 2.5 points"),
    (Note(Code.LABELS, labelled="45 of warm"), "by labels of replies: 45 of warm"),
    (
        Note(Code.NOT_COMPARED, arm="warm", reference="original", reason=Note(Code.NO_SHARED_QUESTION)),
        "No question compares warm with original: no question has a graded reply of both. Run both on the same "
        "questions",
    ),
    (
        Note(Code.NO_SHARED_BASE, arm="warm", reference="original", of_arm="b", of_reference="a"),
        "they share no base model (warm was run on b, original on a). Run both on one, or name the base model that "
        "they share with base_model in --arms-file",
    ),
    (
        Note(Code.NO_SHARED_BENCHMARK, arm="warm", reference="original", of_arm="b", of_reference="a"),
        "they share no benchmark (warm was run on b, original on a). Run both on one",
    ),
    (
        Note(Code.NO_SHARED_CELL, arm="warm", reference="original", of_arm="none/none", of_reference="filler/none"),
        "they share no condition of context/belief (warm has none/none, original has filler/none). Run both with the "
        "same -T contexts and -T beliefs",
    ),
    (
        Note(Code.NO_SHARED_QUESTION),
        "no question has a graded reply of both. Run both on the same questions",
    ),
    (Note(Code.GRADING_LABELLED, n=1200, grading="match", labelled=60, precision="9 of 10", recall="9 of 9"),
     "1,200 replies were graded by match. On the 60 of them that a reader labelled, endorses_claim has "
     "precision 9 of 10 and recall 9 of 9"),
    (Note(Code.GRADING_LABELLED_ELSEWHERE, n=12, grading="match", labelled=60, precision="9 of 10", recall="9 of 9"),
     "12 replies were graded by match, and none of them is labelled: how often it errs here is not known. On the "
     "package's 60 labelled replies of a small model that it was not developed on, endorses_claim has "
     "precision 9 of 10 and recall 9 of 9 (to label your own: warm-inspect label export LOGS -o sheet.jsonl)"),
    (Note(Code.GRADING_UNLABELLED, n=12, grading="openai/gpt-4o (rubric 12ab)"),
     "12 replies were graded by openai/gpt-4o (rubric 12ab), and none of them is labelled: how often it errs here is "
     "not known (to label some: warm-inspect label export LOGS -o sheet.jsonl)"),
    (
        Note(Code.GRADED_BY_TASK, n=1200, score="judged:right"),
        "1,200 replies count as correct by judged:right, a score of the task itself: how often it errs here is not "
        "known, and which replies adopt a stated answer it does not say",
    ),
    (Note(Code.REMOTE_GRADER, advice="Use a local one", benchmark="medqa", grader="openai/gpt-4o", n=3),
     "3 replies of the gated or harmful benchmark medqa were graded by openai/gpt-4o, which runs elsewhere: "
     "their text left this machine. Use a local one (--model-role grader=...)"),
    (Note(Code.STYLE_BIAS, grading="match", items=80, content="right", first="long", second="terse", outcome="correct",
          points=-2.5, low=-6.0, high=1.0),
     "Graded by match, whose grades move with the style of a reply: of the same right content, the share that is "
     "graded correct differs by -2.5 points (-6.0 to +1.0, 80 items) between long and terse replies (warm-inspect "
     "grader style)"),
    (Note(Code.WARMTH_FAILED, arm="warm", where=""),
     "The adapter of arm warm failed its warmth check: its replies did not change in warmth as intended"),
    (Note(Code.WARMTH_MOVED, arm="warm", where=""),
     "The adapter of arm warm failed its warmth check: its replies moved in warmth, which they should not"),
    (Note(Code.WARMTH_NOT_CHECKED, arm="warm", where=""),
     "The adapter of arm warm has no warmth check in its logs: whether training moved it is unknown"),
    (Note(Code.UNEQUAL_EPOCHS, epochs="neutral 4, warm 2"),
     "The arms were trained for different numbers of epochs (neutral 4, warm 2): their effects may come from it"),
    (Note(Code.UNEQUAL_SETTINGS, benchmark="medqa", setting="temperature", values="original 0.8, warm 1"),
     "The arms of medqa differ in their temperature (original 0.8, warm 1): their effects may come from it"),
    (Note(Code.SAME_PROMPTS, questions=400, clusters=20),
     "400 questions ask the same prompts as others under another id: they count as 20 clusters. Give repeated "
     "questions one id and run them with --epochs"),
    (Note(Code.NO_LARGER_THAN_NOISE, arm="m", contrast="warm - m", outcome="incorrect", points=2.5, twice=-3.0),
     "warm - m on incorrect is +2.5 points, and asking m twice gives -3.0: as a point "
     "estimate, this effect is no larger than noise"),
    (Note(Code.UNEQUAL_MISSING, arms="original 0.0% (0 of 9); warm 10.0% (1 of 10: 1 cut)"),
     "Missing replies differ from arm to arm, so that what is missing may make a difference: original 0.0% (0 of 9); "
     "warm 10.0% (1 of 10: 1 cut). See the best and the worst case beside each effect"),
    (Note(Code.UNGRADED, arm="warm", n=3, share=0.25, total=12),
     "25.0% of the samples of arm warm have no grade (3 of its 12)"),
    (Note(Code.CELL_CUT, arm="warm", belief="incorrect", context="none", share=0.25),
     "25% of the replies of warm under context none, belief incorrect were cut at the token limit"),
    (Note(Code.UNEQUAL_GRIDS),
     "The benchmarks were not run with the same arms and conditions: see the notes of the estimates"),
    (Note(Code.FEW_SEEDS, seeds="neutral 1, warm 1"),
     "Training seeds per arm: neutral 1, warm 1. The results hold for these adapters, not for warmth training"),
    (Note(Code.OTHER_FAMILY, family="are_you_sure", n=1200),
     "The logs also hold 1,200 samples of are_you_sure, which is measured apart: they enter no number here"),
    (Note(Code.CONTROL_LEFT_OUT, benchmark="medqa", log="a.eval", reason=NONE),
     "Control log a.eval (medqa) is left out: there is no reply"),
    (Note(Code.OTHER_CHECKPOINT, arm="warm"), "it is of another checkpoint of warm than the one analysed"),
    (Note(Code.UNKNOWN_MODEL), "no benchmark log is of this model, so its arm is not known"),
    (Note(Code.UNKNOWN_ARM, arm="after"),
     "its run names the arm after, and no benchmark log is of this model and arm"),
    (Note(Code.AMBIGUOUS_MODEL, n=3), "3 arms go by this model's name, so its arm is not known"),
    (Note(Code.LARGE_REPORT, file="report.html", limit=4.9, size=5.25),
     "report.html has 5.2 MB, more than the 4.9 MB that it should: browsers may be slow with it. Analyse fewer "
     "arms, benchmarks or conditions at once to get a smaller one"),
    (Note(Code.LABELS_OF_SOME_BENCHMARKS, arm="warm", benchmarks="disinfo"),
     "No labelled reply of warm is on disinfo: corrected numbers take its grades there to be as wrong as elsewhere"),
    (Note(Code.LABELS_ELSEWHERE, n=3, total=90),
     "3 of 90 labels are of replies that no log here has graded: they enter no number"),
    (Note(Code.LOG_UNFINISHED, log="a.eval", status="error"),
     "Log a.eval did not finish (status error): the samples it holds may not be a fair draw"),
    (Note(Code.ONLY_IN_ONE_LOG, log="a.eval", n=3), "3 samples are in log a.eval only and enter no number"),
    (Note(Code.UNSCORED_IN_LOG, log="a.eval", n=3, total=40),
     "3 of 40 paired samples have no score in log a.eval, most often for an error"),
    (Note(Code.POSITIVE_CONTROL_LOG, log="B", arm="agreeing"),
     "Log B is of agreeing, an arm of the positive control: a difference from it shows that the measurement sees, and "
     "nothing about a change"),
    (Note(Code.MISSING_IN_LOG, missing=3, asked=62, low=0.0, high=9.677),
     "3 of 62 replies have no value: whatever they would have been, the difference over all samples is between +0.0 "
     "and +9.7 points"),
    (Note(Code.UNLIKE_LOGS, a="0", b="2", setting="temperature"),
     "The logs differ in their temperature (0 in A, 2 in B)"),
    (Note(Code.CLUSTERED, cluster="topic", clusters=3, samples=30),
     "Errors are clustered by topic: 30 samples in 3 clusters"),
    (Note(Code.NO_MCNEMAR, reason=NONE), "no McNemar test: there is no reply"),
    (Note(Code.NOT_BINARY), "the values of a sample are not 0 or 1"),
    (Note(Code.EPOCHS_AVERAGED), "epochs are averaged"),
    (Note(Code.SHARED_CLUSTERS, clusters=3, samples=30),
     "30 samples share 3 clusters, and the test takes samples as independent"),
    (Note(Code.NO_SHARED_SCORE), "no sample has it in both logs"),
    (Note(Code.NO_NUMBERS, values="original 0.8, warm 1"),
     "values that are no number from 0 to 1: original 0.8, warm 1"),
    (Note(Code.NOT_SCORED), "no sample is scored"),
    (Note(Code.POSITIVE_SEEN, arm="agreeing", reference="answering", points=57.7),
     "Positive control seen: agreeing adopts a wrong answer that its user states +57.7 points more often than "
     "answering. Neither enters a test"),
    (Note(Code.POSITIVE_NOT_SEEN, arm="agreeing", reference="answering"),
     "positive control not seen: it is not shown that agreeing adopts a stated wrong answer more often than answering, "
     "so the harm of another arm could go unseen too"),
    (Note(Code.SAMPLES_GONE, log="a.eval", n=1200, total=1500),
     "log a.eval lacks 1,200 of the 1,500 samples that it says were run: what they showed is not known. Give the log "
     "as it was written"),
    (Note(Code.SAMPLES_CHOSEN, log="a.eval", chosen="--sample-id q1"),
     "the questions of log a.eval were chosen by their ids (--sample-id q1): whoever knows the replies can choose the "
     "harmless. Draw questions before they are run: -T items=N -T seed=N"),
    (Note(Code.UNDECLARED_LOOKS, parts=3, looks=1),
     "The replies of an arm to one set of questions are from 3 logs, and the margins say looks: 1. If a verdict was "
     "asked for before the last of them was there, this one is too easy: say looks: 3"),
    (Note(Code.SAMPLES_LEFT_OUT, log="a.eval", chosen="--limit 10"),
     "Log a.eval holds only a part of its task's samples (--limit 10): the verdict is about these alone"),
    (Note(Code.LOG_SKIPPED, kind="unreadable", log="a.eval"), "log a.eval is unreadable"),
    (Note(Code.CONDITION_LACKING, arm="warm", n=5, other="original", conditions="medqa none incorrect and 4 more"),
     "warm has no reply under 5 conditions that original has: medqa none incorrect and 4 more"),
    (Note(Code.NO_CONTEXT_RUN, contexts="none"),
     "worst_context is about interpersonal contexts, and only none was run"),
    (Note(Code.NO_CONTROL_LOGS, margin="capability", tasks="inspect_evals/mmlu_0_shot"),
     "no control logs: give logs of inspect_evals/mmlu_0_shot of both arms among LOGS, or two logs of any task "
     "with --control capability REFERENCE.eval ARM.eval"),
    (Note(Code.NO_DIALOGUES, arm="warm", reference="original"),
     "no dialogues of both warm and original: give logs of warm_inspect/are_you_sure with right first answers given "
     "(-T first_turns=given_right) that are doubted and asked again (-T follow_ups=challenge,neutral_reask)"),
    (Note(Code.NO_REVISIONS, arm="warm"),
     "no live dialogues of revisions of warm: give logs of warm_inspect/hostility (-T history=live)"),
    (Note(Code.ONE_TURN),
     "a dialogue of one turn asks for no revision: give logs of warm_inspect/hostility -T depth=2 or more"),
    (Note(Code.MANNER_LACKING, affect="insulting", n=0, most=24),
     "dialogues of 0 scripts of a user who is insulting, and of 24 of another one: give logs of "
     "warm_inspect/hostility -T affects=all"),
    (Note(Code.MANNER_AT_LIMIT, affect="insulting", share=12.5),
     "of the dialogues of a user who is insulting 12.5% are hostile or not known to be civil, which those of other "
     "users must not hide"),
    (Note(Code.ALIKE_DIALOGUES, n=120, worth=85.7, rho=0.1),
     "120 dialogues of different scripts or manners, worth 86 where those of one script correlate at 0.1; further "
     "epochs of one add nothing"),
    (Note(Code.UNKNOWN_HOSTILE, n=2, asked=120, reasons="2 with a reply that was cut", bound=7.25),
     "2 of 120 dialogues are not known to be civil (2 with a reply that was cut) and count as hostile: the bound is "
     "7.2%"),
    (Note(Code.NO_PROBLEMS, arm="warm", reference="original"),
     "no problems of both warm and original: give logs of warm_inspect/reliability about the same domain "
     "(-T designs=natural)"),
    (Note(Code.FAMILY_OF_OTHER_CHECKPOINT, arm="warm", family="are_you_sure"),
     "the are_you_sure logs of warm are of another checkpoint than its replies"),
    (Note(Code.ONE_CONTROL_LOG, arm="warm", benchmark="medqa", lacking="original"),
     "there is a medqa log of warm, and none of original"),
    (Note(Code.CONTROL_OF_OTHER_ARM, arm="warm", expected="warm", log="a.eval", margin="capability", said="cold"),
     "the samples of the capability log a.eval say cold, and of arm warm it is warm"),
    (Note(Code.CONTROL_OF_OTHER_MODEL, arm="warm", expected="peft/m", log="a.eval", margin="capability", model="m"),
     "the capability log a.eval is of the model m, and arm warm is peft/m"),
    (Note(Code.CONTROL_UNFINISHED, log="a.eval", margin="capability", status="error"),
     "the capability log a.eval did not finish (status error)"),
    (Note(Code.CONTROLS_UNLIKE, arm="warm", margin="capability", of_arm="300", of_reference="10",
          reference="original", setting="temperature"),
     "the capability logs differ in their temperature (10 for original, 300 for warm)"),
    (Note(Code.WARMTH_UNKNOWN, arm="warm"),
     "the warmth of warm was never checked: warm-inspect warmth ADAPTERS --write-manifest"),
    (Note(Code.NO_SHARED_PROMPT, arm="warm", reference="original"),
     "no prompt here has a graded reply of both warm and original"),
    (Note(Code.MISSING_AT_WORST, n=87, asked=3_000, reasons="87 of warm cut", added=5.8, bound=7.01),
     "87 of 3,000 replies are missing (87 of warm cut) and count at their worst, which is 5.8 of the 7.0 points that "
     "the harm may be"),
    (Note(Code.MISSING_CUT, arm="warm", n=1_074),
     "1,074 of warm cut at the token limit: generate them again with a larger --max-tokens"),
    (Note(Code.MISSING_FILTERED, arm="warm", n=2),
     "2 of warm stopped by the provider's filter: run them where there is none"),
    (Note(Code.MISSING_EMPTY, n=3, arm="warm"),
     "3 of warm empty: see in the log why it said nothing, and run them again"),
    (Note(Code.MISSING_ABSTAINED, arm="warm", n=2),
     "2 of warm not understood by matching: grade them by a model with warm-inspect regrade"),
    (Note(Code.MISSING_UNGRADED, arm="warm", n=2),
     "2 of warm without a grade: grade them again with inspect score LOG"),
    (Note(Code.MISSING_NOT_RUN, arm="warm", n=2),
     "2 of warm never run: run both arms on the same questions and epochs"),
    (Note(Code.NO_WARMTH_MARGIN, note=FAILED),
     "The adapter of arm warm failed its warmth check: its replies did not change in warmth as intended. The "
     "margins have no warmth, so the verdict does not depend on it"),
    (Note(Code.ONE_PROMPT_PER_ITEM),
     "each item has one prompt: how much further prompts of an item add is unknown, and the worst case is taken"),
    (Note(Code.FEW_PILOT_SEEDS, n=3), "the spread between seeds comes from 3 seeds and is very uncertain"),
)  # fmt: skip


@pytest.mark.parametrize(("note", "words"), WORDS, ids=[note.code.name for note, _ in WORDS])
def test_words(note: Note, words: str) -> None:
    assert note.words == words
    assert note.sentence == f"{words}."
    assert not words.endswith(".")


def test_every_code_is_put_into_words_once() -> None:
    assert [note.code for note, _ in WORDS] == list(Code)


def test_a_note_has_the_fields_that_its_words_name() -> None:
    with pytest.raises(TypeError, match="FEW_DIFFER"):
        Note(Code.FEW_DIFFER, n=3)
    with pytest.raises(TypeError, match="NO_REPLIES"):
        Note(Code.NO_REPLIES, n=3)


def test_several_notes_are_one_text_and_one_list_of_codes() -> None:
    notes = (not_estimable(Code.ALL_AGREE, unit="items"), Note(Code.INCOMPLETE_PAIRS, n=2))
    assert in_words(notes) == "not estimable: all items agree; 2 incomplete pairs dropped"
    assert code_names(notes) == "not_estimable all_agree incomplete_pairs"
    assert (in_words(()), code_names(())) == ("", "")
