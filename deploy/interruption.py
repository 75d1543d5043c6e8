"""What Ctrl-C, `kill` and a closed terminal do: they stop a command between its steps.

Some steps are only safe as a whole: of a change set whose creation was asked for, but whose id
was never read, nobody would know.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

# Windows has no SIGHUP.
_STOPPING = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if name in dir(signal)
]


def treat_signals_as_ctrl_c() -> None:
    """Let `kill` and a closed terminal stop a command as Ctrl-C does, so that it cleans up."""
    for number in _STOPPING:
        if signal.getsignal(number) is signal.SIG_DFL:  # below nohup it is another
            signal.signal(number, signal.default_int_handler)


@contextmanager
def deferring_interrupts() -> Iterator[None]:
    """Ctrl-C inside the block takes effect at its end; whoever presses it twice means now."""
    pressed: list[tuple[int, FrameType | None]] = []

    def wait(number: int, frame: FrameType | None) -> None:
        pressed.append((number, frame))
        if len(pressed) > 1:
            effects[number](number, frame)

    # Python lets nobody but the main thread handle signals, which is also where they arrive.
    in_main = threading.current_thread() is threading.main_thread()
    handlers = {number: signal.getsignal(number) for number in _STOPPING if in_main}
    effects = {number: effect for number, effect in handlers.items() if callable(effect)}
    for number in effects:
        signal.signal(number, wait)
    try:
        yield
    finally:
        for number, effect in effects.items():
            signal.signal(number, effect)
    if pressed:
        number, frame = pressed[0]
        effects[number](number, frame)
