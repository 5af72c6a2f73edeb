"""Signed model folders: what is refused, why, and before which byte."""

from __future__ import annotations

import builtins
import hashlib
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from mahlan.errors import ModelError, SettingsError, UnfitError
from mahlan.scoring import model as loading
from mahlan.scoring.check import check_folder
from mahlan.scoring.model import Model
from mahlan.scoring.served import find_served, load_served
from mahlan.scoring.signature import SIGNATURE, read_trusted, shown
from mahlan.scoring.signing import make_key, sign_folder
from tests.scoring.folders import Export, comment

pytest.importorskip("cryptography")  # the extra `signing`


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Export().write(tmp_path / "words" / "1")


@pytest.fixture
def key(tmp_path: Path) -> Path:
    make_key(tmp_path / "key.pem")
    return tmp_path / "key.pem"


@pytest.fixture
def never_opened(monkeypatch):
    """Loading a graph is an error."""

    def opened(*_: object, **__: object) -> None:
        raise AssertionError("the graph was loaded")

    monkeypatch.setattr(loading, "open_session", opened)


def refusal(folder: Path, trusted: tuple[bytes, ...]) -> str:
    with pytest.raises(UnfitError) as found:
        Model.load(folder, trusted=trusted)
    assert found.value.reason == "signature"
    return str(found.value)


def test_a_signed_model_is_served_where_its_key_is_trusted(folder, key):
    signed = sign_folder(folder, key)
    (found,) = Model.load(folder, trusted=(signed.key,)).score([comment("rude")])
    assert found.model == "words@1"


def test_the_signature_is_one_of_ed25519_over_the_manifests_own_bytes(folder, key):
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    sign_folder(folder, key)
    private = load_pem_private_key(key.read_bytes(), password=None)
    algorithm, public, signature = (folder / SIGNATURE).read_text().split()
    assert algorithm == "ed25519"
    assert public == shown(private.public_key().public_bytes_raw())
    assert signature == shown(private.sign((folder / "manifest.toml").read_bytes()))


def test_a_key_that_is_not_trusted_is_refused_before_the_graph(folder, key, tmp_path, never_opened):
    signed, other = sign_folder(folder, key), make_key(tmp_path / "other.pem")
    said = refusal(folder, (other,))
    assert shown(signed.key) in said
    assert "not in MAHLAN_SCORER_TRUSTED_KEYS" in said


def test_a_signature_made_by_another_key_than_it_says_is_refused(folder, key, tmp_path, never_opened):
    trusted = make_key(tmp_path / "trusted.pem")
    line = sign_folder(folder, key).line().split()
    (folder / SIGNATURE).write_text(f"{line[0]} {shown(trusted)} {line[2]}\n")
    assert "not what was signed" in refusal(folder, (trusted,))


def test_a_manifest_that_was_changed_is_refused_before_the_graph(folder, key, never_opened):
    signed = sign_folder(folder, key)
    manifest = folder / "manifest.toml"
    manifest.write_text(manifest.read_text().replace("threshold = 0.5", "threshold = 0.7"))
    assert "changed afterwards" in refusal(folder, (signed.key,))


def test_a_change_of_white_space_is_a_change(folder, key, never_opened):
    signed = sign_folder(folder, key)
    manifest = folder / "manifest.toml"
    manifest.write_bytes(manifest.read_bytes().replace(b"\n", b"\r\n"))
    assert "changed afterwards" in refusal(folder, (signed.key,))


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_a_file_that_was_changed_is_refused_by_the_signed_sha256(folder, key, never_opened, name):
    signed = sign_folder(folder, key)
    with (folder / name).open("ab") as file:
        file.write(b" ")
    with pytest.raises(ModelError, match=f"files.{name}: the sha256 does not match"):
        Model.load(folder, trusted=(signed.key,), verify=False)


def test_a_model_without_a_signature_is_refused_only_where_one_is_asked_for(folder, tmp_path):
    trusted = make_key(tmp_path / "key.pem")
    assert "there is no manifest.toml.sig" in refusal(folder, (trusted,))
    assert Model.load(folder).name == "words@1"


@pytest.mark.parametrize("text", ["", "ed25519 a b", "rsa " + "A" * 43 + "= " + "A" * 86 + "==", "é" * 3000])
def test_a_file_that_is_no_signature_is_refused(folder, tmp_path, text, never_opened):
    trusted = make_key(tmp_path / "key.pem")
    (folder / SIGNATURE).write_text(text)
    assert "is not a signature" in refusal(folder, (trusted,))


def test_while_keys_change_both_are_trusted_and_then_only_the_new_one(folder, key, tmp_path):
    old, new = sign_folder(folder, key).key, make_key(tmp_path / "new.pem")
    both = read_trusted(f"{shown(new)}, {shown(old)}")
    assert Model.load(folder, trusted=both).name == "words@1"
    assert shown(old) in refusal(folder, (new,))
    sign_folder(folder, tmp_path / "new.pem")
    assert Model.load(folder, trusted=(new,)).name == "words@1"


def test_a_golden_file_must_be_covered_too(folder, key):
    (folder / "golden.jsonl").write_text("")
    line = f'"golden.jsonl" = "{hashlib.sha256(b"").hexdigest()}"'
    with pytest.raises(ModelError, match=r"does not cover golden\.jsonl") as found:
        sign_folder(folder, key)
    assert line in str(found.value)
    manifest = folder / "manifest.toml"
    manifest.write_text(manifest.read_text().replace("[files]\n", f"[files]\n{line}\n"))
    signed = sign_folder(folder, key)
    assert Model.load(folder, trusted=(signed.key,)).name == "words@1"
    (folder / "golden.jsonl").write_text('{"text": "kind", "scores": {}, "toxic": false}\n')
    with pytest.raises(ModelError, match=r"files.golden.jsonl: the sha256"):
        Model.load(folder, trusted=(signed.key,))


def test_a_golden_file_that_was_added_later_is_refused(folder, key, never_opened):
    signed = sign_folder(folder, key)
    (folder / "golden.jsonl").write_text("")
    assert "does not cover golden.jsonl" in refusal(folder, (signed.key,))


def test_a_signed_old_version_does_not_pass_for_a_new_one(folder, key):
    signed = sign_folder(folder, key)
    folder.rename(folder.parent / "2")
    with pytest.raises(UnfitError, match="in the folder of words@2 is words@1"):
        load_served(find_served(folder.parent.parent, "words@2"), trusted=(signed.key,))


def outside(folder: Path) -> bytes:
    """Move the graph's table to a file beside it; returns the file."""
    graph = onnx.load(folder / "model.onnx")
    (table,) = (tensor for tensor in graph.graph.initializer if tensor.name == "table")
    data = numpy_helper.to_array(table).astype(np.float32).tobytes()
    table.ClearField("raw_data")
    table.data_location = onnx.TensorProto.EXTERNAL
    table.external_data.add(key="location", value="model.onnx.data")
    table.external_data.add(key="length", value=str(len(data)))
    (folder / "model.onnx").write_bytes(graph.SerializeToString())
    (folder / "model.onnx.data").write_bytes(data)
    return data


def named(folder: Path, *names: str) -> None:
    """Write these files' sums anew."""
    manifest = folder / "manifest.toml"
    sums = "".join(f'"{name}" = "{hashlib.sha256((folder / name).read_bytes()).hexdigest()}"\n' for name in names)
    manifest.write_text(manifest.read_text().partition("[files]\n")[0] + f"[files]\n{sums}")


def test_weights_in_a_file_of_their_own_are_the_bytes_that_were_compared(folder, key, monkeypatch):
    before = Model.load(folder).score([comment("rude")])
    data = outside(folder)
    named(folder, "model.onnx", "tokenizer.json", "model.onnx.data")
    signed = sign_folder(folder, key)
    read = loading.read_files

    def then_swapped(*arguments):
        files = read(*arguments)
        (folder / "model.onnx.data").write_bytes(bytes(len(data)))
        return files

    monkeypatch.setattr(loading, "read_files", then_swapped)
    assert Model.load(folder, trusted=(signed.key,)).score([comment("rude")]) == before


def test_weights_that_the_manifest_does_not_name_are_not_read(folder, key, monkeypatch):
    outside(folder)
    named(folder, "model.onnx", "tokenizer.json")
    signed = sign_folder(folder, key)
    monkeypatch.chdir(folder)  # where the runtime would look for them
    with pytest.raises(ModelError, match=r"model\.onnx cannot be loaded"):
        Model.load(folder, trusted=(signed.key,))


@pytest.mark.parametrize("setting", ["abc", "A" * 44, "key.pem", "A" * 43 + "=, x"])
def test_a_setting_that_is_no_key_names_the_number_and_the_fix(setting):
    with pytest.raises(SettingsError, match=r"MAHLAN_SCORER_TRUSTED_KEYS: key \d of \d .*mahlan models keygen"):
        read_trusted(setting)


def test_without_the_library_only_those_who_ask_for_signatures_are_told(folder, key, monkeypatch):
    setting = shown(sign_folder(folder, key).key)
    real = builtins.__import__

    def without(name, *arguments, **keys):
        if name.startswith("cryptography"):
            raise ImportError(name)
        return real(name, *arguments, **keys)

    monkeypatch.setattr(builtins, "__import__", without)
    assert read_trusted("") == ()
    assert Model.load(folder).name == "words@1"
    with pytest.raises(SettingsError, match=r"pip install 'mahlan\[signing\]'"):
        read_trusted(setting)
    for make in (lambda: make_key(folder / "new.pem"), lambda: sign_folder(folder, key)):
        with pytest.raises(ModelError, match=r"pip install 'mahlan\[signing\]'"):
            make()


def test_the_check_tells_who_signed(folder, key, tmp_path):
    assert check_folder(folder, seconds=0).signature == "none"
    signed, other = sign_folder(folder, key), make_key(tmp_path / "other.pem")
    report = check_folder(folder, seconds=0)
    assert report.ok
    assert report.signature == f"by {shown(signed.key)}; nobody asks for it: MAHLAN_SCORER_TRUSTED_KEYS is empty"
    assert check_folder(folder, seconds=0, trusted=(signed.key,)).signature.endswith(", trusted")
    report = check_folder(folder, seconds=0, trusted=(other,))
    assert not report.ok
    assert "not in MAHLAN_SCORER_TRUSTED_KEYS" in report.signature
    with (folder / "manifest.toml").open("a") as file:
        file.write("# later\n")
    assert check_folder(folder, seconds=0).signature == f"of another manifest than this one, by {shown(signed.key)}"
