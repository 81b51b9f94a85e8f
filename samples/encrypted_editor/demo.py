"""Run the sample in an empty folder; show what the editor saw and what lies on the disk.

Started by `make demo`; by hand: python samples/encrypted_editor/demo.py
"""

import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
FILE = "letter.txt"  # what editor.wat calls its file


def main() -> int:
    """Run the linked modules once; the status is 0 if the file on disk does hide the text."""
    command = shutil.which("watloom", path=sysconfig.get_path("scripts")) or shutil.which("watloom")
    if command is None:
        print("There is no `watloom` command here: pip install watloom", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="watloom-demo-") as folder:
        arguments = ["run", "--dir", folder, str(HERE / "parent.wat")]
        print("$", shlex.join(["watloom", *arguments]))
        done = subprocess.run([command, *arguments], stdout=subprocess.PIPE)
        if done.returncode != 0:
            return done.returncode
        plain, stored = done.stdout, (Path(folder) / FILE).read_bytes()
    heading(f"PLAINTEXT: what the editor wrote to {FILE} and read back")
    print(indented(plain.decode()))
    heading(f"CIPHERTEXT: the same {FILE} as stored on disk, {len(stored)} bytes")
    print(indented(hexdump(stored)))
    if leaks(plain, stored):
        print(f"\nThe text can be read on the disk: {FILE} is not encrypted.", file=sys.stderr)
        return 1
    return 0


def heading(text: str) -> None:
    """Print a heading that stands out without colours."""
    print(f"\n{text}\n{'=' * len(text)}")


def indented(text: str) -> str:
    """The text, four columns to the right."""
    return "\n".join("    " + line for line in text.splitlines())


def hexdump(data: bytes) -> str:
    """Sixteen bytes a line: offset, hexadecimal, and the characters that can be printed."""
    rows = []
    for offset in range(0, len(data), 16):
        row = data[offset : offset + 16]
        shown = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
        rows.append(f"{offset:08x}  {row.hex(' '):<47}  |{shown}|")
    return "\n".join(rows)


def leaks(plain: bytes, stored: bytes) -> bool:
    """Whether any line of the text stands in the file."""
    lines = (line.strip() for line in plain.splitlines())
    return any(line in stored for line in lines if len(line) >= 4)


if __name__ == "__main__":
    sys.exit(main())
