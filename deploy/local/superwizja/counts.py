"""How many processes of each kind are wanted: counts.json, written by `superwizja scale`, read by the supervisor."""

import json

from superwizja.runtime import SERVICES, Runtime

Counts = dict[str, int]

KINDS = tuple(f"{service}.{kind}" for service in SERVICES for kind in ("api", "worker"))
MOST = 8


def read_counts(runtime: Runtime) -> Counts:
    """One process of each kind, unless it was scaled."""
    file = runtime.folder / "counts.json"
    scaled = json.loads(file.read_text()) if file.exists() else {}
    return {kind: int(scaled.get(kind, 1)) for kind in KINDS}


def write_counts(runtime: Runtime, changed: Counts) -> None:
    """Change some of the counts. Raises ValueError for an unknown kind or a count outside 0 to 8."""
    for kind, count in changed.items():
        if kind not in KINDS:
            raise ValueError(kind)
        if not 0 <= count <= MOST:
            raise ValueError(f"{kind}={count}")
    part = runtime.folder / "counts.json.part"
    part.write_text(json.dumps(read_counts(runtime) | changed, indent=1))
    part.replace(runtime.folder / "counts.json")


def names(counts: Counts) -> list[str]:
    """The processes that these counts mean: `sessions.worker.1` and so on."""
    return [f"{kind}.{number}" for kind, count in counts.items() for number in range(1, count + 1)]
