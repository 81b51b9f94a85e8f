"""The name section: what it keeps, and that a broken one is no error."""

from hypothesis import given
from hypothesis import strategies as st

from watloom.interp.core.features import WASM3
from watloom.interp.core.module import Custom, Kind, Module, Names
from watloom.interp.core.source import Source
from watloom.parser.decode import decode_module
from watloom.parser.encode import encode_module
from watloom.parser.names import read_names, write_names

SOURCE = Source("names.wat", "(module)")
NAME = st.text(st.characters(codec="utf-8"), max_size=5)
MAP = st.dictionaries(st.integers(0, (1 << 32) - 1), NAME, min_size=1, max_size=4)
INDIRECT = st.dictionaries(st.integers(0, (1 << 32) - 1), MAP, max_size=3)


@given(
    st.builds(
        Names,
        module=st.none() | NAME,
        spaces=st.dictionaries(st.sampled_from(list(Kind)), MAP),
        locals=INDIRECT,
        labels=INDIRECT,
        fields=INDIRECT,
        elems=MAP | st.just({}),
        datas=MAP | st.just({}),
    )
)
def test_round_trip(names):
    assert read_names(write_names(names)) == names


@given(st.binary(max_size=30))
def test_any_bytes_are_names_or_nothing(data):
    names = read_names(data)
    assert names is None or read_names(write_names(names)) == names


def test_subsections_that_are_not_known_are_passed_over():
    names = read_names(bytes.fromhex("63 02 aa bb 00 02 01 6d"))
    assert names == Names("m")


def with_customs(*customs: Custom) -> Module:
    data = encode_module(Module(SOURCE, customs=list(customs)))
    module = decode_module(Source("names.wasm", data=data), WASM3)
    assert encode_module(decode_module(Source("", data=encode_module(module)), WASM3)) == (
        encode_module(module)
    )
    return module


def test_a_malformed_name_section_is_kept_as_it_is():
    broken = Custom("name", b"\0\xff")
    module = with_customs(broken)
    assert module.customs == [broken]
    assert module.names == Names()


def test_of_two_name_sections_the_last_counts():
    first, second = (Custom("name", write_names(Names(name))) for name in "ab")
    assert with_customs(first, second).names == Names("b")


def test_other_custom_sections_are_kept():
    others = [Custom("producers", b"\0"), Custom("name2", b"")]
    assert with_customs(*others).customs == others
