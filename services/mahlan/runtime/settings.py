"""Every setting, once: ``MAHLAN_<NAME>`` in the environment. Read at start; listed by ``mahlan settings``.

An unknown ``MAHLAN_*`` variable is an error that suggests the nearest name: a typo must not be a default.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from mahlan.errors import SettingsError

PREFIX = "MAHLAN_"
#: Kafka's own conventional name wins over ours: tests and other tools set it.
BOOTSTRAP = "KAFKA_BOOTSTRAP_SERVERS"

#: The decoder's words, and what an operator should read instead.
_FIXES = {
    "Expected int, got": "must be a whole number",
    "Expected float, got": "must be a number",
    "Expected bool, got": "must be true or false",
    "Invalid enum": "not one of the allowed values; see `mahlan settings`",
}

Port = Annotated[int, Meta(ge=0, le=65535)]
Seconds = Annotated[float, Meta(gt=0, le=86_400)]
Positive = Annotated[int, Meta(ge=1, le=10_000_000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings of all services, with what each means in its ``Meta(description=…)``."""

    bootstrap_servers: Annotated[
        str, Meta(description="Kafka brokers, host:port with commas; KAFKA_BOOTSTRAP_SERVERS wins over it")
    ] = "localhost:9092"
    kafka_security_protocol: Annotated[
        Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"], Meta(description="how to talk to Kafka")
    ] = "PLAINTEXT"
    kafka_sasl_mechanism: Annotated[
        Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"], Meta(description="SASL mechanism, where SASL is used")
    ] = "SCRAM-SHA-512"
    kafka_username: Annotated[str, Meta(description="SASL user name")] = ""
    kafka_password: Annotated[str, Meta(description="SASL password (secret)")] = ""
    kafka_ca_file: Annotated[str, Meta(description="PEM file of the authority that signed the brokers")] = ""
    partitions: Annotated[Positive, Meta(description="partitions of every topic, when topics are created")] = 4
    replication: Annotated[Positive, Meta(description="replicas of every topic, when topics are created")] = 1
    group_prefix: Annotated[str, Meta(min_length=1, description="consumer groups are PREFIX.SERVICE")] = "mahlan"
    session_timeout: Annotated[
        Seconds, Meta(description="seconds without a heartbeat until a worker's partitions go to another")
    ] = 10.0
    heartbeat_interval: Annotated[Seconds, Meta(description="seconds between heartbeats to the group")] = 3.0
    drain_timeout: Annotated[Seconds, Meta(description="seconds a service may take to finish at SIGTERM")] = 9.0

    author_salt: Annotated[
        str, Meta(description="secret: author ids are hashed with it; required where platforms send author_id")
    ] = ""
    models_dir: Annotated[str, Meta(description="folder of models; empty: the one that comes with mahlan")] = ""
    models_registry: Annotated[
        str, Meta(description="file that says which models serve; empty: registry.toml in the models folder")
    ] = ""
    campaigns_dir: Annotated[str, Meta(description="folder of campaigns; empty: the one that comes with mahlan")] = ""
    campaign: Annotated[str, Meta(description="id of the campaign in force")] = "fakkar-eg"

    home: Annotated[
        str,
        Meta(description="folder of a local Kafka and the spool; empty: .mahlan in a checkout, or a user's cache"),
    ] = ""
    host: Annotated[str, Meta(description="address the service's HTTP port listens on")] = "127.0.0.1"
    port: Annotated[Port, Meta(description="port of /metrics, /livez and /readyz; 0 takes a free one")] = 0
    log_level: Annotated[Literal["debug", "info", "warning", "error"], Meta(description="least severe log shown")] = (
        "info"
    )

    normaliser_batch: Annotated[
        Positive, Meta(description="records the normaliser writes and acknowledges together at most")
    ] = 256
    scorer_batch: Annotated[Positive, Meta(description="records the scorer takes from Kafka at most at once")] = 512
    scorer_max_wait: Annotated[Seconds, Meta(description="seconds the scorer waits for records")] = 0.5
    scorer_threads: Annotated[Positive, Meta(description="onnxruntime threads per operator")] = 1
    scorer_model: Annotated[
        str, Meta(description="NAME@VERSION to serve whatever the registry says; empty: follow the registry")
    ] = ""
    scorer_providers: Annotated[
        str,
        Meta(min_length=1, description="onnxruntime execution providers, best first, with commas; each must be there"),
    ] = "CPUExecutionProvider"
    scorer_registry_poll: Annotated[Seconds, Meta(description="seconds between two looks at the model registry")] = 1.0
    scorer_shadow_share: Annotated[
        float, Meta(gt=0, le=1, description="share of its time that the thread of the shadow models may work")
    ] = 0.25
    scorer_slowest: Annotated[
        Seconds, Meta(description="seconds a comment may take on average in the test of a new model")
    ] = 0.1
    scorer_trusted_keys: Annotated[
        str,
        Meta(description="public keys, with commas: one must have signed a model; empty: signatures are not asked for"),
    ] = ""

    dispatcher_batch: Annotated[Positive, Meta(description="scored comments decided together at most")] = 1000
    dispatcher_max_wait: Annotated[Seconds, Meta(description="seconds the dispatcher waits for comments")] = 0.5
    dispatcher_tail: Annotated[
        Positive, Meta(description="decisions per partition remembered to drop repeats, and read back after a restart")
    ] = 50_000
    channels: Annotated[str, Meta(description="where nudges are delivered: log, webhook, kafka, with commas")] = "log"
    delivery_in_flight: Annotated[Positive, Meta(description="nudges being delivered at the same time")] = 64
    delivery_attempts: Annotated[Positive, Meta(description="tries before a nudge becomes a dead letter")] = 8
    delivery_deadline: Annotated[
        Seconds, Meta(description="seconds after which a nudge is not tried again: a late nudge helps nobody")
    ] = 60.0
    delivery_backoff: Annotated[Seconds, Meta(description="first ceiling of the wait between tries; it doubles")] = 0.5
    delivery_backoff_max: Annotated[Seconds, Meta(description="longest wait between tries")] = 20.0
    delivered_topic: Annotated[str, Meta(min_length=1, description="topic the kafka channel writes to")] = (
        "nudges.delivered.v1"
    )
    webhook_url: Annotated[str, Meta(description="where the webhook channel posts nudges")] = ""
    webhook_secrets: Annotated[
        str, Meta(description="Standard Webhooks secrets (secret), newest first, commas between; each one signs")
    ] = ""
    webhook_timeout: Annotated[Seconds, Meta(description="seconds for one post")] = 5.0
    webhook_allow_private: Annotated[
        bool, Meta(description="allow private, loopback and link-local webhook addresses")
    ] = False

    insights_host: Annotated[str, Meta(min_length=1, description="address that insights tells its counts on")] = (
        "127.0.0.1"
    )
    insights_port: Annotated[Port, Meta(description="port of it; 0 takes a free one")] = 8090
    insights_address: Annotated[
        str, Meta(description="URL at which other insights workers reach this one; empty: by its host's name and port")
    ] = ""
    insights_token: Annotated[
        str, Meta(description="secret that whoever asks for counts must send; empty: everybody who reaches it may ask")
    ] = ""
    insights_batch: Annotated[Positive, Meta(description="records of a partition counted in one step at most")] = 1000
    insights_interval: Annotated[Seconds, Meta(description="seconds between two steps, and so the age of counts")] = 0.5
    insights_outcome_hours: Annotated[
        Positive, Meta(description="hours after which a nudge without an outcome counts as unknown")
    ] = 24
    insights_forget_days: Annotated[
        Positive, Meta(description="days after which an author who was not heard of is forgotten")
    ] = 180
    insights_peer_timeout: Annotated[Seconds, Meta(description="seconds that another worker may take to answer")] = 2.0

    gateway_host: Annotated[str, Meta(min_length=1, description="address the gateway listens on")] = "127.0.0.1"
    gateway_port: Annotated[Port, Meta(description="port of the gateway; 0 takes a free one")] = 8080
    gateway_auth: Annotated[
        Literal["keys", "off"], Meta(description="keys: every request needs a key; off: nobody does, on loopback only")
    ] = "keys"
    gateway_keys_file: Annotated[str, Meta(description="file of hashed keys, written by `mahlan keys`")] = ""
    gateway_pepper: Annotated[
        str, Meta(description="secret, 16 characters or more: keys are hashed with it; changing it voids every key")
    ] = ""
    gateway_spool: Annotated[
        str, Meta(description="file of events not yet sent to Kafka; empty: gateway.spool in MAHLAN_HOME")
    ] = ""
    gateway_spool_max_mb: Annotated[Positive, Meta(description="megabytes the spool may hold")] = 256
    gateway_queue: Annotated[
        Positive, Meta(description="texts waiting to be scored at most; further requests get 503")
    ] = 256
    gateway_concurrency: Annotated[
        Positive, Meta(description="requests being answered at the same time at most; further ones get 503")
    ] = 256
    gateway_patience: Annotated[
        Seconds, Meta(description="seconds a text may have to wait to be scored; one that would wait longer gets 503")
    ] = 1.0
    gateway_timeout: Annotated[Seconds, Meta(description="seconds a request may take; then it gets 504")] = 5.0
    gateway_max_body: Annotated[
        int, Meta(ge=1024, le=4_000_000, description="bytes of a request's body at most; larger ones get 413")
    ] = 2_000_000
    gateway_streams: Annotated[Positive, Meta(description="open streams of nudges at most")] = 64
    gateway_insights_url: Annotated[
        str, Meta(description="where the insights service answers, http://HOST:PORT; empty: the board has no numbers")
    ] = ""
    gateway_language_hints: Annotated[
        Literal["text", "request"],
        Meta(description="what a Perspective request's languages give way to: what the text is, or nothing"),
    ] = "text"
    gateway_score_map: Annotated[
        str,
        Meta(description="file that `mahlan perspective calibrate` wrote: Perspective scores as a site knew them"),
    ] = ""


def setting_name(field: str) -> str:
    """The environment variable of a field."""
    return PREFIX + field.upper()


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Settings from the environment. Raises ``SettingsError`` naming each variable at fault and the fix."""
    known = {setting_name(field.name): field.name for field in fields(Settings)}
    given = {name: value for name, value in environment.items() if name.startswith(PREFIX)}
    unknown = [_unknown(name, known) for name in sorted(given) if name not in known]
    if unknown:
        raise SettingsError("; ".join(unknown))
    values = {known[name]: value for name, value in given.items()}
    if environment.get(BOOTSTRAP):
        values["bootstrap_servers"] = environment[BOOTSTRAP]
    return _convert(values)


def _unknown(name: str, known: Mapping[str, str]) -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    hint = f"did you mean {near[0]}?" if near else "`mahlan settings` lists them all"
    return f"unknown setting {name}: {hint}"


def _convert(values: Mapping[str, str]) -> Settings:
    try:
        settings = msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as error:
        # The message may quote the value, and a value may be a secret: only the path is shown.
        what, _, path = str(error).partition(" - at `$.")
        name, plain = setting_name(path.rstrip("`")), what.replace("`", "")
        plain = next((fix for start, fix in _FIXES.items() if plain.startswith(start)), plain)
        raise SettingsError(f"{name}: {plain}") from None
    if settings.heartbeat_interval * 3 > settings.session_timeout:
        raise SettingsError("MAHLAN_HEARTBEAT_INTERVAL must be at most a third of MAHLAN_SESSION_TIMEOUT: lower it")
    return settings
