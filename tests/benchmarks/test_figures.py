"""A figure says whether its bar is held, on the screen and in the documentation alike."""

from pathlib import Path

import pytest

from benchmarks.figures import BEGIN, END, Bar, Figure, as_markdown, write_between_markers


@pytest.mark.parametrize(
    ("value", "bar", "held"),
    [
        (0.6, Bar(0.6, higher_is_better=True), True),
        (0.59, Bar(0.6, higher_is_better=True), False),
        (3.0, Bar(3.0), True),
        (3.01, Bar(3.0), False),
        (99.0, None, True),
    ],
)
def test_a_bar_is_held_or_missed(value: float, bar: Bar | None, held: bool) -> None:
    assert Figure("settle", "", "", value, " ms", bar).held is held


def test_a_missed_bar_says_by_how_much() -> None:
    missed = Figure("accept", "", "", 0.5, " x", Bar(0.6, higher_is_better=True))
    assert missed.cells()[-1] == "MISSED by 0.10 x"


def test_only_what_stands_between_the_markers_is_replaced(tmp_path: Path) -> None:
    document = tmp_path / "performance.md"
    document.write_text(f"# Ours\n\n{BEGIN}\nold\n{END}\n\nour words\n")
    write_between_markers(
        document, as_markdown([Figure("settle", "", "", 2.5, " ms", Bar(3))], "Measured today.")
    )
    text = document.read_text()
    assert text.startswith(f"# Ours\n\n{BEGIN}\nMeasured today.\n")
    assert "| settle |  |  | 2.50 ms | at most 3 ms | held |" in text
    assert "old" not in text
    assert text.endswith(f"{END}\n\nour words\n")
