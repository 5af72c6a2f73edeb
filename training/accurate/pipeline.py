"""The stages of the accurate model in order, each in a folder of its own. Called by ``__main__.py``."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from mahlan.core.normalise import normalise
from training.accurate.augment import augmented
from training.accurate.config import Config, as_plain
from training.accurate.examples import (
    Example,
    load_examples,
    read_cases,
    read_examples,
    with_spelled,
    without_repeats,
    without_shortcuts,
    write_examples,
)  # fmt: skip
from training.accurate.parcel import unpack
from training.accurate.stages import Run, folder_facts
from training.accurate.tokens import load_tokens, save_tokens, tokenised
from training.accurate.vocabulary import TOKENIZER, fetched, find_pad, trimmed
from training.folder import hold_free

SOURCES = Path(__file__).parent.parent / "sources.toml"
NORMALISER = Path(normalise.__code__.co_filename).parent
TRAIN, DEV = "train.jsonl.gz", "dev.jsonl.gz"


@dataclass(frozen=True, slots=True)
class Options:
    """The command's options, as ``--help`` explains them."""

    data: Path
    base: str
    out: Path
    runs: Path
    cases: Path
    resume: bool
    smoke: bool
    licences: str
    fast: Path | None
    minutes: float
    steps: int = 0
    fitted: Path | None = None

    @property
    def begun(self) -> str:
        """What the weights come from, as the card's command tells it, by folders' names alone."""
        return Path(self.base).name + (f" --fitted {self.fitted.name}" if self.fitted else "")


class Pipeline:
    """One run. Each method makes the output of one stage in ``folder``."""

    def __init__(self, config: Config, options: Options) -> None:
        self.config = config
        self.options = options
        name = f"{options.out.parent.name}-{options.out.name}{'-smoke' if options.smoke else ''}"
        self.run_folder = options.runs / name
        if not self.run_folder.exists():  # a run that is there may write its own folder again
            hold_free(options.out)
        if options.fitted and options.fitted.resolve().is_relative_to(self.run_folder.resolve()):
            raise SystemExit(
                f"--fitted {options.fitted} lies in the run's own folder, which is made anew: copy it first"
            )
        self._run = Run(self.run_folder, options.resume)

    def run(self, until: str) -> None:
        """The stages up to ``until``."""
        config, options, stage = self.config, self.options, self._run.stage
        said = [as_plain(config.rows), as_plain(config.sources), config.labels, config.seed, options.licences]
        facts = [folder_facts(folder) for folder in (options.data, options.cases, NORMALISER)]
        carried = folder_facts(options.fitted) if options.fitted else []
        steps: dict[str, Any] = {
            "rows": partial(stage, "rows", self.rows, [said, options.smoke, *facts]),
            "augment": partial(stage, "augment", self.augment, as_plain(config.augment), ("rows",)),
            "base": partial(stage, "base", self.base, [options.base, config.text.trim_over], ("rows",)),
            "tokens": partial(stage, "tokens", self.tokens, as_plain(config.text), ("augment", "base")),
            "fit": partial(
                stage,
                "fit",
                self.fit,
                [as_plain(config.fit), options.smoke, carried, *[options.steps] * bool(options.steps)],
                ("tokens",),
            ),
            "distil": partial(stage, "distil", self.distil, as_plain(config.distil), ("fit",)),
            "export": partial(stage, "export", self.export, [], ("distil",)),
            "int8": partial(stage, "int8", self.int8, as_plain(config.int8), ("export",)),
            "folder": self.folder,
        }
        for name, step in steps.items():
            step()
            if name == until:
                return

    def rows(self, folder: Path) -> None:
        """Rows and invented cases, normalised, without repeats, dev rows and one-word shortcuts."""
        config, options = self.config, self.options
        cases = read_cases(config, options.cases)
        dev, train = (
            read_examples(options.data, split, config, options.licences, config.smoke[most] if options.smoke else 0)
            for split, most in (("dev", "dev_rows"), ("train", "rows"))
        )
        dev = without_repeats(with_spelled([*dev, *cases[1]]))
        train = without_repeats([*without_shortcuts(train, config.rows.shortcut, config.seed), *cases[0]], dev)
        write_examples(folder / TRAIN, train)
        write_examples(folder / DEV, dev)

    def augment(self, folder: Path) -> None:
        """All of train with its copies in another dress."""
        train = load_examples(self._at("rows", TRAIN))
        more = augmented(train, self.config.augment, self.config.seed)
        write_examples(folder / TRAIN, without_repeats([*train, *more], load_examples(self._at("rows", DEV))))

    def base(self, folder: Path) -> None:
        """The encoder, and in ``base.json`` where it is."""
        texts = [reading.text for one in load_examples(self._at("rows", TRAIN)) for reading in one.row.readings]
        found = fetched(self.options.base, folder / "hub")
        found = trimmed(found, texts, folder / "trimmed", self.config.text.trim_over)
        (folder / "base.json").write_text(json.dumps(str(found.resolve())), encoding="utf-8")

    def tokens(self, folder: Path) -> None:
        """Train and dev as arrays, and the tokenizer that made them."""
        tokenizer = self.base_folder / TOKENIZER
        (folder / TOKENIZER).write_bytes(tokenizer.read_bytes())
        for name, stage in ((TRAIN, "augment"), (DEV, "rows")):
            examples = load_examples(self._at(stage, name))
            save_tokens(folder / f"{name.split('.')[0]}.npz", tokenised(examples, tokenizer, self.config))

    def fit(self, folder: Path) -> None:
        """The encoder fine-tuned, here or, with ``--fitted``, elsewhere; beside it the tokenizer it learnt with."""
        own, fitted = self._at("tokens", TOKENIZER).read_bytes(), self.options.fitted
        if not fitted:
            self._tune(folder)
        elif (fitted / TOKENIZER).exists() and (fitted / TOKENIZER).read_bytes() != own:
            raise SystemExit(f"--fitted {fitted} has another tokenizer than this run: name its --base")
        else:
            unpack(fitted, folder)
        (folder / TOKENIZER).write_bytes(own)

    def _tune(self, folder: Path) -> None:
        from training.accurate.network import begun_network
        from training.accurate.tune import Limits, seeded, tune

        seeded(self.config.seed)
        network = begun_network(self.base_folder, self.config.labels, self.config.fit.dropout)
        steps = self.options.steps or (self.config.smoke["steps"] if self.options.smoke else 0)
        limits = Limits(steps, self.options.minutes, self.pad_id)
        tune(network, load_tokens(self._at("tokens", "train.npz")), self.config, self.config.fit, folder, limits)

    def distil(self, folder: Path) -> None:
        """The fitted network in fewer layers, taught by the whole one; nothing where the config names no layers."""
        from training.accurate.distil import distil

        distil(self, folder)

    def export(self, folder: Path) -> None:
        """The network as float32 ONNX."""
        from training.accurate.export import export
        from training.accurate.network import load_network

        fewer = self.run_folder / "distil"
        fitted = fewer if (fewer / "model.safetensors").exists() else self.run_folder / "fit"
        export(load_network(fitted), folder / "model.onnx")

    def int8(self, folder: Path) -> None:
        """Every way to int8, measured; the chosen graph."""
        from training.accurate.finish import make_int8

        make_int8(self._at("export", "model.onnx"), self.run_folder / "tokens", self.pad_id, self.config, folder)

    def folder(self) -> None:
        """The model folder itself."""
        from training.accurate.finish import finish

        finish(self)

    def dev_examples(self) -> list[Example]:
        """Dev rows and cases."""
        return load_examples(self._at("rows", DEV))

    def counted(self) -> list[dict[str, Any]]:
        """What was trained on: name, rows, repository, licence of each source."""
        named = tomllib.loads(SOURCES.read_text(encoding="utf-8"))
        counts = Counter(example.row.source for example in load_examples(self._at("augment", TRAIN)))
        own = {name: as_plain(source) for name, source in self.config.sources.items()}
        return [{"name": name, "rows": counts[name], **_terms(own[name], named.get(name))} for name in sorted(counts)]

    @property
    def base_folder(self) -> Path:
        """The encoder to start from."""
        return Path(json.loads(self._at("base", "base.json").read_text(encoding="utf-8")))

    @property
    def pad_id(self) -> int:
        """The id at masked positions."""
        return find_pad(self._at("tokens", TOKENIZER))

    def _at(self, stage: str, name: str) -> Path:
        return self.run_folder / stage / name


def _terms(own: dict[str, Any], named: dict[str, str] | None) -> dict[str, str]:
    terms = own if own["licence"] else (named or {})
    if not terms.get("licence"):
        raise SystemExit("a source has no licence statement in training/sources.toml nor in training/accurate.toml")
    return {"licence": terms["licence"], "repository": terms.get("repository") or "this one"}
