"""How much memory a process has taken, asked from the kernel."""

from __future__ import annotations

from pathlib import Path

_PEAK = "VmHWM:"  # the largest resident set since the program began, in KiB
_KIBIBYTES = 1024  # in one MiB


def peak_memory(pid: int) -> float | None:
    """The most that the process has had at one time, in MiB; None where nothing is known.

    A peak is seen at the next look, however short it was. Lambda counts the whole sandbox, this
    the process alone, without the programs that it starts.
    """
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:  # the process is gone, or this is no Linux
        return None
    for line in status.splitlines():
        if line.startswith(_PEAK):
            return int(line.split()[1]) / _KIBIBYTES
    return None  # it has ended, and nobody has asked yet how
