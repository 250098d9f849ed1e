"""Orders of arrival: in which sequences, and in which batches, the same messages may come."""

from collections.abc import Iterator
from itertools import permutations


def arrivals(number: int) -> Iterator[list[list[int]]]:
    """Give the ways in which messages 0 to `number` - 1 may come: every sequence, alone and in batches.

    In the last of each sequence's ways they all come again, in the opposite sequence.
    """
    for order in permutations(range(number)):
        sequence = list(order)
        half = number // 2
        yield [[one] for one in sequence]
        yield [sequence]
        yield [sequence[:half], sequence[half:]]
        yield [sequence, sequence[::-1]]
