"""The small programmes through everything: as they are, with every process killed, and with every event twice."""

import asyncio
import os
import random
import signal

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from contracts.topics import TOPICS
from superwizja.demo.script import SCENES
from superwizja.runtime import SERVICES, Runtime

from .conftest import Played, a_play, assert_all_hold, evidence_of, findings


async def test_the_programmes_play_and_every_guarantee_holds(runtime: Runtime, played: Played) -> None:
    assert len(played.play.scenes) == SCENES
    evidence = await evidence_of(runtime)
    assert_all_hold(await findings(runtime))
    unicef = next(each for each in evidence.indicators.values() if each and each["programme"]["code"].startswith("uni"))
    assert unicef["targets"]
    assert [target for target in unicef["targets"] if target["achieved"] < target["value"]] == []
    grounds = {ground for _, _, ground in played.platform.refusals}
    assert {"std.2.2", "reg-2016.3.3", "programme.one_seat", "programme.minimum"} <= grounds
    assert {"programme.audience", "reg-2016.4.1"} <= set(unicef["refusals"])


async def test_killing_every_process_in_the_middle_loses_and_repeats_nothing(runtime: Runtime, played: Played) -> None:
    killing = asyncio.create_task(_kill_each_once(runtime))
    again = await a_play(runtime, "_killed")
    await killing
    assert again.play.programme != played.play.programme
    assert len(again.play.scenes) == SCENES
    assert_all_hold(await findings(runtime))


async def _kill_each_once(runtime: Runtime) -> None:
    """Every api and worker, one after the other in any order, without a chance to finish what it has in hand."""
    names = [f"{service}.{kind}.1" for service in SERVICES for kind in ("api", "worker")]
    random.Random(7).shuffle(names)
    for name in names:
        await asyncio.sleep(1.0)
        process = next(each for each in Runtime.read(runtime.profile).processes if each.name == name)
        if process.pid is not None:
            os.kill(process.pid, signal.SIGKILL)


async def test_every_event_delivered_twice_changes_nothing(
    runtime: Runtime, played: Played, producer: AIOKafkaProducer
) -> None:
    before = await evidence_of(runtime)
    consumer = AIOKafkaConsumer(bootstrap_servers=runtime.bootstrap_servers, auto_offset_reset="earliest")
    await consumer.start()
    parts = [TopicPartition(topic.name, number) for topic in TOPICS for number in range(topic.partitions)]
    consumer.assign(parts)
    ends = await consumer.end_offsets(parts)
    left = sum(ends.values())
    while left > 0:
        for part, records in (await consumer.getmany(timeout_ms=500)).items():
            for record in records:
                if record.offset < ends[part]:
                    left -= 1
                    headers = list(record.headers)
                    await producer.send(
                        part.topic, record.value, key=record.key, partition=part.partition, headers=headers
                    )
    await consumer.stop()
    await producer.flush()
    after = await evidence_of(runtime)
    assert len(after.records) == 2 * len(before.records)
    assert after.told == before.told
    assert_all_hold(await findings(runtime))
