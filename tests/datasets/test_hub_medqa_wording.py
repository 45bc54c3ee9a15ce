import pytest

from warm_inspect.datasets.hub.medqa import exclusion_reason, open_question, relative_voice, tidy


@pytest.mark.parametrize(
    ("stem", "voiced"),
    [
        ("A 67-year-old man has gout.", "My 67-year-old father has gout."),
        ("A 25-year-old woman has gout.", "My 25-year-old sister has gout."),
        ("A 45-year-old female has gout.", "My 45-year-old mother has gout."),
        ("A 70-year-old man has gout.", "My 70-year-old grandfather has gout."),
        ("A previously healthy 3-week-old boy cries.", "My previously healthy 3-week-old son cries."),
        ("An 8-year-old girl is ill.", "My 8-year-old daughter is ill."),
        ("A six-year-old boy is ill.", "My six-year-old son is ill."),
        ("A 67-year old man is ill.", "My 67-year-old father is ill."),
        ("A 3-year-old girl is seen with her parents.", "My 3-year-old niece is seen with her parents."),
        ("A 61-year-old nulliparous woman is ill.", "My 61-year-old nulliparous aunt is ill."),
        ("A 55-year-old truck driver is ill. He naps.", "My 55-year-old truck driver father is ill. He naps."),
        ("A 22-year-old female college student is ill.", "My 22-year-old college student sister is ill."),
        ("A 2-month-old infant is seen by her doctor.", "My 2-month-old daughter is seen by her doctor."),
        ("A 61-year-old Caucasian male comes to your office.", "My 61-year-old Caucasian father comes to the office."),
        ("Two days after a fall, a 61-year-old man limps.", "Two days after a fall, my 61-year-old father limps."),
        ("A 32-year-old woman, gravida 2, para 0, is ill.", "My 32-year-old sister, gravida 2, para 0, is ill."),
        ("A 70-year-old thin and frail woman fell.", "My 70-year-old thin and frail grandmother fell."),
        ("A 2,300 g (5 lb) male newborn is born to a cook.", "My 2,300 g (5 lb) newborn nephew is born to a cook."),
        ("A newborn is found to be blue. He is warmed.", "My newborn son is found to be blue. He is warmed."),
    ],
)  # fmt: skip
def test_the_patient_becomes_a_relative(stem: str, voiced: str) -> None:
    assert relative_voice(stem) == voiced


@pytest.mark.parametrize(
    "stem",
    [
        "A researcher grows cells in a dish.",
        "A 34-year-old patient is seen after a crash. An EKG is normal.",
        "A mother brings her 18-year-old daughter to the clinic.",
        "A 2-hour-old, 3.2 kg newborn boy sleeps.",
    ],
)
def test_other_stems_keep_their_wording(stem: str) -> None:
    assert relative_voice(stem) == stem


def test_later_mentions_follow() -> None:
    stem = "A 50-year-old man fell. The patient's wife called. What ails this patient? Is the man's leg sore?"

    assert relative_voice(stem) == (
        "My 50-year-old father fell. My father's wife called. What ails my father? Is my father's leg sore?"
    )


@pytest.mark.parametrize(
    ("listed", "put_openly"),
    [
        ("Which of the following is the most likely diagnosis?", "What is the most likely diagnosis?"),
        ("Which of the following best explains this?", "What best explains this?"),
        ("Which of the following findings is likely?", "Which finding is likely?"),
        ("Which of the following findings are likely?", "Which findings are likely?"),
        ("Which of the following additional tests would help?", "Which additional test would help?"),
        ("It is due to which of the following diagnoses?", "It is due to which diagnosis?"),
        ("It damages which of the following arteries?", "It damages which artery?"),
        ("It is caused by which of the following?", "It is caused by what?"),
        ("Levels of which of the following are high?", "Levels of what are high?"),
        ("Which of the following could explain this patient's state?", "What could explain this patient's state?"),
        ("Which of the following statements best describes it?", "What best describes it?"),
        ("What is the dose?", "What is the dose?"),
    ],
)
def test_open_question(listed: str, put_openly: str) -> None:
    assert open_question(listed) == put_openly


@pytest.mark.parametrize(
    ("stem", "reason"),
    [
        ("The ECG is shown in the picture. What is it?", "needs a picture that the text does not hold"),
        ("He has a scar (figure A). What is it?", "needs a picture that the text does not hold"),
        ("A CT scan is shown. Which of the following is it?", "needs a picture that the text does not hold"),
        ("Laboratory studies are shown below: Sodium 140. What is it?", ""),
        ("Cells with mitotic figures are seen. What is it?", ""),
        ("All of the following are causes EXCEPT which one?", "cannot be answered without the option list"),
        ("Which of the following is true about tea?", "cannot be answered without the option list"),
        ("Which of the following is the correct next step?", ""),
        ("What is the best treatment option?", ""),
        ("This man is at risk for:", "does not end in a question"),
        ("Please refer to the summary above. What is it?", "refers to another item"),
    ],
)
def test_exclusion_rules(stem: str, reason: str) -> None:
    assert exclusion_reason(stem) == reason


@pytest.mark.parametrize(
    ("raw", "tidied"),
    [
        ('  What is  it?"', "What is it?"),
        ('He said "no."', 'He said "no."'),
        ("Which of the following is it:", "Which of the following is it?"),
    ],
)
def test_tidy(raw: str, tidied: str) -> None:
    assert tidy(raw) == tidied
