# SPDX-License-Identifier: Apache-2.0
# A block of a transformer as the text of an ONNX model: awk -f transformer.awk | protoc --encode=...
# BATCH (1) rows of 8 words of width 32, 4 heads, 64 between. Weights are pseudo-random and always the same.
function number() { seed = (seed * 16807) % 2147483647; return seed / 1073741823.5 - 1 }
function weights(name, rows, columns, scale,    i, text) {
  text = "initializer { name: '" name "' data_type: 1 dims: " rows (columns ? " dims: " columns : "")
  for (i = 0; i < rows * (columns ? columns : 1); ++i) text = text sprintf(" float_data: %.5f", scale * number())
  print text " }"
}
function integers(name, list,    i, n, part, text) {
  n = split(list, part, " ")
  text = "initializer { name: '" name "' data_type: 7 dims: " n
  for (i = 1; i <= n; ++i) text = text " int64_data: " part[i]
  print text " }"
}
function node(op, inputs, output, attributes,    i, n, part, text) {
  n = split(inputs, part, " ")
  text = "node { op_type: '" op "' name: '" output "' output: '" output "'"
  for (i = 1; i <= n; ++i) text = text " input: '" part[i] "'"
  print text " " attributes " }"
}
function ints(name, list,    i, n, part, text) {
  n = split(list, part, " ")
  text = "attribute { name: '" name "' type: INTS"
  for (i = 1; i <= n; ++i) text = text " ints: " part[i]
  return text " }"
}
function linear(x, name, from, to, y) {
  weights("w_" name, from, to, 0.2); weights("b_" name, to, 0, 0.1)
  node("MatMul", x " w_" name, name "_product"); node("Add", name "_product b_" name, y)
}
function tensor(word, name) {
  print word " { name: '" name "' type { tensor_type { elem_type: 1 shape {"
  print "dim { dim_value: " batch " } dim { dim_value: 8 } dim { dim_value: 32 } } } } }"
}
BEGIN {
  seed = 7; if (!batch) batch = 1
  print "ir_version: 8 opset_import { version: 17 } graph { name: 'block'"
  tensor("input", "x"); tensor("output", "y")
  integers("heads", batch " 8 4 8"); integers("flat", batch " 8 32")
  for (p = 1; p <= 3; ++p) {
    n = substr("qkv", p, 1)
    linear("x", n, 32, 32, n "_flat")
    node("Reshape", n "_flat heads", n "_heads")
    node("Transpose", n "_heads", n "_all", ints("perm", n == "k" ? "0 2 3 1" : "0 2 1 3"))
  }
  node("MatMul", "q_all k_all", "scores")
  node("Softmax", "scores", "shares", "attribute { name: 'axis' type: INT i: -1 }")
  node("MatMul", "shares v_all", "mixed")
  node("Transpose", "mixed", "mixed_back", ints("perm", "0 2 1 3"))
  node("Reshape", "mixed_back flat", "joined")
  linear("joined", "out", 32, 32, "attended"); node("Add", "attended x", "sum")
  weights("scale", 32, 0, 1); weights("shift", 32, 0, 0.1)
  node("LayerNormalization", "sum scale shift", "normal")
  linear("normal", "up", 32, 64, "wide"); node("Relu", "wide", "active")
  linear("active", "down", 64, 32, "narrow"); node("Add", "narrow normal", "y")
  print "}"
}
