"""Kubernetes' own schemas for kubeconform, from a package instead of the network. Run by hand before ``verify.sh``::

pip install kubernetes-validate
python charts/offline_schemas.py .build/kube-schemas
KUBE_SCHEMAS='.build/kube-schemas/{{ .ResourceKind }}{{ .KindSuffix }}.json' make chart
"""

from __future__ import annotations

import json
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any


def relocated(node: Any) -> Any:
    """The schema with references to the file beside it, and without the address it came from."""
    if isinstance(node, list):
        return [relocated(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {key: relocated(value) for key, value in node.items() if key != "$id"}
    if isinstance(kept.get("$ref"), str):
        kept["$ref"] = kept["$ref"].replace("/api/_definitions.json", "_definitions.json")
    return kept


def main(target: Path, version: str = "v1.37.0") -> None:
    """Write every schema of one Kubernetes version into the folder."""
    source = Path(str(files("kubernetes_validate"))) / "kubernetes-json-schema" / f"{version}-local-strict"
    target.mkdir(parents=True, exist_ok=True)
    for path in source.glob("*.json"):
        (target / path.name).write_text(json.dumps(relocated(json.loads(path.read_text("utf-8")))), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
