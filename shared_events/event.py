"""What every event has in common."""

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class Event(BaseModel):
    """A fact, named in the past tense, that its context stands by for ever.

    Fields are only ever added, with a default; a reader ignores fields it does not know.
    Id, time, version and trace belong to the envelope, so two equal facts are equal values.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel, populate_by_name=True)
