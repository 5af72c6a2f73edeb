"""A scorer that asks for signatures: what nobody trusted signed is refused, and the old model goes on."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from mahlan.errors import ModelError, SettingsError
from mahlan.runtime.settings import Settings
from mahlan.scoring import model as loading
from mahlan.scoring.loading import Loader, build_loader
from mahlan.scoring.signature import shown
from mahlan.scoring.signing import make_key, sign_folder
from tests.scorer.bench import Bench
from tests.scorer.lineups import decided, put_model, put_registry

pytest.importorskip("cryptography")  # the extra `signing`

CASCADE = '[cascade."both@1"]\nfast = "words@1"\naccurate = "words@2"\nband = [0.1, 0.9]\n'


@pytest.fixture
def key(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("keys") / "key.pem"
    make_key(path)
    return path


def signed(models: Path, name: str, key: Path) -> bytes:
    """Sign the model; its public key."""
    folder = models / name.replace("@", "/")
    manifest = folder / "manifest.toml"
    if "golden.jsonl" not in manifest.read_text():
        digest = hashlib.sha256((folder / "golden.jsonl").read_bytes()).hexdigest()
        manifest.write_text(manifest.read_text().replace("[files]\n", f'[files]\n"golden.jsonl" = "{digest}"\n'))
    return sign_folder(folder, key).key


@pytest.fixture
def bench(models, key):
    bench = Bench(models, trusted=(signed(models, "words@1", key),))
    yield bench
    bench.close()


async def test_an_unsigned_model_is_refused_unread_and_the_old_one_serves_on(bench, models, key, monkeypatch):
    def opened(*_: object, **__: object) -> None:
        raise AssertionError("the graph was loaded")

    with capture_logs() as lines, monkeypatch.context() as patch:
        patch.setattr(loading, "open_session", opened)
        await bench.change('champion = "words@2"\n')
    assert await decided(bench.scorer, "odd") == [("words@1", False)]
    assert bench.refusals("signature") == 1
    assert bench.sample("mahlan_model_refused") == 1
    assert bench.health.detail["model"] == "words@1"
    assert bench.health.detail["refused"].startswith("words@2: there is no manifest.toml.sig: sign it with")
    [line] = [line for line in lines if line["event"] == "model_refused"]
    assert (line["model"], line["reason"]) == ("words@2", "signature")


async def test_a_model_that_is_signed_after_all_is_served_without_another_change(bench, models, key):
    await bench.change('champion = "words@2"\n')
    signed(models, "words@2", key)
    await bench.swapper.look()
    assert await decided(bench.scorer, "odd") == [("words@2", True)]
    assert bench.sample("mahlan_model_refused") == 0
    assert "refused" not in bench.health.detail


@pytest.mark.parametrize("role", ['canary = { model = "words@2", share = 1.0 }', 'shadow = "words@2"'])
async def test_canaries_and_shadows_are_asked_too(bench, role):
    await bench.change(f'champion = "words@1"\n{role}\n')
    assert bench.refusals("signature") == 1
    assert set(bench.scorer.lineup.models) == {"words@1"}


async def test_both_parts_of_a_cascade_must_be_signed(bench, models, key):
    await bench.change(f'champion = "both@1"\n{CASCADE}')
    assert bench.refusals("signature") == 1
    assert "its part words@2: there is no manifest.toml.sig" in bench.health.detail["refused"]
    signed(models, "words@2", key)
    await bench.swapper.look()
    assert bench.scorer.lineup.champion.name == "both@1"


def test_a_start_goes_back_to_the_last_signed_champion(models, key):
    trusted = (signed(models, "words@1", key),)
    put_registry(models, 'champion = [\n  { model = "words@1" },\n  { model = "words@2" },\n]\n')
    loaded = Loader(models, trusted=trusted).first()
    assert loaded.lineup.champion.name == "words@1"
    assert [(one.model, one.reason) for one in loaded.refused] == [("words@2", "signature")]


@pytest.mark.parametrize("pinned", ["", "words@2"])
def test_nothing_unsigned_serves_at_a_start_pinned_or_not(models, key, pinned):
    trusted = (signed(models, "words@1", key),)
    put_registry(models, 'champion = "words@2"\n')
    with pytest.raises(ModelError, match=r"there is no manifest\.toml\.sig"):
        Loader(models, trusted=trusted, pinned=pinned).first()


def test_the_setting_reaches_the_loader(models, key):
    public = signed(models, "words@1", key)
    assert build_loader(Settings(scorer_trusted_keys=f"{shown(public)},")).trusted == (public,)
    with pytest.raises(SettingsError, match="MAHLAN_SCORER_TRUSTED_KEYS: key 1 of 1"):
        build_loader(Settings(scorer_trusted_keys="x"))


def test_a_model_is_not_served_under_the_name_of_another(models, key):
    put_model(models, "words@3", golden={"rude": True})
    trusted = (signed(models, "words@3", key),)
    (models / "words" / "3").rename(models / "words" / "4")
    with pytest.raises(ModelError, match="in the folder of words@4 is words@3"):
        Loader(models, trusted=trusted, pinned="words@4").first()
