"""SlotCache: keys and values of many rows at different lengths, in memory that is allocated once.

Each row of the running batch owns a slot and starts at column 0 of it, so rows of any age share a batch without
padding on the left. `transformers` sees a `Cache`; its layout says which rows and columns a forward pass writes and
attends to, and our attention function (`attention.py`) reads it.
"""

import math
import mmap
import weakref
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import torch
from transformers.cache_utils import Cache, CacheLayerMixin

_COLUMN_STEP = 64


@dataclass(frozen=True)
class Prefix:
    """The keys and values of the leading tokens that several rows share."""

    tokens: tuple[int, ...]
    keys: tuple[torch.Tensor, ...]
    """One per layer: (heads, tokens, size of a head)."""
    values: tuple[torch.Tensor, ...]

    def shortened(self, length: int) -> "Prefix":
        """A copy of the first tokens, in newly allocated memory."""
        if length == len(self.tokens):
            return self
        return Prefix(
            self.tokens[:length],
            tuple(keys[:, :length].clone() for keys in self.keys),
            tuple(values[:, :length].clone() for values in self.values),
        )


@dataclass
class Layout:
    """The slots and columns that a forward pass writes and attends to.

    Prefill: `rows` rows from slot `first` on get `width` new columns after the columns of their shared prefix.
    Decode: each of the first rows gets one new column, after those that it has.
    """

    first: int = 0
    rows: int = 0
    width: int = 0
    prefix: Prefix | None = None
    lengths: torch.Tensor | None = None
    """(rows,): columns that each decoding row has; None in a prefill."""
    masks: dict[int | None, torch.Tensor | None] = field(default_factory=dict)
    """By attention window: made by the first layer that needs it."""

    @property
    def shared(self) -> int:
        """Columns of the shared prefix."""
        return len(self.prefix.tokens) if self.prefix else 0


class _SlotLayer(CacheLayerMixin):  # type: ignore[misc]
    """One model layer's share of a `SlotCache`."""

    is_sliding = False
    is_compileable = False
    is_croppable = False

    def __init__(self, owner: "SlotCache", index: int) -> None:
        super().__init__()
        # In a circle of references an old batch's memory would stay until Python looks for circles, which a card that
        # is full cannot wait for.
        self.owner = weakref.proxy(owner)
        self.index = index

    def lazy_initialization(self, key_states: torch.Tensor, value_states: torch.Tensor) -> None:
        self._pages: list[mmap.mmap] = []
        shape = (self.owner.slots, key_states.shape[1], self.owner.columns)
        self.keys = self._zeros((*shape, key_states.shape[-1]), key_states)
        self.values = self._zeros((*shape, value_states.shape[-1]), value_states)
        self.is_initialized = True

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *args: object, **kwargs: object
    ) -> tuple[torch.Tensor, torch.Tensor]:
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        layout = self.owner.layout
        if layout.lengths is not None:
            self.keys[self.owner.numbers[: layout.rows], :, layout.lengths] = key_states[:, :, 0]
            self.values[self.owner.numbers[: layout.rows], :, layout.lengths] = value_states[:, :, 0]
            return self.keys[: layout.rows, :, : layout.width], self.values[: layout.rows, :, : layout.width]
        rows = slice(layout.first, layout.first + layout.rows)
        end = layout.shared + layout.width
        self.keys[rows, :, layout.shared : end] = key_states
        self.values[rows, :, layout.shared : end] = value_states
        if layout.prefix is None:
            # All that these rows attend to is new, and need not be read back.
            return key_states, value_states
        self.keys[rows, :, : layout.shared] = layout.prefix.keys[self.index]
        self.values[rows, :, : layout.shared] = layout.prefix.values[self.index]
        return self.keys[rows, :, :end], self.values[rows, :, :end]

    # What `transformers` would make masks and positions of. `attention` makes the masks and the batch the positions.
    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        return query_length, 0

    def get_seq_length(self) -> int:
        return 0

    def get_max_length(self) -> int:
        return -1

    def widen(self, columns: int) -> None:
        """Make room for more columns."""
        if self.is_initialized:
            self._pages = []
            self.keys, self.values = (self._widened(each, columns) for each in (self.keys, self.values))

    def release(self, first: int, end: int) -> None:
        """Return the memory of some slots to the system; they hold zeros then, or what they held."""
        for pages in self._pages if self.is_initialized else ():
            slot = len(pages) // self.owner.slots
            _release_pages(pages, first * slot, end * slot)

    def move(self, source: int, target: int, length: int) -> None:
        """Copy the first columns of a slot to another, and release the memory of that one's later columns."""
        self.keys[target, :, :length] = self.keys[source, :, :length]
        self.values[target, :, :length] = self.values[source, :, :length]
        for pages, states in zip(self._pages, (self.keys, self.values), strict=False):
            head = states[0, 0].numel() * states.element_size()
            start = length * states.shape[-1] * states.element_size()
            for number in range(target * states.shape[1], (target + 1) * states.shape[1]):
                _release_pages(pages, number * head + start, (number + 1) * head)

    def _widened(self, states: torch.Tensor, columns: int) -> torch.Tensor:
        wide = self._zeros((*states.shape[:2], columns, states.shape[3]), states)
        wide[:, :, : states.shape[2]] = states
        return wide

    def _zeros(self, shape: tuple[int, ...], like: torch.Tensor) -> torch.Tensor:
        """Zeros, not empty memory: a masked NaN would still spoil the weighted sum of the values.

        On a CPU they are private pages straight from the system, small ones where there is a choice. Those cost memory
        only where a row has written, not where attention reads the end of a longer row, and they can be released one
        slot at a time, while an allocator keeps what threads free.
        """
        if like.device.type != "cpu" or not hasattr(mmap, "MADV_DONTNEED"):
            return like.new_zeros(shape)
        size = math.prod(shape) * like.element_size()
        self._pages.append(pages := mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS))
        if hasattr(mmap, "MADV_NOHUGEPAGE"):
            pages.madvise(mmap.MADV_NOHUGEPAGE)
        return torch.frombuffer(pages, dtype=like.dtype).view(shape)


class SlotCache(Cache):  # type: ignore[misc]
    """The keys and values of up to `slots` rows.

    Args:
        layers: layers of the model.
        slots: the most rows that decode together.
        device: where the model is.
    """

    def __init__(self, layers: int, slots: int, device: torch.device) -> None:
        super().__init__(layers=[_SlotLayer(self, index) for index in range(layers)])
        self.slots = slots
        self.columns = 0
        self.layout = Layout()
        self.numbers = torch.arange(slots, device=device)

    def reserve(self, columns: int) -> None:
        """Make every slot hold at least this many tokens, and a few more, so that growing stays rare."""
        if columns <= self.columns:
            return
        self.columns = -(-columns // _COLUMN_STEP) * _COLUMN_STEP
        for layer in self.layers:
            layer.widen(self.columns)

    def preallocate(self, columns: int) -> None:
        """Reserve the columns that rows may come to need: on a CPU they cost no memory until they are written."""
        if self.numbers.device.type == "cpu":
            self.reserve(columns)

    def prefill(self, first: int, rows: int, width: int, prefix: Prefix | None) -> Layout:
        """Make the next forward pass write `width` tokens of each row, after their prefix, to slots from `first` on."""
        self.layout = Layout(first, rows, width, prefix)
        self.reserve(self.layout.shared + width)
        return self.layout

    def decode(self, lengths: Sequence[int]) -> Layout:
        """Make the next forward pass append one token to each of the first slots, which hold these many tokens."""
        width = max(lengths) + 1
        self.reserve(width)
        counts = torch.tensor(lengths, device=self.numbers.device)
        self.layout = Layout(rows=len(lengths), width=width, lengths=counts)
        return self.layout

    def copy(self, slot: int, tokens: tuple[int, ...]) -> Prefix:
        """A copy of the keys and values of a slot's first tokens, in newly allocated memory."""
        length = len(tokens)
        return Prefix(
            tokens,
            tuple(layer.keys[slot, :, :length].clone() for layer in self.layers),
            tuple(layer.values[slot, :, :length].clone() for layer in self.layers),
        )

    def clear(self, slots: Iterable[int]) -> None:
        """Fill slots with zeros."""
        for slot in slots:
            for layer in self.layers:
                if layer.is_initialized:
                    layer.keys[slot].zero_()
                    layer.values[slot].zero_()

    def release(self, first: int, end: int) -> None:
        """Release the memory of the slots from `first` to before `end`, which no row uses now."""
        for layer in self.layers:
            layer.release(first, end)

    def move(self, source: int, target: int, length: int) -> None:
        """Copy the first `length` tokens of a slot to another, and release the memory of that one's later tokens."""
        for layer in self.layers:
            layer.move(source, target, length)


def _release_pages(pages: mmap.mmap, start: int, end: int) -> None:
    """Return the whole pages between two bytes to the system."""
    start, end = -(-start // mmap.PAGESIZE) * mmap.PAGESIZE, end // mmap.PAGESIZE * mmap.PAGESIZE
    if start < end:
        pages.madvise(mmap.MADV_DONTNEED, start, end - start)
