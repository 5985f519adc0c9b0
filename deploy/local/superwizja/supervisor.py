"""The process behind `superwizja up`: it starts everything in order, restarts what ends, and stops it all cleanly.

`python -m superwizja.supervisor <profile>`. SIGTERM or SIGINT stops it; SIGHUP makes it read counts.json again.
"""

import asyncio
import os
import signal
import sys
from contextlib import suppress
from itertools import chain

import psutil

from superwizja import tokens
from superwizja.counts import names, read_counts
from superwizja.platform import House
from superwizja.processes import Process, end
from superwizja.runtime import Running, Runtime, held

# Stopped in this order: what works, then what it is reached through, then what it stands on.
FRONT = ("gateway", "issuer")
SERVERS = ("kafka", "postgres")
CONTROLLERS = ("controller",)
PATIENCE = 60.0


class Supervisor:
    """One profile's processes, kept running until `stopping` is set."""

    def __init__(self, runtime: Runtime, house: House | None = None) -> None:
        self.runtime = runtime
        self.house = house or House()
        self.counts = read_counts(runtime)
        self.processes: dict[str, Process] = {}
        self.scaling = asyncio.Lock()
        self.stopping = asyncio.Event()

    def prepare(self) -> None:
        """End what an earlier run left behind; then ports, passwords and keys."""
        end(self.runtime.processes)
        me = psutil.Process()
        log = self.runtime.log("supervisor")
        self.runtime.supervisor = Running(name="supervisor", state="ready", pid=me.pid, born=me.create_time(), log=log)
        self.house.allot(self.runtime, self.counts)
        tokens.signing_key(self.runtime.key_file)

    async def run(self) -> None:
        """Keep everything running until told to stop. A bug in here stops everything too, and is raised."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.TaskGroup() as group:
                loop.add_signal_handler(signal.SIGHUP, lambda: group.create_task(self.scale(group)))
                for process in self.house.declare(self.runtime, self.counts):
                    self._keep(process, group)
                self.changed()
                await self.stopping.wait()
                await self.stop()
        except BaseException:
            await self.stop()
            raise

    def changed(self) -> None:
        """Write down how things stand."""
        self.runtime.processes = [process.seen for process in self.processes.values()]
        self.runtime.save()

    def _keep(self, process: Process, group: asyncio.TaskGroup) -> None:
        process.changed = self.changed
        self.processes[process.seen.name] = process
        group.create_task(process.keep())

    async def scale(self, group: asyncio.TaskGroup) -> None:
        """Start what is missing, and only when it is ready stop what is too much; the gateway sees who lives."""
        async with self.scaling:
            self.counts = read_counts(self.runtime)
            wanted = names(self.counts)
            more = [name for name in wanted if name not in self.processes]
            known = {kind.rsplit(".", 1)[0] for kind in self.counts}
            less = [name for name in self.processes if name.split(".")[0] in known and name not in wanted]
            for name in more:
                if name not in self.runtime.ports:
                    self.runtime.allot(name)
                before = [self.processes["topics"], self.processes[f"migrate.{name.split('.')[0]}"]]
                self._keep(self.house.replica(self.runtime, self.counts, name, after=before), group)
            self.changed()
            ready = [self.processes[name].reached.wait() for name in more]
            # Past that `superwizja status` says which is not ready, and why; the gateway passes over it.
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.gather(*ready), PATIENCE)
            await asyncio.gather(*(self.processes[name].stop() for name in less))
            for name in less:
                del self.processes[name]
            self.changed()

    async def stop(self) -> None:
        """Services drain first; then the front, then the servers, of which brokers say goodbye to their controllers."""
        stages: list[list[Process]] = [
            [process for name, process in self.processes.items() if name.split(".")[0] in kinds]
            for kinds in (FRONT, SERVERS, CONTROLLERS)
        ]
        services = [process for process in self.processes.values() if process not in chain(*stages)]
        for stage in (services, *stages):
            await asyncio.gather(*(process.stop() for process in stage))


async def _until_told(supervisor: Supervisor) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, supervisor.stopping.set)
    await supervisor.run()


def main() -> None:
    """Supervise the profile that the command line names, as nobody's child, until a signal ends it."""
    runtime = Runtime.read(sys.argv[1])
    with held(runtime):
        if os.fork():
            # The lock is now the child's; who called sees that the supervisor has begun.
            os._exit(0)
        supervisor = Supervisor(Runtime.read(runtime.profile))
        supervisor.prepare()
        asyncio.run(_until_told(supervisor))
        supervisor.runtime.supervisor = None
        supervisor.runtime.save()


if __name__ == "__main__":
    main()
