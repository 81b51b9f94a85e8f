"""A graph in the languages of other tools: DOT (Graphviz) and Mermaid."""

from __future__ import annotations

from watloom.interp.link.graph.model import Graph, shown

__all__ = ["to_dot", "to_mermaid"]

_SHAPES = {"guest": "box", "host": "ellipse", "name": "ellipse, style=dashed"}
_LINES = {"import": "", "inside": "style=dotted", "virtual": "color=red, penwidth=2"}


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _label(*lines: str) -> str:
    """What is shown, where Graphviz reads `&lt;` as in HTML."""
    return _quoted("\n".join(shown(line) for line in lines if line).replace("&", "&amp;"))


def to_dot(graph: Graph) -> str:
    """The graph for Graphviz.

    >>> from watloom.interp.link.graph.model import Edge, Node
    >>> print(to_dot(Graph({"a": Node("a", "a"), "b": Node("b", "b")}, [Edge("a", "b", "x")])))
    digraph {
      "a" [shape=box, label="a"]
      "b" [shape=box, label="b"]
      "a" -> "b" [label="x"]
    }
    <BLANKLINE>
    """
    lines = ["digraph {"]
    for name, node in graph.nodes.items():
        label = _label(node.label, node.note)
        lines.append(f"  {_quoted(shown(name))} [shape={_SHAPES[node.kind]}, label={label}]")
    for edge in graph.edges:
        said = [f"label={_label(edge.label)}"] if edge.label else []
        attributes = ", ".join([*said, *filter(None, [_LINES[edge.kind]])])
        rest = f" [{attributes}]" if attributes else ""
        ends = [_quoted(shown(name)) for name in (edge.source, edge.target)]
        lines.append(f"  {' -> '.join(ends)}{rest}")
    return "\n".join([*lines, "}\n"])


def to_mermaid(graph: Graph) -> str:
    """The graph for Mermaid.

    >>> from watloom.interp.link.graph.model import Edge, Node
    >>> print(to_mermaid(Graph({"a": Node("a", "a"), "b": Node("b", "b")}, [Edge("a", "b", "x")])))
    flowchart TD
      n0["a"]
      n1["b"]
      n0 -->|"x"| n1
    <BLANKLINE>
    """
    ids = {name: f"n{i}" for i, name in enumerate(graph.nodes)}
    lines = ["flowchart TD"]
    for name, node in graph.nodes.items():
        text = _entities(f"{node.label} ({node.note})" if node.note else node.label)
        left, right = ("[", "]") if node.kind == "guest" else ("([", "])")
        lines.append(f'  {ids[name]}{left}"{text}"{right}')
    arrows = {"import": "-->", "inside": "-.->", "virtual": "==>"}
    for edge in graph.edges:
        said = f'|"{_entities(edge.label)}"|' if edge.label else ""
        lines.append(f"  {ids[edge.source]} {arrows[edge.kind]}{said} {ids[edge.target]}")
    return "\n".join(lines) + "\n"


def _entities(text: str) -> str:
    """What is shown, where Mermaid reads HTML."""
    text = shown(text).replace("#", "#35;").replace('"', "#quot;")
    return text.replace("&", "#amp;").replace("<", "#lt;").replace(">", "#gt;")
