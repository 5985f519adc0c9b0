"""What insights listens to: every topic, from the first event on, all of a batch kept as facts at once."""

from chassis.consuming import Consumer
from contracts.topics import TOPICS

from insights import facts

events = Consumer("insights", topics=[topic.name for topic in TOPICS])

for kind in facts.TOLD:
    events.on_batch(kind)(facts.keep)
