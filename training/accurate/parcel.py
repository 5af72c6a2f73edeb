"""A network or encoder folder as few small files, for machines that take little. Called by ``carry``, ``pipeline``.

Tables and matrices travel as int8 with a scale a row, which loses less than the int8 that is served, or as 16 bits;
the rest as 16 bits. Files are cut into parts of a given size.
"""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from training.accurate.stages import BEGUN, DONE

PART = "weights.part"
WEIGHTS = "model.safetensors"
STEPS = 127
TABLE = "embeddings"
SUFFIXES = (".int8", ".scale")


def pack(source: Path, folder: Path, part_bytes: int, matrices: bool = False) -> list[Path]:
    """Write ``source`` (Hugging Face layout) into ``folder``; ``matrices``: layers as int8 too, not only tables."""
    from safetensors.numpy import load_file

    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob(f"{PART}*"):
        old.unlink()
    arrays = dict(_packed(load_file(source / WEIGHTS), matrices))
    data = io.BytesIO()
    np.savez_compressed(data, **arrays)  # type: ignore[arg-type]
    whole = data.getvalue()
    for number, start in enumerate(range(0, len(whole), part_bytes)):
        (folder / f"{PART}{number:02d}").write_bytes(whole[start : start + part_bytes])
    for path in source.iterdir():
        if path.is_file() and path.name != WEIGHTS and path.suffix in (".json", ".safetensors"):
            shutil.copyfile(path, folder / path.name)
    return sorted(folder.iterdir())


def unpack(folder: Path, target: Path) -> None:
    """The folder that ``pack`` was given, in 16 bits, into ``target``; one that was never packed as it is.

    Raises ``SystemExit`` where neither is there.
    """
    from safetensors.numpy import save_file

    parts = sorted(folder.glob(f"{PART}*"))
    if not parts and not (folder / WEIGHTS).exists():
        raise SystemExit(
            f"{folder}: neither {PART}* there, as `python -m training.accurate.carry` makes them, nor {WEIGHTS}"
        )
    target.mkdir(parents=True, exist_ok=True)
    if parts:
        with np.load(io.BytesIO(b"".join(path.read_bytes() for path in parts))) as found:
            save_file(dict(_unpacked(dict(found))), target / WEIGHTS, metadata={"format": "pt"})
    for path in folder.iterdir():
        if path.is_file() and path.suffix in (".json", ".safetensors") and path.name not in (BEGUN, DONE):
            shutil.copyfile(path, target / path.name)


def _packed(
    arrays: dict[str, npt.NDArray[np.floating]], matrices: bool
) -> Iterator[tuple[str, npt.NDArray[np.generic]]]:
    for name, values in arrays.items():
        if values.ndim == 2 and (matrices or TABLE in name):
            wide = values.astype(np.float32)
            scale = np.maximum(np.abs(wide).max(axis=1, keepdims=True), 1e-9) / STEPS
            yield f"{name}.int8", np.rint(wide / scale).astype(np.int8)
            yield f"{name}.scale", scale.astype(np.float32)
        else:
            yield name, values.astype(np.float16)


def _unpacked(arrays: dict[str, npt.NDArray[np.generic]]) -> Iterator[tuple[str, npt.NDArray[np.float16]]]:
    for name, values in arrays.items():
        if name.endswith(".int8"):
            stem = name.removesuffix(".int8")
            yield stem, (values.astype(np.float32) * arrays[f"{stem}.scale"]).astype(np.float16)
        elif not name.endswith(SUFFIXES):
            yield name, values.astype(np.float16)
