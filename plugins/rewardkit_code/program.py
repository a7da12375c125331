"""Finding the program in a completion: in the response only, never in the thinking."""

from __future__ import annotations

import ast
import builtins
import re
import textwrap
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

import rewardkit as rk
from rewardkit.fences import CodeBlock, code_blocks
from rewardkit_code.languages import canonical
from rewardkit_code.syntax import UNREADABLE, parse_python

__all__ = ["NoProgram", "Program", "find_program"]


@dataclass(frozen=True, slots=True)
class Program:
    """A program as it was found; `found` says where, for the evidence."""

    source: str
    language: str
    found: str


@dataclass(frozen=True, slots=True)
class NoProgram:
    """Why a completion has no program."""

    reason: str


def find_program(
    completion: rk.Completion,
    language: str = "",
    starter: str = "",
    names: tuple[str, ...] = (),
    languages: Collection[str] = ("python",),
) -> Program | NoProgram:
    """The program of a completion's response.

    It is the last fenced block in the wanted language (of several, the last that defines one of
    `names`), after those before it that define what it lacks; without such a block, the last
    without a tag that is code; without any fence the response itself where that is code, or the
    body that goes on from `starter`. A block that is not closed counts unless the completion was
    cut off.

    Args:
        completion: The completion.
        language: What it has to be written in; Python, or what the block's tag says, when "".
        starter: The code that the prompt gives to go on from.
        names: What the tests call: one of them tells the solution from an example of its use.
        languages: The names of all that it may be written in when the row does not say.
    """
    text, raw = _final_text(completion)
    raw = raw.removeprefix("\ufeff")
    if not text:
        return NoProgram("the response is empty" if completion.thinking_closed else "no response")
    blocks = code_blocks(text)
    if blocks:
        cut_off = completion.cut_off
        return _of_blocks(blocks, language, names, languages, starter, cut_off=cut_off)
    if language not in ("", "python"):
        return NoProgram(f"the response has no fenced block of {language}")
    return _bare(raw, starter, names) or NoProgram("the response has no code")


def _final_text(completion: rk.Completion) -> tuple[str, str]:
    """The response, or its answer block where that holds a fence; and with its indentation."""
    opening, closing = completion.reading.answer_tags
    response = completion.response
    end = response.rfind(closing)
    start = response.rfind(opening, 0, end) if end >= 0 else -1
    if start >= 0:
        # R1-Zero's format: the fence may stand right behind the tag.
        answer = response[start + len(opening) : end].lstrip("\r\n ")
        if "```" in answer or "~~~" in answer or "```" not in response:
            return answer.strip(), answer
    at = completion.rfind(response)
    before = completion[:at]
    indent = before[len(before.rstrip(" \t")) :]
    return response, indent + response


def _of_blocks(
    blocks: tuple[CodeBlock, ...],
    language: str,
    names: tuple[str, ...],
    languages: Collection[str],
    starter: str,
    *,
    cut_off: bool,
) -> Program | NoProgram:
    programs = [b for b in blocks if b.text.strip() and _is_program(b, language, languages)]
    if not programs:
        wanted = f" in {language}" if language else ""
        return NoProgram(f"no fenced block is a program{wanted}")
    programs = [replace(b, text=b.text.removeprefix("\ufeff")) for b in programs]
    if cut_off:
        programs = [block for block in programs if block.closed]
    if not programs:
        return NoProgram("the last block is not closed")
    tagged = [block for block in programs if block.language]
    bare = [block for block in programs if not block.language]
    block = _solution(tagged, bare, names)
    written = language or canonical(block.language) or "python"
    if written != "python":
        return Program(block.text, written, "fenced block")
    before = [one.text for one in tagged if one.start < block.start]
    source = _with_parts(_completed(block.text, starter), before)
    return Program(source, written, "fenced block")


def _solution(tagged: list[CodeBlock], bare: list[CodeBlock], names: tuple[str, ...]) -> CodeBlock:
    """The last block that defines what is tested, else the last that defines anything.

    What follows a solution is often an example of its use, or its lines one by one. A block
    without a tag is often what a program prints: those with one come first.
    """
    if names:
        ordered = [*reversed(tagged), *reversed(bare)]
        wholes = [b for b in ordered if _parses(textwrap.dedent(b.text))]
        for defines in (lambda text: _defines(text, names), _defines_something):
            for block in wholes:
                if defines(block.text):
                    return block
    if tagged:
        return tagged[-1]
    wholes = [b for b in reversed(bare) if _is_code(textwrap.dedent(b.text))]
    return wholes[0] if wholes else bare[-1]


def _with_parts(source: str, before: list[str]) -> str:
    """The program, after those earlier blocks that define what it uses and does not define."""
    body = _body(source) if before else None
    if body is None:
        return source
    missing = _missing(body)
    parts = [source]
    for text in reversed(before):
        part = textwrap.dedent(text)
        body = _body(part) or []
        bound = _bound(body)
        if missing & bound:
            parts.append(part)
            missing = (missing - bound) | _missing(body)
    return "\n".join(reversed(parts))


def _missing(body: list[ast.stmt]) -> set[str]:
    """The names that a program uses, and that neither it nor the interpreter defines."""
    nodes = list(ast.walk(ast.Module(body, [])))
    used = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    return used - _defined(nodes) - set(dir(builtins)) - {"__name__", "__file__", "__doc__"}


def _bound(body: list[ast.stmt]) -> set[str]:
    """The names that a module's statements define, not looking into functions and classes."""
    scopes = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    nodes: list[ast.AST] = [node for node in body if isinstance(node, scopes)]
    for node in body:
        nodes += () if isinstance(node, scopes) else ast.walk(node)
    return _defined(nodes)


def _defined(nodes: Iterable[ast.AST]) -> set[str]:
    """The names that these nodes themselves define."""
    names: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {(a.asname or a.name).partition(".")[0] for a in node.names}
        elif isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar):
            names.add(node.name or "")
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    return names


def _defines_something(source: str) -> bool:
    return re.search(r"(?m)^[ \t]*(?:async[ \t]+def|def|class)[ \t]", source) is not None


def _is_program(block: CodeBlock, language: str, languages: Collection[str]) -> bool:
    written = canonical(block.language)
    return not written or written == language or (not language and written in languages)


def _defines(source: str, names: tuple[str, ...]) -> bool:
    head = r"^(?:async[ \t]+def|def|class)[ \t]+"
    return any(
        re.search(rf"(?m){head}{re.escape(name)}\b|^{re.escape(name)}[ \t]*=", source)
        for name in names
    )


def _bare(raw: str, starter: str, names: tuple[str, ...]) -> Program | None:
    """The response as code: a program, or the body of what the prompt begins."""
    dedented = textwrap.dedent(raw)
    if starter and not _defines(dedented, names) and raw[:1] in (" ", "\t"):
        joined = _joined(starter, raw)
        if _parses(joined):
            return Program(joined, "python", "the body of the starter code")
    return Program(dedented, "python", "bare code") if _is_code(dedented) else None


def _completed(source: str, starter: str) -> str:
    """The program, with its head where the block holds the body alone."""
    if starter and source[:1] in (" ", "\t") and not _parses(source):
        return _joined(starter, source)
    return textwrap.dedent(source)


def _joined(starter: str, body: str) -> str:
    return f"{starter.rstrip()}\n{body}"


def _parses(source: str) -> bool:
    return _body(source) is not None


def _body(source: str) -> list[ast.stmt] | None:
    try:
        return parse_python(source).body
    except UNREADABLE:
        return None


def _is_code(source: str) -> bool:
    """Whether text is a Python program: a word or a number is an expression, and no program."""
    body = _body(source)
    return bool(body) and not all(
        isinstance(node, ast.Expr) and not isinstance(node.value, ast.Call) for node in body or ()
    )
