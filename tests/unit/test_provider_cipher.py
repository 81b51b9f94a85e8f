"""The ciphers in stdlib/wat: the vectors of RFC 8439, and a second implementation beside them."""

import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rfc8439
import watloom

WAT = Path(watloom.__file__).parent / "stdlib" / "wat"

KEY, NONCE, ID, STATE, TAG, PAD, TEXT, OUT = 0, 0x40, 0x50, 0x60, 0x80, 0x100, 0x1000, 0x8000


class Ciphers:
    """chacha20.wat and poly1305.wat over one memory."""

    def __init__(self, tier: Any = "fast") -> None:
        store = watloom.Store(tier=tier)
        memory = watloom.instantiate('(module (memory (export "memory") 1))', store=store)
        imports = {"memory": memory.exports}
        self.memory = memory.exports.memory
        self.chacha, self.poly = (
            watloom.instantiate(watloom.Module.from_file(WAT / name), imports, store=store).exports
            for name in ("chacha20.wat", "poly1305.wat")
        )

    def stream(self, key: bytes, nonce: bytes, text: bytes) -> bytes:
        groups = -(-len(text) // 256)
        self.memory[KEY : KEY + 32] = key
        self.memory[NONCE : NONCE + 12] = nonce
        self.memory[TEXT : TEXT + 256 * groups] = text.ljust(256 * groups, b"\0")
        self.chacha.stream(KEY, NONCE, TEXT, OUT, groups)
        return bytes(self.memory[OUT : OUT + len(text)])

    def derive(self, key: bytes, id: bytes) -> bytes:
        self.memory[KEY : KEY + 32] = key
        self.memory[ID : ID + 16] = id
        self.chacha.derive(KEY, ID, OUT, PAD)
        return bytes(self.memory[OUT : OUT + 32])

    def tag(self, key: bytes, *pieces: bytes) -> bytes:
        """Of a text in pieces of whole blocks."""
        self.memory[KEY : KEY + 32] = key
        self.memory[STATE : STATE + 20] = bytes(20)
        for piece in pieces:
            self.memory[TEXT : TEXT + len(piece)] = piece
            self.poly.update(STATE, KEY, TEXT, len(piece) // 16)
        self.poly.finish(STATE, KEY + 16, TAG)
        return bytes(self.memory[TAG : TAG + 16])


@pytest.fixture(params=["fast", "reference"])
def ciphers(request: pytest.FixtureRequest) -> Ciphers:
    return Ciphers(request.param)


LADIES = (
    b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, "
    b"sunscreen would be it."
)


def test_the_cipher_of_section_2_4_2(ciphers: Ciphers) -> None:
    """There the text begins with block 1 of the keystream; here block 0 is before it."""
    text = bytes(64) + LADIES
    out = ciphers.stream(bytes(range(32)), bytes.fromhex("000000000000004a00000000"), text)
    assert out[64:].hex() == (
        "6e2e359a2568f98041ba0728dd0d6981e97e7aec1d4360c20a27afccfd9fae0b"
        "f91b65c5524733ab8f593dabcd62b3571639d624e65152ab8f530c359f0861d8"
        "07ca0dbf500d6a6156a38e088a22b65e52bc514d16ccf806818ce91ab7793736"
        "5af90bbf74a35be6b40b8eedf2785e42874d"
    )


def test_the_block_of_section_2_3_2(ciphers: Ciphers) -> None:
    out = ciphers.stream(bytes(range(32)), bytes.fromhex("000000090000004a00000000"), bytes(128))
    assert out[64:].hex() == (
        "10f1e7e4d13b5915500fdd1fa32071c4c7d1f4c733c068030422aa9ac3d46c4e"
        "d2826446079faa0914c2d705d98b02a2b5129cd1de164eb9cbd083e8a2503c4e"
    )


def test_the_tag_of_section_2_5_2(ciphers: Ciphers) -> None:
    """Its text has 34 bytes, and this module takes whole blocks; so the two of them, and the
    second implementation for the rest."""
    key = bytes.fromhex("85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b")
    text = b"Cryptographic Forum Research Group"
    assert rfc8439.poly1305(key, text).hex() == "a8061dc1305136c6c22b8baf0c0127a9"
    assert ciphers.tag(key, text[:32]) == rfc8439.poly1305(key, text[:32])


FF = b"\xff" * 16
LONG = "0100000000000000040000000000000"
A10 = "e33594d7505e43b9".ljust(32, "0") + "3394d7505e4379cd01".ljust(32, "0")


@pytest.mark.parametrize(
    ("r", "s", "text", "tag"),
    [  # appendix A.3, 1 and 7 to 11: numbers at the edges of the modulus
        ("", "", bytes(64).hex(), ""),
        ("02", "", FF.hex(), "03"),
        ("02", FF.hex(), "02".ljust(32, "0"), "03"),
        ("01", "", FF.hex() + "f0" + "ff" * 15 + "11".ljust(32, "0"), "05"),
        ("01", "", FF.hex() + "fb" + "fe" * 15 + "01" * 16, ""),
        ("02", "", "fd" + "ff" * 15, "fa" + "ff" * 15),
        (LONG, "", A10 + "00" * 16 + "01".ljust(32, "0"), "1400000000000000550000000000000"),
        (LONG, "", A10 + "00" * 16, "13"),
    ],
)  # fmt: skip
def test_the_tags_of_appendix_a3(ciphers: Ciphers, r: str, s: str, text: str, tag: str) -> None:
    key = bytes.fromhex(r.ljust(32, "0") + s.ljust(32, "0"))
    assert ciphers.tag(key, bytes.fromhex(text)).hex() == tag.ljust(32, "0")


def test_both_of_section_2_8_2(ciphers: Ciphers) -> None:
    key = bytes(range(0x80, 0xA0))
    nonce = bytes.fromhex("070000004041424344454647")
    more = bytes.fromhex("50515253c0c1c2c3c4c5c6c7")
    out = ciphers.stream(key, nonce, bytes(64) + LADIES)
    sealed = out[64:]
    assert sealed[:16].hex() == "d31a8d34648e60db7b86afbc53ef7ec2"
    text = more + bytes(4) + sealed + bytes(14) + struct.pack("<QQ", len(more), len(sealed))
    tag = ciphers.tag(out[:32], text[:48], text[48:])
    assert tag.hex() == "1ae10b594f09e26a7e902ecbd0600691"
    assert rfc8439.open_sealed(key, nonce, more, sealed, tag) == LADIES


def test_the_derived_key_of_the_xchacha_draft(ciphers: Ciphers) -> None:
    """draft-irtf-cfrg-xchacha-03, §2.2.1."""
    key = ciphers.derive(bytes(range(32)), bytes.fromhex("000000090000004a0000000031415927"))
    assert key.hex() == "82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc"


fast = Ciphers()


@settings(deadline=None, max_examples=30)
@given(
    st.binary(min_size=32, max_size=32),
    st.binary(min_size=12, max_size=12),
    st.binary(max_size=700),
)
def test_any_stream(key: bytes, nonce: bytes, text: bytes) -> None:
    stream = rfc8439.keystream(key, nonce, len(text), first=0)
    assert fast.stream(key, nonce, text) == bytes(a ^ b for a, b in zip(text, stream, strict=True))


EDGES = st.sampled_from([bytes(16), FF, b"\xfb" + FF[1:], b"\xfa" + FF[1:], b"\xfc" + FF[1:]])


@settings(deadline=None, max_examples=100)
@given(
    st.binary(min_size=32, max_size=32) | st.tuples(EDGES, EDGES).map(b"".join),
    st.lists(st.binary(min_size=16, max_size=16) | EDGES, max_size=9),
    st.integers(0, 9),
)
def test_any_tag(key: bytes, blocks: list[bytes], first: int) -> None:
    text = b"".join(blocks)
    assert fast.tag(key, text[: 16 * first], text[16 * first :]) == rfc8439.poly1305(key, text)
