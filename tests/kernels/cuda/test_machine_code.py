"""The machine code of every kernel, for an A100 and an H100, made and read without a GPU."""

import functools

import numpy as np
import pytest

from minitf.kernels.cuda import toolkit
from minitf.kernels.cuda.machine_code import Instruction, MachineCode, _instructions, _resources, machine_code
from minitf.kernels.cuda.requirements import complaints
from tests.kernels.cuda import faults

if not toolkit.is_installed():
    pytest.skip(toolkit.INSTALL, allow_module_level=True)
pytest.importorskip("cuda.core")

from minitf.kernels.cuda.compiling import ARCHITECTURES, types_of

LINE = np.ones(4096, np.float32)
KERNELS = toolkit.all_kernels()


@functools.cache
def compiled(module, architecture):
    """Types and machine code of the kernels of one module, made in one go, by name."""
    kernels = {name: kernel for name, kernel in KERNELS.items() if name.startswith(f"{module}.")}
    jobs = [(kernel, types_of(kernel.examples[0].make())) for kernel in kernels.values()]
    codes = machine_code(jobs, architecture)
    return {name: (types, code) for name, (_, types), code in zip(kernels, jobs, codes)}


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("name", KERNELS)
def test_every_kernel_is_what_it_must_be(name, architecture):
    types, code = compiled(name.partition(".")[0], architecture)[name]
    assert len(code.instructions) > 5
    assert [str(complaint) for complaint in complaints(KERNELS[name], types, code)] == []


# -- the gate closes -------------------------------------------------------------------------------------------

FAULTS = {
    "float64_literal": "float64",
    "stack": "stack",
    "many_registers": "registers",
    "not_vectorised": "narrow loads",
    "little_arithmetic": "arithmetic",
}


@pytest.fixture(scope="module")
def faulty():
    types = types_of([LINE])
    jobs = [(getattr(faults, name), types) for name in FAULTS]
    return {
        (architecture, name): complaints(job[0], types, code)
        for architecture in ARCHITECTURES
        for name, job, code in zip(FAULTS, jobs, machine_code(jobs, architecture))
    }


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("name", FAULTS)
def test_planted_faults_are_found(name, architecture, faulty):
    (complaint,) = faulty[architecture, name]
    assert complaint.kind == FAULTS[name]
    assert complaint.file == faults.__file__
    assert complaint.line == faults.marked_line(getattr(faults, name)), str(complaint)


def test_float64_is_no_fault_where_it_is_asked_for():
    types = types_of([LINE.astype(float)])
    (code,) = machine_code([(faults.float64_literal, types)], "sm_80")
    assert len(code.matching("DFMA")) == 1 and complaints(faults.float64_literal, types, code) == []


def test_many_at_once_are_compiled_as_each_alone():
    types = types_of([LINE])
    kernels = [faults.float64_literal, faults.not_vectorised, faults.many_registers]
    together = machine_code([(k, types) for k in kernels], "sm_80")
    for one, code in zip(kernels, together):
        (alone,) = machine_code([(one, types)], "sm_80")
        assert alone == code


def test_what_is_remembered_is_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr("minitf.kernels.objects.folder", lambda made_for: str(tmp_path))
    jobs = [(faults.not_vectorised, types_of([LINE]))]
    machine_code(jobs, "sm_80")
    assert list(tmp_path.iterdir()) == []  # only kernels of this package are remembered
    monkeypatch.setattr(faults.not_vectorised.py_func, "__module__", "minitf.kernels.cuda.faults")
    first = machine_code(jobs, "sm_80")
    assert len(list(tmp_path.iterdir())) == 1
    monkeypatch.setattr("minitf.kernels.cuda.machine_code._compiled", lambda jobs, architecture: [])
    assert machine_code(jobs, "sm_80") == first
    with pytest.raises(ValueError):
        machine_code(jobs, "sm_90a")


def test_kernels_made_of_one_function_are_told_apart():
    """Their machine code differs, and so what is remembered of them."""
    codes = compiled("reduction", "sm_80")
    total, largest = (codes[f"reduction.fold_rows_{name}"][1] for name in ("sum", "maximum"))
    assert total.matching("FADD") and not largest.matching("FADD")


# -- reading listings ------------------------------------------------------------------------------------------

LISTING = """
\t//## File "/a/inner.py", line 3 inlined at "/a/outer.py", line 9
\t//## File "/a/outer.py", line 9
        /*0000*/                   IMAD.MOV.U32 R1, RZ, RZ, c[0x0][0x28] ;
.L_x_1:
\t//## File "/a/outer.py", line 12
        /*0010*/              @!P0 LDG.E.128 R4, desc[UR4][R2.64] ;
        /*0020*/                   FFMA R0, R4, R5, R0 ;
        /*0030*/                   FFMA R0, R6, R7, R0 ;
        /*0040*/               @P1 BRA `(.L_x_1) ;
        /*0050*/                   EXIT ;
.L_x_2:
        /*0060*/                   BRA `(.L_x_2);
        /*0070*/                   NOP;
"""


def test_a_listing_is_read():
    code = MachineCode("sm_80", 8, 0, 0, 0, 0, _instructions(LISTING))
    assert code.instructions[0] == Instruction(0, "IMAD.MOV.U32", "R1, RZ, RZ, c[0x0][0x28]", "/a/inner.py", 3)
    assert code.instructions[1].line == 12 and code.instructions[1].name == "LDG"
    assert [[i.name for i in loop] for loop in code.loops] == [["LDG", "FFMA", "FFMA", "BRA"]]
    assert code.fused_share == 0.5 and len(code.matching("FFMA")) == 2
    assert "line   12  LDG.E.128" in str(code)


def test_the_assemblers_log_is_read():
    log = """ptxas info    : Compiling entry function 'one' for 'sm_80'
ptxas         .     800 bytes stack frame, 16 bytes spill stores, 24 bytes spill loads
ptxas info    : Used 32 registers, used 1 barriers, 800 bytes cumulative stack size, 464 bytes cmem[0]
ptxas info    : Compiling entry function 'two' for 'sm_80'
ptxas         .     0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
ptxas info    : Used 101 registers, used 1 barriers, 8192 bytes smem
"""
    assert _resources(log) == {"one": [32, 0, 800, 16, 24], "two": [101, 8192, 0, 0, 0]}
