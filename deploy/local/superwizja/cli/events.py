"""events: what the services publish, read from the topics without a group, one JSON document a line."""

import asyncio
import json
from contextlib import suppress
from typing import Annotated, Any

import typer
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from contracts.topics import PARTITIONS

from superwizja.cli.here import Here, here


def register(app: typer.Typer) -> None:
    """Add this subcommand."""
    app.command()(events)


def events(
    context: typer.Context,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Tylko nowe, bez końca / new ones, for ever.")] = False,
    history: Annotated[
        bool, typer.Option(help="Z --follow: najpierw historia / with --follow: history first.")
    ] = False,
    type_: Annotated[
        list[str] | None, typer.Option("--type", help="np. / e.g. seat-offered (część nazwy / part)")
    ] = None,
    topic: Annotated[list[str] | None, typer.Option(help="np. / e.g. enrollment.events")] = None,
    key: Annotated[str, typer.Option(help="Tylko ten agregat / this aggregate only.")] = "",
) -> None:
    """Pokaż zdarzenia / show the events: envelope and body."""
    me = here(context)
    runtime = me.runtime()
    unknown = set(topic or ()) - set(PARTITIONS)
    if unknown:
        raise typer.BadParameter(", ".join(PARTITIONS), param_hint="--topic")
    with suppress(KeyboardInterrupt, BrokenPipeError):
        asyncio.run(
            _read(
                me,
                runtime.bootstrap_servers,
                topic or list(PARTITIONS),
                type_ or [],
                key,
                follow,
                history or not follow,
            )
        )


async def _read(
    me: Here, servers: str, topics: list[str], types: list[str], key: str, follow: bool, history: bool
) -> None:
    consumer = AIOKafkaConsumer(bootstrap_servers=servers, enable_auto_commit=False, auto_offset_reset="earliest")
    await consumer.start()
    try:
        parts = [TopicPartition(name, number) for name in topics for number in range(PARTITIONS[name])]
        consumer.assign(parts)
        ends = await consumer.end_offsets(parts)
        await (consumer.seek_to_beginning(*parts) if history else consumer.seek_to_end(*parts))
        while follow or any([await consumer.position(part) < ends[part] for part in parts]):
            for records in (await consumer.getmany(timeout_ms=300)).values():
                for record in records:
                    shown = readable(record)
                    if key in ("", shown["key"]) and (not types or any(part in shown["type"] for part in types)):
                        me.out.print_json(json.dumps(shown, ensure_ascii=False), indent=None)
    finally:
        await consumer.stop()


def readable(record: "ConsumerRecord[bytes, bytes]") -> dict[str, Any]:
    """A record as one document: where it lies, its envelope, its body; what does not decode is shown as text."""
    headers = {name: value.decode(errors="replace") for name, value in record.headers}
    envelope = {name.removeprefix("ce_"): value for name, value in headers.items()}
    body: Any = (record.value or b"").decode(errors="replace")
    with suppress(ValueError):
        body = json.loads(body)
    return {
        "type": envelope.pop("type", ""),
        "time": envelope.pop("time", ""),
        "key": (record.key or b"").decode(errors="replace"),
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "envelope": envelope,
        "body": body,
    }
