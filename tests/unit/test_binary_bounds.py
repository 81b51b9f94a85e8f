"""What few bytes may ask for: reading broken binaries takes bounded time and memory."""

import random
import time
import tracemalloc

import pytest

from binary_samples import TYPES, op
from watloom.interp.core.errors import InvalidError, MalformedError
from watloom.interp.core.features import DEFAULT, Features
from watloom.interp.core.module import Func, InstanceTypeDef, Module, ModuleTypeDef
from watloom.interp.core.source import Source
from watloom.interp.validate import validate
from watloom.parser.decode import decode_module
from watloom.parser.decode_code import LOCALS_LIMIT, MODULE_LOCALS_LIMIT
from watloom.parser.decode_link import NESTING_LIMIT
from watloom.parser.encode import encode_module
from watloom.parser.leb128 import unsigned
from watloom.parser.resolve.scopes import MAX_NESTING

HEADER = b"\0asm\1\0\0\0"


def decode(data: bytes, features: Features = DEFAULT) -> Module:
    return decode_module(Source("mutant.wasm", data=data), features)


def test_random_sections():
    """Any bytes behind the header and a section's number."""
    choose = random.Random(7)
    for _ in range(6_000):
        content = bytes(
            choose.choices(range(256), weights=[20, 20, *[1] * 254], k=choose.randint(0, 30))
        )
        data = HEADER + bytes((choose.randint(0, 16),)) + unsigned(len(content)) + content
        try:
            decode(data)
        except MalformedError:
            continue


# ------------------------------------------------------------------ what few bytes may ask for


def section(number: int, content: bytes) -> bytes:
    return bytes((number,)) + unsigned(len(content)) + content


def bodies(*each: bytes) -> bytes:
    """A module of functions without parameters that have these bodies."""
    count = unsigned(len(each))
    code = b"".join(unsigned(len(body)) + body for body in each)
    functions = section(3, count + bytes(len(each)))
    return HEADER + section(1, b"\1\x60\0\0") + functions + section(10, count + code)


@pytest.mark.parametrize("number", range(17))
def test_counts_are_not_believed(number):
    huge = unsigned((1 << 32) - 1)
    for prefix in (b"", b"\1", b"\1\x60", b"\1\0", b"\1\x01\0"):
        data = HEADER + section(number, prefix + huge)
        tracemalloc.start()
        try:
            decode(data)
        except MalformedError:
            pass
        finally:
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        assert peak < 1_000_000


def test_locals_are_limited():
    run = unsigned(LOCALS_LIMIT) + b"\x7f"
    func = b"\1" + run + b"\x0b"
    module = decode(bodies(func))
    assert len(module.funcs[0].locals) == LOCALS_LIMIT
    with pytest.raises(MalformedError, match="too many locals: 50001"):
        decode(bodies(b"\2" + run + b"\1\x7e\x0b"))
    with pytest.raises(MalformedError, match="too many locals") as caught:
        decode(bodies(*[func] * (MODULE_LOCALS_LIMIT // LOCALS_LIMIT + 1)))
    assert "the functions so far" in str(caught.value)


def test_deep_blocks_need_no_recursion():
    depth = 200_000
    body = b"\0" + b"\2\x40" * depth + b"\x0b" * depth + b"\x0b"
    module = decode(bodies(body))
    assert len(module.funcs[0].body) == 2 * depth
    assert decode(encode_module(module)).funcs[0].body[-1].op.mnemonic == "end"
    with pytest.raises(MalformedError, match="unexpected end") as caught:
        decode(bodies(body[:-1]))
    assert caught.value.notes


def test_deep_types_are_refused():
    """Module types in module types: written without recursion, read up to a limit."""
    deep: ModuleTypeDef | InstanceTypeDef = InstanceTypeDef([])
    for _ in range(3_000):
        deep = ModuleTypeDef([deep])
    data = encode_module(Module(Source("deep.wat", ""), definitions=[deep]))
    with pytest.raises(MalformedError, match="nested too deep"):
        decode(data)


def test_time_is_linear():
    """A megabyte of code in seconds, and of the worst LEB128 too."""
    started = time.perf_counter()
    plain = decode(bodies(b"\0" + b"\x41\0\x1a" * 100_000 + b"\x0b"))
    assert len(plain.funcs[0].body) == 200_000
    decode(bodies(b"\0" + b"\x41\xff\xff\xff\xff\x7f\x1a" * 50_000 + b"\x0b"))
    assert time.perf_counter() - started < 20


def test_code_of_many_functions():
    functions = [Func(0, [], [op("nop")] * 3) for _ in range(5_000)]
    module = Module(Source("many.wat", ""), definitions=[TYPES[0]], funcs=functions)
    assert len(decode(encode_module(module)).funcs) == 5_000


def test_nested_modules_share_a_limit_of_locals():
    """A hundred modules, each with as many locals as one may have."""
    func = b"\1" + unsigned(LOCALS_LIMIT) + b"\x7f\x0b"
    inner = bodies(*[func] * (MODULE_LOCALS_LIMIT // LOCALS_LIMIT))
    nested = section(14, b"\2" + 2 * (unsigned(len(inner)) + inner))
    with pytest.raises(MalformedError, match="too many locals: 5050000"):
        decode(HEADER + nested)


def test_modules_nest_as_deep_as_in_text():
    assert NESTING_LIMIT == MAX_NESTING
    data = HEADER
    for _ in range(NESTING_LIMIT):
        data = HEADER + section(14, b"\1" + unsigned(len(data)) + data)
    assert encode_module(decode(data)) == data
    with pytest.raises(MalformedError, match="nested too deep"):
        decode(HEADER + section(14, b"\1" + unsigned(len(data)) + data))


# ------------------------------------------------------------------ and of validation


def peak_of_validating(data: bytes) -> int:
    """The bytes that validating takes at most, whatever it finds."""
    module = decode(data)
    tracemalloc.start()
    try:
        validate(module)
    except InvalidError:
        pass
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return peak


def sub_types(count: int) -> bytes:
    """Struct types, each a sub type of the one before."""
    first = b"\x50\0\x5f\0"
    return first + b"".join(b"\x50\1" + unsigned(i) + b"\x5f\0" for i in range(count - 1))


@pytest.mark.parametrize("in_group", [False, True])
def test_chains_of_sub_types(in_group):
    count = 4_000
    group = b"\1\x4e" + unsigned(count) if in_group else unsigned(count)
    assert peak_of_validating(HEADER + section(1, group + sub_types(count))) < 20_000_000
    validate(decode(HEADER + section(1, unsigned(64) + sub_types(64))))
    with pytest.raises(InvalidError, match=r"^sub type hierarchy too deep"):
        validate(decode(HEADER + section(1, unsigned(65) + sub_types(65))))


def test_operands_that_dead_code_does_not_have():
    types = section(1, b"\2\x60\0\0\x5e\x7f\0")
    new_fixed = b"\xfb\x08\1" + unsigned((1 << 32) - 1)
    body = b"\0\0" + new_fixed + b"\x1a\x0b"
    code = section(10, b"\1" + unsigned(len(body)) + body)
    data = HEADER + types + section(3, b"\1\0") + code
    assert len(data) < 50
    validate(decode(data))


def test_calls_that_push_much():
    results = b"\x60\0" + unsigned(1_000) + b"\x7f" * 1_000
    calls = b"\0\0" + b"\x10\0" * 9_000 + b"\x0b"
    code = section(10, b"\1" + unsigned(len(calls)) + calls)
    data = HEADER + section(1, b"\1" + results) + section(3, b"\1\0") + code
    with pytest.raises(InvalidError, match=r"^too many operands on the stack"):
        validate(decode(data))
    assert peak_of_validating(data) < 50_000_000
