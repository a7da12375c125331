"""Compiled languages: compiled once, run confined, and a missing compiler is told."""

import re
import shutil

import pytest

from rewardkit.sandbox import Limits, Sandbox, SandboxError
from rewardkit.types import Language
from tests.sandbox.patience import patience

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
    assert (
        namespaces.execute(
            binary, limits=Limits(cpu_seconds=0.4, wall_seconds=patience(outcome, 10.0))
        ).outcome
        == outcome
    )


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


LANGUAGES = {
    "c": C,
    "cpp": Language("cpp", "main.cpp", ("./main",), ("g++", "-O1", "-o", "main", "main.cpp")),
    "java": Language("java", "Main.java", ("java", "Main"), ("javac", "Main.java")),
    "go": Language("go", "main.go", ("./main",), ("go", "build", "-o", "main", "main.go")),
    "javascript": SHELL,
    # Newer ones bring a linker that looks for itself in /proc.
    "rust": Language(
        "rust",
        "main.rs",
        ("./main",),
        ("rustc", "-O", "-Clink-arg=-fuse-ld=bfd", "-o", "main", "main.rs"),
    ),
}
# The sum of two numbers, made in a thread.
SUMS = {
    "c": SUM,
    "cpp": """
#include <iostream>
#include <thread>
int main() {
    int a, b, c;
    std::cin >> a >> b;
    std::thread([&] { c = a + b; }).join();
    std::cout << c << std::endl;
}
""",
    "java": """
import java.util.Scanner;
public class Main {
    static int sum;
    public static void main(String[] args) throws Exception {
        Scanner in = new Scanner(System.in);
        Thread thread = new Thread(() -> sum = in.nextInt() + in.nextInt());
        thread.start();
        thread.join();
        System.out.println(sum);
    }
}
""",
    "go": """
package main
import "fmt"
func main() {
    var a, b int
    fmt.Scan(&a, &b)
    sum := make(chan int)
    go func() { sum <- a + b }()
    fmt.Println(<-sum)
}
""",
    "javascript": """
const [a, b] = require("fs").readFileSync(0, "utf8").split(" ").map(Number);
setTimeout(() => console.log(a + b), 1);
""",
    "rust": """
use std::io::Read;
fn main() {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).unwrap();
    let numbers: Vec<i64> = text.split_whitespace().map(|n| n.parse().unwrap()).collect();
    println!("{}", std::thread::spawn(move || numbers.iter().sum::<i64>()).join().unwrap());
}
""",
}
HOARDERS = {
    "c": "#include <stdlib.h>\n#include <string.h>\n"
    "int main() { for (;;) memset(malloc(1 << 20), 1, 1 << 20); }",
    "cpp": "#include <vector>\nint main() {"
    " std::vector<int> v; for (;;) v.resize(v.size() + 999); }",
    "java": "public class Main { public static void main(String[] args) {"
    " var all = new java.util.ArrayList<long[]>(); for (;;) all.add(new long[1 << 20]); } }",
    "go": "package main\nfunc main() { var all [][]int64; for {\n"
    "x := make([]int64, 1 << 20); for i := range x { x[i] = 1 }; all = append(all, x) } }",
    "javascript": "const all = []; for (;;) all.push(new Array(1 << 20).fill(1.5));",
    "rust": "fn main() { let mut all = vec![]; loop { all.push(vec![1u8; 1 << 20]); } }",
}


def folders_out_of_reach():
    """What has to be given for the installed compilers to work: what the error says."""
    found = []
    with Sandbox("namespaces", folders=[]) as plain:
        for name, language in LANGUAGES.items():
            try:
                plain.compile(language, SUMS[name])
            except SandboxError as error:
                found += re.findall(r"Sandbox\(folders=\['(.+?)'\]\)", str(error))
    return found


@pytest.fixture(scope="module")
def every_toolchain(namespaces):
    with Sandbox("namespaces", folders=folders_out_of_reach()) as sandbox:
        yield sandbox


@pytest.mark.parametrize("name", LANGUAGES)
def test_programs_of_each_language_compile_and_run(every_toolchain, name):
    needs(LANGUAGES[name])
    binary = every_toolchain.compile(LANGUAGES[name], SUMS[name])
    assert binary.ok, binary.compiled.stderr
    run = every_toolchain.execute(binary, stdin=b"2 40")
    assert (run.stdout, run.stderr, run.outcome) == (b"42\n", b"", "ok")


@pytest.mark.parametrize("name", LANGUAGES)
def test_a_program_of_each_language_that_wants_too_much_memory_is_told_so(every_toolchain, name):
    needs(LANGUAGES[name])
    binary = every_toolchain.compile(LANGUAGES[name], HOARDERS[name])
    run = every_toolchain.execute(binary, limits=Limits(memory=256 << 20, wall_seconds=60))
    assert run.outcome in ("memory", "signal"), run  # C has no words for it


def test_a_compiler_out_of_reach_is_told_with_what_would_reach_it(namespaces, tmp_path):
    program = tmp_path / "toolchain" / "bin" / "zig-of-ours"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\ncp main.zig main\n")
    program.chmod(0o755)
    home = str(tmp_path / "toolchain")
    language = Language("zig", "main.zig", ("./main",), ("zig-of-ours",))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
        with pytest.raises(SandboxError, match="out of the sandbox's reach") as refused:
            namespaces.compile(language, "")
        assert home in str(refused.value)
        patch.setenv("REWARDKIT_SANDBOX_FOLDERS", home)
        with Sandbox("namespaces") as sandbox:
            assert sandbox.compile(language, "#!/bin/sh\n").ok


def test_a_missing_compiler_is_told_by_name(namespaces):
    language = Language("zig", "main.zig", ("./main",), ("zig-that-is-not-here", "main.zig"))
    with pytest.raises(SandboxError, match="zig-that-is-not-here"):
        namespaces.compile(language, "")
