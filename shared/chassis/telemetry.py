"""What a process tells of itself: structured logs and Prometheus metrics."""

import logging
import sys
from typing import Any

import structlog
from prometheus_client import Counter, Gauge, Histogram, Info
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import ExcInfo

from chassis.errors import without_values

OUTBOX_DEPTH = Gauge("outbox_depth", "Events that wait to be published")
OUTBOX_AGE = Gauge("outbox_age_seconds", "Age of the oldest event that waits to be published")
RELAY_HEARS = Gauge("relay_hears", "1 while the relay hears what is committed; without it looks ten times a second.")
RELAY_SHARDS = Gauge("relay_shards", "Shards of the outbox that this process publishes")
RELAYED = Counter("relay_published", "Events that the broker acknowledged")
RELAY_OUTAGES = Counter("relay_outages", "Times that publishing was broken off because a server was away")
CONSUMED = Counter("consumer_events", "Events of a batch by what became of them", ["consumer", "outcome"])
CONSUMER_LAG = Gauge("consumer_lag", "Events on the topics that this process has yet to take", ["consumer", "topic"])
CONSUMER_OUTAGES = Counter("consumer_outages", "Times that a batch waited for a server", ["consumer"])
PARKED = Gauge("parked_events", "Events that wait for an operator", ["consumer"])
GAPS = Counter("consumer_gaps", "Versions that were missing before an event: an alarm", ["consumer"])
DUE_WAITING = Gauge("due_overdue", "Pieces of due work whose time has come")
DUE_PARKED = Gauge("due_parked", "Pieces of due work that failed too often")
REQUESTS = Histogram(
    "http_request_seconds",
    "Time to answer a request",
    ["operation", "status"],
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
)
STUCK = Gauge("stuck_seconds", "Time without progress although there is work and the servers answer", ["part", "cause"])
OUTAGE = Gauge("outage_seconds", "Time without progress because a server is away", ["part", "server"])
BUILD = Info("build", "What runs here")


_traces = ExceptionDictTransformer(show_locals=False)


def _without_rows(exc_info: ExcInfo) -> list[dict[str, Any]]:
    """A trace without local variables, and without what quotes a row or a value."""
    errors = _traces(exc_info)
    for error in errors:
        error["exc_value"] = without_values(error["exc_value"])
    return errors


def configure(service: str, process: str, *, build_id: str, level: str) -> None:
    """Log JSON lines to standard output, each with the service, the process and the build."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            # Local variables hold names and bodies of requests: no trace shows them.
            structlog.processors.ExceptionRenderer(_without_rows),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stdout),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service, process=process, build=build_id)
    BUILD.info({"service": service, "process": process, "build": build_id})

    class Structured(logging.Handler):
        """Hands what libraries log to structlog."""

        def emit(self, record: logging.LogRecord) -> None:
            """Log one record of a library, with its traceback if it has one."""
            log = structlog.get_logger(record.name)
            log.log(record.levelno, record.getMessage(), logger=record.name, exc_info=record.exc_info)

    logging.basicConfig(handlers=[Structured()], level=logging.WARNING, force=True)
