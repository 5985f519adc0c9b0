"""The edge: HTTP in, problem documents and answers out."""

from chassis.web.bodies import Body, Created, Page, Paging, RecordedDate, Slice, View, page, today
from chassis.web.problems import problems
from chassis.web.routing import Db, caller, router_for
from chassis.web.tokens import Person

__all__ = [
    "Body",
    "Created",
    "Db",
    "Page",
    "Paging",
    "Person",
    "RecordedDate",
    "Slice",
    "View",
    "caller",
    "page",
    "problems",
    "router_for",
    "today",
]
