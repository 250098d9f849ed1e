"""What every refusal must look like, and what every service must refuse."""

import re
from typing import Any

import httpx2

TYPE = re.compile(r"urn:oa-rental:problem:[a-z0-9-]+")
TELLTALE = re.compile(r"Traceback|Error\b|Exception|asyncpg|pydantic|SELECT|File \"|\.py\b")
LARGEST_ID = 2**63 - 1


def problem(answer: httpx2.Response) -> str:
    """Check that an answer is a problem document and tells nothing of our insides; give its slug."""
    where = f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text}"
    assert answer.headers["content-type"] == "application/problem+json", where
    body = answer.json()
    assert TYPE.fullmatch(body["type"]), where
    assert body["status"] == answer.status_code, where
    assert body["title"], where
    assert body["detail"], where
    assert re.fullmatch("[0-9a-f]{32}", body["traceId"]), where
    assert not TELLTALE.search(answer.text), where
    slug: str = body["type"].removeprefix("urn:oa-rental:problem:")
    return slug


def refusal(answer: httpx2.Response) -> tuple[int, str]:
    """Give status and slug of a refusal."""
    return answer.status_code, problem(answer)


async def assert_paths_are_refused(http: httpx2.AsyncClient, *collections: str) -> None:
    """Ask for what is not there, in ways that are not offered, under ids that nothing can have."""
    wrong: dict[str, tuple[int, str]] = {}
    expected: dict[str, tuple[int, str]] = {}

    async def ask(method: str, path: str, status: int, slug: str) -> None:
        expected[f"{method} {path}"] = (status, slug)
        wrong[f"{method} {path}"] = refusal(await http.request(method, path))

    for path in ("/", "/nothing", "/rentals/1/nothing", "/%00", "/%ff", "/products/../../etc/passwd"):
        await ask("GET", path, 404, "not-found")
    for collection in collections:
        await ask("DELETE", collection, 405, "method-not-allowed")
        await ask("PUT", f"{collection}/1", 405, "method-not-allowed")
        await ask("GET", f"{collection}/1", 404, "not-found")
        await ask("GET", f"{collection}/{LARGEST_ID}", 404, "not-found")
        for nonsense in (
            "0",
            "-1",
            str(LARGEST_ID + 1),
            "9" * 5_000,
            "abc",
            "1.5",
            "%00",
            "1%27--",
            "%EF%BC%91",
        ):
            await ask("GET", f"{collection}/{nonsense}", 422, "invalid-request")
        for query in (
            "after=-1",
            "after=x",
            f"after={LARGEST_ID + 1}",
            "size=0",
            "size=201",
            "size=",
            "size=x",
        ):
            await ask("GET", f"{collection}?{query}", 422, "invalid-request")
    assert wrong == expected


async def assert_pages_walk_everything(
    http: httpx2.AsyncClient, collection: str, key: str, how_many: int, size: int
) -> None:
    """Follow the next links from the first page to the last, and see everything once, in order."""
    name = collection.removeprefix("/")
    seen: list[int] = []
    path: str | None = f"{collection}?size={size}"
    while path:
        answer = await http.get(path)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "application/hal+json"
        page: dict[str, Any] = answer.json()
        items = page["_embedded"][name]
        assert len(items) <= size
        assert all(item["_links"]["self"]["href"] == f"{collection}/{item[key]}" for item in items)
        seen += [item[key] for item in items]
        path = page["_links"].get("next", {}).get("href")
    assert seen == list(range(1, how_many + 1))


async def assert_collection_is_paged(
    http: httpx2.AsyncClient, collection: str, key: str, how_many: int
) -> None:
    """Walk a collection in pages of several sizes, one of which divides it evenly."""
    for size in (5, how_many, how_many + 1):
        await assert_pages_walk_everything(http, collection, key, how_many, size)
    default = (await http.get(collection)).json()
    assert len(default["_embedded"][collection.removeprefix("/")]) == min(how_many, 20)
