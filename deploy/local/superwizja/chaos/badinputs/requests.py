"""A seeded stream of requests: sound ones, and sound ones with one or two things spoilt."""

import random
from uuid import UUID

from superwizja.chaos.badinputs.bearers import Bearers
from superwizja.chaos.badinputs.known import PEOPLE, Known
from superwizja.chaos.badinputs.operations import Operation
from superwizja.chaos.badinputs.request import NOTHING, Draft, Request
from superwizja.chaos.badinputs.samples import Samples
from superwizja.chaos.badinputs.spoilt_requests import PARTS
from superwizja.chaos.badinputs.spoilt_texts import TEXTS
from superwizja.chaos.badinputs.spoilt_values import SPOILS

RARE = {"oversized": 0.1}
"""Kinds that cost much."""

TWO = 0.2
"""The share of requests in which two things are spoilt."""

KEPT_KEYS = 50
"""Keys of an operation's first commands, which later ones reuse for something else."""


class Requests:
    """Makes requests; the same seed and the same ids give the same ones."""

    def __init__(
        self, rng: random.Random, known: Known, operations: list[Operation], bearers: Bearers, host: str
    ) -> None:
        self.rng = rng
        self.known = known
        self.operations = operations
        self.weights = [3 if each.body else 2 if each.method == "POST" else 1 for each in operations]
        self.bearers = bearers
        self.samples = Samples(rng, known)
        self.host = host
        self.used: dict[str, list[tuple[str, str]]] = {}

    def next(self) -> Request:
        """The next one."""
        draft = self._sound(self.rng.choices(self.operations, self.weights)[0])
        kinds = [self._kind(draft) for _ in range(2 if self.rng.random() < TWO else 1)]
        for kind in kinds:
            self._spoil(draft, kind)
        return draft.request(kinds[0], self.host)

    def _kind(self, draft: Draft) -> str:
        """Values are spoilt most often, since there the services themselves decide."""
        whole = draft.value is not NOTHING
        groups = ([*SPOILS], [*TEXTS], [*PARTS], ["sound", "key again"])
        group = self.rng.choices(groups, (5, 2, 3, 1) if whole else (0, 0, 5, 1))[0]
        return self.rng.choices(group, [RARE.get(each, 1.0) for each in group])[0]

    def _spoil(self, draft: Draft, kind: str) -> None:
        rng = self.rng
        if kind in SPOILS and draft.value is not NOTHING:
            draft.instead = SPOILS[kind](rng, draft.value) or draft.instead
        elif kind in TEXTS:
            draft.text = TEXTS[kind](rng, draft.encoded())
        elif kind in PARTS:
            PARTS[kind](rng, draft, self.bearers)
        elif kind == "key again" and draft.operation.name in self.used:
            key, person = rng.choice(self.used[draft.operation.name])
            draft.header("Idempotency-Key", key)
            draft.header("Authorization", self.bearers.of(person))

    def _sound(self, operation: Operation) -> Draft:
        rng = self.rng
        names = {*operation.parameters, *operation.queries, *(operation.body or {}).get("properties", {})}
        around = self.known.around(rng, names)
        value = self.samples.value
        parameters = {
            name: around[name] if name in around else str(value(each, name, around))
            for name, each in operation.parameters.items()
        }
        queries = [
            (name, str(value(each, name, around) or ""))
            for name, each in operation.queries.items()
            if name in ("programme_id", "issue_id") or rng.random() < 0.2
        ]
        person = self._person(around)
        draft = Draft(operation, operation.method, parameters, queries, [("Authorization", self.bearers.of(person))])
        if operation.method == "POST":
            key = str(UUID(int=rng.getrandbits(128), version=4))
            draft.header("Idempotency-Key", key)
            if operation.body is not None:
                draft.header("Content-Type", "application/json")
                draft.value = self.samples.body(operation.body, around)
            used = self.used.setdefault(operation.name, [])
            if len(used) < KEPT_KEYS:
                used.append((key, person))
        return draft

    def _person(self, around: dict[str, str]) -> str:
        """Somebody whom it concerns, most often."""
        concerned = [around[name] for name in PEOPLE if name in around]
        if concerned and self.rng.random() < 0.7:
            return self.rng.choice(concerned)
        return self.known.one(self.rng, "person_id", {})
