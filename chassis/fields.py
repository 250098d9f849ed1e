"""Fields of request bodies: what a caller may write, and nothing else."""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

LARGEST_ID = 2**63 - 1


def _whole(value: Any) -> Any:
    """Take 9 and "9" (HTTPie sends the latter), but neither true nor 9.0."""
    if isinstance(value, bool | float):
        raise ValueError("must be a whole number")  # noqa: TRY004 - pydantic reports ValueError
    return value


def _printable(value: str) -> str:
    """Refuse control characters, NUL above all, which PostgreSQL cannot store."""
    if any(ord(character) < 32 or ord(character) == 127 for character in value):
        raise ValueError("must not contain control characters")
    return value


WholeNumber = Annotated[int, BeforeValidator(_whole, json_schema_input_type=int)]
Quantity = Annotated[WholeNumber, Field(ge=1, le=1_000_000)]
Reference = Annotated[WholeNumber, Field(ge=1, le=LARGEST_ID)]
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_printable)
]


class Body(BaseModel):
    """A request body; a field that we do not know is a mistake of the caller's."""

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel, populate_by_name=True)
