"""What every service counts; served at /metrics."""

from prometheus_client import Counter, Gauge

published = Counter("outbox_published_total", "Events acknowledged by the broker", ["service"])
relay_leads = Gauge("outbox_relay_leads", "1 in the process whose relay leads", ["service"])
consumed = Counter("events_consumed_total", "Events whose effect was committed", ["service", "topic"])
duplicates = Counter("inbox_duplicates_total", "Events that came again and did nothing", ["service", "topic"])
dead = Counter("dead_letters_total", "Messages put among the dead letters", ["service", "topic"])
