from warm_inspect.core.errors import PrerequisiteError, missing_extra, unknown_value
from warm_inspect.core.installation import install_command


def test_an_unknown_value_names_the_value_the_nearest_and_all() -> None:
    error = unknown_value("context", "emotion_sadd", ["none", "emotion_sad"], "See the list.")
    assert str(error) == (
        "Unknown context 'emotion_sadd'. Did you mean 'emotion_sad'? Known: none, emotion_sad. See the list."
    )


def test_square_brackets_survive_rich_markup() -> None:
    error = PrerequisiteError("Unknown context '[plain]'.")
    assert str(error) == "Unknown context '[plain]'."
    assert error.message == "Unknown context '\\[plain]'."


def test_a_problem_can_be_reported_without_its_way_out() -> None:
    """A problem may hold full stops of its own, as in a version number or `e.g. this`."""
    error = PrerequisiteError("The set e.g. [v1. 2] is gone", "Update it.")
    assert (error.problem, str(error)) == ("The set e.g. [v1. 2] is gone", "The set e.g. [v1. 2] is gone. Update it.")
    assert PrerequisiteError("Nothing to do.").problem == "Nothing to do."
    assert str(PrerequisiteError("It said: not known.", "Ask another.")) == "It said: not known. Ask another."


def test_a_missing_package_names_the_extra() -> None:
    error = missing_extra("Training", "local", ImportError(name="trl"))
    assert install_command("local") in str(error)
