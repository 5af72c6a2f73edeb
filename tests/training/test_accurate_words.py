"""The head that tells words: its nodes in a graph, its lessons, and what it learns where torch is installed."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from mahlan.core.normalise import normalise
from mahlan.scoring.manifest import read_manifest
from mahlan.scoring.model import Model, Scores
from mahlan.scoring.onnx import Session, open_session
from mahlan.scoring.spans import with_spans
from training.accurate.config import Words, read_config
from training.accurate.heads import Head, Lesson, Taught, fitted, state_names, states_of, with_head
from training.accurate.words import drawn, told_by_leaving_out, told_by_people
from training.shares import SHARES, SWITCH
from training.toml import with_shares

WORDS, WIDTH = 20, 4
ACCURATE = Path("models/accurate")


def encoder(layers: int = 3) -> onnx.ModelProto:
    """Embeddings, layers of normalisation, the mean, two labels."""
    dice = np.random.default_rng(5)
    weights = {"table": dice.normal(size=(WORDS, WIDTH)), "head": dice.normal(size=(WIDTH, 2)), "one": np.ones(WIDTH)}
    nodes = [helper.make_node("Gather", ["table", "input_ids"], ["states_0"])]
    nodes += [helper.make_node("LayerNormalization", [f"states_{at}", "one"], [f"states_{at + 1}"], axis=-1)
              for at in range(layers)]  # fmt: skip
    nodes += [
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["mask", "last"], ["inside"]),
        helper.make_node("Mul", [f"states_{layers}", "inside"], ["kept"]),
        helper.make_node("ReduceSum", ["kept", "middle"], ["sum"], keepdims=0),
        helper.make_node("MatMul", ["sum", "head"], ["logits"]),
    ]
    constants = [numpy_helper.from_array(value.astype(np.float32), name) for name, value in weights.items()]
    constants += [numpy_helper.from_array(np.array([axis]), name) for name, axis in (("last", 2), ("middle", 1))]
    inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "length"])
              for name in ("input_ids", "attention_mask")]  # fmt: skip
    outputs = [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", 2])]
    graph = helper.make_graph(nodes, "encoder", inputs, outputs, constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)


@pytest.fixture(scope="module")
def head() -> Head:
    dice = np.random.default_rng(6)
    shapes = ((3 * WIDTH, 5), (5,), (5, 1))
    return Head(*(dice.normal(size=shape).astype(np.float32) for shape in shapes))


@pytest.fixture(scope="module")
def sessions(head: Head) -> tuple[Session, Session]:
    plain = encoder()
    return open_session(plain.SerializeToString()), open_session(with_head(plain, head).SerializeToString())


FEEDS = {
    "input_ids": np.array([[3, 7, 2, 9], [5, 1, 0, 0]]),
    "attention_mask": np.array([[1, 1, 1, 1], [1, 1, 0, 0]]),
}


def test_who_does_not_ask_gets_what_the_graph_gave_before(sessions: tuple[Session, Session]) -> None:
    plain, told = sessions
    assert (plain.run("logits", FEEDS) == told.run("logits", FEEDS)).all()
    assert told.run(SHARES, FEEDS).size == 0, "nothing is computed"
    assert set(told.switches) == {SWITCH}


def test_shares_add_up_to_the_logit_and_padding_has_none(sessions: tuple[Session, Session]) -> None:
    logits, shares = sessions[1].run_all(["logits", SHARES], {**FEEDS, SWITCH: np.array(True)})
    assert shares.shape == (2, 4)
    assert (shares >= 0).all()
    assert (shares[1, 2:] == 0).all()
    assert shares.sum(1) == pytest.approx(np.log1p(np.exp(logits[:, 0])), rel=1e-5)


def test_shares_do_not_depend_on_neighbours(sessions: tuple[Session, Session]) -> None:
    together = sessions[1].run(SHARES, {**FEEDS, SWITCH: np.array(True)})
    alone = sessions[1].run(SHARES, {**{name: feed[1:, :2] for name, feed in FEEDS.items()}, SWITCH: np.array(True)})
    assert alone[0] == pytest.approx(together[1, :2], abs=1e-6)


def test_a_graph_without_layers_is_told_so() -> None:
    with pytest.raises(ValueError, match="no layers of normalisation"):
        state_names(encoder(layers=2).graph)


def test_the_manifest_names_the_output_and_the_graph_as_it_now_is(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    (folder / "model.onnx").write_bytes(b"another")
    for _ in range(2):
        with_shares(folder, "ask", "told")
    manifest = read_manifest(folder)
    assert (manifest.input.explain, manifest.output.attributions) == ("ask", "told")
    assert (folder / "manifest.toml").read_text(encoding="utf-8").count("explain = ") == 1


def test_rows_are_drawn_from_every_language_and_only_toxic_ones() -> None:
    rows = [{"text": f"{lang} {toxic} {at}", "lang": lang, "toxic": toxic}
            for lang, many in (("en", 50), ("arz", 3)) for toxic in (0, 1) for at in range(many)]  # fmt: skip
    found = drawn(rows, 20, seed=1)
    assert sorted(text.split()[0] for text in found) == ["arz"] * 3 + ["en"] * 10
    assert all(text.split()[1] == "1" for text in found)


def test_what_people_marked_is_shared_by_the_words_marked(tmp_path: Path) -> None:
    model = Model.load(copied(tmp_path))
    rows = [{"text": "you Stuuuupid lazy goose", "toxic_words": ["Stuuuupid", "goose"]}, {"text": "you fine goose"}]
    (lesson,) = told_by_people(model, rows)
    shares = {lesson.text[start:end]: share for start, end, share in lesson.shares}
    assert shares == {"you": 0.0, "stupid": 0.5, "lazy": 0.0, "goose": 0.5}


def test_leaving_a_word_out_tells_what_it_is_worth(tmp_path: Path) -> None:
    model = Model.load(copied(tmp_path))
    # One hurtful word: of two, either is worth little, since the other stays.
    lessons = [one for one in told_by_leaving_out(model, ["you are an idiot", "what a lovely day"]) if one.shares]
    assert [one.text for one in lessons] == ["you are an idiot"]
    best = max(lessons[0].shares, key=lambda share: share[2])
    assert lessons[0].text[best[0] : best[1]] == "idiot"
    assert sum(share for _, _, share in lessons[0].shares) == pytest.approx(1.0)


def test_tokens_belong_to_the_word_they_begin_in(tmp_path: Path) -> None:
    model = Model.load(copied(tmp_path))
    graph = onnx.load(str(copied(tmp_path) / "model.onnx"))
    from training.accurate.heads import with_states

    lesson = Lesson("you, unspeakably silly", ((0, 3, 0.0), (5, 16, 0.0), (17, 22, 1.0)), human=True)
    (taught,) = states_of(with_states(graph), model, [lesson])
    assert taught.states.shape == (len(taught.word), 3 * 384)
    assert taught.word[0] == taught.word[-1] == -1, "the tokens around the text"
    assert {0, 1, 2} <= set(taught.word.tolist())
    assert taught.word[1:-1].tolist().count(-1) == 1, "the comma; the space before a word is in its first token"


def test_the_head_learns_which_tokens_count() -> None:
    pytest.importorskip("torch", reason="torch is not installed: pip install -e '.[accurate]'")
    dice = np.random.default_rng(2)
    taught = [one_lesson(dice) for _ in range(400)]
    how = Words(comments=0, hidden=16, epochs=12, rate=1e-2, weight_decay=0.0, human_weight=1.0)
    head = fitted(taught, [False] * 400, how, seed=1)
    hits = 0
    for _ in range(100):
        one = one_lesson(dice)
        numbers = np.maximum(one.states.astype(np.float32) @ head.inner + head.bias, 0) @ head.outer
        hits += int(one.word[numbers[:, 0].argmax()] == one.shares.argmax())
    assert hits > 90


def one_lesson(dice: np.random.Generator) -> Taught:
    """Six words of a token each; the one that counts has a high first number."""
    states, counts = dice.normal(size=(6, 8)), int(dice.integers(6))
    states[:, 0] = 0.0
    states[counts, 0] = 2.0
    return Taught(states.astype(np.float16), np.arange(6), np.eye(6, dtype=np.float32)[counts])


def copied(folder: Path) -> Path:
    """The accurate model that is shipped."""
    newest = max(ACCURATE.iterdir(), key=lambda path: int(path.name))
    return Path(shutil.copytree(newest, folder / "accurate" / newest.name, dirs_exist_ok=True))


def test_the_shipped_model_marks_what_hurts_in_one_more_run(tmp_path: Path) -> None:
    model = Model.load(copied(tmp_path))
    texts = ["you are so stupid", "shut up you idiot", "nobody likes you, loser", "يا حمار امشي من هنا"]
    items = [normalise(text) for text in texts]
    marked = [
        {text[start:end] for start, end in found.spans}
        for text, found in zip(texts, with_spans(model, items, model.score(items)), strict=True)
        if isinstance(found, Scores)
    ]
    assert marked == [{"stupid"}, {"idiot"}, {"loser"}, {"حمار"}]


def test_the_config_has_the_numbers() -> None:
    assert read_config(Path("training/accurate.toml")).words.hidden > 0
