"""The `peft` model provider: a local base model and LoRA adapters, for Inspect.

    inspect eval warm_inspect/truthfulqa --model peft/smollm2-135m
    inspect eval warm_inspect/truthfulqa --model peft/smollm2-135m:adapters/warm-1a2b3c

All models on one base share its weights, its threads and their batches, whatever their adapters and settings.
"""

import asyncio
import sys
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeVar, get_args

from inspect_ai.model import (
    ChatCompletionChoice,
    ChatMessage,
    ChatMessageAssistant,
    Content,
    ContentReasoning,
    ContentText,
    GenerateConfig,
    Logprob,
    Logprobs,
    ModelAPI,
    ModelOutput,
    ModelUsage,
    TopLogprob,
)
from inspect_ai.tool import ToolChoice, ToolInfo

from warm_inspect.core.arm_names import require_adapter_arm, require_arm_name
from warm_inspect.core.errors import PrerequisiteError, missing_extra, unknown_value
from warm_inspect.core.metadata import ArmMetadata
from warm_inspect.core.vocabulary import ORIGINAL
from warm_inspect.engine.shared import release, shared_engine
from warm_inspect.models import (
    Device,
    Dtype,
    ResolvedBase,
    find_adapter,
    find_base,
    parse_model_string,
    prompt_tokens,
    resolve_device,
    resolve_dtype,
    share_cpus,
)

if TYPE_CHECKING:
    from warm_inspect.engine.engine import Engine
    from warm_inspect.engine.requests import Completion, Continuation, Prompt, TokenChoice

_T = TypeVar("_T")

_MAX_TOKENS = 2_048
"""The default length of a reply, as in Inspect's own local providers."""

_MODEL_ARGS = ("arm", "dtype", "device", "batch_size")

_UNSUPPORTED = (
    "num_choices",
    "best_of",
    "frequency_penalty",
    "presence_penalty",
    "logit_bias",
    "response_schema",
    "prompt_logprobs",
)


_RANGES: tuple[tuple[str, float, float], ...] = (
    ("temperature", 0, sys.float_info.max),
    ("top_p", 0, 1),
    ("top_k", 0, sys.float_info.max),
    ("max_tokens", 1, sys.float_info.max),
    ("top_logprobs", 0, 20),
)
"""Settings with the least and the largest value that each may have."""

_OPEN, _CLOSE = "<think>", "</think>"


class PeftAPI(ModelAPI):
    """A base model with at most one adapter. The weights load with the first request.

    Args:
        model_name: `<base>[:<adapter>[@revision]]`.
        base_url: not used.
        api_key: not used.
        config: the generation defaults.
        model_args: `arm` (the label of the arm in results, when not the adapter's own), `dtype` (`auto`, `float32`,
            `bfloat16`, `float16`), `device` (`auto`, `cpu`, `cuda`, `mps`), `batch_size` (the most replies that are
            generated at once).

    Raises:
        PrerequisiteError: the name, the base, the adapter or an argument is wrong, or base and adapter do not match.
    """

    def __init__(
        self,
        model_name: str,
        base_url: str | None = None,
        api_key: str | None = None,
        config: GenerateConfig = GenerateConfig(),  # noqa: B008 - as Inspect declares it
        **model_args: Any,
    ) -> None:
        super().__init__(model_name, base_url, api_key, [], config)
        for name in model_args:
            if name not in _MODEL_ARGS:
                raise unknown_value("model argument", name, _MODEL_ARGS, "Give them as: -M name=value")
        self.arm = require_arm_name(str(model_args["arm"]), "-M arm") if "arm" in model_args else ""
        self.dtype = _one_of("dtype", model_args.get("dtype", "auto"), get_args(Dtype))
        self.device = _one_of("device", model_args.get("device", "auto"), get_args(Device))
        self.batch_size = _positive("batch_size", model_args.get("batch_size", 192))
        _check_config(config)
        name_parts = parse_model_string(model_name)
        self.base = find_base(name_parts.base)
        self.adapter = find_adapter(name_parts, self.base)
        if self.adapter:
            require_adapter_arm(self.arm or self._stated_arm().arm, f"The adapter {name_parts.adapter!r}")
        # Weights are fetched, hashed and loaded in threads, so that other samples go on, but only once.
        self._lock = threading.Lock()
        self._resolved: ResolvedBase | None = None
        self._metadata: ArmMetadata | None = None
        self._engine: Engine | None = None
        self._requests: Counter[tuple[int | None, tuple[int, ...]]] = Counter()

    async def generate(
        self,
        input: list[ChatMessage],
        tools: list[ToolInfo],
        tool_choice: ToolChoice,
        config: GenerateConfig,
    ) -> ModelOutput:
        """One reply.

        Raises:
            PrerequisiteError: tools, media or settings that local generation lacks, or weights that do not load.
            PromptTooLong: the prompt fills the model's context; other requests go on. Raised, because an error text
                returned as output, as some providers do, would be graded as a reply.
        """
        if tools:
            raise PrerequisiteError("The peft provider does not support tools. Use Inspect's vllm provider for them.")
        _check_config(config)
        engine = await self._loaded_engine()
        prompt = self._prompt(engine, prompt_tokens(engine.tokenizer, input), config)
        reply = await asyncio.wrap_future(await self._submit(lambda engine: engine.submit(prompt)))
        return self._output(engine, prompt, reply)

    def _prompt(self, engine: "Engine", tokens: tuple[int, ...], config: GenerateConfig) -> "Prompt":
        from warm_inspect.engine.requests import Prompt
        from warm_inspect.engine.sampling import Sampling

        defaults = engine.settings.sampling
        sampling = Sampling(
            temperature=_first(config.temperature, defaults.temperature),
            top_p=_first(config.top_p, defaults.top_p),
            top_k=_first(config.top_k, defaults.top_k),
        )
        # Epochs ask one prompt again under one seed: by its place each gets a draw of its own, the same in every run.
        ordinal = 0
        if config.seed is not None:
            ordinal = self._requests[config.seed, tokens]
            self._requests[config.seed, tokens] += 1
        return Prompt(
            tokens=tokens,
            adapter=self.adapter,
            sampling=sampling,
            max_tokens=_first(config.max_tokens, _MAX_TOKENS),
            stop=tuple(config.stop_seqs or ()),
            seed=config.seed,
            ordinal=ordinal,
            logprobs=bool(config.logprobs),
            top_logprobs=config.top_logprobs or 0,
        )

    def _output(self, engine: "Engine", prompt: "Prompt", reply: "Completion") -> ModelOutput:
        # Tags are a few tokens of ordinary text to many tokenizers, so the end of the prompt is read as text.
        opened = engine.tokenizer.decode(prompt.tokens[-8:]).rstrip().endswith(_OPEN)
        message = ChatMessageAssistant(
            content=reply_content(reply.text, opened), model=self.model_name, source="generate"
        )
        logprobs = [_logprob(engine.tokenizer, choice) for choice in reply.choices] if prompt.logprobs else None
        return ModelOutput(
            model=self.model_name,
            choices=[
                ChatCompletionChoice(
                    message=message,
                    stop_reason=reply.stop_reason,
                    logprobs=None if logprobs is None else Logprobs(content=logprobs),
                )
            ],
            usage=ModelUsage(
                input_tokens=len(prompt.tokens),
                output_tokens=reply.tokens,
                total_tokens=len(prompt.tokens) + reply.tokens,
            ),
            time=reply.seconds,
        )

    def arm_metadata(self) -> ArmMetadata:
        """The arm, base and adapter for each sample's metadata; the first call may fetch the base weights.

        Raises:
            PrerequisiteError: the base weights cannot be fetched, or are not those the adapter was trained on.
        """
        with self._lock:
            if self._metadata is None:
                base = self._base_on_disk()
                running = {
                    "base_model": base.name,
                    "base_sha256": base.weights_sha256,
                    "weights_source": base.weights_source,
                    "dtype": resolve_dtype(self.dtype, resolve_device(self.device)),
                }
                named = {"arm": self.arm} if self.arm else {}
                self._metadata = self._stated_arm().model_copy(update=running | named)
            return self._metadata

    def _stated_arm(self) -> ArmMetadata:
        """The metadata from the adapter's manifest; without one the adapter's name is the arm."""
        if self.adapter is None:
            return ArmMetadata(arm=ORIGINAL)
        if self.adapter.manifest is None:
            return ArmMetadata(arm=self.adapter.name, adapter_sha256=self.adapter.sha256, warmth_check="not_run")
        return ArmMetadata.of(self.adapter.manifest)

    def _base_on_disk(self) -> ResolvedBase:
        if self._resolved is None:
            self._resolved = self.base.fetch()
            manifest = self.adapter.manifest if self.adapter else None
            if manifest is not None and manifest.base_sha256 != self._resolved.weights_sha256:
                raise PrerequisiteError(
                    f"Adapter {self.adapter.name if self.adapter else ''!r} was trained on other weights of "
                    f"{self._resolved.name} than the ones in use (sha256 differs): one model from the Hub and from "
                    "the registry is two. Train it again here with: warm-inspect train"
                )
        return self._resolved

    async def text_logprobs(self, messages: list[ChatMessage], texts: list[str]) -> list[list[float]]:
        """For each text, the natural log probability of each of its tokens as the first tokens of the reply.

        The text's tokens stand after the rendered prompt's; the end of the reply is not part of them.

        Raises:
            PrerequisiteError: the conversation cannot be rendered, or the weights do not load.
            ValueError: a text is empty, or too long for the model's context after the prompt.
        """
        from warm_inspect.engine.requests import Continuation

        engine = await self._loaded_engine()
        prompt = prompt_tokens(engine.tokenizer, messages)
        tokens = [tuple(engine.tokenizer.encode(text, add_special_tokens=False)) for text in texts]
        return await asyncio.gather(*(self._logprobs(Continuation(prompt, each, self.adapter)) for each in tokens))

    async def _logprobs(self, continuation: "Continuation") -> list[float]:
        logprobs = await asyncio.wrap_future(await self._submit(lambda engine: engine.logprobs(continuation)))
        return list(logprobs)

    async def _submit(self, send: "Callable[[Engine], Future[_T]]") -> "Future[_T]":
        """Send a request to the engine, or to a new one if it has just been closed for another model."""
        from warm_inspect.engine.engine import EngineClosed

        while True:
            try:
                return send(await self._loaded_engine())
            except EngineClosed:
                continue

    async def _loaded_engine(self) -> "Engine":
        engine = self._engine
        return engine if engine is not None and not engine.closed else await asyncio.to_thread(self._load)

    def _load(self) -> "Engine":
        with self._lock:
            if self._engine is None or self._engine.closed:
                share_cpus()
                try:
                    device = resolve_device(self.device)
                    self._engine = shared_engine(self._base_on_disk().path, self.dtype, device, self.batch_size)
                except ImportError as error:
                    raise missing_extra("The peft model provider", "local", error) from None
            return self._engine

    async def tokenize(self, text: str) -> list[int]:
        """The text's tokens, without special tokens."""
        engine = await self._loaded_engine()
        tokens: list[int] = engine.tokenizer.encode(text, add_special_tokens=False)
        return tokens

    async def count_text_tokens(self, text: str) -> int:
        """The number of tokens of the text."""
        return len(await self.tokenize(text))

    def max_tokens(self) -> int:
        """The default length of a reply, in tokens."""
        return _MAX_TOKENS

    def max_connections(self) -> int:
        """As many requests as are generated together, and some in the queue for the slots of finished ones."""
        return self.batch_size * 5 // 4

    def connection_key(self) -> str:
        """All models on one base share their connections, as they share a batch."""
        return str(self.base.folder.resolve()) if self.base.folder else self.base.name

    def collapse_user_messages(self) -> bool:
        """True: chat templates expect user and assistant to take turns."""
        return True

    def collapse_assistant_messages(self) -> bool:
        """True: chat templates expect user and assistant to take turns."""
        return True

    def close(self) -> None:
        """Give back the engine; the last model on a base frees its weights. A later request loads them again."""
        with self._lock:
            engine, self._engine = self._engine, None
        if engine is not None and not engine.closed:
            release(engine)


def _check_config(config: GenerateConfig) -> None:
    # 1 asks for nothing more than one reply, chosen of one.
    if unsupported := [name for name in _UNSUPPORTED if getattr(config, name) not in (None, 1)]:
        raise PrerequisiteError(f"The peft provider does not support {', '.join(unsupported)}. Leave it out.")
    for name, low, high in _RANGES:
        value = getattr(config, name)
        if value is not None and not low <= value <= high:
            most = "" if high == sys.float_info.max else f", {high} at most"
            raise PrerequisiteError(f"{name} is {value}; it must be {low} at least{most}.")
    if any(not stop for stop in config.stop_seqs or ()):
        raise PrerequisiteError("stop_seqs has an empty text, at which every reply would end. Take it out.")


def reply_content(text: str, opened: bool) -> str | list[Content]:
    """The content of a reply: its text, and apart from it what stands in `<think>`, as Inspect's own providers have it.

    Args:
        text: the generated text.
        opened: whether the prompt ends inside such a block, as some chat templates have it.
    """
    start, end = text.find(_OPEN), text.find(_CLOSE)
    if end >= 0 and not 0 <= start < end:  # closed here and opened by the prompt
        before, thought, after = "", text[:end], text[end + len(_CLOSE) :]
    elif start >= 0:
        before, (thought, _, after) = text[:start], text[start + len(_OPEN) :].partition(_CLOSE)
    elif opened:
        before, thought, after = "", text, ""
    else:
        return text
    return [ContentReasoning(reasoning=thought.strip()), ContentText(text=(before + after).strip())]


def _one_of(name: str, value: object, known: tuple[str, ...]) -> str:
    if value not in known:
        raise unknown_value(name, value, known)
    return str(value)


def _positive(name: str, value: object) -> int:
    if not str(value).isdigit() or int(str(value)) < 1:
        raise PrerequisiteError(f"Model argument {name} is {value!r}; it must be a whole number above 0.")
    return int(str(value))


def _first(*values: Any) -> Any:  # noqa: ANN401
    """The first value that is not None."""
    return next(value for value in values if value is not None)


def _logprob(tokenizer: Any, choice: "TokenChoice") -> Logprob:  # noqa: ANN401
    def text(token: int) -> str:
        return str(tokenizer.decode([token]))

    return Logprob(
        token=text(choice.token),
        logprob=choice.logprob,
        top_logprobs=[TopLogprob(token=text(token), logprob=logprob) for token, logprob in choice.top] or None,
    )
