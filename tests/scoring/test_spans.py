"""Which words a verdict rests on: by the graph's own shares, and by leaving words out."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, load_from_string

from mahlan.core.normalise import normalise
from mahlan.errors import ModelError, ScoreError
from mahlan.events.comment import Reading
from mahlan.scoring.model import Model, Scores
from mahlan.scoring.registry import find_model
from mahlan.scoring.spans import MOST_WORDS, with_spans
from tests.scoring.folders import Comment, Export

MODELS = Path(__file__).resolve().parents[2] / "models"
RUDE = {"kind": (-1.0,), "rude": (3.0,), "vile": (8.0,), "odd": (2.0,)}
SHARES = 'activation = "sigmoid"\nattributions = "attributions"'


class Telling(Export):
    """An export whose graph also gives each token's number."""

    def graph(self) -> bytes:
        model = load_from_string(super().graph())
        model.graph.node.append(helper.make_node("Squeeze", ["kept", "last"], ["attributions"]))
        model.graph.output.append(helper.make_tensor_value_info("attributions", TensorProto.FLOAT, ["batch", "length"]))
        return bytes(model.SerializeToString())


def loaded(folder: Path, kind: type[Export] = Export, extra: str = "") -> Model:
    kind(labels=("toxic",), activation="sigmoid", rows=RUDE).write(folder, extra=extra)
    if kind is Telling:
        manifest = folder / "manifest.toml"
        manifest.write_text(manifest.read_text().replace('activation = "sigmoid"', SHARES))
    return Model.load(folder)


@pytest.fixture(params=[Export, Telling], ids=["left out", "told"])
def model(request: pytest.FixtureRequest, tmp_path: Path) -> Model:
    return loaded(tmp_path, request.param)


@pytest.fixture(scope="module")
def fast() -> Model:
    return Model.load(find_model(MODELS, "fast@1"))


def marked(model: Model, *texts: str, least: str = "low") -> list[list[str]]:
    items = [normalise(text) for text in texts]
    found = with_spans(model, items, model.score(items), least)
    return [
        [text[start:end] for start, end in one.spans] if isinstance(one, Scores) else ["?"]
        for text, one in zip(texts, found, strict=True)
    ]


def test_the_words_that_make_it_toxic_are_marked_and_no_others(model: Model) -> None:
    texts = ("kind rude kind", "kind VILE rude", "rude odd", "kind kind")
    assert marked(model, *texts) == [["rude"], ["VILE"], ["rude", "odd"], []]


def test_order_and_neighbours_do_not_matter(model: Model) -> None:
    texts = ["rude", "kind rude kind kind", "odd", "kind", "vile odd kind", "rude rude"] * 3
    assert marked(model, *texts) == [marked(model, text)[0] for text in texts]


def test_only_verdicts_of_the_band_are_explained(model: Model) -> None:
    # "odd" alone is 0.88: medium; "rude" is 0.95: high.
    assert marked(model, "odd", "rude", least="high") == [[], ["rude"]]
    assert marked(model, "odd", "rude", least="medium") == [["odd"], ["rude"]]


def test_nothing_else_of_a_result_changes(model: Model) -> None:
    items = [normalise(text) for text in ("rude", "kind")]
    before = model.score(items)
    after = with_spans(model, items, before)
    assert [(one.scores, one.verdict) for one in after] == [(one.scores, one.verdict) for one in before]
    assert after[1] == before[1]
    assert with_spans(model, [], []) == []


def test_an_error_stays_in_its_place(model: Model) -> None:
    items = [normalise("rude"), normalise("vile")]
    error = ScoreError("no number", "$.readings")
    first, second = with_spans(model, items, [error, model.score(items)[1]])
    assert first is error
    assert second.spans == ((0, 4),)


def test_spans_are_the_authors_characters(model: Model) -> None:
    assert marked(model, "kind,  RUUUUUDE") == [["RUUUUUDE"]]
    assert marked(model, "😂 kind 😂 ru\u200bde") == [["ru\u200bde"]]


def test_what_the_model_did_not_read_is_not_marked(model: Model) -> None:
    # max_length is 8 tokens, two of them special.
    assert marked(model, "so rude so so so so vile") == [["rude"]]


def test_a_softmax_model_of_several_columns_is_explained(tmp_path: Path) -> None:
    model = Model.load(Export().write(tmp_path))
    assert marked(model, "kind rude", "vile kind") == [["rude"], ["vile"]]


def test_words_beyond_the_limit_are_never_left_out(tmp_path: Path) -> None:
    folder = Export(labels=("toxic",), activation="sigmoid", rows={"rude": (3.0,)}).write(tmp_path)
    manifest = folder / "manifest.toml"
    manifest.write_text(manifest.read_text().replace("max_length = 8", "max_length = 500"))
    model = Model.load(folder)
    assert marked(model, "kind " * (MOST_WORDS - 1) + "rude") == [["rude"]]
    assert marked(model, "kind " * MOST_WORDS + "rude") == [[]]


@pytest.mark.parametrize(
    ("how", "spans"),
    [
        ('combine = "max"', ((0, 4),)),
        ('combine = "first"', ((5, 8),)),
        ('combine = "mean"', ((0, 4),)),
        ('combine = "mean", weights = { original = 1.0, arabic = 0.1 }', ((5, 8),)),
        ('combine = "mean", weights = { original = 1.0, arabic = 0.3 }', ((0, 4), (5, 8))),
    ],
)
@pytest.mark.parametrize("kind", [Export, Telling])
def test_readings_are_explained_as_they_are_combined(
    tmp_path: Path, kind: type[Export], how: str, spans: tuple[tuple[int, int], ...]
) -> None:
    model = loaded(tmp_path, kind, extra=f'[readings]\n"arz-Latn" = {{ {how} }}')
    readings = (
        Reading(kind="original", text="kind odd", offsets=(8, 8)),
        Reading(kind="arabic", text="vile kind", offsets=(4, 4, 1, 1, 4, 3)),
    )
    items = [Comment(readings, "arz-Latn")]
    (found,) = with_spans(model, items, model.score(items), "low")
    assert isinstance(found, Scores)
    assert found.spans == spans


def test_a_graph_that_fails_at_its_shares_costs_no_score(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> object:
        raise ModelError("no shares today")

    items = [normalise("rude")]
    before = model.score(items)
    monkeypatch.setattr(model, "explain_ids", broken)
    monkeypatch.setattr(model, "logits", broken)
    assert with_spans(model, items, before) == before


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('attributions = "attributions"', 'attributions = "shares"', "output.attributions: the graph has no output"),
        ("max_length = 8", 'max_length = 8\nexplain = "why"', "input.explain: the graph has no input 'why'"),
        ('activation = "sigmoid"', 'activation = "none"', "output.attributions: only of a graph of logits"),
    ],
)
def test_the_manifest_must_name_what_the_graph_has(tmp_path: Path, old: str, new: str, message: str) -> None:
    loaded(tmp_path, Telling)
    manifest = tmp_path / "manifest.toml"
    text = manifest.read_text()
    assert old in text
    manifest.write_text(text.replace(old, new))
    with pytest.raises(ModelError, match=message.split("'", maxsplit=1)[0]):
        Model.load(tmp_path)
    assert hashlib.sha256((tmp_path / "model.onnx").read_bytes()).hexdigest() in text


PARTS = ["you are", "an idiot", "you stuuupid", "i d i o t", "@sara", "حمـــار", "ya 7omar", "😂", "ﷺ", "#يا_غبي",
         "sh!t", "https://x.com/idiot", "idiot@idiot.com", "01012345678", "&lt;idiot&gt;",
         "\u202eكلب\u202c", "st\u200bupid",
         "Ⓘⓓⓘⓞⓣ", "ghaby awyyy", "\ud83d"]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(PARTS) | st.text(max_size=12), min_size=1, max_size=9).map(" ".join))
def test_spans_lie_in_the_original_in_order_apart_and_off_placeholders(fast: Model, text: str) -> None:
    items = [normalise(text)]
    (found,) = with_spans(fast, items, fast.score(items), "low")
    if not isinstance(found, Scores):
        return
    last = -1
    for start, end in found.spans:
        assert 0 <= start < end <= len(text)
        assert start > last
        last = end
        assert not {"https", "01012345678", "@sara", "@idiot"} & set(text[start:end].split())
    if not found.verdict.toxic:
        assert found.spans == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("what a stupid idiot @stupid https://x.com/idiot", ["stupid", "idiot"]),
        ("Enta 7omar ya 3am 😂", ["7omar"]),
        ("انتَ حمـــــــار", ["حمـــــــار"]),
        ("you are a stuuuupid idiot😂", ["stuuuupid", "idiot"]),
    ],
)
def test_the_shipped_model_marks_the_insult(fast: Model, text: str, words: list[str]) -> None:
    assert marked(fast, text) == [words]


def test_the_shipped_models_spans_do_not_depend_on_neighbours(fast: Model) -> None:
    texts = ["you stupid idiot", "Enta 7omar ya 3am", "shut up", "يا حمار", "what a lovely day", "", "idiot " * 300]
    assert marked(fast, *texts) == [marked(fast, text)[0] for text in texts]
