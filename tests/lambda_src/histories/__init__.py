"""Random histories of the functions that mail: events that come twice, in any order and at the same
moment, runs that die anywhere, calls that fail, are slow, or whose answer is lost, and replays.

`make check` tries a few; `HYPOTHESIS_PROFILE=histories` tries 10,000 of each kind.
"""
