"""The encrypted editor in four forms: one transcript, and on the disk ciphertext."""

import io
import shutil
import struct
import sys
from pathlib import Path
from typing import Any

import pytest

import block_files
import mvp_engine
import watloom
from commandline import CommandLine, cli
from docblocks import run_document
from rfc8439 import keystream
from watloom.interp.link.linker import Linker
from watloom.interp.link.load import load_file
from watloom.interp.link.lower import lower
from watloom.parser.encode import encode_module
from watloom.stdlib import confine, granted
from watloom.stdlib.bind_table import bind_table
from watloom.stdlib.native import HostFolder
from watloom.stdlib.providers.compress import compress
from watloom.stdlib.providers.encrypt import encrypt
from watloom.stdlib.wasi import Wasi

__all__ = ["cli"]

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
HOME = SAMPLES / "encrypted_editor"
WAT = Path(watloom.__file__).parent / "stdlib" / "wat"
KEY = b"demonstration key: not a secret!"
OTHER_KEY = bytes(32)
TRANSCRIPT = b"""\
Dear Ada,
I write to you in plain words, as I always do.
What becomes of them below is not my business.
"""

in_both_tiers = pytest.mark.usefixtures("in_both_tiers")
pytestmark = pytest.mark.skipif(
    not confine.SUPPORTED, reason="no openat here: there are no folders of the host's"
)

#: The forms whose provider is the sample's own.
OWN = {
    "structs": "parent_structs.wat",
    "closures": "parent.wat",
    "tables": "parent_tables.wat",
}


def run_own(form: str, folder: Path, nonce: bytes = b"twelve bytes", home: Path = HOME) -> bytes:
    """What a form of the sample's shows; its nonce is not random here."""
    out = io.BytesIO()
    given = granted([(folder, "/")], stdout=out, random=io.BytesIO(nonce))
    linker = Linker(watloom.Store(), library=given)
    with linker.instantiate(load_file(home / OWN[form])) as program:
        program.exports["_start"]()
    return out.getvalue()


def run_preview1(
    program: str | bytes, folder: Path, *args: str, key: bytes = KEY, stack: Any = None
) -> tuple[bytes, bytes, int]:
    """What a program writes to its streams, and its status, over an encrypted folder."""

    def mount(store: watloom.Store) -> Any:
        return (stack or encrypted)(HostFolder(confine.open_root(str(folder))), key, store)

    out, err = io.BytesIO(), io.BytesIO()
    linker = watloom.Linker()
    linker.add(Wasi(["program", *args], mounts={"/": mount}, stdout=out, stderr=err))
    given = program if isinstance(program, bytes) else HOME / "preview1" / f"{program}.wat"
    with linker.instantiate(given) as instance:
        try:
            instance.exports["_start"]()
        except watloom.WasiExit as done:
            return out.getvalue(), err.getvalue(), done.code
    return out.getvalue(), err.getvalue(), 0


def encrypted(folder: Any, key: bytes, store: watloom.Store) -> Any:
    return encrypt(folder, key, store)


def decrypted(stored: bytes) -> bytes:
    """What a form of the sample's wrote, by another implementation of the cipher."""
    stream = keystream(KEY, stored[:12], len(stored) - 12, first=0)
    plain = bytes(a ^ b for a, b in zip(stored[12:], stream, strict=True))
    assert plain[:8] == b"SEALED1\n"
    return plain[8:]


def only_file(folder: Path) -> bytes:
    """The letter as it lies on the disk, of which no line can be read there."""
    (path,) = folder.iterdir()
    assert path.name == "letter.txt"
    stored = path.read_bytes()
    assert not any(line in stored for line in (*TRANSCRIPT.splitlines(), b"Ada", b"plain"))
    return stored


# ------------------------------------------------------------------ the four


@in_both_tiers
def test_four_forms_have_one_transcript(tmp_path: Path) -> None:
    stored = {}
    for form in OWN:
        folder = tmp_path / form
        folder.mkdir()
        assert run_own(form, folder) == TRANSCRIPT
        stored[form] = only_file(folder)
    folder = tmp_path / "preview1"
    folder.mkdir()
    assert run_preview1("editor", folder) == (TRANSCRIPT, b"", 0)
    assert block_files.decrypted(only_file(folder), KEY) == TRANSCRIPT

    # The three that encrypt by the same cipher in the same way agree on every byte.
    assert len(set(stored.values())) == 1
    assert decrypted(stored["structs"]) == TRANSCRIPT


@pytest.mark.parametrize("form", OWN)
def test_on_the_command_line(form: str, cli: CommandLine, tmp_path: Path) -> None:
    done = cli("run", "--dir", tmp_path, HOME / OWN[form])
    assert (done.status, done.raw) == (0, TRANSCRIPT)
    assert decrypted(only_file(tmp_path)) == TRANSCRIPT


@in_both_tiers
@pytest.mark.parametrize("form", OWN)
def test_without_a_folder(form: str, cli: CommandLine) -> None:
    done = cli("run", HOME / OWN[form])
    assert done.status == 134
    assert done.err.startswith("no folder to write in: run with --dir DIR\n")


@pytest.mark.parametrize("form", OWN)
def test_what_stops_the_editor_is_told(form: str, cli: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").mkdir()
    done = cli("run", "--dir", tmp_path, HOME / OWN[form])
    assert done.status == 134
    assert done.err.startswith("the editor stopped with errno 31\n")


@pytest.mark.parametrize("form", OWN)
def test_a_random_source_that_ends_leaves_the_old_letter(form: str, tmp_path: Path) -> None:
    run_own(form, tmp_path)
    before = only_file(tmp_path)
    with pytest.raises(watloom.Trap):
        run_own(form, tmp_path, nonce=b"short")
    assert only_file(tmp_path) == before


# ------------------------------------------------------------------ preview 1


@in_both_tiers
def test_other_programs_read_what_the_editor_wrote(tmp_path: Path) -> None:
    run_preview1("editor", tmp_path)
    assert run_preview1("cat", tmp_path, "letter.txt", "letter.txt") == (TRANSCRIPT * 2, b"", 0)
    assert run_preview1("ls", tmp_path) == (b"letter.txt\n", b"", 0)
    assert run_preview1("cat", tmp_path, "none", "letter.txt") == (
        TRANSCRIPT,
        b"cat: errno 44: none\n",
        1,
    )


@in_both_tiers
def test_a_wrong_key(tmp_path: Path) -> None:
    run_preview1("editor", tmp_path)
    before = only_file(tmp_path)
    wrong = run_preview1("cat", tmp_path, "letter.txt", key=OTHER_KEY)
    assert wrong == (b"", b"cat: errno 02: letter.txt\n", 1)
    assert run_preview1("editor", tmp_path, key=OTHER_KEY) == (
        b"",
        b"the editor stopped with errno 02\n",
        1,
    )
    assert only_file(tmp_path) == before


def test_cat_copies_its_input(cli: CommandLine) -> None:
    assert cli("run", HOME / "preview1" / "cat.wat", stdin=b"a\0b").raw == b"a\0b"


def test_the_editor_says_what_went_wrong(cli: CommandLine) -> None:
    done = cli("run", HOME / "preview1" / "editor.wat")
    assert (done.status, done.err) == (1, "the editor stopped with errno 08\n")


def test_a_large_folder_is_listed_whole(cli: CommandLine, tmp_path: Path) -> None:
    names = {f"{'n' * (i % 200)}{i}" for i in range(300)}
    for name in names:
        (tmp_path / name).touch()
    listed = cli("run", "--dir", tmp_path, HOME / "preview1" / "ls.wat").out.splitlines()
    assert len(listed) == 300 and set(listed) == names


def test_the_page_is_true(tmp_path: Path) -> None:
    shutil.copytree(SAMPLES, tmp_path / "samples")
    run_document(HOME / "README.md", tmp_path, Path(sys.executable).parent)


# ------------------------------------------------------------------ three deep


def three_deep(folder: Any, key: bytes, store: watloom.Store) -> Any:
    """Encrypted, over compressed, over encrypted with another key."""
    return encrypt(compress(encrypt(folder, OTHER_KEY, store), store), key, store)


def test_three_wrappers_unwrap_only_in_order(tmp_path: Path) -> None:
    assert run_preview1("editor", tmp_path, stack=three_deep) == (TRANSCRIPT, b"", 0)
    stored = only_file(tmp_path)
    packed = block_files.decrypted(stored, OTHER_KEY)
    assert block_files.decrypted(block_files.unpacked(packed), KEY) == TRANSCRIPT
    assert run_preview1("cat", tmp_path, "letter.txt", stack=three_deep)[0] == TRANSCRIPT

    def compress_first(folder: Any, key: bytes, store: watloom.Store) -> Any:
        return compress(encrypt(encrypt(folder, OTHER_KEY, store), key, store), store)

    def compress_last(folder: Any, key: bytes, store: watloom.Store) -> Any:
        return encrypt(encrypt(compress(folder, store), OTHER_KEY, store), key, store)

    def keys_exchanged(folder: Any, key: bytes, store: watloom.Store) -> Any:
        return encrypt(compress(encrypt(folder, key, store), store), OTHER_KEY, store)

    for stack in (compress_first, compress_last, keys_exchanged):
        out, err, status = run_preview1("cat", tmp_path, "letter.txt", stack=stack)
        assert (out, status) == (b"", 1)
        assert err in (b"cat: errno 02: letter.txt\n", b"cat: errno 29: letter.txt\n")
        assert (tmp_path / "letter.txt").read_bytes() == stored


@in_both_tiers
@pytest.mark.parametrize("form", OWN)
def test_the_samples_own_wrapper_three_deep(form: str, tmp_path: Path) -> None:
    """The inmost one is asked for its nonce last when a file is opened, and is found outermost."""
    home, folder = tmp_path / "sample", tmp_path / "letters"
    shutil.copytree(HOME, home)
    folder.mkdir()
    text = (home / OWN[form]).read_text()
    again = "(local.set $folder (call $wrap {} (call $random) (global.get $KEY)))"
    folder_again = again.format(
        "(local.get $folder)" if form == "tables" else "(ref.as_non_null (local.get $folder))"
    )
    place = "    (memory.fill (global.get $KEY)"
    assert text.count(place) == 1
    (home / OWN[form]).write_text(text.replace(place, folder_again * 2 + place))
    nonces = b"outer nonce!middle noncelast of them"
    assert run_own(form, folder, nonces, home) == TRANSCRIPT
    stored = only_file(folder)
    assert stored[:12] == nonces[24:]
    middle = decrypted(stored)
    assert middle[:12] == nonces[12:24]
    assert decrypted(decrypted(middle)) == TRANSCRIPT


# ------------------------------------------------------------------ the forms without closures


def test_a_guessed_handle_finds_the_key(tmp_path: Path) -> None:
    """What the page says of the tables: handles are numbers, and can be guessed."""
    linker = Linker(watloom.Store(), library=granted([(tmp_path, "/")], stdout=io.BytesIO()))
    with linker.instantiate(load_file(HOME / OWN["tables"])) as program:
        program.exports["_start"]()
        thief = linker.instantiate(
            watloom.Module(
                """(module (import "struct_table" "get" (func $get (param i32 i32) (result i32)))
                  (export "get" (func $get)))"""
            )
        )
        words = []
        for handle in range(4096, 4200):
            try:
                words = [thief.exports["get"](handle, field) for field in range(2, 10)]
                break
            except watloom.Trap:
                continue
    assert struct.pack("<8i", *words) == KEY


@pytest.mark.parametrize(("signature", "name"), [(("i32",) * 5, "open"), (("i32",), "close")])
def test_the_tables_are_the_standard_librarys(signature: tuple[str, ...], name: str) -> None:
    """Of two signatures that it has no file for."""
    text = (HOME / "tables" / f"bind_{name}.wat").read_text()
    assert text == bind_table(signature, ("i32",))


def flat(form: str, target: Any) -> bytes:
    """A form as one standard module."""
    linker = Linker(watloom.Store(), library=granted())
    return encode_module(lower(load_file(HOME / OWN[form]), linker, target))


@pytest.mark.parametrize(("form", "engine"), [("structs", True), ("tables", None)])
def test_in_another_engine(form: str, engine: bool | None, tmp_path: Path) -> None:
    """As standard modules; the one without references where neither they nor GC are on."""
    wasmtime = pytest.importorskip("wasmtime")
    folder = tmp_path / "letters"
    folder.mkdir()
    if engine is None:
        config = wasmtime.Config()
        config.wasm_multi_memory = True
        config.wasm_gc = config.wasm_function_references = False
        chosen = wasmtime.Engine(config)
    else:
        chosen = mvp_engine.engine(engine)
    store, linker = wasmtime.Store(chosen), wasmtime.Linker(chosen)
    wasi = wasmtime.WasiConfig()
    wasi.stdout_file = str(tmp_path / "out")
    wasi.preopen_dir(str(folder), "/")
    store.set_wasi(wasi)
    linker.define_wasi()
    for name in ("struct_table", "bind_table"):
        other = encode_module(load_file(WAT / f"{name}.wat").valid.module)
        made = linker.instantiate(store, wasmtime.Module(chosen, other))
        linker.define_instance(store, name, made)
    module = wasmtime.Module(chosen, flat(form, "3.0"))
    linker.instantiate(store, module).exports(store)["_start"](store)
    assert (tmp_path / "out").read_bytes() == TRANSCRIPT
    assert decrypted(only_file(folder)) == TRANSCRIPT


@in_both_tiers
@pytest.mark.parametrize("form", ["structs", "tables"])
def test_as_one_standard_module(form: str, cli: CommandLine, tmp_path: Path) -> None:
    out = tmp_path / "flat.wasm"
    out.write_bytes(flat(form, "3.0"))
    folder = tmp_path / "letters"
    folder.mkdir()
    assert cli("run", "--dir", folder, out).raw == TRANSCRIPT
    assert decrypted(only_file(folder)) == TRANSCRIPT
