"""The grammar: without conflicts, with a method for every rule, and its tables well kept."""

import os
import re
import stat
import subprocess
import sys

import pytest

from watloom.interp.core.cache_folder import CacheFolder
from watloom.interp.core.features import PROPOSALS, Features
from watloom.interp.isa import op_table
from watloom.interp.isa.immediates import shape_of
from watloom.parser import tables
from watloom.parser.build_module import ModuleBuilder
from watloom.parser.script import ScriptBuilder


@pytest.fixture(scope="module")
def plain():
    return tables.build(tables.grammar_text())


def test_there_is_no_conflict(plain):
    assert set(plain["starts"]) == {"module", "command"}


def test_an_ambiguous_grammar_is_refused():
    from lark.exceptions import GrammarError

    grammar = tables.grammar_text() + "\nsubtype: comptype -> twice\n"
    with pytest.raises(GrammarError):
        tables.build(
            grammar.replace("subtype: comptype", "subtype: comptype | comptype comptype", 1)
        )


def test_every_rule_has_a_method(plain):
    linked = tables.link(plain, ScriptBuilder)
    missing = [
        action.left
        for row in linked.rows
        for action in row.values()
        if isinstance(action, tables.Reduction)
        and "missing" in getattr(action.method, "__name__", "")
    ]
    assert not missing


def test_every_shape_of_immediates_is_a_terminal():
    declared = set(re.findall(r"[A-Z_]+", "".join(re.findall("%declare.*", tables.grammar_text()))))
    every = op_table(Features(frozenset(PROPOSALS))).by_opcode.values()
    assert {shape_of(op.immediates) for op in every} <= declared


def test_no_mnemonic_stands_in_the_grammar():
    rules = re.sub("//.*", "", tables.grammar_text())
    assert not re.search(r"[a-z0-9]+\.[a-z]", rules)


# ------------------------------------------------------------------ keeping the tables


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delenv("WATLOOM_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "watloom"


def test_the_tables_are_made_once(cache, monkeypatch):
    tables.load(ModuleBuilder)
    (kept,) = cache.iterdir()
    assert CacheFolder(str(cache)).read(kept.name)
    monkeypatch.setattr(tables, "build", lambda grammar: pytest.fail("made again"))
    assert tables.load(ModuleBuilder).starts.keys() == {"module", "command"}


@pytest.mark.skipif(os.name != "posix", reason="files have no owner")
def test_the_kept_tables_are_their_owners_alone(cache, monkeypatch):
    tables.load(ModuleBuilder)
    (kept,) = cache.iterdir()
    assert stat.S_IMODE(cache.stat().st_mode) == 0o700
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    kept.chmod(0o622)
    made = []
    build = tables.build
    monkeypatch.setattr(tables, "build", lambda grammar: made.append(1) or build(grammar))
    tables.load(ModuleBuilder)
    assert made


@pytest.mark.parametrize("text", ["", "{", "[]", '{"rows": []}'])
def test_damaged_tables_are_made_again(cache, text):
    tables.load(ModuleBuilder)
    (kept,) = cache.iterdir()
    kept.write_text(text)
    assert tables.load(ModuleBuilder).starts
    assert CacheFolder(str(cache)).read(kept.name)


@pytest.mark.parametrize("place", ["", "relative/folder", "/dev/null"])
def test_without_a_cache_folder_all_works(monkeypatch, place):
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delenv("WATLOOM_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", place)
    monkeypatch.setenv("HOME", "/dev/null")
    assert tables.load(ModuleBuilder).starts


def test_lark_is_not_imported_where_the_tables_are_kept():
    code = (
        "from watloom.parser.text import parse_module;"
        "from watloom.interp.core.source import Source;"
        "from watloom.interp.core.features import WASM3; import sys;"
        "parse_module(Source('a', '(module)'), WASM3); print('lark' in sys.modules)"
    )
    runs = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True) for _ in "12"
    ]
    assert runs[1].stdout == "False\n", runs[1].stderr
