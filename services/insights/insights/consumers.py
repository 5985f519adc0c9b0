"""What insights listens to: every topic, from the first event on, each type kept as facts."""

from functools import partial

from chassis.consuming import Consumer
from contracts.topics import TOPICS

from insights import facts

events = Consumer("insights", topics=[topic.name for topic in TOPICS])

for kind in facts.TOLD:
    events.on_batch(kind)(partial(facts.keep, kind=kind))
