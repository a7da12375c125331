"""Compiled languages: compiled once, run confined, and a missing compiler is told."""

import shutil

import pytest

from rewardkit.sandbox import Limits, SandboxError
from rewardkit.types import Language

C = Language("c", "main.c", ("./main",), ("gcc", "-O1", "-o", "main", "main.c"))
SHELL = Language("javascript", "main.js", ("node", "main.js"))
SUM = (
    '#include <stdio.h>\nint main() { int a, b; scanf("%d %d", &a, &b); printf("%d\\n", a + b); }'
)


def needs(language):
    for command in (language.compile, language.run):
        if command and not command[0].startswith("./") and shutil.which(command[0]) is None:
            pytest.skip(f"{command[0]} is not installed")


def test_a_program_is_compiled_once_and_runs_often(namespaces):
    needs(C)
    binary = namespaces.compile(C, SUM)
    assert binary.ok, binary.compiled.stderr
    assert namespaces.compile(C, SUM) is binary
    for i in range(3):
        assert namespaces.execute(binary, stdin=b"2 %d" % i).stdout == b"%d\n" % (2 + i)


def test_a_source_that_does_not_compile_says_why(namespaces):
    needs(C)
    binary = namespaces.compile(C, "int main( {}")
    assert not binary.ok
    assert b"error" in binary.compiled.stderr
    with pytest.raises(ValueError, match="not compiled"):
        namespaces.execute(binary)


ATTACK = """
#include <stdio.h>
#include <unistd.h>
#include <sys/socket.h>
int main() {
    char *shell[] = {"sh", "-c", "echo reached", 0};
    if (socket(AF_INET, SOCK_STREAM, 0) >= 0) puts("reached the network");
    if (fopen("/etc/shadow", "r")) puts("reached a secret");
    if (fork() >= 0) puts("reached a process");
    fflush(stdout);
    execv("/bin/sh", shell);
}
"""


def test_a_compiled_program_is_confined(namespaces):
    needs(C)
    run = namespaces.execute(namespaces.compile(C, ATTACK))
    assert b"reached" not in run.stdout


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        ("for(;;);", "cpu_time"),
        ("*(volatile int*)0 = 1;", "signal"),
        ("return 3;", "exit"),
        ('for(;;) puts("x");', "output"),
    ],
)
def test_each_way_to_end_is_told(namespaces, body, outcome):
    needs(C)
    binary = namespaces.compile(C, f"#include <stdio.h>\nint main() {{ {body} }}")
    assert namespaces.execute(binary, limits=Limits(cpu_seconds=0.5)).outcome == outcome


def test_the_compiler_reads_no_file_of_the_host(namespaces):
    needs(C)
    binary = namespaces.compile(C, '#include "/etc/shadow"\nint main() {}')
    assert not binary.ok
    assert b"No such file" in binary.compiled.stderr


def test_a_script_runs_with_its_interpreter(namespaces):
    needs(SHELL)
    source = "console.log(require('fs').readFileSync(0, 'utf8').split(' ').length)"
    run = namespaces.execute(namespaces.compile(SHELL, source), stdin=b"a b c")
    assert run.stdout == b"3\n", run


def test_a_missing_compiler_is_told_by_name(namespaces):
    language = Language("zig", "main.zig", ("./main",), ("zig-that-is-not-here", "main.zig"))
    with pytest.raises(SandboxError, match="zig-that-is-not-here"):
        namespaces.compile(language, "")
