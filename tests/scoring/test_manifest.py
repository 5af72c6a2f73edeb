"""Every mistake in a manifest.toml is named by its key, with what to write instead."""

from __future__ import annotations

import pytest

from mahlan.errors import ModelError
from mahlan.scoring.manifest import parse_manifest

GOOD = """schema = 1
name = "words"
version = "1"
licence = "Apache-2.0"
experimental = ["threat"]

[input]
max_length = 64

[output]
labels = ["toxic", "threat"]
activation = "sigmoid"

[thresholds.default]
toxic = { threshold = 0.5, medium = 0.8, high = 0.95 }
threat = { threshold = 0.5, medium = 0.8, high = 0.95 }
"""


def test_a_good_manifest_reads() -> None:
    manifest = parse_manifest(GOOD)
    assert manifest.full_name == "words@1"
    assert manifest.input.batch == 16
    assert manifest.product_labels == {"toxic": ("toxic",), "threat": ("threat",)}


def test_an_experimental_label_is_never_judged() -> None:
    assert set(parse_manifest(GOOD).judged["default"]) == {"toxic"}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("schema = 1", "schema = 2", r"^schema: this build reads 1"),
        ("schema = 1", "schema = [", r"^not valid TOML"),
        ('name = "words"\n', "", r"^name is missing"),
        ('name = "words"', 'name = "Words!"', r"^name: "),
        ('version = "1"', "version = 1", r"^version: expected `str`, got `int`"),
        ("max_length = 64", 'max_length = "64"', r"^input\.max_length: expected `int`, got `str`"),
        ("max_length = 64", "max_length = 0", r"^input\.max_length: "),
        ("max_length = 64", "max_lenght = 64", r"^input\.max_lenght: no such key \(did you mean 'max_length'\?\)"),
        ("[input]", "[inputs]", r"^inputs: no such key \(did you mean 'input'\?\)"),
        ('"sigmoid"', '"sigmoids"', r"^output\.activation: "),
        ('labels = ["toxic", "threat"]', "labels = []", r"^output\.labels: "),
        ('["toxic", "threat"]', '["toxic", "toxic"]', r"^output\.labels: a name is there twice"),
        ("medium = 0.8", "medium = 0.3", r"^thresholds\.default\.toxic: must be 0 <= threshold"),
        ("toxic = {", "toxik = {", r"^thresholds\.default: 'toxik' is not a label.*did you mean 'toxic'"),
        ('experimental = ["threat"]', 'experimental = ["threats"]', r"^experimental: 'threats' is not a label"),
        ("[thresholds.default]", "[thresholds.ar]", r"^thresholds\.default\.toxic is missing: add"),
        ("[thresholds.default]", '[labels]\ntoxic = ["tox"]\n[thresholds.default]', r"^labels\.toxic: 'tox' is not in"),
        (
            "[thresholds.default]",
            "[calibration.ar.toxic]\nlogits = [1.0, 0.0]\nprobabilities = [0.0, 1.0]\n[thresholds.default]",
            r"^calibration\.ar\.toxic: ",
        ),
        (
            "[thresholds.default]",
            '[files]\n"model.onnx" = "abc"\n[thresholds.default]',
            r"^files\.?.*: ",
        ),
    ],
)
def test_a_mistake_is_named_by_its_key(old: str, new: str, message: str) -> None:
    assert old in GOOD
    with pytest.raises(ModelError, match=message):
        parse_manifest(GOOD.replace(old, new, 1))
