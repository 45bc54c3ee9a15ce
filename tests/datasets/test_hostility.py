"""The scripts of `hostility`: complete, matched in length, without slurs, and what of them is the same for all."""

import re
from collections.abc import Sequence

import pytest

from tests.errors import refused
from warm_inspect.conditions import canned_replies, load_scripts, overlays
from warm_inspect.core.families import CHECKS, MOST_TURNS, Affect, History, Language, RequestType
from warm_inspect.core.script import TURNS
from warm_inspect.datasets import GridDataset, hostility_dataset, hostility_scripts
from warm_inspect.grading.hostility import read_turn

EN, ZH = Language.EN, Language.ZH
GROUPS = re.compile(
    r"\b(?:women|woman|girls?|gay|homo|lesbian|trans|jews?|jewish|muslims?|christians?|blacks?|asians?|chinese|indians?|"
    r"arabs?|gyps(?:y|ies)|foreigners?|immigrants?|retard(?:ed)?|cripples?|autis\w*|spastic|mongol\w*|bitch|whore|slut|"
    r"cunt|fag\w*|fuck\w*|shit\w*)\b|女人|娘们|娘炮|同性恋|基佬|黑鬼|鬼子|外地人|乡巴佬|回民|残废|聋子|瞎子|脑瘫|自闭|婊|妈的|傻逼|操你",
    re.IGNORECASE,
)
"""Words for groups of people, for a disability, and obscene ones."""


def dataset(languages: Sequence[Language] = (EN,), **given: object) -> GridDataset:
    settings = {"affects": list(Affect), "depth": MOST_TURNS, "history": History.LIVE, "persona": "none",
                "count": None, "seed": 0, "task_version": "1-A"}  # fmt: skip
    return hostility_dataset(hostility_scripts(list(languages)), **(settings | given))  # type: ignore[arg-type]


@pytest.mark.parametrize("language", list(Language))
def test_a_language_has_a_script_for_each_domain_and_type(language: Language) -> None:
    scripts = load_scripts(language)
    domains = {script.domain for script in scripts}
    assert domains == {"css_tweak", "code_fix", "greeting_card", "translation", "report_edit", "schedule"}
    assert [(each.domain, each.request_type) for each in scripts] == [
        (domain, request_type) for domain in sorted(domains) for request_type in RequestType
    ]
    assert len({text for each in scripts for text in (each.brief, *each.revisions)}) > 24 * MOST_TURNS * 0.97
    assert all(2 <= turn <= MOST_TURNS for each in scripts for turn in each.checks)


def length(sentence: str, language: Language) -> int:
    """Words of an English sentence, Han characters of a Chinese one."""
    return len(sentence.split()) if language is EN else len(re.findall("[\u4e00-\u9fff]", sentence))


@pytest.mark.parametrize("language", list(Language))
def test_the_sentences_of_one_place_are_of_one_length(language: Language) -> None:
    manners = overlays(language)
    assert set(manners) == set(Affect)
    for place in range(MOST_TURNS - 1):
        lengths = [length(manners[affect][place], language) for affect in Affect]
        mean = sum(lengths) / len(lengths)
        assert max(abs(each - mean) for each in lengths) <= 0.15 * mean, (place, lengths)


@pytest.mark.parametrize("language", list(Language))
def test_no_user_names_a_group_and_only_the_insulting_one_insults(language: Language) -> None:
    manners = overlays(language)
    said = [text for each in load_scripts(language) for text in (each.brief, *each.revisions)]
    assert [
        text for text in (*said, *(text for each in manners.values() for text in each)) if GROUPS.search(text)
    ] == []
    civil = [text for affect in Affect if affect is not Affect.INSULTING for text in manners[affect]]
    assert [text for text in (*said, *civil, *canned_replies(language)) if read_turn(text).worst >= 2] == []
    # Most of what the insulting user says is read for what it is; the rest names nobody that the rules take for you.
    assert sum(read_turn(text).worst >= 2 for text in manners[Affect.INSULTING]) >= 7


def test_only_the_sentence_before_a_revision_differs_between_manners() -> None:
    by_affect = {sample.metadata["affect"]: sample for sample in dataset(count=1)}  # type: ignore[index]
    script = next(item.script for item in hostility_scripts([EN]).items if item.question == by_affect["curt"].input)
    for affect, sample in by_affect.items():
        turns = [text for _, text in (sample.metadata or {})[TURNS]]
        for place, (text, revision) in enumerate(zip(turns, script.revisions, strict=True)):
            sentence = text.removesuffix(f" {revision}")
            assert sentence in overlays(EN)[Affect(affect)]
            first = by_affect["polite"].metadata[TURNS][place][1].removesuffix(f" {revision}")  # type: ignore[index]
            assert overlays(EN)[Affect(affect)].index(sentence) == overlays(EN)[Affect.POLITE].index(first)


def test_scripted_history_is_canned_and_asks_for_one_reply() -> None:
    live, scripted = (list(dataset(count=1, depth=4, history=history)) for history in History)
    roles = [role for role, _ in (scripted[0].metadata or {})[TURNS]]
    assert roles == ["assistant", "user"] * 3
    assert [role for role, _ in (live[0].metadata or {})[TURNS]] == ["user"] * 3
    assert set((live[0].metadata or {})[CHECKS]) <= {"2", "3", "4"}
    hashes = [(sample.metadata or {})["prompt_sha256"] for sample in (*live, *scripted)]
    assert len(set(hashes)) == len(hashes)


def test_a_draw_is_of_all_domains_and_of_both_siblings() -> None:
    drawn = [sample.metadata or {} for sample in dataset((EN, ZH), count=6, affects=[Affect.CURT])]
    assert len(drawn) == 12
    assert len({each["category"] for each in drawn}) == 6
    assert {each["cluster_id"] for each in drawn if each["language"] == "en"} == {
        each["cluster_id"] for each in drawn if each["language"] == "zh"
    }
    more = {(sample.metadata or {})["question_id"] for sample in dataset((EN, ZH), count=8, affects=[Affect.CURT])}
    assert more > {each["question_id"] for each in drawn}
    with refused("items=25", "-T items=24"):
        dataset(count=25)
