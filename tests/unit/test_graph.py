"""The graphs of modules and of instances: what they say, and how they are drawn."""

import itertools
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

import watloom
from watloom.interp.link.graph import module_graph, to_dot, to_mermaid, to_svg
from watloom.interp.link.graph.layout import GAP, lay_out
from watloom.interp.link.graph.model import Edge, Graph, Node
from watloom.stdlib.wasi_file import WasiFile

SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "link_time_virtualization"


def edges(graph):
    return {(e.source, e.label, e.target) for e in graph.edges if e.kind != "inside"}


def test_modules_before():
    """The document's left picture: all three import `wasi_file`."""
    module = watloom.Module.from_file(SAMPLE / "parent.wat")
    graph = module_graph(module, watloom.Linker())
    importers = {s for s, label, _ in edges(graph) if label == "wasi_file"}
    assert importers == {"PARENT", "virtualize", "child"}
    assert graph.targets("PARENT")["child"] == "child"
    assert graph.nodes["import wasi_file"].kind == "name"


@pytest.fixture
def instance():
    linker = watloom.Linker()
    linker.add(WasiFile(stdin=b""))
    return linker.instantiate(SAMPLE / "parent.wat")


def test_instances_after(instance):
    """The right one: the child has the adapter, and no way round it to the real instance."""
    graph = instance.graph
    assert graph.targets("child")["wasi_file"] == "virt-wasi"
    assert graph.targets("virt-wasi")["wasi_file"] == "host wasi_file"
    assert graph.reaches("child", "host wasi_file")
    assert not graph.reaches("child", "host wasi_file", avoiding=["virt-wasi"])
    assert [(e.source, e.target) for e in graph.edges if e.kind == "virtual"] == [
        ("child", "virt-wasi")
    ]


def test_functions_lead_to_their_owners():
    graph = watloom.instantiate(
        """(module $M
          (import "host" "f" (func $f))
          (module $A (func (export "a")) (memory (export "m") 1))
          (module $B (import "x" (func)) (import "m" (memory 1)))
          (instance $a (instantiate $A))
          (instance $b (instantiate $B (import "x" (func $f)) (import "m" (memory $a "m")))))""",
        {"host": {"f": lambda: None}},
    ).graph
    assert edges(graph) == {("M", "host", "host host"), ("b", "x", "host host"), ("b", "m", "a")}
    assert not graph.reaches("a", "host host")


def test_instances_inside_instances_have_paths():
    graph = watloom.instantiate(
        """(module $M
          (module $A (module $B) (instance $b (instantiate $B)))
          (instance $one (instantiate $A))
          (instance $two (instantiate $A)))"""
    ).graph
    assert list(graph.nodes) == ["M", "one", "two", "one.b", "two.b"]


def test_an_unknown_node():
    with pytest.raises(KeyError):
        watloom.instantiate("(module $M)").graph.reaches("M", "nobody")


# ------------------------------------------------------------------ drawing


def fan(count):
    names = [f"n{i}" for i in range(count)]
    graph = Graph({n: Node(n, n) for n in ["top", *names, "bottom"]})
    graph.edges += [Edge("top", n, "x") for n in names] + [Edge(n, "bottom", "y") for n in names]
    graph.edges.append(Edge("top", "bottom", "long"))
    return graph


@pytest.mark.parametrize("count", [1, 2, 7, 40])
def test_boxes_of_a_layer_lie_apart(count):
    layout = lay_out(fan(count))
    places = sorted(layout.places.values(), key=lambda p: (p.y, p.x))
    for one, other in itertools.pairwise(places):
        if one.y == other.y:
            assert other.x - one.x >= (one.width + other.width) / 2 + GAP - 0.01
    assert all(p.x - p.width / 2 >= 0 and p.x + p.width / 2 <= layout.width for p in places)


def test_arrows_lead_downwards():
    layout = lay_out(fan(5))
    assert all(way[0].y < way[-1].y for _, way in layout.ways)
    (bent,) = [way for edge, way in layout.ways if edge.label == "long"]
    assert len(bent) == 3  # it goes through a place of its own between the others


def test_a_circle_is_drawn():
    graph = Graph({n: Node(n, n) for n in "ab"}, [Edge("a", "b"), Edge("b", "a"), Edge("a", "a")])
    assert to_svg(graph).count("<path class=") == 3


def test_svg_is_xml_and_its_labels_lie_apart(instance):
    svg = to_svg(instance.graph, "a < b")
    root = ElementTree.fromstring(svg)
    space = "{http://www.w3.org/2000/svg}"
    assert root.findtext(f"{space}title") == "a < b"
    labels = [t for t in root.iter(f"{space}text") if "label" in t.get("class", "")]
    spots = [(float(t.get("x")), float(t.get("y")), len(t.text) * 3.3) for t in labels]
    assert len(spots) == 5
    for (x, y, w), (x2, y2, w2) in itertools.combinations(spots, 2):
        assert abs(x - x2) > w + w2 or abs(y - y2) > 10
    assert len(re.findall('class="virtual"', svg)) == 1


@pytest.mark.parametrize("args", [[], ["--instances"]])
@pytest.mark.parametrize("ending", ["svg", "dot", "mmd"])
def test_command_line(args, ending, tmp_path, golden):
    from watloom.cli import main

    out = tmp_path / f"graph.{ending}"
    assert main(["graph", *args, "-o", str(out), str(SAMPLE / "parent.wat")]) == 0
    kind = "instances" if args else "modules"
    golden(out.read_text(), f"graph/{kind}.{ending}")


def test_every_part_of_an_instance_leads_on():
    """What comes from two nodes under one name: neither is overlooked."""
    graph = watloom.instantiate(
        """(module $M
          (import "real" "f" (func $f))
          (module $A (func (export "a")))
          (instance $a (instantiate $A))
          (module $X (import "f" (func $f)) (import "a" (func $a))
            (export "f" (func $f)) (export "a" (func $a)))
          (instance $x (instantiate $X (import "f" (func $f)) (import "a" (func $a "a"))))
          (module $B (import "x" "f" (func)) (import "x" "a" (func)))
          (instance $b (instantiate $B (import "x" (instance $x)))))""",
        {"real": {"f": lambda: None}},
    ).graph
    assert graph.reaches("b", "host real")
    assert graph.reaches("b", "a")


def test_names_of_all_kinds():
    label = 'a<b>&amp;"\0\u202e\uffff#\\'
    graph = Graph({"n": Node("n", label), "m": Node("m", "x" * 400)}, [Edge("n", "m", label)])
    visible = 'a<b>&amp;"\\u{0}\\u{202e}\\u{ffff}#\\'
    texts = [t for t in ElementTree.fromstring(to_svg(graph, label)).iter() if "text" in t.tag]
    assert [t.text for t in texts[:3]] == [visible] * 3  # its halo, itself, the node
    full, short = texts[-1][0].text, texts[-1][0].tail
    assert (full, short) == ("x" * 400, "x" * 47 + "…")
    assert lay_out(graph).width < 500
    quoted = '"a<b>&amp;amp;\\"\\\\u{0}\\\\u{202e}\\\\u{ffff}#\\\\"'
    assert f'"n" -> "m" [label={quoted}]' in to_dot(graph)
    entities = "a#lt;b#gt;#amp;amp;#quot;\\u{0}\\u{202e}\\u{ffff}#35;\\"
    assert f'n0 -->|"{entities}"| n1' in to_mermaid(graph)


def test_wide_letters_have_room():
    graph = Graph({"n": Node("n", "語" * 20), "m": Node("m", "m" * 40)})
    assert lay_out(graph).places["n"].width == lay_out(graph).places["m"].width


def test_a_long_chain_that_all_import_from():
    """Arrows over hundreds of layers would have hundreds of bends each: they go straight."""
    names = [f"n{i}" for i in range(400)]
    graph = Graph({n: Node(n, n) for n in names})
    graph.edges += [Edge(a, b) for a, b in itertools.pairwise(names)]
    graph.edges += [Edge(n, names[-1], "host") for n in names[:-2]]
    layout = lay_out(graph)
    assert sum(len(way) for _, way in layout.ways) == 2 * len(graph.edges)
