"""What the generated pages say around their tables. Used by ``docs/generate.py``; braces are filled in there."""

SETTINGS = """\
# Settings

Every process reads its settings from the environment when it starts, and from nowhere else. An unknown `MAHLAN_*`
variable is an error that suggests the nearest name. `{bootstrap}`, which other Kafka tools read too, wins over
`MAHLAN_BOOTSTRAP_SERVERS`. `mahlan settings` prints this list with the values in force. Secrets are marked and have
no default.

"""

METRICS = """\
# Metrics

Each service shows its metrics at `/metrics` on its status port, beside `/livez` and `/readyz`. Times are in seconds.
No label holds comment text, an author or an id. The rules of [alerts](alerts.md) read them.

"""

BUCKETS = """
Buckets of the histograms, in seconds or records:

"""

TOPICS = """\
# Topics

All topics are keyed by `author_key` and have the same number of partitions, so an author's comments stay in order and
on one number. `mahlan topics create` makes them, `mahlan topics show` compares. The events are in [events](events.md);
who reads what is in [services](../services/README.md).

"""

DEAD_LETTERS = """
A dead letter has the key, the bytes and the headers of the record that failed, and tells the rest in headers of its
own: {headers}. `reason` is a code, `field` the JSON path at fault; neither they nor `message` hold a value of the
record. `mahlan dlq show` lists them, `mahlan dlq replay` sends them back as they were.
"""

EVENTS = """\
# Events

JSON in the record's value; who sent it, when and what it is in CloudEvents 1.0 headers (`ce_id`, `ce_type`,
`ce_source`, `ce_specversion`, `ce_time`, `content-type`). `application/cloudevents+json` is read too, and a record
without any of these headers is read as the event of its topic. Fields that are not listed are ignored; a later build
may add optional ones. The JSON Schemas are in [`schemas/`](../schemas), with good and bad
[examples](../schemas/examples).

"""

ALERTS = """\
# Alerts

The rules are in [`ops/alerts.yml`](../ops/alerts.yml); the metrics they read in [metrics](metrics.md).

"""
