"""One suite for all channels, and what is special about the webhook."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from mahlan.dispatcher.channels.addresses import is_public
from mahlan.dispatcher.channels.build import BUILDERS, build_channels
from mahlan.dispatcher.channels.webhook import WebhookChannel
from mahlan.errors import DeliveryError, GoneError, RefusedError, SettingsError
from mahlan.runtime.memory import MemoryBroker
from mahlan.runtime.settings import Settings
from tests.dispatcher.far_sides import Answer, HttpFarSide, LogFarSide, TopicFarSide, decoded, nudge, secret

FAR_SIDES = {"webhook": HttpFarSide, "kafka": TopicFarSide, "log": LogFarSide}


@pytest.fixture(params=FAR_SIDES)
async def far(request):
    side = FAR_SIDES[request.param]()
    yield side
    await side.close()


@pytest.fixture
async def http():
    side = HttpFarSide()
    yield side
    await side.close()


def test_every_channel_is_in_the_suite():
    assert set(FAR_SIDES) == set(BUILDERS)


async def test_a_nudge_arrives_with_its_decision_id(far):
    channel = await far.open()
    await channel.deliver(nudge())
    assert await far.received() == [nudge().decision_id]
    await channel.close()


async def test_the_same_nudge_again_has_the_same_id_so_that_it_can_be_dropped(far):
    channel = await far.open()
    await channel.deliver(nudge())
    await channel.deliver(nudge())
    assert len(set(await far.received())) == 1
    await channel.close()


async def test_many_at_once_all_arrive(far):
    channel = await far.open()
    sent = [nudge(f"c-{n}") for n in range(100)]
    await asyncio.gather(*map(channel.deliver, sent))
    assert sorted(await far.received()) == sorted(each.decision_id for each in sent)
    await channel.close()


async def test_a_channel_can_be_closed_unused(far):
    await (await far.open()).close()


@pytest.mark.parametrize("side", [TopicFarSide, HttpFarSide])
async def test_an_other_side_that_is_gone_for_now_is_worth_another_try(side):
    far = side()
    channel = await far.open()
    await far.close()
    with pytest.raises(DeliveryError):
        await channel.deliver(nudge())
    await channel.close()


async def test_a_platform_verifies_the_webhook_with_the_standard_library(http):
    channel = await http.open(clock=lambda: datetime.now(UTC))
    await channel.deliver(nudge())
    ((path, headers, body),) = http.requests
    assert path == "/hook"
    message = Webhook(secret("a")).verify(body, headers)
    assert message["type"] == "nudge.decided"
    assert headers["webhook-id"] == message["data"]["decision_id"]
    assert headers["Content-Type"] == "application/json"
    assert decoded(body) == nudge()
    with pytest.raises(WebhookVerificationError):
        Webhook(secret("a")).verify(body + b" ", headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret("x")).verify(body, headers)
    await channel.close()


async def test_while_keys_rotate_both_the_new_and_the_old_verify(http):
    channel = await http.open((secret("b"), secret("a")))
    await channel.deliver(nudge())
    ((_, headers, body),) = http.requests
    assert len(headers["webhook-signature"].split()) == 2
    for key in ("a", "b"):
        Webhook(secret(key)).verify(body, headers)
    await channel.close()


async def test_each_try_is_signed_with_its_own_time(http):
    now = datetime(2026, 11, 23, tzinfo=UTC)
    times = [now, now + timedelta(seconds=40)]
    channel = await http.open(clock=lambda: times.pop(0))
    await channel.deliver(nudge())
    await channel.deliver(nudge())
    stamps = [int(headers["webhook-timestamp"]) for _, headers, _ in http.requests]
    assert stamps[1] - stamps[0] == 40
    await channel.close()


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
async def test_any_2xx_is_a_delivery(http, status):
    http.answers = [Answer(status)]
    channel = await http.open()
    await channel.deliver(nudge())
    await channel.close()


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 413, 422, 451])
async def test_a_4xx_is_final(http, status):
    http.answers = [Answer(status)]
    channel = await http.open()
    with pytest.raises(RefusedError, match=str(status)):
        await channel.deliver(nudge())
    await channel.close()


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
async def test_what_may_be_better_later_is_tried_later(http, status):
    http.answers = [Answer(status, {"Retry-After": "7"})]
    channel = await http.open()
    with pytest.raises(DeliveryError) as caught:
        await channel.deliver(nudge())
    assert caught.value.retry_after == 7.0
    await channel.close()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_not_followed(http, status):
    channel = await http.open()
    http.answers = [Answer(status, {"Location": f"http://127.0.0.1:{http.port}/elsewhere"})]
    with pytest.raises(RefusedError, match="redirects"):
        await channel.deliver(nudge())
    assert [path for path, _, _ in http.requests] == ["/hook"]
    await channel.close()


async def test_410_stops_the_channel_at_once_and_for_good(http):
    http.answers = [Answer(410)]
    channel = await http.open()
    for _ in range(3):
        with pytest.raises(GoneError):
            await channel.deliver(nudge())
    assert len(http.requests) == 1
    await channel.close()


async def test_no_answer_in_time_is_tried_later(http):
    http.answers = [Answer(hang=True)]
    channel = await http.open(timeout=0.05)
    with pytest.raises(DeliveryError):
        await channel.deliver(nudge())
    await channel.close()


PRIVATE = [
    "127.0.0.1", "127.8.8.8", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
    "224.0.0.1", "255.255.255.255", "192.0.2.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1",
    "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::a00:1",
    "2002:7f00:1::", "2001:0:7f00:1::", "2001:db8::1",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_addresses_that_are_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "8.8.8.8", "::ffff:8.8.8.8", "2606:4700::1111"])
def test_addresses_that_are_public(address):
    assert is_public(address)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "169.254.169.254", "0x7f.1"],
)
async def test_a_webhook_never_reaches_a_private_address_however_it_is_spelled(host):
    channel = WebhookChannel(f"https://{host}:9/", [secret("a")])
    with pytest.raises(RefusedError, match="not public"):
        await channel.deliver(nudge())
    await channel.close()


@pytest.mark.parametrize(
    ("url", "secrets", "told"),
    [
        ("http://example.com/", [secret("a")], "https://"),
        ("ftp://example.com/", [secret("a")], "https://"),
        ("https://", [secret("a")], "host"),
        ("https://name:sesame@example.com/", [secret("a")], "password"),
        ("https://[half/", [secret("a")], "not a URL"),
        ("https://example.com/", [], "MAHLAN_WEBHOOK_SECRETS"),
        ("https://example.com/", ["whsec_sesame"], "MAHLAN_WEBHOOK_SECRETS"),
        ("https://example.com/", ["whsec_***sesame***"], "MAHLAN_WEBHOOK_SECRETS"),
    ],
)
def test_settings_that_cannot_be_used_are_told_and_not_repeated(url, secrets, told):
    with pytest.raises(SettingsError) as caught:
        WebhookChannel(url, secrets)
    assert told in str(caught.value)
    assert "sesame" not in str(caught.value)


async def test_channels_are_built_from_the_settings():
    settings = Settings(
        channels="log, kafka,webhook,log", webhook_url="https://example.com/hook", webhook_secrets=f"{secret('a')}, "
    )
    channels = await build_channels(settings, MemoryBroker(), "test")
    assert [channel.name for channel in channels] == ["log", "kafka", "webhook"]
    for channel in channels:
        await channel.close()
    assert await build_channels(Settings(channels=""), MemoryBroker(), "test") == []
    with pytest.raises(SettingsError, match="log, webhook, kafka"):
        await build_channels(Settings(channels="pigeon"), MemoryBroker(), "test")


async def test_the_webhook_carries_the_words_to_show_and_not_those_of_the_comment(http):
    channel = await http.open()
    await channel.deliver(nudge())
    data = orjson.loads(http.requests[0][2])["data"]
    assert "text" not in data
    shown = {"id", "language", "direction", "text", "edit", "send", "dispute"}
    assert set(data["wording"]) == shown | {"arm", "marks", "creator", "thanks", "lesson"}
    await channel.close()
