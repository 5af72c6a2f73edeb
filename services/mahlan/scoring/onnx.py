"""The one module that imports onnxruntime. Called by ``model.py`` and ``check.py``.

onnxruntime from 1.29 on writes a device id and uploads usage by default; only ``ORT_DISABLE_TELEMETRY=1`` set before
its first import stops that, so nobody else may import it (a test holds this).
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mahlan.errors import ModelError
from mahlan.scoring.keys import nearest

CPU = "CPUExecutionProvider"
SUFFIX = "ExecutionProvider"
INTEGERS: dict[str, type[np.signedinteger[Any]]] = {"tensor(int64)": np.int64, "tensor(int32)": np.int32}


@dataclass(frozen=True, slots=True)
class Tensor:
    """An input or output as the graph declares it; a dimension that varies is None."""

    name: str
    type: str
    shape: tuple[int | None, ...]


class Session:
    """One loaded graph. ``run`` may be called from several threads at once; it leaves the GIL while it computes.

    ``switches`` are inputs with a default, which need not be fed.
    """

    def __init__(self, session: Any) -> None:
        self._session = session
        self.inputs = {tensor.name: tensor for tensor in map(_tensor, session.get_inputs())}
        self.outputs = {tensor.name: tensor for tensor in map(_tensor, session.get_outputs())}
        self.switches = {tensor.name: tensor for tensor in map(_tensor, session.get_overridable_initializers())}
        self.providers: tuple[str, ...] = tuple(session.get_providers())

    def run(self, output: str, feeds: Mapping[str, npt.NDArray[Any]]) -> npt.NDArray[np.float32]:
        """The tensor ``output`` as float32. Raises ``ModelError`` with the runtime's own words."""
        return self.run_all([output], feeds)[0]

    def run_all(self, outputs: Sequence[str], feeds: Mapping[str, npt.NDArray[Any]]) -> list[npt.NDArray[np.float32]]:
        """Several tensors of one run. As ``run``."""
        try:
            results = self._session.run(outputs, {name: self._cast(name, feed) for name, feed in feeds.items()})
        except Exception as error:  # noqa: BLE001  the runtime's exceptions share no class but Exception
            raise ModelError(f"onnxruntime could not run the model: {_first_line(error)}") from None
        return [np.asarray(result, dtype=np.float32) for result in results]

    def _cast(self, name: str, feed: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return feed.astype(INTEGERS.get(self.inputs[name].type, np.int64), copy=False) if name in self.inputs else feed


def open_session(
    model: Path | bytes,
    *,
    threads: int = 1,
    providers: Sequence[str] = (CPU,),
    beside: Mapping[str, bytes] | None = None,
) -> Session:
    """Load a graph from its bytes, or from its path where nobody compared it.

    ``beside`` are the files it keeps its weights in, by name: the bytes that were compared, so that nothing is read
    a second time. A provider that cannot read this graph leaves it to those named after it; ``Session.providers`` are
    those it runs on. Raises ``ModelError`` where a provider is not installed or does not start, or none can read it.
    """
    runtime = _runtime()
    _check_installed(runtime, providers)
    options = _options(runtime, threads, beside or {}, found=not isinstance(model, bytes))
    for left in range(len(providers), 0, -1):
        named = list(providers[-left:])
        try:
            session = runtime.InferenceSession(model if isinstance(model, bytes) else str(model), options, named)
        except Exception as error:  # noqa: BLE001  the runtime's exceptions share no class but Exception
            if left == 1:
                raise ModelError(_unreadable(named[0], error)) from None
        else:
            return _started(Session(session), named)
    raise ModelError("no execution provider is named; write CPU")


def _check_installed(runtime: Any, providers: Sequence[str]) -> None:
    available, known = runtime.get_available_providers(), runtime.get_all_providers()
    for provider in providers:
        if provider not in available:
            short = [name.removesuffix(SUFFIX) for name in known]
            near = nearest(provider.removesuffix(SUFFIX), short)  # by what sets names apart, not by what all end in
            fix = ": install an onnxruntime built with it" if provider in known else near
            raise ModelError(
                f"execution provider {provider} is not installed here{fix}; there are {', '.join(available)}"
            )


def _started(loaded: Session, providers: Sequence[str]) -> Session:
    for provider in providers:
        # The runtime only warns, and falls back on the CPU, where a provider's own libraries or device are missing.
        if provider not in loaded.providers:
            raise ModelError(f"execution provider {provider} is installed but could not start: driver, device?")
    return loaded


def _unreadable(provider: str, error: Exception) -> str:
    said = _first_line(error)
    if provider == CPU:
        return f"model.onnx cannot be loaded: {said}"
    fix = "name CPU after it, and what it cannot read runs there"
    return f"model.onnx cannot be loaded by {provider} ({fix}): {said}"


def named_providers(setting: str) -> tuple[str, ...]:
    """The providers of ``MAHLAN_SCORER_PROVIDERS``: ``CUDA,CPU`` is short for both full names."""
    names = [name.strip() for name in setting.split(",") if name.strip()]
    return tuple(name if name.endswith(SUFFIX) else name + SUFFIX for name in names) or (CPU,)


def _runtime() -> Any:
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    return onnxruntime


def _options(runtime: Any, threads: int, beside: Mapping[str, bytes], *, found: bool) -> Any:
    options = runtime.SessionOptions()
    if not found:
        # For weights that nobody compared the runtime would look in the folder this process was started in.
        options.add_session_config_entry("session.model_external_initializers_file_folder_path", os.devnull)
    if beside:
        sizes = [len(data) for data in beside.values()]
        options.add_external_initializers_from_files_in_memory(list(beside), list(beside.values()), sizes)
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = runtime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = 3
    # A spinning pool burns a core between batches, which the other service on the machine needs.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


def _tensor(described: Any) -> Tensor:
    shape = tuple(size if isinstance(size, int) else None for size in described.shape)
    return Tensor(name=described.name, type=described.type, shape=shape)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
