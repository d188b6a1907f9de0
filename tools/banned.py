#!/usr/bin/python3
"""Functions that are not called here, each with what is called instead.

They overrun, forget where they are, are not safe with threads, or read numbers without saying what went
wrong. Comments and texts in quotation marks are passed over. Prints FILE:LINE; exits with 1 if any is found.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

INSTEAD = {
    "strcpy": "str_copy", "strncpy": "str_copy", "stpcpy": "str_copy", "strcat": "buf_add", "strncat": "buf_add",
    "sprintf": "str_printf or snprintf", "vsprintf": "vsnprintf", "gets": "fgets", "scanf": "str_to_int64",
    "sscanf": "str_to_int64", "fscanf": "str_to_int64", "atoi": "str_to_int64", "atol": "str_to_int64",
    "atoll": "str_to_int64", "atof": "strtod", "strtok": "str_cut", "strtok_r": "str_cut", "alloca": "an arena",
    "tmpnam": "mkstemp", "mktemp": "mkstemp", "tempnam": "mkstemp", "rand": "random_bytes", "srand": "random_bytes",
    "random": "random_bytes", "drand48": "random_bytes", "localtime": "gmtime_r", "gmtime": "gmtime_r",
    "ctime": "strftime", "asctime": "strftime", "strerror_r": "strerror", "system": "posix_spawn",
    "vfork": "posix_spawn", "setjmp": "a result", "longjmp": "a result",
}
# A test may fill a fixed array of its own; it is never fed by strangers.
FINE_IN_TESTS = {"strncpy", "strncat", "stpcpy", "fscanf", "random"}
IS_TEST = re.compile(r"_test\.c$|_test_\w+\.[ch]$|_testing\.[ch]$|_bench\.c$")
CALL = re.compile(r"(?<![\w.>])(" + "|".join(INSTEAD) + r")\s*\(")


def without_texts(code):
    """The code with comments and literals blanked, line by line as before."""
    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
    return pattern.sub(lambda m: re.sub(r"[^\n]", " ", m.group(0)), code)


def main():
    found = 0
    for path in sorted([*(ROOT / "src").rglob("*.c"), *(ROOT / "src").rglob("*.h")]):
        for number, line in enumerate(without_texts(path.read_text()).splitlines(), 1):
            if line.lstrip().startswith("#"):  # `#pragma GCC poison` names them
                continue
            for name in CALL.findall(line):
                if name in FINE_IN_TESTS and IS_TEST.search(path.name):
                    continue
                print(f"{path.relative_to(ROOT)}:{number}: {name} is not called here; take {INSTEAD[name]}")
                found += 1
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
