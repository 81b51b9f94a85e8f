"""`python tests/bench/simd.py`: vector operations in several representations, nanoseconds each.

    ints     one int of 128 bits, all lanes at once        (core.numerics.simd_swar)
    bytes    16 bytes, lanes by struct or translate        (core.numerics.simd_bytes)
    between  the faster of both, from an int to an int     what compiled code pays in the middle
    views    memoryview.cast, lane by lane
    numpy    arrays that are there already, and a new one for the result
    anew     numpy from bytes to bytes
    plain    the declaration's own body                    what the reference machine pays

The best of nine, since what disturbs only adds. --markdown writes the table of README.md here.
"""

import argparse
import struct
import sys
import timeit
from collections.abc import Callable
from typing import Any

import numpy as np

from watloom.interp.core.features import WASM3
from watloom.interp.core.numerics.simd_fast import BYTES, MASKS, WORDS
from watloom.interp.isa import op_table

A = 0x0182_7304_05F6_0708_897A_0B0C_0D8E_0F10
B = 0xF1F2_7304_75F6_07F8_F97A_EBFC_3D8E_FF00
F = int.from_bytes(struct.pack("<4f", 1.5, 2.5, -3.25, 1e10), "little")
G = int.from_bytes(struct.pack("<4f", 2.5, 2.5, 3.25, 1e-10), "little")
D = int.from_bytes(struct.pack("<2d", 1.5, -1e10), "little")
E = int.from_bytes(struct.pack("<2d", 2.5, 1e-10), "little")


def _chosen(a: Any, s: Any) -> Any:
    return np.where(s < 16, a[s & 15], 0)


#: Instruction → numpy's type of the lanes, and the operation on arrays of it.
OPERATIONS: dict[str, tuple[str, Callable[..., Any]]] = {
    "v128.and": ("u1", np.bitwise_and),
    "v128.bitselect": ("u1", lambda a, b, m: a & m | b & ~m),
    "i8x16.add": ("u1", np.add),
    "i8x16.neg": ("u1", np.negative),
    "i8x16.eq": ("u1", np.equal),
    "i8x16.lt_u": ("u1", np.less),
    "i8x16.min_s": ("i1", np.minimum),
    "i8x16.popcnt": ("u1", lambda a: (np.unpackbits(a).reshape(16, 8)).sum(1, dtype="u1")),
    "i8x16.swizzle": ("u1", _chosen),
    "i8x16.bitmask": ("u1", lambda a: np.packbits(a > 127, bitorder="little")),
    "i8x16.add_sat_u": ("u1", lambda a, b: np.minimum(a.astype("u2") + b, 255).astype("u1")),
    "i8x16.narrow_i16x8_s": (
        "i2",
        lambda a, b: np.clip(np.concatenate((a, b)), -128, 127).astype("i1"),
    ),
    "i16x8.add": ("u2", np.add),
    "i16x8.mul": ("u2", np.multiply),
    "i16x8.extend_low_i8x16_s": ("i1", lambda a: a[:8].astype("i2")),
    "i16x8.extmul_low_i8x16_s": ("i1", lambda a, b: a[:8].astype("i2") * b[:8]),
    "i32x4.add": ("u4", np.add),
    "i32x4.mul": ("u4", np.multiply),
    "i32x4.dot_i16x8_s": ("i2", lambda a, b: (a.astype("i4") * b).reshape(4, 2).sum(1)),
    "i64x2.add": ("u8", np.add),
    "i64x2.mul": ("u8", np.multiply),
    "f32x4.add": ("f4", np.add),
    "f32x4.lt": ("f4", np.less),
    "f32x4.min": ("f4", np.minimum),
    "f32x4.sqrt": ("f4", lambda a: np.sqrt(np.abs(a))),
    "f32x4.floor": ("f4", np.floor),
    "f64x2.mul": ("f8", np.multiply),
    "i32x4.trunc_sat_f32x4_s": ("f4", lambda a: a.astype("f8").clip(-(2**31), 2**31 - 1)),
    "f32x4.convert_i32x4_s": ("i4", lambda a: a.astype("f4")),
}

_FORMS = {"u1": "B", "i1": "b", "u2": "H", "i2": "h", "u4": "I", "i4": "i", "u8": "Q"} | {
    "f4": "f",
    "f8": "d",
}


def nanoseconds(call: Callable[[], Any], times: int) -> float:
    """How long a call takes, the loop round it included."""
    return min(timeit.repeat(call, number=times, repeat=9)) / times * 1e9


def _converted(
    f: Callable[..., Any], ints: tuple[int, ...], *, back: bool = True
) -> Callable[[], Any]:
    """The call of an operation on bytes as compiled code makes it with ints at hand."""
    a, b = ints[0], ints[-1]
    if len(ints) == 1:
        return lambda: int.from_bytes(f(a.to_bytes(16, "little")), "little")
    if back:
        return lambda: int.from_bytes(
            f(a.to_bytes(16, "little"), b.to_bytes(16, "little")), "little"
        )
    return lambda: f(a.to_bytes(16, "little"), b.to_bytes(16, "little"))


def measured(mnemonic: str, times: int) -> dict[str, float]:
    """The times of one instruction, by representation."""
    (op,) = op_table(WASM3).by_mnemonic[mnemonic]
    assert op.pure is not None
    dtype, on_arrays = OPERATIONS[mnemonic]
    arity = op.signature.split("->")[0].count("v128")
    ints = {"f4": (F, G, F), "f8": (D, E, D)}.get(dtype, (A, B, A))[:arity]
    if mnemonic == "f32x4.sqrt":
        ints = (G & ~(0x80000000 << 64),)
    data = tuple(v.to_bytes(16, "little") for v in ints)
    arrays = tuple(np.frombuffer(d, dtype) for d in data)
    name = mnemonic.replace(".", "_")
    found = {}
    if name in WORDS:
        found["ints"] = nanoseconds(lambda f=WORDS[name]: f(*ints), times)
        found["between"] = found["ints"]
    elif name in BYTES:
        f = BYTES[name]
        found["bytes"] = nanoseconds(lambda: f(*data), times)
        found["between"] = nanoseconds(_converted(f, ints), times)
    elif name in MASKS:
        found["between"] = nanoseconds(_converted(MASKS[name], ints, back=False), times)
    else:
        found["ints"] = found["between"] = nanoseconds(lambda: op.pure(*ints), times)
    views = [memoryview(d).cast(_FORMS[dtype]) for d in data]
    if on_arrays in (np.add, np.multiply, np.minimum, np.equal, np.less):
        found["views"] = nanoseconds(lambda: [x + y for x, y in zip(*views, strict=True)], times)
    found["numpy"] = nanoseconds(lambda: on_arrays(*arrays), times)
    found["anew"] = nanoseconds(
        lambda: on_arrays(*[np.frombuffer(d, dtype) for d in data]).tobytes(), times
    )
    found["plain"] = nanoseconds(lambda: op.pure(*ints), times)
    return found


COLUMNS = ("ints", "bytes", "between", "views", "numpy", "anew", "plain")


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--times", type=int, default=2000)
    options.add_argument("--markdown", action="store_true")
    given = options.parse_args()
    with np.errstate(all="ignore"):
        rows = {mnemonic: measured(mnemonic, given.times) for mnemonic in OPERATIONS}
    bar = " | " if given.markdown else "  "
    print(f"{sys.version.split()[0]}, numpy {np.__version__}\n")
    print(bar.join(["instruction".ljust(26), *(c.rjust(7) for c in COLUMNS)]))
    if given.markdown:
        print("|".join(["---", *("--:" for _ in COLUMNS)]))
    for mnemonic, times in rows.items():
        cells = [f"{times[c]:7.0f}" if c in times else " " * 7 for c in COLUMNS]
        print(bar.join([mnemonic.ljust(26), *cells]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
