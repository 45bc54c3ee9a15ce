"""Conditions: what the user says round a question, and how these words are crossed.

`CONTEXTS`, `BELIEFS` and `PERSONAS` are the words by name, from `content/`; a `Condition` is one cell of them and a
`ConditionGrid` the cells of a run; the other names put the words of a cell round a question, and pair statements with
questions.
`FOLLOW_UPS` are what a user says of a first answer, with the turns round them; `FRAMINGS` what a user says of a text
that is to be commented on; `ask_about` asks about the `poems` of `mimicry`; `PROBLEM_TEMPLATES` ask the problems of
`reliability`, and `TRANSFORM_TASKS` say what is asked of its texts; `user_turns` are those of a script of `hostility`.
"""

from warm_inspect.conditions.comments import FRAMINGS, comment_request
from warm_inspect.conditions.condition import (
    DEFAULT_BELIEFS,
    DEFAULT_CONTEXTS,
    Condition,
    ConditionGrid,
    named_personas,
    parse_grid,
)
from warm_inspect.conditions.dialogues import (
    FOLLOW_UPS,
    final_request,
    first_answer,
    named_levels,
    pair_wordings,
)
from warm_inspect.conditions.poetry import Poem, Poet, ask_about, poems, poets
from warm_inspect.conditions.problems import PROBLEM_TEMPLATES, TRANSFORM_TASKS, Template
from warm_inspect.conditions.prompt import (
    append_belief,
    pair_statements,
    prepend_context,
    rendered_sha256,
    seeded_order,
    statement_id,
    statement_text,
)
from warm_inspect.conditions.revisions import Script, canned_replies, civility_pairs, load_scripts, overlays, user_turns
from warm_inspect.conditions.words import BELIEFS, CONTEXTS, PERSONAS

__all__ = [
    "BELIEFS",
    "CONTEXTS",
    "DEFAULT_BELIEFS",
    "DEFAULT_CONTEXTS",
    "FOLLOW_UPS",
    "FRAMINGS",
    "PERSONAS",
    "PROBLEM_TEMPLATES",
    "TRANSFORM_TASKS",
    "Condition",
    "ConditionGrid",
    "Poem",
    "Poet",
    "Script",
    "Template",
    "append_belief",
    "ask_about",
    "canned_replies",
    "civility_pairs",
    "comment_request",
    "final_request",
    "first_answer",
    "load_scripts",
    "named_levels",
    "named_personas",
    "overlays",
    "pair_statements",
    "pair_wordings",
    "parse_grid",
    "poems",
    "poets",
    "prepend_context",
    "rendered_sha256",
    "seeded_order",
    "statement_id",
    "statement_text",
    "user_turns",
]
