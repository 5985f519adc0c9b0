"""What a fault was, as those who strike, judge and tell all know it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Struck:
    """One fault that was struck; times are seconds since 1970 (time.time), `recovered` None when nobody saw it recover.

    kind    its name in the schedule, such as "kill_worker" or "silent_database"
    target  the process or the link that it struck, such as "sessions.worker.2" or "kafka.1"
    began, ended  from the blow until what was broken was let go (equal for a kill: the process is gone at once)
    recovered  when what it struck did its work again; not before `ended`
    detail  anything else of JSON that the report keeps: {"kills": 1, "signal": "SIGKILL", "single": true}
            kills   how many processes it ended by force (0 when absent)
            single  whether nothing else was under way (its recovery counts for the goals)
            part    "service", "database" or "broker": whose recovery goal holds; "": nobody's, nothing was broken
                    (absent: by the target's name)
    """

    kind: str
    target: str
    began: float
    ended: float
    recovered: float | None = None
    detail: Mapping[str, object] = field(default_factory=dict)

    @property
    def kills(self) -> int:
        """How many processes it ended by force."""
        kills = self.detail.get("kills", 0)
        return kills if isinstance(kills, int) else 0

    @property
    def recovery(self) -> float | None:
        """Seconds from the fault's end until what it struck worked again."""
        return None if self.recovered is None else max(0.0, self.recovered - self.ended)
