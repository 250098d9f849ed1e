"""Hypertext answers: resources with links, and pages of them with a keyset cursor.

https://datatracker.ietf.org/doc/html/draft-kelly-json-hal
"""

from collections.abc import Sequence
from typing import Annotated, Generic, TypeVar

from fastapi import Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from chassis.fields import LARGEST_ID

MEDIA_TYPE = "application/hal+json"

Id = Annotated[int, Path(ge=1, le=LARGEST_ID)]
After = Annotated[int, Query(ge=0, le=LARGEST_ID, description="the id after which the page begins")]
Size = Annotated[int, Query(ge=1, le=200, description="how many at the most")]


class Link(BaseModel):
    """Where a resource or an action is."""

    href: str
    method: str | None = Field(None, exclude_if=lambda method: method is None)


class Resource(BaseModel):
    """Something with an address, and the actions that are possible on it now."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, serialize_by_alias=True)

    links: dict[str, Link] = Field(alias="_links")


R = TypeVar("R", bound=Resource)


class Page(Resource, Generic[R]):
    """Some of a collection, and the link to the next ones if there may be more."""

    embedded: dict[str, list[R]] = Field(alias="_embedded")


def link(href: str, method: str | None = None) -> Link:
    """Make a link; `method` for actions, as reading goes without saying."""
    return Link(href=href, method=method)


def page(path: str, name: str, items: Sequence[R], cursors: Sequence[int], size: int) -> Page[R]:
    """Make a page of `items`, whose ids are `cursors`."""
    links = {"self": link(path)}
    if len(items) == size:
        links["next"] = link(f"{path}?after={cursors[-1]}&size={size}")
    return Page(links=links, embedded={name: list(items)})


def answer(resource: Resource, status: int = 200, location: str | None = None) -> Response:
    """Write a resource down as a response, without FastAPI validating it a second time."""
    return Response(
        resource.model_dump_json(by_alias=True).encode(),
        status,
        {"location": location} if location else None,
        MEDIA_TYPE,
    )
