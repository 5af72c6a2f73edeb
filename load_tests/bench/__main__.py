"""``make bench``: rates of the services and of the plainest programs doing the same, and their ratios.

Every contender reads the same prefilled topic from its start on the same broker, one after the other, as a process
of its own; an outside meter asks the broker how much has come out. Absolute figures belong to the machine; the ratios
of one run are what can be compared.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path

import orjson

from load_tests.bench.bare_onnx import texts_a_second
from load_tests.bench.meter import Rate, measure
from load_tests.bench.texts import comments, fill
from mahlan.events import topics
from mahlan.local.provide import provide
from mahlan.runtime.broker import Partition, TopicSpec
from mahlan.runtime.data import data_folder
from mahlan.runtime.kafka import KafkaBroker, open_broker
from mahlan.runtime.settings import Settings
from mahlan.runtime.topics import topic_specs
from mahlan.scoring.manifest import read_manifest
from mahlan.scoring.served import find_served

PARTITIONS = 4
Say = Callable[[str], None]


async def run(bootstrap: str, model: str, count: int, plain_count: int, say: Say) -> dict[str, Rate]:
    """All contenders, one after the other; the scorer with ``model``."""
    settings = Settings(bootstrap_servers=bootstrap, partitions=PARTITIONS)
    broker = open_broker(settings)
    extra = [TopicSpec(f"bench.{name}", PARTITIONS) for name in ("faust", "aiokafka")]
    await broker.create_topics([*topic_specs(settings), *extra])
    say(f"writing {count} comments")
    await fill(broker, comments(count))
    environment = {"KAFKA_BOOTSTRAP_SERVERS": bootstrap, "MAHLAN_GROUP_PREFIX": "bench", "MAHLAN_SCORER_MODEL": model}

    async def race(command: list[str], topic: str, records: int) -> Rate:
        say(" ".join(command))
        return await measure(command, topic, PARTITIONS, bootstrap=bootstrap, count=records, environment=environment)

    rates = {
        "plain Faust agent": await race(
            ["load_tests.bench.plain_faust", bootstrap, "bench.faust"], "bench.faust", plain_count
        ),
        "mahlan normaliser": await race(["mahlan", "run", "normaliser"], topics.NORMALISED.name, count),
        "bare aiokafka": await race(
            ["load_tests.bench.bare_aiokafka", bootstrap, "bench.aiokafka"], "bench.aiokafka", count
        ),
        "mahlan scorer": await race(["mahlan", "run", "scorer"], topics.SCORED.name, count),
    }
    say("bare onnxruntime")
    rates["bare onnxruntime"] = await _bare(broker, model)
    return rates


async def _bare(broker: KafkaBroker, model: str) -> Rate:
    """Comments a second of tokenizers and onnxruntime alone; a comment with two readings is scored twice.

    Of a cascade it is the fast model, which sees every comment.
    """
    folder = find_served(data_folder("models"), model).folders[0]
    manifest = read_manifest(folder)
    records = [r for n in range(PARTITIONS) for r in await broker.read_partition(Partition(topics.NORMALISED.name, n))]
    readings = [[one["text"] for one in orjson.loads(record.value or b"{}")["readings"]] for record in records]
    texts = [text for comment in readings for text in comment]
    rate = await asyncio.to_thread(texts_a_second, folder, texts, manifest.input.batch, manifest.input.max_length)
    return Rate(rate * len(records) / len(texts), 0.0, len(records))


def report(rates: dict[str, Rate]) -> list[str]:
    """The table, and the two ratios that mahlan promises."""
    lines = [f"{'contender':20} {'records/s':>10} {'CPU us/record':>14} {'records':>9}"]
    lines += [
        f"{name:20} {rate.per_second:10.0f} {rate.cpu_microseconds or float('nan'):14.1f} {rate.records:9}"
        for name, rate in rates.items()
    ]
    normaliser = _ratio(rates, "mahlan normaliser", "plain Faust agent")
    scorer = _ratio(rates, "mahlan scorer", "bare onnxruntime")
    lines.append(f"normaliser : plain Faust agent = {normaliser:.2f}")
    lines.append(f"scorer : bare onnxruntime = {scorer:.2f}")
    return lines


def _ratio(rates: dict[str, Rate], ours: str, theirs: str) -> float:
    return rates[ours].per_second / rates[theirs].per_second if rates[theirs].per_second else float("nan")


def main() -> None:
    """Parse the arguments, provide a broker, print the table."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--count", type=int, default=60_000, help="comments on the topic (default 60000)")
    parser.add_argument("--plain-count", type=int, default=20_000, help="of them for the plain Faust agent")
    parser.add_argument(
        "--model",
        default="fast@1",
        metavar="NAME@VERSION",
        help="of the scorer; the cheaper, the more its own work shows",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    given = parser.parse_args()

    def say(line: str) -> None:
        sys.stderr.write(f"bench: {line}\n")

    with provide(partitions=PARTITIONS, say=say) as provided:
        rates = asyncio.run(run(provided.bootstrap, given.model, given.count, given.plain_count, say))
    if given.json:
        print(json.dumps({name: rate.per_second for name, rate in rates.items()}))
    else:
        print("\n".join(report(rates)))


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    main()
