"""How a language model is loaded and how long it may take."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from generator.errors import OptionsError

Dtype = Literal["auto", "float32", "float16", "bfloat16"]
DTYPES: Final[tuple[Dtype, ...]] = ("auto", "float32", "float16", "bfloat16")


@dataclass(frozen=True, slots=True)
class ModelOptions:
    """Which model, and its bounds.

    Attributes:
        model: a folder, or the name of a model on the hub.
        revision: the commit of the hub model. Needed for one from the hub, as a name alone may
            mean other weights tomorrow.
        local_files_only: take a hub model from the cache only, never from the network.
        device: ``cpu``, ``cuda``, ``cuda:1`` ...; ``auto`` takes the GPU where there is one.
        dtype: ``auto`` is bfloat16 on a GPU and float32 on a CPU.
        max_new_tokens: the longest answer, in tokens.
        max_input_tokens: the longest prompt, in tokens; the last passages are left out beyond it.
        passages: how many of the best passages the model reads.
        deadline_s: seconds an answer may take, waiting for the model included.

    Raises:
        OptionsError: a value makes no sense; a hub model comes without a revision.
    """

    model: str
    revision: str | None = None
    local_files_only: bool = False
    device: str = "auto"
    dtype: Dtype = "auto"
    max_new_tokens: int = 160
    max_input_tokens: int = 2048
    passages: int = 4
    deadline_s: float = 20.0

    def __post_init__(self) -> None:
        if not self.model:
            raise OptionsError("model is empty, expected a folder or the name of a hub model")
        if self.dtype not in DTYPES:
            raise OptionsError(f"dtype is {self.dtype!r}, expected one of {', '.join(DTYPES)}")
        for name in ("max_new_tokens", "max_input_tokens", "passages", "deadline_s"):
            if getattr(self, name) <= 0:
                raise OptionsError(f"{name} is {getattr(self, name)!r}, expected more than 0")
        if not self.is_local and self.revision is None:
            raise OptionsError(
                f"{self.model!r} is no folder here, so it is taken as a hub model, and its "
                "revision is not given: set it to the commit you have tried, so that the weights "
                "cannot change behind your back; or correct the folder's path"
            )

    @property
    def is_local(self) -> bool:
        """Whether ``model`` is a folder on this machine."""
        return Path(self.model).is_dir()
