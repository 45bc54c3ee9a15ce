"""ServedModel: what a vLLM server says beside replies, the tokens of a prompt and the probability of given ones."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from inspect_ai.model import ChatMessage, ModelAPI

from warm_inspect.core.errors import InspectPrerequisiteError, PrerequisiteError, plain_reason

T = TypeVar("T")

_START = "Start it as `warm-inspect serve` says, and let VLLM_BASE_URL name it"


class ServedModel:
    """A base model or an adapter of a vLLM server, asked through the client of Inspect's provider.

    Args:
        client: the provider's client of OpenAI's API.
        name: the name under which the server has the model.
    """

    def __init__(self, client: Any, name: str) -> None:  # noqa: ANN401 - openai is imported by providers only
        self.name = name
        self._client = client
        self._root = str(client.base_url).rstrip("/").removesuffix("/v1")

    @classmethod
    async def of(cls, api: ModelAPI) -> "ServedModel | None":
        """The model behind a provider; None when it does not speak OpenAI's API.

        The server starts if the provider is to start it.

        Raises:
            PrerequisiteError: the provider reaches no server, or starts none.
        """
        if not hasattr(api, "client") and hasattr(api, "base_model"):
            try:
                await api.tokenize("a")  # `vllm/` makes its client with the first request
            except InspectPrerequisiteError:
                raise
            except Exception as error:
                raise PrerequisiteError(
                    f"The provider vllm/ gets no tokens of {api.model_name!r} from a server ({plain_reason(error)}). "
                    f"{_START}."
                ) from None
        if not (hasattr(api, "client") and hasattr(api, "service_model_name")):
            return None
        return cls(api.client, api.service_model_name())

    async def parent(self) -> str | None:
        """The name of the base model whose adapter the server has under the name; None when it has a base model there.

        Raises:
            PrerequisiteError: the server does not answer as vLLM does, or does not serve the name.
        """
        parents = await self._call(
            "GET", "/v1/models", lambda answer: {str(card["id"]): card.get("parent") for card in answer["data"]}
        )
        if self.name not in parents:
            raise PrerequisiteError(
                f"The server at {self._root} does not serve {self.name!r}. It serves: {', '.join(parents)}. {_START}."
            )
        parent = parents[self.name]
        return str(parent) if parent and parent != self.name else None

    async def base(self) -> "ServedModel":
        """The base model of the adapter on its server.

        Raises:
            PrerequisiteError: the server does not answer as vLLM does, does not serve the name, or serves it as no
                adapter.
        """
        parent = await self.parent()
        if parent is None:
            raise PrerequisiteError(
                f"The server at {self._root} serves {self.name!r} as a base model, not as an adapter: its replies are "
                "those of whatever weights it was started with",
                "Start it with --enable-lora and the adapter in --lora-modules, as `warm-inspect serve` writes it.",
            )
        return ServedModel(self._client, parent)

    async def prompt_tokens(self, messages: Iterable[ChatMessage]) -> list[int]:
        """The tokens of a conversation up to where the reply begins, through the server's chat template.

        Raises:
            PrerequisiteError: the server does not answer as vLLM does.
        """
        turns = [{"role": message.role, "content": message.text} for message in messages]
        continues = turns[-1]["role"] == "assistant"
        shape = {"add_generation_prompt": not continues, "continue_final_message": continues}
        return await self._tokens({"messages": turns, **shape})

    async def text_tokens(self, text: str) -> list[int]:
        """The tokens of a text, without special tokens.

        Raises:
            PrerequisiteError: the server does not answer as vLLM does.
        """
        return await self._tokens({"prompt": text, "add_special_tokens": False})

    async def _tokens(self, body: Mapping[str, Any]) -> list[int]:
        def given(answer: Any) -> list[int]:  # noqa: ANN401 - any JSON value
            if tokens := [int(token) for token in answer["tokens"]]:
                return tokens
            raise ValueError("no tokens for a text")

        return await self._call("POST", "/tokenize", given, {"model": self.name, **body})

    async def logprobs(self, prompt: list[int], text: list[int]) -> list[float]:
        """The natural log probability of each token of a text after a prompt.

        Raises:
            PrerequisiteError: the server does not answer as vLLM does, or gives no such probabilities.
        """
        tokens = [*prompt, *text]
        request = {"model": self.name, "prompt": tokens, "max_tokens": 1, "temperature": 0, "prompt_logprobs": 0}

        def of_text(answer: Any) -> list[float]:  # noqa: ANN401 - any JSON value
            given = answer["choices"][0].get("prompt_logprobs") or []
            if len(given) != len(tokens):
                raise PrerequisiteError(
                    f"The server at {self._root} does not give the probability of a prompt's tokens (prompt_logprobs), "
                    f"by which {self.name!r} is told from its base. vLLM gives it: {_START}."
                )
            positions = range(len(prompt), len(tokens))
            return [float(given[position][str(tokens[position])]["logprob"]) for position in positions]

        return await self._call("POST", "/v1/completions", of_text, request)

    async def _call(self, method: str, path: str, read: Callable[[Any], T], body: Mapping[str, Any] | None = None) -> T:
        """What `read` takes out of the server's answer.

        Raises:
            PrerequisiteError: no server answers, it refuses the request, or its answer lacks what `read` takes.
        """
        import openai

        url = self._root + path
        try:
            if method == "GET":
                answer = await self._client.get(url, cast_to=object)
            else:
                answer = await self._client.post(url, cast_to=object, body=body)
            return read(answer)
        except openai.NotFoundError as error:
            raise PrerequisiteError(
                f"The server at {self._root} does not know {self.name!r} ({plain_reason(error)}). {_START}."
            ) from None
        except (openai.AuthenticationError, openai.PermissionDeniedError) as error:
            raise PrerequisiteError(
                f"The server at {self._root} refuses the key ({plain_reason(error)})",
                "Give the one that it was started with: VLLM_API_KEY, or the variable of its service.",
            ) from None
        except openai.APIStatusError as error:
            raise PrerequisiteError(
                f"The server at {url} ends the request about {self.name!r} with an error ({plain_reason(error)})",
                f"Its log says why. {_START}.",
            ) from None
        except openai.APIConnectionError as error:
            raise PrerequisiteError(f"No server answers at {self._root} ({plain_reason(error)}). {_START}.") from None
        except (openai.OpenAIError, LookupError, TypeError, ValueError, AttributeError) as error:
            raise PrerequisiteError(
                f"The server at {url} does not answer as vLLM does ({plain_reason(error)}). {_START}."
            ) from None
