#!/bin/sh
# Fetch the test scripts that others wrote into tests/spec/conformance, where the tests look for them.
# Each source is pinned to a commit: what our tests expect of them holds for that one.
set -eu

target=$(cd "$(dirname "$0")" && pwd)/conformance
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# fetch REPOSITORY COMMIT PATH NAME: what lies at PATH in that commit becomes conformance/NAME.
fetch() {
    echo "tests/spec/conformance/$4: github.com/$1 at $2"
    rm -rf "$work/repo"
    git init --quiet "$work/repo"
    git -C "$work/repo" config gc.auto 0
    git -C "$work/repo" remote add origin "https://github.com/$1"
    git -C "$work/repo" fetch --quiet --depth 1 --filter=blob:none origin "$2"
    git -C "$work/repo" sparse-checkout set --no-cone "/${3:-*}"
    git -C "$work/repo" checkout --quiet FETCH_HEAD
    rm -rf "$work/repo/.git" "${target:?}/$4"
    mkdir -p "$(dirname "$target/$4")"
    mv "$work/repo/$3" "$target/$4"
}

fetch WebAssembly/testsuite 193e551ff22663995b1ac95dc62344133669e14b "" testsuite

# The last commit before wasmtime dropped module linking, the parent of 81abb19913.
fetch bytecodealliance/wasmtime 923faaff4fee411120d860185b5daf70076f9d9c \
    tests/misc_testsuite/module-linking module-linking

# func.bind and let, as they last stood in their proposal.
fetch WebAssembly/function-references 7c9e3fb8c180579dc23baf54ce166ebad32cdaca \
    test/core/func_bind.wast func-refs/func_bind.wast
fetch WebAssembly/function-references d37264343db4fb355b6917bfd7ca9cae6bc20fd4 \
    test/core/let.wast func-refs/let.wast

# The programs of the WASI test suite for preview 1, from its branch prod/testsuite-base. 98 MB.
for language in assemblyscript c rust; do
    fetch WebAssembly/wasi-testsuite 9f80ca35444cfd9e63100725615140a346652e6c \
        tests/$language/testsuite/wasm32-wasip1 \
        wasi-testsuite/tests/$language/testsuite/wasm32-wasip1
done
