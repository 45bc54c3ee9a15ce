"""Memory that runs out: how an error says so, and giving back what a failed step still holds."""

import errno
import traceback

import torch

_SAID = ("can't allocate memory", "out of memory", "ALLOC_FAILED")
"""What messages say where there is no type of error for it."""


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that the device, or this machine, has no memory left for what was asked of it."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    # torch has a type for its own allocator on CUDA only: those for the CPU and for Apple's processors raise a plain
    # RuntimeError, and so do CUDA's libraries, which say CUBLAS_STATUS_ALLOC_FAILED. The message is all there is.
    return isinstance(error, RuntimeError) and any(said in str(error) for said in _SAID)


def forget_tensors(error: BaseException) -> None:
    """Free the tensors of the step that an error ended: its traceback becomes a text, as a note on it.

    The error is kept in a future, or for as long as the model is loaded, and with its traceback the variables of every
    function that it came through, a whole batch's keys and values among them. (To clear the frames is not enough: torch
    runs hooks in closures, whose variables a frame does not let go.)
    """
    error.add_note("".join(traceback.format_exception(error)))
    step: BaseException | None = error
    while step is not None:
        step.__traceback__ = None
        step = step.__cause__ or step.__context__
