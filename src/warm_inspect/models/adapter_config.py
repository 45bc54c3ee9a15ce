"""An adapter's files without its weights: LoRA settings, and the names and shapes of its tensors.

Only plain LoRA on linear layers passes. Every setting of PEFT that could mean something else is refused unless it is
off, those of versions to come too. The patterns of a configuration are regular expressions of strangers, so they run
against a clock; ranks are believed only as far as the tensors have them.
"""

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from warm_inspect.core.errors import PrerequisiteError, missing_extra
from warm_inspect.core.json_text import read_json
from warm_inspect.core.manifest import WEIGHTS_NAME
from warm_inspect.models.folder import check_weights

CONFIG_NAME = "adapter_config.json"

_MERGE = "Merge it into the base (peft: merge_and_unload), save that folder and use it as the base instead."

_PREFIX = "base_model.model."
"""What PEFT puts before the name of each module when it saves an adapter."""

_INERT = frozenset(
    """peft_type task_type auto_mapping peft_version base_model_name_or_path revision inference_mode lora_dropout
    fan_in_fan_out megatron_core qalora_group_size eva_config runtime_config""".split()
)
"""Settings that do not change the output of a trained adapter."""

_PLAIN_INITS = (True, False, None, "gaussian", "eva", "orthogonal")
"""Initialisations that leave the base weights as they are. Others (PiSSA, OLoRA, LoftQ ...) move a part of them into
the adapter, whose matrices then belong to a base that is in no folder."""

_PATTERN_SECONDS = 1.0
"""All patterns of a configuration have this long over all layers of a model."""

_Names = str | tuple[str, ...]
_N = TypeVar("_N", int, float)
_Rank = Annotated[int, Field(ge=1, strict=True)]
_Number = Annotated[float, Field(strict=True)]


class LoraSettings(BaseModel):
    """The settings of a LoRA configuration that say what its tensors mean, as PEFT defines them."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    r: _Rank
    lora_alpha: _Number
    target_modules: _Names
    exclude_modules: _Names | None = None
    layers_to_transform: int | tuple[int, ...] | None = None
    layers_pattern: _Names | None = None
    rank_pattern: dict[str, _Rank] = {}
    alpha_pattern: dict[str, _Number] = {}
    use_rslora: bool = False

    @field_validator("layers_to_transform", "layers_pattern")
    @classmethod
    def _is_used(cls, value: Any, info: ValidationInfo) -> Any:  # noqa: ANN401 - either field's
        """Refuse what PEFT refuses, because nothing would come of it."""
        if isinstance(info.data.get("target_modules"), str):
            raise ValueError("target_modules is a pattern, which already says in which layers")
        if info.field_name == "layers_pattern" and value and info.data.get("layers_to_transform") is None:
            raise ValueError("there is no layers_to_transform that it could be for")
        return value

    def targets(self, names: Iterable[str]) -> set[str]:
        """The modules among these that the adapter changes.

        Raises:
            PrerequisiteError: a pattern is no regular expression, or takes too long.
        """
        match = _Matcher()
        chosen = {name for name in names if _named(name, self.target_modules, match)}
        if not isinstance(self.target_modules, str):
            chosen = {name for name in chosen if name in self.target_modules or self._in_layers(name, match)}
        if self.exclude_modules:
            chosen = {name for name in chosen if not _named(name, self.exclude_modules, match)}
        return chosen

    def _in_layers(self, name: str, match: "_Matcher") -> bool:
        layers = self.layers_to_transform
        if layers is None or layers == ():
            return True
        stems = [r".*?\.[^.]*"]
        if self.layers_pattern:
            patterns = (self.layers_pattern,) if isinstance(self.layers_pattern, str) else self.layers_pattern
            stems = [rf"(?:.*?\.)?{pattern}" for pattern in patterns]
        for stem in stems:
            # The first number is the layer's; later ones count experts or the like.
            if matched := match(rf"{stem}\.(?P<layer>\d+)\..*", name):
                return int(matched["layer"]) in ((layers,) if isinstance(layers, int) else layers)
        return False

    def ranks(self, names: Iterable[str]) -> dict[str, int]:
        """The rank of each module's matrices.

        Raises:
            PrerequisiteError: a pattern is no regular expression, or takes too long.
        """
        match = _Matcher()
        return {name: match.value(self.rank_pattern, name, self.r) for name in names}

    def scalings(self, names: Iterable[str]) -> dict[str, float]:
        """The factor of each module's update.

        Raises:
            PrerequisiteError: a pattern is no regular expression, or takes too long.
        """
        match = _Matcher()
        ranks = self.ranks(names)
        return {
            name: match.value(self.alpha_pattern, name, self.lora_alpha) / (rank**0.5 if self.use_rslora else rank)
            for name, rank in ranks.items()
        }


class _Matcher:
    """Matches patterns of a configuration against names of modules, all within one time limit."""

    def __init__(self) -> None:
        self._deadline = time.monotonic() + _PATTERN_SECONDS

    def __call__(self, pattern: str, name: str) -> Any:  # noqa: ANN401 - a match of the `regex` package
        # The standard library's `re` has no time limit and cannot be interrupted.
        try:
            import regex
        except ImportError as error:
            raise missing_extra("An adapter with patterns in its configuration", "local", error) from None
        try:
            return regex.fullmatch(pattern, name, timeout=max(0.001, self._deadline - time.monotonic()))
        except TimeoutError:
            fault = f"takes too long on {name!r}"
        except regex.error as error:
            fault = f"is no regular expression: {error}"
        raise PrerequisiteError(
            f"The pattern {pattern!r} in {CONFIG_NAME} {fault}. Name the modules in a list instead."
        )

    def value(self, patterns: dict[str, _N], name: str, default: _N) -> _N:
        """The value of the first pattern that matches the name or its end."""
        return next((patterns[each] for each in patterns if self(rf"(?:.*\.)?(?:{each})", name)), default)


def lora_tensor(module: str, part: str) -> str:
    """The name under which PEFT saves a matrix of a module: `A`, which goes down to the rank, or `B`, which goes up."""
    return f"{_PREFIX}{module}.lora_{part}.weight"


def lora_modules(tensors: Iterable[str]) -> set[str]:
    """The modules whose matrices are among the tensors of an adapter."""
    before, after = lora_tensor("|", "A").split("|")
    held = (name for name in tensors if name.startswith(before) and name.endswith(after))
    return {name.removeprefix(before).removesuffix(after) for name in held}


def base_tensor(name: str) -> str:
    """The name in the base of one of its own weights that an adapter holds a copy of."""
    return name.removeprefix(_PREFIX)


def _named(name: str, wanted: _Names, match: _Matcher) -> bool:
    """Whether a pattern matches the whole name, or one of several names is its end."""
    if isinstance(wanted, str):
        return bool(match(wanted, name))
    return name in wanted or any(name.endswith(f".{each}") for each in wanted)


def read_config(folder: Path, shown: str) -> tuple[LoraSettings, str]:
    """The LoRA settings of an adapter's folder, and the name of the base model that they state.

    Args:
        folder: the adapter's.
        shown: its name, for errors.

    Raises:
        PrerequisiteError: there is no readable configuration, or one of more than plain LoRA.
    """
    config = _load(folder, shown)
    kind = config.get("peft_type")
    if kind != "LORA":
        raise PrerequisiteError(f"The adapter {shown!r} is of type {kind!r}; only LORA can be loaded. {_MERGE}")
    init = config.pop("init_lora_weights", True)
    if not any(init is plain or (isinstance(init, str) and init == plain) for plain in _PLAIN_INITS):
        raise PrerequisiteError(
            f"The adapter {shown!r} has init_lora_weights = {init!r}, which changes the base weights too. Save it with "
            f"peft's path_initial_model_for_weight_conversion, which makes it plain LoRA. Or: {_MERGE}"
        )
    if config.get("bias") == "none":
        del config["bias"]
    known = _INERT | LoraSettings.model_fields.keys()
    if beyond := sorted(name for name, value in config.items() if value and name not in known):
        raise PrerequisiteError(f"The adapter {shown!r} uses more than plain LoRA ({', '.join(beyond)}). {_MERGE}")
    stated = {name: value for name, value in config.items() if name in LoraSettings.model_fields and value is not None}
    try:
        settings = LoraSettings.model_validate(stated)
    except ValidationError as error:
        fault = error.errors()[0]
        value = "" if fault["type"] == "missing" else f" = {fault['input']!r}"
        raise PrerequisiteError(
            f"The adapter {shown!r} has a {CONFIG_NAME} with a fault at {'.'.join(map(str, fault['loc']))}{value}: "
            f"{fault['msg']}. Save it again with peft."
        ) from None
    return settings, str(config.get("base_model_name_or_path") or "")


def _load(folder: Path, shown: str) -> dict[str, Any]:
    try:
        config = read_json(folder / CONFIG_NAME, "Save it again with peft.")
    except PrerequisiteError as error:
        raise PrerequisiteError(f"The adapter {shown!r} has no readable {CONFIG_NAME}: {error}") from None
    if not isinstance(config, dict):
        raise PrerequisiteError(f"The adapter {shown!r} has a {CONFIG_NAME} that is no JSON object.")
    return config


def check_tensors(folder: Path, settings: LoraSettings, shown: str) -> None:
    """Check the names and shapes of an adapter's tensors by the header of their file.

    Besides pairs of LoRA matrices, copies of the base's own weights may be there, which PEFT saves when the output
    layer has an adapter; whether they are copies is seen when the base is loaded.

    Raises:
        PrerequisiteError: the file is missing or damaged, or its tensors are not those of the settings.
    """
    file = folder / WEIGHTS_NAME
    if not file.is_file():
        raise PrerequisiteError(
            f"The adapter {shown!r} has no {WEIGHTS_NAME}. Weights in other formats (.bin) can run code when loaded "
            "and are refused: save the adapter again with safetensors."
        )
    check_weights(file)
    shapes = _shapes(file)
    modules = lora_modules(shapes)
    expected = {lora_tensor(module, part) for module in modules for part in "AB"}
    others = sorted(name for name in shapes.keys() - expected if "lora_" in name or not name.endswith(".weight"))
    if others:
        raise PrerequisiteError(
            f"The adapter {shown!r} has tensors of more than plain LoRA on linear layers: {', '.join(others[:3])}. "
            f"{_MERGE}"
        )
    if lacking := sorted(expected - shapes.keys()):
        raise PrerequisiteError(
            f"The adapter {shown!r} lacks matrices: {', '.join(lacking[:3])}. Save it again with peft."
        )
    if not modules:
        raise PrerequisiteError(f"The adapter {shown!r} has no LoRA matrices in its {WEIGHTS_NAME}. Train it again.")
    for module, rank in settings.ranks(sorted(modules)).items():
        down, up = (shapes[lora_tensor(module, part)] for part in "AB")
        if not (len(down) == len(up) == 2 and down[0] == up[1] == rank):
            raise PrerequisiteError(
                f"The adapter {shown!r} has matrices of the shapes {tuple(down)} and {tuple(up)} for {module}, where "
                f"its {CONFIG_NAME} gives the rank {rank}. Save it again with peft."
            )


def _shapes(file: Path) -> dict[str, list[int]]:
    try:
        from safetensors import safe_open
    except ImportError as error:
        raise missing_extra("Reading weights", "local", error) from None
    with safe_open(file, framework="numpy") as tensors:
        return {name: tensors.get_slice(name).get_shape() for name in tensors.keys()}  # noqa: SIM118 - not a mapping
