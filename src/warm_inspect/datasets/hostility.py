"""The items and samples of `hostility`: scripts of revisions, each in several manners, up to a depth."""

from collections.abc import Sequence
from dataclasses import dataclass

from inspect_ai.dataset import Sample

from warm_inspect.conditions import Script, canned_replies, load_scripts, overlays, seeded_order, user_turns
from warm_inspect.core.families import CHECKS, Affect, Family, History, Language
from warm_inspect.core.hashing import sha256_json
from warm_inspect.core.metadata import HostilityMetadata
from warm_inspect.core.script import TURNS
from warm_inspect.datasets.grid import GridDataset
from warm_inspect.datasets.item import Item, ItemSet
from warm_inspect.datasets.samples import dataset_of, facts_of, require_count, sample_id

_SET = "scripts"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptItem(Item):
    """A script as an item; `cluster_id` is the name that it shares with its sibling in the other language."""

    script: Script


def hostility_scripts(languages: Sequence[Language]) -> ItemSet[ScriptItem]:
    """The scripts of these languages; those of one language are all before those of the next."""
    items = tuple(
        ScriptItem(
            question_id=f"{script.name}-{language}",
            question=script.brief,
            category=script.domain,
            cluster_id=script.name,
            script=script,
        )
        for language in languages
        for script in load_scripts(language)
    )
    words = [[item.script.model_dump(mode="json"), canned_replies(item.script.language)] for item in items]
    revision = f"bundled-{sha256_json([words, [overlays(language) for language in languages]])[:12]}"
    return ItemSet(name=Family.HOSTILITY, items=items, revision=revision)


def hostility_dataset(
    scripts: ItemSet[ScriptItem],
    affects: Sequence[Affect],
    depth: int,
    history: History,
    persona: str,
    count: int | None,
    seed: int,
    task_version: str,
) -> GridDataset:
    """The samples: each drawn script in each manner, up to the turn `depth`.

    Which sentence stands before which revision is drawn by script, and is of one place in every manner.

    Args:
        scripts: of one or more languages.
        affects: the user's manners.
        depth: how many turns the user has.
        history: `live`: the model replies to each turn; `scripted`: to the last one alone, the others are canned.
        persona: name of the system message.
        count: how many scripts of each language, equally many of each domain (+-1); None for all.
        seed: of the draw and of the sentences.
        task_version: of the task.

    Raises:
        PrerequisiteError: more scripts asked for than there are.
    """
    names = list(dict.fromkeys(item.cluster_id for item in scripts.items))
    require_count(count, len(names), scripts.name)
    places = {name: rank for rank, name in enumerate(seeded_order(names, seed, "overlay"))}
    drawn = _drawn(scripts, count, seed)
    samples = []
    for item in (each for each in scripts.items if each.cluster_id in drawn):
        for affect in affects:
            said = user_turns(item.script, affect, places[item.cluster_id])[:depth]
            turns = _after_the_brief(item.script.language, said, history)
            metadata = HostilityMetadata(
                **facts_of(scripts, item, said[0], persona, seed, task_version, turns),
                family=Family.HOSTILITY,
                item_set=_SET,
                language=item.script.language,
                request_type=item.script.request_type,
                affect=affect,
                history=history,
                depth=depth,
            )
            samples.append(
                Sample(
                    id=sample_id(item.question_id, affect),
                    input=item.question,
                    # The last two are the parts of solver and scorer, which the analysis leaves alone.
                    metadata={
                        **metadata.flat(),
                        TURNS: [list(turn) for turn in turns],
                        CHECKS: {str(turn): text for turn, text in item.script.checks.items() if turn <= depth},
                    },
                )
            )
    return dataset_of(scripts, samples)


def _after_the_brief(language: Language, said: Sequence[str], history: History) -> list[tuple[str, str]]:
    if history is History.LIVE:
        return [("user", text) for text in said[1:]]
    canned = canned_replies(language)
    return [turn for place, text in enumerate(said[1:]) for turn in (("assistant", canned[place]), ("user", text))]


def _drawn(scripts: ItemSet[ScriptItem], count: int | None, seed: int) -> set[str]:
    """The names of a random sample of the scripts; a smaller draw is a subset of a larger one with the same seed."""
    by_domain: dict[str, list[str]] = {}
    for item in scripts.items:
        by_domain.setdefault(item.category, []).append(item.cluster_id)
    ranks = {
        name: rank
        for names in by_domain.values()
        for rank, name in enumerate(seeded_order(list(dict.fromkeys(names)), seed, "draw"))
    }
    return set(sorted(ranks, key=lambda name: ranks[name])[:count])
