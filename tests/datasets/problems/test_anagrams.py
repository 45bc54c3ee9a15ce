"""Mixed letters make their word, and no word that is no answer."""

from collections import Counter

from warm_inspect.core.families import Design
from warm_inspect.datasets.problems.anagrams import anagrams, words_by_length


def test_there_are_enough_words_of_each_length_and_their_letters_make_no_other_listed_word() -> None:
    words = words_by_length()
    assert {length: len(each) >= (85 if length < 6 else 25) for length, each in words.items()} == dict.fromkeys(
        range(3, 11), True
    )
    for length, each in words.items():
        assert all(len(word) == length and word.isalpha() and word.islower() for line in each for word in line)
        assert all(len({tuple(sorted(word)) for word in line}) == 1 for line in each)
        assert len({tuple(sorted(line[0])) for line in each}) == len(each)


def test_letters_are_mixed_by_half_and_are_no_solution() -> None:
    problems = [*anagrams(Design.NATURAL, 25, 0), *anagrams(Design.EASIEST, 25, 0)]
    assert Counter(each.difficulty for each in problems) == {
        length: 85 if length < 6 else 25 for length in range(3, 11)
    }
    assert len({each.targets for each in problems}) == len(problems), "the easiest are fresh"
    for each in problems:
        [letters] = each.given
        moved = sum(a != b for a, b in zip(letters, each.targets[0], strict=True))
        assert sorted(letters) == sorted(each.targets[0])
        assert moved >= max(2, each.difficulty / 2)
        assert letters not in each.targets
    assert not list(anagrams(Design.FIXED_LENGTH, 25, 0))
