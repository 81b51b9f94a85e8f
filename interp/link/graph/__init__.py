"""Pictures of linking: which module imports what, and which instance was given what.

`modules` draws the static graph from the modules alone, `instances` the graph of what an
instantiation has made. Either is a `Graph`: nodes and arrows to be asserted on, and to be written
as SVG, DOT or Mermaid.
"""

from __future__ import annotations

from watloom.interp.link.graph.instances import instance_graph
from watloom.interp.link.graph.model import Edge, Graph, Node
from watloom.interp.link.graph.modules import module_graph
from watloom.interp.link.graph.svg import to_svg
from watloom.interp.link.graph.words import to_dot, to_mermaid

__all__ = [
    "Edge",
    "Graph",
    "Node",
    "instance_graph",
    "module_graph",
    "to_dot",
    "to_mermaid",
    "to_svg",
]
