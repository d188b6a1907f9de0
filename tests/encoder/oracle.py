"""The encoder beside the npm package it comes from: the same texts through both.

By hand:  /usr/bin/python3 tests/encoder/oracle.py      prints how many texts, and the greatest difference
"""

import array
import json
import os
import pathlib
import random
import shutil
import struct
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PIECES_MAX, DIMENSIONS = 128, 512
ALPHABETS = [(0x20, 0x7e), (0xa0, 0x17f), (0x300, 0x36f), (0x370, 0x4ff), (0x5d0, 0x6ff), (0x900, 0x97f),
             (0x1100, 0x11ff), (0x2000, 0x206f), (0x2070, 0x24ff), (0x2500, 0x27ff), (0x3000, 0x30ff),
             (0x4e00, 0x4fff), (0xac00, 0xacff), (0xf900, 0xfaff), (0xfb00, 0xfdff), (0xfe00, 0xffff),
             (0x1d400, 0x1d7ff), (0x1f300, 0x1faff), (0x20000, 0x200ff), (0, 0x1f), (0x10fff0, 0x10ffff)]

ODD = [
    "a", " ", "  ", "      a", "a      ", "\t", "\n\n", "\0", "a\0b", "\x7f", "\u2581", "\u2581\u2581the", "\ufffd",
    "\ufeffhello", "\u00a0hello\u3000there", "e\u0301\u0301\u0301", "Cafe\u0301 Café", "\ufb01ne \ufdfa \u2460 ½ ™",
    "Ｆｕｌｌ ｗｉｄｔｈ", "\u1100\u1161\u11a8 각", "한국어 문장입니다", "今天天气很好，我们去公园吧。", "これは日本語です",
    "Größe 数据 ünknown ☃ test", "مرحبا بالعالم", "שלום עולם", "नमस्ते दुनिया", "Привет, мир!", "Γειά σου Κόσμε",
    "👍", "👍👍👍", "👩‍👩‍👧‍👦 family", "🇩🇪🇫🇷", "I 💚 bicycles 🚲!!!", "𝓗𝓮𝓵𝓵𝓸 𝕨𝕠𝕣𝕝𝕕", "𠀀𠀁 rare",
    ":30", "at 10:30", "”5", "a”5b", "://", "http://example.org/a?b=c&d=%20#e", ":)", "nice :) day :-) but :(", "):",
    ": : :", "░▒▓█►◄", "ಠ_ಠ", "¯\\_(ツ)_/¯", "don't can't won't", "“Quoted” — and – dashed…", "1,000,000.50 €",
    "x²+y²=z²", "H₂O", "C++ & C#", "$$$", "!!!!!!!!!!!!!!!!", "................", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "Pneumonoultramicroscopicsilicovolcanoconiosis", "qzxjkvbwqzxjkvbw", "THE QUICK BROWN FOX", "tHe qUiCk",
    "Z̸̡̛a̴͜l̷̢g̶̨o̵̧", "a" + "\u0301" * 300, "\u0301alone", "क्ष", "ﷺ" * 40, "word " * 300, "x" * 3000, "的" * 3000,
    "的a" * 400, "é" * 500, "the" * 900, "🚲" * 400, "a b " * 200 + "end", "\u2028line\u2029paragraph", "\u200bzero\u200dwidth",
    "soft\u00adhyphen", "İstanbul ıslak ſ", "ß ẞ SS", "ĳ Ĳ ǆ", "Ω Ω Å Å", "\u0f73\u0f75", "\ud7ff\ue000",
]
# Bytes that are no UTF-8: both sides see U+FFFD.
BROKEN = [b"\xff", b"\xc3", b"a\xc3", b"\xc3(", b"\xe2\x82", b"\xe2\x82x", b"\xf0\x9f\x98", b"\xf0\x9f\x98x", b"\xed\xa0\x80",
          b"\xed\xa0\x80\xed\xb0\x80", b"\xc0\x80", b"\xe0\x80\x80", b"\xf4\x90\x80\x80", b"\xf8\x88\x80\x80\x80", b"\x80\x80\x80",
          b"the \xe9t\xe9 street", b"caf\xe9", b"\xfe\xff\x00h", b"good \xf0\x28\x8c\x28 bad"]


def sentences(dice, vocabulary):
    whole = [p[1:] for p, _ in vocabulary if p.startswith("▁") and p[1:].isalpha()]
    for _ in range(120):
        words = dice.choices(whole, k=dice.randint(1, 25))
        yield " ".join(words) + dice.choice(["", ".", "!", "?", " :)", "…"])
    for _ in range(100):  # pieces side by side, so that there are many ways to divide
        yield "".join(p for p, _ in dice.choices(vocabulary, k=dice.randint(1, 60))).replace("▁", " ")
    for _ in range(60):  # anything out of one alphabet, or of all
        chosen = dice.choice([ALPHABETS, [dice.choice(ALPHABETS)], [dice.choice(ALPHABETS), (0x20, 0x7e)]])
        points = [dice.randint(*dice.choice(chosen)) for _ in range(dice.randint(1, 80))]
        yield "".join(map(chr, points))
    for _ in range(8):  # beyond what is read
        yield " ".join("".join(dice.choices("etaoinshrdlucmfw", k=dice.randint(1, 12))) for _ in range(600))


def texts(package):
    vocabulary = json.loads((package / "dist" / "vocab.json").read_text(encoding="utf-8"))
    dice = random.Random(8000)
    all_texts = [*ODD, *sentences(dice, vocabulary)]
    return [*(t.encode() for t in all_texts), *BROKEN]


def answers(command, all_texts, **more):
    framed = b"".join(struct.pack("<I", len(t)) + t for t in all_texts)
    done = subprocess.run(list(map(str, command)), input=framed, capture_output=True, timeout=900, **more)
    assert done.returncode == 0, done.stderr.decode(errors="replace")[-2000:]
    at, found = 0, []
    for _ in all_texts:
        (count,) = struct.unpack_from("<I", done.stdout, at)
        pieces = struct.unpack_from(f"<{count}H", done.stdout, at + 4)
        at += 4 + 2 * count
        found.append((list(pieces), array.array("f", done.stdout[at:at + 4 * DIMENSIONS])))
        at += 4 * DIMENSIONS
    assert at == len(done.stdout)
    return found


def missing(build):
    """What is not here and would be needed, or None."""
    if not (build / "encoder-en.bin").exists():
        return "the encoder's data file is not there (script/encoder makes it)"
    if shutil.which("node") is None:
        return "node is not installed"
    if subprocess.run([ROOT / "tests" / "kit" / "modules"], capture_output=True, timeout=900).returncode:
        return "the tests' npm packages could not be installed (tests/kit/modules says why)"
    return None


def differences(build, instructions=()):
    """How many texts were compared, and the greatest difference of a dimension; their pieces are equal."""
    modules = ROOT / "node_modules"
    all_texts = texts(modules / "@energetic-ai" / "model-embeddings-en")
    script = ROOT / "tests" / "encoder" / "package_vectors.cjs"
    theirs = answers(["node", script], all_texts, env={**os.environ, "NODE_PATH": str(modules)})
    worst = 0
    for kernels in instructions or [None]:
        ours = answers([build / "encode_texts", build / "encoder-en.bin", *([kernels] if kernels else [])], all_texts)
        for text, (pieces, vector), (their_pieces, their_vector) in zip(all_texts, ours, theirs):
            assert pieces == their_pieces[:PIECES_MAX], (text[:200], pieces, their_pieces)
            far = max(abs(a - b) for a, b in zip(vector, their_vector))
            assert far < 1e-5, (text[:200], far)
            worst = max(worst, far)
    return len(all_texts), worst


if __name__ == "__main__":
    folder = pathlib.Path(os.environ.get("MANYHANDS_BUILD") or ROOT / "build")
    reason = missing(folder)
    if reason:
        sys.exit(f"oracle.py: {reason}")
    print("{} texts, the greatest difference is {:.1e}".format(*differences(folder)))
