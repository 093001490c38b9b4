"""Charts as SVG: of a run for a page that allows no inline styles, of growth as a file.

Matplotlib draws them without a display and without a clock, so the same figures give the
same bytes. What it writes as styles becomes presentation attributes, which a strict
Content Security Policy admits; ink becomes `currentColor`, so that the charts follow the
page's colours in light and dark.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence
from io import StringIO
from typing import Any

_INK, _ACCENT, _SOFT = "#010203", "#2a6f97", "#8a8a8a"
_FONT = re.compile(r"([\d.]+)px")
_LABEL = 28
"""Most characters of a run's name in a drawing."""
_SVG = "{http://www.w3.org/2000/svg}"


def reliability(bins: Sequence[dict[str, Any]]) -> str:
    """Confidence against accuracy, one dot a bin, its area by the number of samples."""

    def draw(axes: Any) -> None:
        most = max(b["n"] for b in bins)
        axes.plot([0, 1], [0, 1], color=_SOFT, linewidth=1, linestyle="--")
        axes.plot(
            [b["confidence"] for b in bins],
            [b["accuracy"] for b in bins],
            color=_ACCENT,
            linewidth=1,
        )
        axes.scatter(
            [b["confidence"] for b in bins],
            [b["accuracy"] for b in bins],
            s=[20 + 180 * b["n"] / most for b in bins],
            color=_ACCENT,
            alpha=0.75,
            linewidths=0,
        )
        # Dots at the rim stay whole.
        axes.set(
            xlim=(0, 1.03), ylim=(-0.03, 1.03), xlabel="Confidence", ylabel="Share that is right"
        )

    return _svg(draw, "Reliability: confidence against the share of ratings that are right")


def risk_coverage(curve: Sequence[dict[str, float]]) -> str:
    """The share of errors when only the surest ratings are kept."""

    def draw(axes: Any) -> None:
        axes.plot([p["coverage"] for p in curve], [p["risk"] for p in curve], color=_ACCENT)
        top = max((p["risk"] for p in curve), default=0)
        axes.set(
            xlim=(0, 1),
            ylim=(0, max(0.1, top * 1.1)),
            xlabel="Share of samples kept, surest first",
            ylabel="Share that is wrong",
        )

    return _svg(draw, "Risk and coverage: errors among the surest ratings")


def cost_quality(points: Sequence[tuple[str, float, float]], axis: str, figure: str) -> str:
    """Runs as dots.

    Args:
        points: name, cost and quality of each run.
        axis: what the cost is, with its unit.
        figure: what the quality is.
    """

    def draw(axes: Any) -> None:
        axes.scatter([p[1] for p in points], [p[2] for p in points], color=_ACCENT, s=36)
        most = max(p[1] for p in points)
        for name, cost, quality in points:
            # Towards the middle, so that a long name stays within the drawing.
            left = cost > most / 2
            label = axes.annotate(
                name if len(name) <= _LABEL else f"{name[:_LABEL]}…",
                (cost, quality),
                xytext=(-6 if left else 6, 5),
                ha="right" if left else "left",
                textcoords="offset points",
                fontsize=8,
                color=_INK,
            )
            label.set_in_layout(False)
        axes.set(xlim=(0, most * 1.15 or 1), ylim=(0, 1.1), xlabel=axis, ylabel=figure)
        axes.set_yticks([0, 0.2, 0.4, 0.6, 0.8, 1])

    return _svg(draw, f"Cost against quality: {axis} and {figure}")


Panel = tuple[str, str, Sequence[tuple[str, Sequence[float], Sequence[float]]]]
"""What grows, the unit of what grows with it, and each line's name, sizes and values."""
_COLOURS = (_ACCENT, "#b5542a", "#3f7d4e", "#7a4e9c", "#c09a2b", "#5c5c5c")
_COLUMNS = 3


def growth(panels: Sequence[Panel]) -> str:
    """Lines over sizes, both logarithmic, as an SVG file of its own on white."""
    rows = -(-len(panels) // _COLUMNS)

    def draw(figure: Any) -> None:
        for number, (of, unit, lines) in enumerate(panels, 1):
            axes = figure.add_subplot(rows, _COLUMNS, number)
            axes.grid(color=_SOFT, alpha=0.25, linewidth=0.6)
            for (name, sizes, values), colour in zip(lines, itertools.cycle(_COLOURS)):
                axes.plot(sizes, values, marker="o", markersize=3.5, color=colour, label=name)
            axes.set(xscale="log", yscale="log", xlabel=of, ylabel=unit)
            axes.legend(fontsize=7, frameon=False)

    return _drawn(draw, (3.4 * _COLUMNS, 2.8 * rows), facecolor="white")


def _svg(draw: Callable[[Any], None], title: str) -> str:
    def on_axes(figure: Any) -> None:
        axes = figure.add_subplot()
        axes.grid(color=_SOFT, alpha=0.25, linewidth=0.6)
        draw(axes)

    return inline(_drawn(on_axes, (4.2, 3.2), transparent=True), title)


def _drawn(draw: Callable[[Any], None], size: tuple[float, float], **how: Any) -> str:
    """What is drawn on a figure of so many inches, as a whole SVG file."""
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    settings: dict[Any, Any] = {
        # Ids of clip paths are hashes with this salt instead of random numbers.
        "svg.hashsalt": "assay",
        "svg.fonttype": "none",
        "font.family": "sans-serif",
        "font.size": 9,
        "text.color": _INK,
        "axes.edgecolor": _INK,
        "axes.labelcolor": _INK,
        "xtick.color": _INK,
        "ytick.color": _INK,
        "axes.spines.top": False,
        "axes.spines.right": False,
    }
    with mpl.rc_context(settings):
        figure = Figure(figsize=size, layout="constrained")
        FigureCanvasSVG(figure)
        draw(figure)
        written = StringIO()
        figure.savefig(written, format="svg", metadata={"Date": None}, **how)
    return written.getvalue()


def inline(svg: str, title: str) -> str:
    """A drawing as an element of a page: no prologue, no style, with a name for readers.

    Args:
        svg: a whole SVG file, of ours.
        title: what a screen reader says.
    """
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    root = etree.fromstring(svg.encode(), parser)
    for element in list(root.iter(f"{_SVG}style", f"{_SVG}metadata")):
        element.getparent().remove(element)
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        for declaration in filter(None, str(element.attrib.pop("style", "")).split(";")):
            name, _, value = (part.strip() for part in declaration.partition(":"))
            if name == "font":  # the shorthand is no presentation attribute
                size = _FONT.search(value)
                name, value = "font-size", size[1] if size else "9"
            if not name.startswith("-"):
                element.set(name, "currentColor" if value == _INK else value)
    # What matplotlib's own style sheet would have said.
    root.set("stroke-linejoin", "round")
    root.set("role", "img")
    for side in ("height", "width"):
        root.attrib.pop(side, "")
    heading = etree.Element(f"{_SVG}title")
    heading.text = title
    root.insert(0, heading)
    text: str = etree.tostring(root, encoding="unicode")
    # Several drawings on one page: their ids must differ.
    prefix = re.sub(r"\W+", "-", title.split(":")[0].lower())
    text = re.sub(r'\bid="', f'id="{prefix}-', text)
    return re.sub(r'(url\(#|xlink:href="#)', rf"\g<1>{prefix}-", text)
