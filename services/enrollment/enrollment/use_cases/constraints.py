"""The database's own guards, told in the domain's terms."""

from collections.abc import Iterator
from contextlib import contextmanager

from chassis.errors import DomainError
from sqlalchemy.exc import IntegrityError


@contextmanager
def told_as(refusals: dict[str, DomainError]) -> Iterator[None]:
    """Raise the refusal of the constraint that was violated; any other violation is a defect and stays one."""
    try:
        yield
    except IntegrityError as violation:
        refusal = refusals.get(getattr(violation.driver_exception, "constraint_name", None) or "")
        if refusal is None:
            raise
        raise refusal from violation
