"""Where sessions take place: communes, their parts and districts, by the codes of the TERC register (2024-01-01)."""

from functools import cache
from importlib.resources import files


@cache
def register() -> frozenset[str]:
    """Every code of seven digits."""
    return frozenset(files("sessions").joinpath("terc.txt").read_text("ascii").split())


def is_place(code: str) -> bool:
    """Whether the register has the code."""
    return code in register()
