"""What `kubectl apply -k k8s/base` would send, read without kubectl."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

Manifest = dict[str, Any]
ROOT = Path(__file__).parents[2]
BASE = ROOT / "k8s" / "base"
UNDERSTOOD = {"apiVersion", "kind", "namespace", "resources", "configMapGenerator"}


@dataclass(frozen=True)
class Base:
    """The base as it stands in its folder."""

    listed: list[str]
    files: set[str]
    manifests: list[Manifest]

    def of_kind(self, kind: str) -> dict[str, Manifest]:
        """Find the manifests of one kind by their names."""
        return {each["metadata"]["name"]: each for each in self.manifests if each["kind"] == kind}

    def config(self, name: str) -> dict[str, str]:
        """Read what a ConfigMap holds."""
        found: dict[str, str] = self.of_kind("ConfigMap")[name]["data"]
        return found


def read(folder: Path = BASE) -> Base:
    """Resolve a kustomization that lists files and generates ConfigMaps, and refuse one that does more."""
    kustomization = yaml.safe_load((folder / "kustomization.yaml").read_text())
    if more := set(kustomization) - UNDERSTOOD:
        raise ValueError(f"these tests do not know what {sorted(more)} in kustomization.yaml does")
    listed = kustomization["resources"]
    files = {path.name for path in folder.glob("*.yaml")} - {"kustomization.yaml"}
    manifests = [
        manifest
        for name in listed
        for manifest in yaml.safe_load_all((folder / name).read_text())
        if manifest is not None
    ]
    manifests += [_config_map(generator) for generator in kustomization["configMapGenerator"]]
    for manifest in manifests:
        if manifest["kind"] != "Namespace":
            manifest["metadata"]["namespace"] = kustomization["namespace"]
    return Base(listed, files, manifests)


def _config_map(generator: Manifest) -> Manifest:
    if set(generator) != {"name", "literals"}:
        raise ValueError(f"these tests do not know what {sorted(generator)} in a generator does")
    data = dict(literal.split("=", 1) for literal in generator["literals"])
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": generator["name"]},
        "data": data,
    }
