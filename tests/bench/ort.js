// SPDX-License-Identifier: Apache-2.0
// ort.js MODEL.onnx [RUNS [--dim NAME=SIZE]...]: milliseconds of the fastest of RUNS executions in
// ONNX Runtime, one thread, inputs zero-filled; sizes without a number are 1.
const ort = require('onnxruntime-node');

const kArrays = {
  float32: Float32Array, float64: Float64Array, int32: Int32Array, int64: BigInt64Array,
  uint8: Uint8Array, int8: Int8Array, bool: Uint8Array,
};

const sizes = Object.fromEntries(
    process.argv.slice(4).filter((word) => word.includes('=')).map((word) => word.split('=')));

function zeros(meta) {
  const dims = meta.shape.map(
      (size) => (typeof size === 'number' && size > 0 ? size : Number(sizes[size] || 1)));
  const count = dims.reduce((a, b) => a * b, 1);
  return new ort.Tensor(meta.type, new kArrays[meta.type](count), dims);
}

async function main(path, runs) {
  const options = { intraOpNumThreads: 1, interOpNumThreads: 1, executionMode: 'sequential' };
  const session = await ort.InferenceSession.create(path, options);
  const feeds = {};
  for (const meta of session.inputMetadata) feeds[meta.name] = zeros(meta);
  let fastest = Infinity;
  for (let i = 0; i < runs; ++i) {
    const begin = process.hrtime.bigint();
    await session.run(feeds);
    fastest = Math.min(fastest, Number(process.hrtime.bigint() - begin) / 1e6);
  }
  console.log(fastest.toFixed(3));
}

main(process.argv[2], Number(process.argv[3] || 20)).catch((error) => {
  console.error(`ort.js: ${error.message}`);
  process.exit(1);
});
