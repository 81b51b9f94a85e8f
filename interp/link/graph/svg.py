"""A graph as SVG: a picture for documents, without scripts or foreign fonts."""

from __future__ import annotations

from xml.sax.saxutils import escape

from watloom.interp.core.source import columns
from watloom.interp.link.graph.layout import HEIGHT, Place, cut, lay_out
from watloom.interp.link.graph.model import Edge, Graph, Node, shown

__all__ = ["to_svg"]

_STYLE = """
  text { font: 13px ui-monospace, Menlo, Consolas, monospace; text-anchor: middle; fill: #1b1f24 }
  .note { font-size: 10px; fill: #57606a }
  .label, .halo { font-size: 11px; fill: #57606a }
  .halo { stroke: #fff; stroke-width: 4px }
  .guest { fill: #ddf4ff; stroke: #0969da }
  .host { fill: #fff8c5; stroke: #9a6700 }
  .name { fill: #fff; stroke: #57606a; stroke-dasharray: 4 3 }
  path { fill: none; stroke: #57606a; stroke-width: 1.4 }
  .inside { stroke: #afb8c1; stroke-dasharray: 2 4 }
  .virtual { stroke: #cf222e; stroke-width: 2.4 }
  .virtual-label { fill: #cf222e }
"""
_MARGIN, LABEL_CHAR = 24, 6.7


def to_svg(graph: Graph, title: str = "") -> str:
    """The text of an SVG file."""
    layout = lay_out(graph)
    width, height = layout.width + 2 * _MARGIN, layout.height + 2 * _MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="{-_MARGIN} {-_MARGIN} {width:.0f} {height:.0f}" role="img">',
        f"<title>{_text(title)}</title>",
        f"<style>{_STYLE}</style>",
        "<defs>",
        *(_arrowhead(kind, color) for kind, color in _HEADS.items()),
        "</defs>",
        f'<rect x="{-_MARGIN}" y="{-_MARGIN}" width="100%" height="100%" fill="#fff"/>',
    ]
    parts += [_arrow(edge, way) for edge, way in layout.ways]
    parts += _labels(layout.ways)
    parts += [_box(node, layout.places[name]) for name, node in graph.nodes.items()]
    return "\n".join([*parts, "</svg>\n"])


def _text(name: str) -> str:
    return escape(shown(name))


def _named(name: str) -> str:
    """What a text element holds: the name, and where it is cut off, all of it to be pointed at."""
    short = cut(name)
    more = f"<title>{_text(name)}</title>" if short.endswith("…") else ""
    return more + escape(short)


_HEADS = {"import": "#57606a", "inside": "#afb8c1", "virtual": "#cf222e"}


def _arrowhead(kind: str, color: str) -> str:
    return (
        f'<marker id="{kind}" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" '
        f'markerHeight="8" markerUnits="userSpaceOnUse" orient="auto">'
        f'<path d="M0 0 L8 4 L0 8 z" style="fill: {color}; stroke: none"/></marker>'
    )


def _box(node: Node, place: Place) -> str:
    x, y = place.x - place.width / 2, place.y - HEIGHT / 2
    round_ = 6 if node.kind == "guest" else HEIGHT / 2
    lines = [
        f'<rect class="{node.kind}" x="{x:.1f}" y="{y:.1f}" width="{place.width:.1f}" '
        f'height="{HEIGHT}" rx="{round_:.0f}"/>'
    ]
    base = place.y + (0 if node.note else 4.5)
    lines.append(f'<text x="{place.x:.1f}" y="{base:.1f}">{_named(node.label)}</text>')
    if node.note:
        note, y = _named(node.note), place.y + 13
        lines.append(f'<text class="note" x="{place.x:.1f}" y="{y:.1f}">{note}</text>')
    return "\n".join(lines)


def _points(way: list[Place]) -> list[tuple[float, float]]:
    """The ends at the edges of the boxes, and the bends."""
    down = way[-1].y >= way[0].y
    edge = HEIGHT / 2 if down else -HEIGHT / 2
    first, last = way[0], way[-1]
    return [
        (first.x, first.y + edge),
        *((p.x, p.y) for p in way[1:-1]),
        (last.x, last.y - edge),
    ]


def _arrow(edge: Edge, way: list[Place]) -> str:
    points = _points(way)
    if edge.source == edge.target:
        x, y = way[0].x + way[0].width / 2, way[0].y
        d = f"M{x:.1f} {y - 8:.1f} c40 -12 40 28 0 16"
    else:
        (x, y), rest = points[0], points[1:]
        d = f"M{x:.1f} {y:.1f}"
        for nx, ny in rest:
            half = (y + ny) / 2
            d += f" C{x:.1f} {half:.1f} {nx:.1f} {half:.1f} {nx:.1f} {ny:.1f}"
            x, y = nx, ny
    return f'<path class="{edge.kind}" d="{d}" marker-end="url(#{edge.kind})"/>'


def _labels(ways: list[tuple[Edge, list[Place]]]) -> list[str]:
    """The names on the arrows, each where it covers no other."""
    taken: list[tuple[float, float, float]] = []
    found = []
    for edge, way in ways:
        if not edge.label:
            continue
        half = columns(cut(edge.label)) * LABEL_CHAR / 2
        spots = [_on_curve(way, t) for t in (0.5, 0.36, 0.64, 0.25, 0.75)]
        x, y = next((s for s in spots if _is_free(*s, half, taken)), spots[0])
        taken.append((x, y, half))
        kind = " virtual-label" if edge.kind == "virtual" else ""
        place = f'x="{x:.1f}" y="{y + 4:.1f}"'
        # behind it the same in white, as a text of its own: not every program knows paint-order
        halo = escape(cut(edge.label))
        found.append(f'<text class="halo" aria-hidden="true" {place}>{halo}</text>')
        found.append(f'<text class="label{kind}" {place}>{_named(edge.label)}</text>')
    return found


def _is_free(x: float, y: float, half: float, taken: list[tuple[float, float, float]]) -> bool:
    return all(abs(x - tx) > half + th + 4 or abs(y - ty) > 14 for tx, ty, th in taken)


def _on_curve(way: list[Place], t: float) -> tuple[float, float]:
    """A point of the middle part of an arrow, from 0 at its begin to 1 at its end."""
    points = _points(way)
    middle = len(points) // 2
    (x0, y0), (x1, y1) = points[middle - 1], points[middle]
    half, u = (y0 + y1) / 2, 1 - t
    x = x0 * (u**3 + 3 * t * u * u) + x1 * (3 * t * t * u + t**3)
    y = y0 * u**3 + half * (3 * t * u * u + 3 * t * t * u) + y1 * t**3
    return x, y
