"""The ChaCha20 of samples/encrypted_editor against the test vectors of RFC 8439."""

import struct
from pathlib import Path
from typing import NamedTuple

import pytest

import watloom

pytestmark = pytest.mark.usefixtures("in_both_tiers")

CHACHA20 = Path(__file__).parents[2] / "samples" / "encrypted_editor" / "chacha20.wat"

# Where things lie in the memory.
PAD, FROM, TO = 0x0000, 0x0100, 0x0800


class Block(NamedTuple):
    """One block of keystream."""

    section: str
    key: str
    counter: int
    nonce: str
    keystream: str


class Message(NamedTuple):
    """A whole text, whose keystream starts with block `counter`."""

    section: str
    key: str
    counter: int
    nonce: str
    plaintext: bytes
    ciphertext: str


BLOCKS = [
    Block(
        "2.3.2",
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
        1,
        "000000090000004a00000000",
        "10f1e7e4d13b5915500fdd1fa32071c4c7d1f4c733c068030422aa9ac3d46c4e"
        "d2826446079faa0914c2d705d98b02a2b5129cd1de164eb9cbd083e8a2503c4e",
    ),
    Block(
        "A.1 #1",
        "0000000000000000000000000000000000000000000000000000000000000000",
        0,
        "000000000000000000000000",
        "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7"
        "da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586",
    ),
    Block(
        "A.1 #2",
        "0000000000000000000000000000000000000000000000000000000000000000",
        1,
        "000000000000000000000000",
        "9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aed"
        "29b721769ce64e43d57133b074d839d531ed1f28510afb45ace10a1f4b794d6f",
    ),
    Block(
        "A.1 #3",
        "0000000000000000000000000000000000000000000000000000000000000001",
        1,
        "000000000000000000000000",
        "3aeb5224ecf849929b9d828db1ced4dd832025e8018b8160b82284f3c949aa5a"
        "8eca00bbb4a73bdad192b5c42f73f2fd4e273644c8b36125a64addeb006c13a0",
    ),
    Block(
        "A.1 #4",
        "00ff000000000000000000000000000000000000000000000000000000000000",
        2,
        "000000000000000000000000",
        "72d54dfbf12ec44b362692df94137f328fea8da73990265ec1bbbea1ae9af0ca"
        "13b25aa26cb4a648cb9b9d1be65b2c0924a66c54d545ec1b7374f4872e99f096",
    ),
    Block(
        "A.1 #5",
        "0000000000000000000000000000000000000000000000000000000000000000",
        0,
        "000000000000000000000002",
        "c2c64d378cd536374ae204b9ef933fcd1a8b2288b3dfa49672ab765b54ee27c7"
        "8a970e0e955c14f3a88e741b97c286f75f8fc299e8148362fa198a39531bed6d",
    ),
]

MESSAGES = [
    Message(
        "2.4.2",
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
        1,
        "000000000000004a00000000",
        b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for "
        b"the future, sunscreen would be it.",
        "6e2e359a2568f98041ba0728dd0d6981e97e7aec1d4360c20a27afccfd9fae0b"
        "f91b65c5524733ab8f593dabcd62b3571639d624e65152ab8f530c359f0861d8"
        "07ca0dbf500d6a6156a38e088a22b65e52bc514d16ccf806818ce91ab7793736"
        "5af90bbf74a35be6b40b8eedf2785e42874d",
    ),
    Message(
        "A.2 #1",
        "0000000000000000000000000000000000000000000000000000000000000000",
        0,
        "000000000000000000000000",
        bytes(64),
        "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7"
        "da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586",
    ),
    Message(
        "A.2 #2",
        "0000000000000000000000000000000000000000000000000000000000000001",
        1,
        "000000000000000000000002",
        b"Any submission to the IETF intended by the Contributor for publication as all "
        b"or part of an IETF Internet-Draft or RFC and any statement made within the "
        b'context of an IETF activity is considered an "IETF Contribution". Such '
        b"statements include oral statements in IETF sessions, as well as written and "
        b"electronic communications made at any time or place, which are addressed to",
        "a3fbf07df3fa2fde4f376ca23e82737041605d9f4f4f57bd8cff2c1d4b7955ec"
        "2a97948bd3722915c8f3d337f7d370050e9e96d647b7c39f56e031ca5eb6250d"
        "4042e02785ececfa4b4bb5e8ead0440e20b6e8db09d881a7c6132f420e527950"
        "42bdfa7773d8a9051447b3291ce1411c680465552aa6c405b7764d5e87bea85a"
        "d00f8449ed8f72d0d662ab052691ca66424bc86d2df80ea41f43abf937d3259d"
        "c4b2d0dfb48a6c9139ddd7f76966e928e635553ba76c5c879d7b35d49eb2e62b"
        "0871cdac638939e25e8a1e0ef9d5280fa8ca328b351c3c765989cbcf3daa8b6c"
        "cc3aaf9f3979c92b3720fc88dc95ed84a1be059c6499b9fda236e7e818b04b0b"
        "c39c1e876b193bfe5569753f88128cc08aaa9b63d1a16f80ef2554d7189c411f"
        "5869ca52c5b83fa36ff216b9c1d30062bebcfd2dc5bce0911934fda79a86f6e6"
        "98ced759c3ff9b6477338f3da4f9cd8514ea9982ccafb341b2384dd902f3d1ab"
        "7ac61dd29c6f21ba5b862f3730e37cfdc4fd806c22f221",
    ),
    Message(
        "A.2 #3",
        "1c9240a5eb55d38af333888604f6b5f0473917c1402b80099dca5cbc207075c0",
        42,
        "000000000000000000000002",
        b"'Twas brillig, and the slithy toves\n"
        b"Did gyre and gimble in the wabe:\n"
        b"All mimsy were the borogoves,\n"
        b"And the mome raths outgrabe.",
        "62e6347f95ed87a45ffae7426f27a1df5fb69110044c0d73118effa95b01e5cf"
        "166d3df2d721caf9b21e5fb14c616871fd84c54f9d65b283196c7fe4f60553eb"
        "f39c6402c42234e32a356b3e764312a61a5532055716ead6962568f87d3f3f77"
        "04c6a8d1bcd1bf4d50d6154b6da731b187b58dfd728afa36757a797ac188d1",
    ),
]


def words(hexadecimal: str) -> tuple[int, ...]:
    """A key's or nonce's little-endian 32-bit words, signed as i32 values are."""
    octets = bytes.fromhex(hexadecimal)
    return struct.unpack(f"<{len(octets) // 4}i", octets)


class Cipher:
    """An instance of chacha20.wat and the memory that it works in."""

    def __init__(self) -> None:
        owner = watloom.instantiate('(module (memory (export "memory") 1))')
        self.memory = owner.exports.memory
        cipher = watloom.instantiate(CHACHA20, {"memory": {"memory": self.memory}})
        self.quarter_round = cipher.exports.chacha20_quarter_round
        self.block = cipher.exports.chacha20_block
        self.xor = cipher.exports.chacha20_xor

    def put(self, address: int, octets: bytes) -> None:
        """Write to the memory."""
        self.memory[address : address + len(octets)] = octets

    def get(self, address: int, length: int) -> bytes:
        """Read from the memory."""
        return bytes(self.memory[address : address + length])


@pytest.fixture
def cipher() -> Cipher:
    """One for all tests: nothing of a call stays behind for the next."""
    return Cipher()


def section(vector: Block | Message) -> str:
    """Where in the RFC a vector stands."""
    return vector.section


def test_quarter_round(cipher: Cipher) -> None:
    """Section 2.1.1."""
    results = cipher.quarter_round(
        *struct.unpack("<4i", struct.pack("<4I", 0x11111111, 0x01020304, 0x9B8D6F43, 0x01234567))
    )
    assert [n & 0xFFFFFFFF for n in results] == [0xEA2A92F4, 0xCB1CF8CE, 0x4581472E, 0x5881C4BB]


@pytest.mark.parametrize("vector", BLOCKS, ids=section)
def test_block(cipher: Cipher, vector: Block) -> None:
    """Sections 2.3.2 and A.1."""
    cipher.block(*words(vector.key), vector.counter, *words(vector.nonce), TO)
    assert cipher.get(TO, 64).hex() == vector.keystream


@pytest.mark.parametrize("piece", [1, 63, 64, 65, 1000])
@pytest.mark.parametrize("vector", MESSAGES, ids=section)
def test_encrypt_in_pieces(cipher: Cipher, vector: Message, piece: int) -> None:
    """However a message is cut up, its ciphertext is the same, and the plaintext stays as it is."""
    size = len(vector.plaintext)
    cipher.put(FROM, vector.plaintext)
    cipher.put(TO, bytes(size + 1))
    for start in range(0, size, piece):
        cipher.xor(
            *words(vector.key),
            *words(vector.nonce),
            64 * vector.counter + start,
            FROM + start,
            TO + start,
            min(piece, size - start),
            PAD,
        )
    assert cipher.get(TO, size).hex() == vector.ciphertext
    assert cipher.get(TO + size, 1) == b"\0"
    assert cipher.get(FROM, size) == vector.plaintext


@pytest.mark.parametrize("vector", MESSAGES, ids=section)
def test_decrypt_in_place(cipher: Cipher, vector: Message) -> None:
    """Decryption is encryption again, and `from` and `to` may be the same."""
    size = len(vector.plaintext)
    cipher.put(FROM, bytes.fromhex(vector.ciphertext))
    cipher.xor(*words(vector.key), *words(vector.nonce), 64 * vector.counter, FROM, FROM, size, PAD)
    assert cipher.get(FROM, size) == vector.plaintext


def test_the_keystream_is_never_used_twice(cipher: Cipher) -> None:
    """After 2^32 blocks the counter would start over: a trap, one byte after the last good one."""
    last = 64 * 2**32 - 1
    key, nonce = words("00" * 32), words("00" * 12)
    cipher.xor(*key, *nonce, last, FROM, TO, 1, PAD)
    with pytest.raises(watloom.Trap, match="unreachable"):
        cipher.xor(*key, *nonce, last, FROM, TO, 2, PAD)
