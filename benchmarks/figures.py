"""What a measurement says, and the one table that shows them all, on the screen and in the documentation."""

from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"
HEADINGS = ("figure", "measured", "against", "value", "bar", "held")


@dataclass(frozen=True)
class Bar:
    """The value to reach: a least (`higher_is_better`) or a most."""

    value: float
    higher_is_better: bool = False

    def held_by(self, value: float) -> bool:
        return value >= self.value if self.higher_is_better else value <= self.value


@dataclass(frozen=True)
class Figure:
    name: str
    measured: str
    against: str
    value: float
    unit: str
    bar: Bar | None = None  # without one the figure is only shown
    parts: str = ""  # what it is made of, too long for the table

    @property
    def held(self) -> bool:
        return self.bar is None or self.bar.held_by(self.value)

    def cells(self) -> tuple[str, ...]:
        if self.bar is None:
            bar, verdict = "", "shown"
        else:
            bar = f"{'at least' if self.bar.higher_is_better else 'at most'} {self.bar.value:g}{self.unit}"
            verdict = "held" if self.held else f"MISSED by {abs(self.value - self.bar.value):.2f}{self.unit}"
        return self.name, self.measured, self.against, f"{self.value:.2f}{self.unit}", bar, verdict


def parts_of(figures: list[Figure]) -> list[str]:
    return [f"{figure.name}: {figure.parts}" for figure in figures if figure.parts]


def on_screen(figures: list[Figure], title: str) -> Table:
    table = Table(title=title)
    for heading in HEADINGS:
        table.add_column(heading, justify="right" if heading == "value" else "left")
    for figure in figures:
        table.add_row(*figure.cells(), style="" if figure.held else "bold red")
    return table


def as_markdown(figures: list[Figure], title: str) -> str:
    rows = [HEADINGS, ("---",) * len(HEADINGS), *(figure.cells() for figure in figures)]
    table = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([title, "", *table, "", *(f"- {line}" for line in parts_of(figures))])


def write_between_markers(document: Path, text: str) -> None:
    """Replace what stands between the markers; all else in the document is written by hand and stays."""
    before, rest = document.read_text().split(BEGIN)
    _old, after = rest.split(END)
    document.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}")


def named(parts: dict[str, float], digits: int = 2) -> str:
    return ", ".join(f"{name} {value:.{digits}f}" for name, value in parts.items())
