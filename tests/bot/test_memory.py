"""What loading leaves behind goes back to the system."""

import gc
import weakref

from bot.components.memory import give_back


class Held:
    """Something that holds itself, so that only the collector frees it."""

    def __init__(self) -> None:
        self.me = self


def test_what_nobody_holds_is_gone_afterwards() -> None:
    gc.disable()
    try:
        left = weakref.ref(Held())
        assert left() is not None
        give_back()
        assert left() is None
    finally:
        gc.enable()


def test_another_c_library_is_no_error(monkeypatch) -> None:
    monkeypatch.setattr("ctypes.CDLL", lambda _: object())
    give_back()
