"""Official scripts on modules and functions that went through the form that the cache keeps."""

import marshal
from typing import Any

import pytest

import conformance
from watloom.interp.cache import codes, modules
from watloom.interp.compile import emit
from watloom.interp.core.features import WASM3
from watloom.interp.core.module import Module
from watloom.interp.script import runner
from watloom.interp.validate import ValidModule
from watloom.stdlib import library

SCRIPTS = [
    "testsuite/elem.wast", "testsuite/func_ptrs.wast", "testsuite/imports.wast",
    "testsuite/linking.wast", "testsuite/start.wast", "testsuite/simd_linking.wast",
    "testsuite/table_init.wast", "testsuite/traps.wast", "testsuite/try_table.wast",
    "testsuite/type-subtyping.wast", "testsuite/array_init_elem.wast",
    "module-linking/instantiate.wast", "module-linking/alias.wast",
]  # fmt: skip


@pytest.mark.parametrize("script", SCRIPTS)
def test_as_if_they_came_from_the_cache(script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, _, name = script.partition("/")
    path = conformance.need(folder) / name
    validate, compile_function, kept = runner.validate, emit.compile_function, []

    def again(module: Module) -> ValidModule:
        valid = validate(module)
        plain = marshal.loads(marshal.dumps(modules.plain(valid)))

        def read(_: object, __: object, position: tuple[int, ...]) -> ValidModule:
            found = valid
            for i in position:
                found = found.nested[i]
            return found

        kept.append(valid)
        return modules.kept(plain, module.source, module.features, read)

    def compile_again(valid: ValidModule, func: Any, *more: Any) -> Any:
        data = codes.plain_code(compile_function(valid, func, *more))
        return codes._kept_code(valid, func.index, data)

    monkeypatch.setattr(runner, "validate", again)
    monkeypatch.setattr(emit, "compile_function", compile_again)
    features = WASM3.with_(["+module-linking"]) if folder == "module-linking" else WASM3
    report = runner.run_file(path, features, library())
    assert report.failed == 0 and report.passed and kept
