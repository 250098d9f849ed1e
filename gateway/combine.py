"""One API document made of several: only what can be called here, and every name with one meaning."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.routes import is_internal, owner_of

GATEWAY = "gateway"
COMPONENTS = "#/components/"

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Part:
    """What one service brings in: its paths, and by their pointers the components that these need."""

    service: str
    paths: Document
    components: Mapping[str, Any]


def combine(own: Document, services: Mapping[str, Document | None]) -> Document:
    """Make one document of our own and of those that the services gave."""
    parts = [_part(GATEWAY, own, own["paths"])] + [
        _part(service, document, _paths_of(service, document))
        for service, document in services.items()
        if document is not None
    ]
    ambiguous = _ambiguous(parts)
    info = dict(own["info"])
    if missing := [service for service, document in services.items() if document is None]:
        info["description"] = f"Left out, because they do not answer now: {', '.join(missing)}."
    paths: dict[str, Any] = {}
    components: dict[str, Any] = {}
    for part in parts:
        here = _naming(part.service, ambiguous)
        paths |= _renamed(part.paths, here)
        for pointer, component in part.components.items():
            kind, name = _split(here(pointer))
            components.setdefault(kind, {})[name] = _renamed(component, here)
    return {"openapi": own["openapi"], "info": info, "paths": paths, "components": components}


def _paths_of(service: str, document: Document) -> Document:
    """Keep what is routed to this service: not its copies of others', and not what is internal."""
    paths = document.get("paths", {})
    return {path: item for path, item in paths.items() if owner_of(path) == service and not is_internal(path)}


def _part(service: str, document: Document, paths: Document) -> Part:
    used: dict[str, Any] = {}
    wanted = set(_pointers(paths))
    while wanted:
        pointer = wanted.pop()
        kind, name = _split(pointer)
        used[pointer] = document["components"][kind][name]
        wanted |= set(_pointers(used[pointer])) - used.keys()
    return Part(service, _with_own_ids(service, paths), used)


def _ambiguous(parts: Iterable[Part]) -> set[str]:
    """Find the names that mean different things to different services."""
    meanings: dict[str, list[Any]] = {}
    for part in parts:
        for pointer, component in part.components.items():
            meanings.setdefault(pointer, []).append(component)
    shared = {pointer: each for pointer, each in meanings.items() if len(each) > 1}
    ambiguous = {pointer for pointer, each in shared.items() if any(one != each[0] for one in each)}
    while more := {
        pointer  # the same words everywhere, but a word among them is ambiguous
        for pointer, each in shared.items()
        if pointer not in ambiguous and not ambiguous.isdisjoint(_pointers(each))
    }:
        ambiguous |= more
    return ambiguous


def _naming(service: str, ambiguous: set[str]) -> Callable[[str], str]:
    def here(pointer: str) -> str:
        kind, name = _split(pointer)
        return f"{COMPONENTS}{kind}/{service}_{name}" if pointer in ambiguous else pointer

    return here


def _with_own_ids(service: str, paths: Document) -> Document:
    return {
        path: {
            method: {**operation, "operationId": f"{service}_{operation['operationId']}"}
            for method, operation in item.items()
        }
        for path, item in paths.items()
    }


def _split(pointer: str) -> tuple[str, str]:
    kind, _, name = pointer.removeprefix(COMPONENTS).partition("/")
    return kind, name


def _pointers(node: Any) -> Iterator[str]:
    if isinstance(node, str) and node.startswith(COMPONENTS):
        yield node
    elif isinstance(node, Mapping | list):
        for each in node.values() if isinstance(node, Mapping) else node:
            yield from _pointers(each)


def _renamed(node: Any, here: Callable[[str], str]) -> Any:
    """Copy a part of a document, with every pointer under the name that it has here."""
    if isinstance(node, str) and node.startswith(COMPONENTS):
        return here(node)
    if isinstance(node, Mapping):
        return {key: _renamed(each, here) for key, each in node.items()}
    if isinstance(node, list):
        return [_renamed(each, here) for each in node]
    return node
