"""Insights' api as it is; from SIGUSR1 on it sends what it rendered last, again and again and without a pause.

`python -m superwizja.bench.from_memory api`. What is then measured is the way from a rendered page to the listeners;
insights knows nothing of it.
"""

import runpy
import signal
from collections import deque
from itertools import cycle
from uuid import UUID

from insights import live
from insights.render import Board, regions
from insights.words import Language

REMEMBERED = 20
"""Updates that are sent again."""


def remember() -> None:
    """Keep the last updates of this process, and go on from them when the signal comes."""
    last = deque[dict[str, str]](maxlen=REMEMBERED)

    def remembered(board: Board, language: Language) -> dict[str, str]:
        last.append(regions(board, language))
        return last[-1]

    async def the_last(self: live.Live, programme: UUID | None) -> Board:
        return self.boards[programme]

    def go_on(*_: object) -> None:
        again = cycle(list(last))
        live.regions = lambda board, language: next(again)  # type: ignore[attr-defined]  # wrapped from outside
        live.Live.board = the_last  # type: ignore[method-assign]  # likewise
        live.EVERY = live.AT_LEAST_EVERY = live.IDLE = 0.0

    live.regions = remembered  # type: ignore[attr-defined]  # likewise
    signal.signal(signal.SIGUSR1, go_on)


if __name__ == "__main__":
    remember()
    runpy.run_module("insights.main", run_name="__main__", alter_sys=True)
