"""Python's clients, unchanged but for one URL: google-api-python-client (by discovery) and openai."""

from __future__ import annotations

from typing import Any

import openai
import pytest
from googleapiclient import discovery
from googleapiclient.errors import HttpError

from tests.gateway.stage import FRIENDLY, HURTFUL, Stage

pytestmark = pytest.mark.slow


def google(stage: Stage, key: str = "") -> Any:
    """As every example of Perspective's own pages builds it."""
    return discovery.build(
        "commentanalyzer",
        "v1alpha1",
        developerKey=key or stage.key,
        discoveryServiceUrl=f"{stage.url}/$discovery/rest?version=v1alpha1",
        static_discovery=False,
    )


def analyze(client: Any, text: str, *attributes: str, **fields: Any) -> Any:
    body = {"comment": {"text": text}, "requestedAttributes": {name: {} for name in attributes}, **fields}
    return client.comments().analyze(body=body).execute()


def test_google_reads_scores_and_suggests_one(live: Stage) -> None:
    client = google(live)
    for text, low, high in ((HURTFUL, 0.9, 1.0), (FRIENDLY, 0.0, 0.3)):
        answer = analyze(client, text, "TOXICITY", languages=["en"], doNotStore=True)
        assert low <= answer["attributeScores"]["TOXICITY"]["summaryScore"]["value"] <= high
    scores = {"TOXICITY": {"summaryScore": {"value": 0}}}
    body = {"comment": {"text": FRIENDLY}, "attributeScores": scores, "clientToken": "comment-53922"}
    assert client.comments().suggestscore(body=body).execute() == {"clientToken": "comment-53922"}


def test_google_reads_the_attributes_of_a_model_that_has_them(accurate: Stage) -> None:
    names = ("TOXICITY", "INSULT", "IDENTITY_ATTACK", "THREAT", "PROFANITY", "INSULT_EXPERIMENTAL")
    found = analyze(google(accurate), "i will find you and break your legs, you idiot", *names)["attributeScores"]
    assert set(found) == set(names)
    values = {name: one["summaryScore"]["value"] for name, one in found.items()}
    assert values["TOXICITY"] > 0.5
    assert values["INSULT"] == values["INSULT_EXPERIMENTAL"]
    assert len(set(values.values())) == 5


def test_google_clients_drop_what_is_refused_and_ask_again(live: Stage) -> None:
    """The loop that clients have: read the attribute from ``details``, leave it out, ask again."""
    client, wanted, dropped = google(live), ["TOXICITY", "SEVERE_TOXICITY", "INSULT", "SPAM"], []
    for _ in range(3):
        with pytest.raises(HttpError) as caught:
            analyze(client, HURTFUL, *wanted)
        assert caught.value.status_code == 400
        (detail,) = caught.value.error_details
        assert detail["errorType"] == "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE"
        dropped.append(detail["languageNotSupportedByAttributeError"]["attribute"])
        wanted.remove(dropped[-1])
    answer = analyze(client, HURTFUL, *wanted)
    assert (set(answer["attributeScores"]), dropped) == ({"TOXICITY"}, ["SEVERE_TOXICITY", "INSULT", "SPAM"])


def test_google_reads_the_gateways_own_errors(live: Stage) -> None:
    with pytest.raises(HttpError) as caught:
        analyze(google(live, "mhl_wrong"), FRIENDLY, "TOXICITY")
    assert (caught.value.status_code, "send an active key" in caught.value.reason) == (401, True)


def test_openai_reads_moderations(live: Stage) -> None:
    client = openai.OpenAI(api_key=live.key, base_url=f"{live.url}/v1", max_retries=0)
    answer = client.moderations.create(input=[HURTFUL, FRIENDLY], model="omni-moderation-latest")
    assert [one.flagged for one in answer.results] == [True, False]
    first = answer.results[0]
    assert first.categories.harassment
    assert first.category_scores.harassment > 0.9
    # The client's own classes want every key: what is missing would be None, or raise.
    scores = first.category_scores.to_dict()
    assert len(scores) == 13
    assert all(isinstance(value, float) for value in scores.values())
    assert first.categories.self_harm_intent is False
    assert first.category_scores.sexual_minors == 0.0
    assert (first.category_applied_input_types.harassment, first.category_applied_input_types.violence) == (
        ["text"],
        [],
    )


def test_openai_reads_errors(live: Stage) -> None:
    client = openai.OpenAI(api_key=live.key, base_url=f"{live.url}/v1", max_retries=0)
    image: Any = {"type": "image_url", "image_url": {"url": "https://site.example/a.png"}}
    with pytest.raises(openai.BadRequestError) as caught:
        client.moderations.create(input=[image])
    assert (caught.value.param, caught.value.type) == ("input", "invalid_request_error")
    with pytest.raises(openai.AuthenticationError) as refused:
        client.with_options(api_key="mhl_wrong").moderations.create(input="a")
    assert refused.value.code == "invalid_api_key"
