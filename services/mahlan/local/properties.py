"""The settings of a single broker that is its own controller. Written by ``local/kafka.py``, given to the container."""

from __future__ import annotations

from pathlib import Path

from mahlan.events.topics import MAX_RECORD_BYTES


def tuning(partitions: int) -> dict[str, str]:
    """What a single broker for trials needs whatever runs it: one replica, no waits, our record size, no surprises."""
    return {
        "num.partitions": str(partitions),
        "auto.create.topics.enable": "false",
        "message.max.bytes": str(MAX_RECORD_BYTES),
        "replica.fetch.max.bytes": str(MAX_RECORD_BYTES),
        "offsets.topic.replication.factor": "1",
        "offsets.topic.num.partitions": "8",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "transaction.state.log.num.partitions": "8",
        "group.initial.rebalance.delay.ms": "0",
        "controlled.shutdown.enable": "false",
        "log.cleaner.dedupe.buffer.size": str(16 * 1024 * 1024),
        "num.io.threads": "4",
        "num.network.threads": "2",
    }


def properties(data: Path, port: int, controller_port: int, partitions: int) -> str:
    """The text of ``server.properties``. It listens on this machine only."""
    lines = {
        "process.roles": "broker,controller",
        "node.id": "1",
        "listeners": f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}",
        "advertised.listeners": f"PLAINTEXT://localhost:{port},CONTROLLER://localhost:{controller_port}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "inter.broker.listener.name": "PLAINTEXT",
        "controller.listener.names": "CONTROLLER",
        "controller.quorum.voters": f"1@localhost:{controller_port}",
        "log.dirs": str(data),
        **tuning(partitions),
    }
    return "".join(f"{name}={value}\n" for name, value in lines.items())


def read_bootstrap(text: str) -> str:
    """``localhost:PORT`` from such a file; raises ``ValueError`` when it is not one."""
    for line in text.splitlines():
        name, _, value = line.partition("=")
        if name == "advertised.listeners":
            return value.split(",")[0].removeprefix("PLAINTEXT://")
    raise ValueError("no advertised.listeners")
