"""A fitted network in fewer layers, taught by the whole one (Sanh et al. 2019). Called by ``pipeline``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from training.accurate.network import load_network, with_layers
from training.accurate.tokens import load_tokens
from training.accurate.tune import Limits, Teacher, seeded, tune

if TYPE_CHECKING:
    from training.accurate.pipeline import Pipeline


def distil(pipeline: Pipeline, folder: Path) -> None:
    """Write the smaller network into ``folder``; leave it empty where ``distil.layers`` is."""
    config, options = pipeline.config, pipeline.options
    if not config.distil.layers or options.fitted:
        return  # what was fitted elsewhere was made small there
    fitted = pipeline.run_folder / "fit"
    seeded(config.seed)
    student = with_layers(load_network(fitted, config.fit.dropout), config.distil.layers)
    teacher = Teacher(load_network(fitted), config.distil.teacher_share)
    fit = replace(config.fit, epochs=config.distil.epochs, most_steps=0)
    limits = Limits(config.smoke["steps"] if options.smoke else 0, options.minutes, pipeline.pad_id)
    tune(student, load_tokens(pipeline.run_folder / "tokens" / "train.npz"), config, fit, folder, limits, teacher)
