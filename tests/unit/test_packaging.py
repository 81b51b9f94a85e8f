"""The wheel holds the whole project, and every sample runs from it alone."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import pytest

import tiers
from docblocks import blocks, environment, run_document

ROOT = Path(__file__).resolve().parents[2]
LINKED = ("interp", "parser", "stdlib")
DATA = (".lark", ".wat")
SAMPLES = sorted(ROOT.glob("samples/*/"))


@pytest.fixture(scope="session")
def pyproject() -> dict[str, Any]:
    """What pyproject.toml says."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def project_files() -> dict[str, Path]:
    """Each file that belongs in the wheel, by the name it has there."""
    own = (p for p in (ROOT / "watloom").iterdir() if p.name not in LINKED)
    tops = [*own, *(ROOT / name for name in LINKED)]
    found = (f for top in tops for f in (top.rglob("*") if top.is_dir() else [top]))
    wanted = (f for f in found if f.suffix in (".py", *DATA) or f.name == "py.typed")
    return {_installed(f.relative_to(ROOT)): f for f in wanted}


def _installed(path: Path) -> str:
    return path.as_posix() if path.parts[0] == "watloom" else f"watloom/{path.as_posix()}"


def test_every_package_is_listed(pyproject: dict[str, Any]) -> None:
    """A folder with code or data that is not listed would be missing from the wheel."""
    in_tree = {name.rpartition("/")[0].replace("/", ".") for name in project_files()}
    assert sorted(pyproject["tool"]["setuptools"]["packages"]) == sorted(in_tree)


def test_every_package_folder_has_an_init() -> None:
    """Only folders of data alone have no __init__.py."""
    files = project_files()
    code = {name.rpartition("/")[0] for name in files if name.endswith(".py")}
    assert [folder for folder in sorted(code) if f"{folder}/__init__.py" not in files] == []


def test_every_part_of_interp_has_a_layer(pyproject: dict[str, Any]) -> None:
    """import-linter sees for itself that watloom.* is complete, but not watloom.interp.*."""
    contracts = pyproject["tool"]["importlinter"]["contracts"]
    layers = " ".join(layer for c in contracts for layer in c.get("layers", ()))
    listed = set(re.findall(r"interp\.(\w+)", layers))
    parts = {p.stem for p in (ROOT / "interp").iterdir() if not p.name.startswith("_")}
    assert parts - listed == set()


@pytest.mark.parametrize("name", LINKED)
def test_links(name: str) -> None:
    """The links that make an uninstalled checkout one package are relative."""
    link = ROOT / "watloom" / name
    if not link.is_symlink():
        pytest.skip("this checkout has no symbolic links")
    assert os.readlink(link) == os.path.join("..", name)


def test_wheel(subtests: pytest.Subtests, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Built once and installed once, alone, far from the checkout; then everything is run from it.

    One test, as what tests share is made anew in each process that runs some of them.
    """
    wheel = build_wheel(tmp_path / "source")
    with subtests.test("has each file once, and nothing global but watloom"):
        names = [n for n in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in n]
        assert sorted(names) == sorted(project_files())

    bin_dir = install(wheel, tmp_path / "env")
    run = partial(subprocess.check_output, cwd=tmp_path, env=environment(bin_dir), text=True)
    with subtests.test("is what runs"):
        file = run([bin_dir / "python", "-c", "import watloom.interp as w; print(w.__file__)"])
        assert Path(file).is_relative_to(bin_dir.parent)
    with subtests.test("runs both ways"):
        assert run([bin_dir / "watloom", "--help"])
        assert run([bin_dir / "python", "-m", "watloom", "--help"])

    for sample, tier in product(SAMPLES, tiers.TIERS):
        with subtests.test("sample", name=sample.name, tier=tier), monkeypatch.context() as patch:
            patch.setenv(tiers.ENVIRONMENT, tier)
            run_sample(sample, tmp_path / f"{sample.name}-{tier}", bin_dir)


def build_wheel(folder: Path) -> Path:
    """The wheel, built from the source distribution, built from a copy of the sources."""
    ignore = shutil.ignore_patterns("__pycache__")
    for name in ("watloom", *LINKED):
        shutil.copytree(ROOT / name, folder / name, symlinks=True, ignore=ignore)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    python("-m", "build", "--outdir", folder / "dist", folder)
    (built,) = (folder / "dist").glob("*.whl")
    return built


def install(wheel: Path, env: Path) -> Path:
    """Install the wheel and what it depends on in a new environment; return its command folder."""
    python("-m", "venv", "--without-pip", env)
    bin_dir = env / ("Scripts" if os.name == "nt" else "bin")
    python("-m", "pip", "--python", bin_dir / "python", "install", "--quiet", wheel)
    return bin_dir


def run_sample(sample: Path, folder: Path, bin_dir: Path) -> None:
    """Run what a sample's README shows, in a folder with a copy of samples/."""
    shutil.copytree(ROOT / "samples", folder / "samples")
    readme = sample / "README.md"
    assert any(b.language == "console" for b in blocks(readme)), f"{readme} shows no command"
    run_document(readme, folder, bin_dir)


def python(*arguments: str | Path) -> None:
    """Run this Python; its output is the message if it fails."""
    done = subprocess.run(
        [sys.executable, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=600,
    )
    assert done.returncode == 0, done.stdout
