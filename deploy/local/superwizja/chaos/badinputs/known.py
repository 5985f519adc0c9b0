"""The ids of what exists on the platform, so that requests reach real objects and the rules of their states."""

import random
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import aiohttp

from superwizja.chaos.badinputs.operations import Operation
from superwizja.runtime import Runtime

Ids = dict[str, str]

EACH = 12
"""Objects of a kind whose details and lists are read, at most."""

PEOPLE = ("person_id", "supervisor_id", "worker_id", "leaders", "members", "trainers", "people", "attendees")
SAME = {
    "by_title_id": "title_id",
    "parent_id": "programme_id",
    "commissioner_id": "centre_id",
    "leaders": "supervisor_id",
    "trainers": "supervisor_id",
    "people": "person_id",
    "aggregate": "group_id",
    "source_id": "conclusion_id",
    "worker_id": "person_id",
    "unsigned": "person_id",
    "members": "person_id",
    "attendees": "person_id",
    "after": "programme_id",
}
"""Fields that hold the id of something that has another name."""


def is_id(value: object) -> bool:
    """Whether this is an id."""
    if not isinstance(value, str):
        return False
    try:
        return str(UUID(value)) == value
    except ValueError:
        return False


class Known:
    """Ids by the name of the field that holds them, and sets of ids that belong together."""

    def __init__(self) -> None:
        self.ids: dict[str, dict[str, None]] = {}
        self.together: list[Ids] = []

    def learn(self, answer: Any, around: Ids, kind: str) -> None:
        """Take over the ids of an answer; `kind` is the name of the ids of what it lists."""
        for ids in _met(answer, around, kind):
            self.together.append(ids)
            for name, value in ids.items():
                self.ids.setdefault(name, {})[value] = None
                if name in PEOPLE:
                    self.ids.setdefault("person_id", {})[value] = None

    def one(self, rng: random.Random, name: str, around: Ids) -> str:
        """An id for a field of this name: one that belongs to what is around, or any, or one that nobody knows."""
        same = SAME.get(name, name)
        if same in around and rng.random() < 0.9:
            return around[same]
        pool = list(self.ids.get(same, ()))
        return rng.choice(pool) if pool and rng.random() < 0.95 else str(UUID(int=rng.getrandbits(128), version=4))

    def around(self, rng: random.Random, names: set[str]) -> Ids:
        """Ids that belong together and hold as many of these names as there are."""
        candidates = rng.choices(self.together, k=24) if self.together else [{}]
        return max(candidates, key=lambda ids: len(names & ids.keys()))


def _met(answer: Any, around: Ids, kind: str) -> Iterator[Ids]:
    if isinstance(answer, list):
        for each in answer:
            if is_id(each):
                yield around | {SAME.get(kind, kind): each}
            else:
                yield from _met(each, around, kind)
    elif isinstance(answer, dict):
        own = {name: value for name, value in answer.items() if name.endswith("_id") and is_id(value)}
        ids = around | own | ({kind: answer["id"]} if is_id(answer.get("id")) else {})
        if isinstance(answer.get("ordinal"), int):
            ids["ordinal"] = str(answer["ordinal"])
        nested = {name: value for name, value in answer.items() if isinstance(value, list | dict)}
        yield ids
        for name, value in nested.items():
            yield from _met(value, ids, kind if name == "items" else SAME.get(name, f"{name.removesuffix('s')}_id"))


async def known(
    runtime: Runtime, http: aiohttp.ClientSession, authorization: str, operations: list[Operation]
) -> Known:
    """What can be read by one who may read everything: lists first, then what their ids lead to."""
    found = Known()
    reads = [each for each in operations if each.method == "GET" and not each.page and "parked" not in each.path]
    asked: set[str] = set()
    for _ in range(4):
        for operation in reads:
            needs = [
                *operation.parameters,
                *(name for name in operation.queries if name in ("programme_id", "issue_id")),
            ]
            fitting = [ids for ids in found.together if all(name in ids for name in needs)] if needs else [{}]
            paths = {}
            for ids in fitting:
                query = "&".join(f"{name}={ids[name]}" for name in needs if name in operation.queries)
                path = operation.path.format_map(ids)
                paths[
                    f"{operation.prefix}{path}?limit=200&{query}"
                    if "limit" in operation.queries
                    else f"{operation.prefix}{path}?{query}"
                ] = ids
            for path, ids in list(paths.items())[:EACH]:
                if path in asked:
                    continue
                asked.add(path)
                async with http.get(runtime.gateway + path, headers={"Authorization": authorization}) as answer:
                    if answer.status == 200:
                        found.learn(await answer.json(), ids, _kind(operation))
    return found


def _kind(operation: Operation) -> str:
    """The name of the ids of what an operation answers: `group_id` of /v1/groups and of /v1/groups/{group_id}."""
    last = operation.path.rpartition("/")[2]
    return last.strip("{}") if last.startswith("{") else f"{last.removesuffix('s')}_id"
