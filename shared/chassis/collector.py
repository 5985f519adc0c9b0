"""Python's collector of cycles, told of what a process loads: it lives as long as the process. To be imported first."""

import gc

YOUNG = 100_000
"""Objects after which the collector looks for cycles: with 20,000, several times at a batch of 4,000 events.

Python's own 700 have it look through what is being loaded again and again, an eighth of the time that loading takes.
"""

gc.set_threshold(YOUNG, 10, 10)


def settled() -> None:
    """What was loaded so far is never looked at again. What of it is garbage, one object in 200, is kept with it."""
    gc.freeze()
