"""The way to Kafka, with the security that the settings ask for."""

import asyncio
import logging
from collections.abc import Awaitable
from typing import Any

from aiokafka.helpers import create_ssl_context
from confluent_kafka import Producer
from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512

from chassis import reading
from chassis.settings import KafkaSettings

reading.leniently()

AGAIN_MS = 400
"""Milliseconds between two attempts of a consumer to reach a broker: with 100 it took a tenth of a core meanwhile."""

NEVER_MS = 2**31 - 1
"""Milliseconds after which librdkafka drops what it could not send, and goes on with what came later.

Whoever sends has given up long before, and then nothing is sent any more.
"""

BEGUN_WITHIN = 3.0
"""Seconds in which a client that nobody wants any more has ended its connecting, unless Kafka is silent."""


def connection(settings: KafkaSettings) -> dict[str, Any]:
    """The arguments that aiokafka's clients take to connect."""
    told: dict[str, Any] = {
        "bootstrap_servers": settings.kafka_bootstrap_servers,
        "security_protocol": settings.kafka_security_protocol,
    }
    if settings.kafka_security_protocol in ("SSL", "SASL_SSL"):
        told["ssl_context"] = create_ssl_context(cafile=settings.kafka_ssl_cafile)
    if settings.kafka_security_protocol.startswith("SASL"):
        username, password = _credentials(settings)
        told |= {
            "sasl_mechanism": settings.kafka_sasl_mechanism,
            "sasl_plain_username": username,
            "sasl_plain_password": password,
        }
    return told


def a_producer(settings: KafkaSettings, *, linger_ms: float = 0, at_a_time: int = 10_000) -> Producer:
    """A producer that writes what it is given of a partition in that order, once, however often it has to try.

    Where something is refused for good, nothing that came after it is written, and the producer is at its end. What
    comes of a partition is sent once there are `at_a_time` events or the first of them has waited for `linger_ms`;
    while a request is on its way, more gathers. What the producer has to say is logged when it is polled.
    """
    told: dict[str, Any] = {
        "bootstrap.servers": settings.kafka_bootstrap_servers,
        "security.protocol": settings.kafka_security_protocol,
        "acks": "all",
        "enable.idempotence": True,
        "enable.gapless.guarantee": True,
        "linger.ms": linger_ms,
        "batch.num.messages": at_a_time,
        "socket.nagle.disable": True,
        "socket.timeout.ms": 10_000,
        "message.timeout.ms": NEVER_MS,
        "reconnect.backoff.max.ms": 1_000,
        "batch.size": 1024 * 1024,
        "message.max.bytes": 2 * 1024 * 1024,
        "log_level": 3,
    }
    if settings.kafka_ssl_cafile:
        told["ssl.ca.location"] = str(settings.kafka_ssl_cafile)
    if settings.kafka_security_protocol.startswith("SASL"):
        username, password = _credentials(settings)
        told |= {"sasl.mechanism": settings.kafka_sasl_mechanism, "sasl.username": username, "sasl.password": password}
    return Producer(told, logger=logging.getLogger("librdkafka"))


def security(settings: KafkaSettings) -> BaseSecurity | None:
    """The same for FastStream's broker; None for a plain listener."""
    tls = settings.kafka_security_protocol in ("SSL", "SASL_SSL")
    context = create_ssl_context(cafile=settings.kafka_ssl_cafile) if tls else None
    if settings.kafka_security_protocol.startswith("SASL"):
        kinds = {"PLAIN": SASLPlaintext, "SCRAM-SHA-256": SASLScram256, "SCRAM-SHA-512": SASLScram512}
        username, password = _credentials(settings)
        return kinds[settings.kafka_sasl_mechanism](username, password, ssl_context=context, use_ssl=tls)
    return BaseSecurity(ssl_context=context, use_ssl=True) if tls else None


async def begun(starting: Awaitable[None]) -> None:
    """Wait for a client of aiokafka to have started, and when cancelled until it has, or seconds are over.

    aiokafka leaves a connection to the garbage collector when it is cancelled while it asks for the cluster's metadata.
    """
    task = asyncio.ensure_future(starting)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task], timeout=BEGUN_WITHIN)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        raise


def _credentials(settings: KafkaSettings) -> tuple[str, str]:
    if settings.kafka_sasl_username is None or settings.kafka_sasl_password is None:
        raise ValueError("KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD must be set for a SASL listener")
    return settings.kafka_sasl_username, settings.kafka_sasl_password.get_secret_value()
