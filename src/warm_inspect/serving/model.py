"""ServedModel: what a vLLM server says beside replies, the tokens of a prompt and the probability of given ones."""

from collections.abc import Iterable, Mapping
from typing import Any

from inspect_ai.model import ChatMessage, ModelAPI

from warm_inspect.core.errors import PrerequisiteError

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
        """
        if not hasattr(api, "client") and hasattr(api, "base_model"):
            await api.tokenize("a")  # `vllm/` makes its client with the first request
        if not (hasattr(api, "client") and hasattr(api, "service_model_name")):
            return None
        return cls(api.client, api.service_model_name())

    async def base(self) -> "ServedModel":
        """The base model of the adapter on its server.

        Raises:
            PrerequisiteError: the server cannot be reached, does not serve the name, or serves it as no adapter.
        """
        cards = {card["id"]: card for card in (await self._call("GET", f"{self._root}/v1/models"))["data"]}
        if self.name not in cards:
            raise PrerequisiteError(
                f"The server at {self._root} does not serve {self.name!r}. It serves: {', '.join(cards)}. {_START}."
            )
        parent = cards[self.name].get("parent")
        if not parent or parent == self.name:
            raise PrerequisiteError(
                f"The server at {self._root} serves {self.name!r} as a base model, not as an adapter: its replies are "
                "those of whatever weights it was started with",
                "Start it with --enable-lora and the adapter in --lora-modules, as `warm-inspect serve` writes it.",
            )
        return ServedModel(self._client, parent)

    async def prompt_tokens(self, messages: Iterable[ChatMessage]) -> list[int]:
        """The tokens of a conversation up to where the reply begins, through the server's chat template."""
        turns = [{"role": message.role, "content": message.text} for message in messages]
        continues = turns[-1]["role"] == "assistant"
        shape = {"add_generation_prompt": not continues, "continue_final_message": continues}
        return await self._tokens({"messages": turns, **shape})

    async def text_tokens(self, text: str) -> list[int]:
        """The tokens of a text, without special tokens."""
        return await self._tokens({"prompt": text, "add_special_tokens": False})

    async def _tokens(self, body: Mapping[str, Any]) -> list[int]:
        answer = await self._call("POST", f"{self._root}/tokenize", {"model": self.name, **body})
        return [int(token) for token in answer["tokens"]]

    async def logprobs(self, prompt: list[int], text: list[int]) -> list[float]:
        """The natural log probability of each token of a text after a prompt.

        Raises:
            PrerequisiteError: the server cannot be reached, does not serve the model, or gives no such probabilities.
        """
        tokens = [*prompt, *text]
        request = {"model": self.name, "prompt": tokens, "max_tokens": 1, "temperature": 0, "prompt_logprobs": 0}
        answer = await self._call("POST", f"{self._root}/v1/completions", request)
        given = answer["choices"][0].get("prompt_logprobs") or []
        if len(given) != len(tokens):
            raise PrerequisiteError(
                f"The server at {self._root} does not give the probability of a prompt's tokens (prompt_logprobs), by "
                f"which {self.name!r} is told from its base. vLLM gives it: {_START}."
            )
        positions = range(len(prompt), len(tokens))
        return [float(given[position][str(tokens[position])]["logprob"]) for position in positions]

    async def _call(self, method: str, url: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        import openai

        try:
            if method == "GET":
                answer = await self._client.get(url, cast_to=object)
            else:
                answer = await self._client.post(url, cast_to=object, body=body)
        except openai.NotFoundError as error:
            raise PrerequisiteError(
                f"The server at {self._root} does not know {self.name!r} ({error}). {_START}."
            ) from None
        except openai.APIConnectionError as error:
            raise PrerequisiteError(f"No server answers at {self._root} ({error}). {_START}.") from None
        return dict(answer)
