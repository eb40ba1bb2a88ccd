// SPDX-License-Identifier: Apache-2.0
#include "neff/emit.h"

#include "neff/words.h"

namespace neuron::neff {
namespace {

Json edge_json(const Edge& edge) { return Json::array({edge.node, edge.output, 0}); }

Json node_json(const Node& node) {
  Json row{{"op", node.executor == Executor::Input ? "null" : "tvm_op"}, {"name", node.name}};
  if (node.executor != Executor::Input) {
    // The reader of this form takes numbers as text here.
    Json& attrs = row["attrs"] = Json{{"func_name", node.function},
                                      {"flatten_data", "0"},
                                      {"num_inputs", std::to_string(node.inputs.size())}};
    if (node.executor == Executor::NeuronCore) attrs["kelf"] = node.kelf;
    attrs["num_outputs"] = std::to_string(node.outputs.size());
  }
  Json& inputs = row["inputs"] = Json::array();
  for (const Edge& edge : node.inputs) inputs.push_back(edge_json(edge));
  Json& names = row["output_names"] = Json::array();
  for (const Slot& slot : node.outputs) names.push_back(slot.name);
  if (node.executor == Executor::Input) row["is_param"] = node.is_param ? "1" : "0";
  return row;
}

Json side_json(const Side& side, const std::string& prefix) {
  Json row{{prefix, side.variable},
           {prefix + "_dtype", name_of(side.type)},
           {prefix + "_off", side.offset}};
  if (!side.sizes.empty()) {
    row[prefix + "_sizes"] = side.sizes;
    row[prefix + "_steps"] = side.steps;
  }
  return row;
}

Json descriptor_json(const Descriptor& d) {
  Json row = Json::object();
  if (d.from.size() == 1) {
    row = side_json(d.from[0], "from");
  } else {
    for (const Side& side : d.from) row["from_arr"].push_back(side_json(side, "from"));
  }
  row["op"] = text_of(kDmaWords, d.op);
  row.update(side_json(d.to, "to"));
  if (d.op == DmaOp::Transpose) {
    row["transpose_element_size"] = d.transpose_element_size;
    row["transpose_op"] = "WZXY";
    row["transpose_shape"] = d.transpose_shape;
  }
  return row;
}

Json variable_json(const Variable& v) {
  Json row = Json::object();
  if (v.alignment != 0) row["alignment"] = v.alignment;
  if (v.kind == VariableKind::Virtual) row["backing_variable_off"] = v.backing_offset;
  if (v.kind == VariableKind::File) {
    row["fabric_path"] = "main";
    row["file_name"] = v.file_name;
    if (v.file_offset != 0) row["file_offset"] = v.file_offset;
  }
  if (v.kind == VariableKind::DgeTable) row["list"] = v.list;
  const bool bare = v.kind == VariableKind::StateBuffer || v.kind == VariableKind::Remote ||
                    v.kind == VariableKind::DgeTable;
  if (!bare) row["ops"] = Json::array();
  if (v.referenced) row["referenced_var_id"] = *v.referenced;
  if (!bare && v.kind != VariableKind::Pointer) row["size"] = v.size;
  row["type"] = text_of(kVariableWords, v.kind);
  row["var_id"] = v.id;
  return row;
}

Json queue_json(const Queue& q) {
  Json row{{"fabric_path", "main"}, {"num_queues", q.rings}};
  if (!q.owner.empty()) row["owner"] = q.owner;
  if (q.semaphores.size() == q.rings) row["semaphore_set"] = q.semaphores;
  if (q.semaphores.size() == 1 && q.rings != 1) row["semaphore"] = q.semaphores[0];
  row["type"] = text_of(kQueueWords, q.kind);
  return row;
}

Json collective_json(const Collective& c) {
  Json row{{"dtype", name_of(c.type)}, {"op", text_of(kCollectiveWords, c.op)}};
  if (!c.pairs.empty()) row["pairs"] = c.pairs;
  if (c.op == CollectiveOp::AllReduce || c.op == CollectiveOp::ReduceScatter)
    row["reduction"] = c.reduction;
  row["replica_groups"] = c.replica_groups;
  row["stream"] = c.stream;
  return row;
}

std::string file_of(std::string_view token) {
  for (const EngineWord& engine : kEngines)
    if (engine.token == token) return std::string(engine.file);
  return std::string(token);
}

}  // namespace

std::string asm_debug_name(std::string_view token) {
  return "debug_info_asm_" + file_of(token) + ".dbg";
}
std::string backend_debug_name(std::string_view token) {
  return "debug_info_backend_" + file_of(token) + ".dbg";
}

Json neff_json(const Model& model) {
  Json nodes = Json::array(), args = Json::array(), heads = Json::array(), rows = Json::array({0});
  Json shapes = Json::array(), ids = Json::array(), types = Json::array();
  Json inputs = Json::object();
  for (const Node& node : model.nodes) {
    if (node.executor == Executor::Input) args.push_back(nodes.size());
    for (const Slot& slot : node.outputs) {
      if (node.executor == Executor::Input && !node.is_param)
        inputs[slot.name] =
            Json{{"id", nodes.size()}, {"dtype", name_of(slot.type)}, {"shape", slot.shape}};
      ids.push_back(ids.size());
      shapes.push_back(slot.shape);
      types.push_back(name_of(slot.type));
    }
    nodes.push_back(node_json(node));
    rows.push_back(ids.size());
  }
  for (const Edge& edge : model.heads) heads.push_back(edge_json(edge));
  const Json attrs{{"shape", Json::array({"list_shape", shapes})},
                   {"storage_id", Json::array({"list_int", ids})},
                   {"dltype", Json::array({"list_str", types})}};
  const Json signature{{"inputs", inputs}, {"outputs", Json::object()}};
  return Json{{"nodes", nodes},       {"arg_nodes", args},
              {"heads", heads},       {"attrs", attrs},
              {"node_row_ptr", rows}, {"metadata", {{"signatures", {{"default", signature}}}}}};
}

Json definition_json(const Subgraph& s, bool with_debug) {
  Json def{{"#rank_world_size", 0}, {"cc_streams", {{"num_streams", 0}}}};
  def["debug_info"] = Json::object();
  Json& queues = def["dma_queue"] = Json::object();
  for (const Queue& q : s.queues) queues[q.name] = queue_json(q);
  for (const EngineProgram& e : s.engines) {
    def[e.token] = e.json_name;
    if (with_debug) {
      def[e.token + "_asm_dbg"] = Json::array({asm_debug_name(e.token)});
      def[e.token + "_dbg"] = Json::array({backend_debug_name(e.token)});
    }
    def[e.token + "_instr"] = e.bin_name;
  }
  def["name"] = "definition";
  def["neff_features"] = s.features;
  def["runtime_event_count"] = 12;
  def["runtime_semaphore_count"] = 3;
  Json& variables = def["var"] = Json::object();
  for (const Variable& v : s.variables) variables[v.name] = variable_json(v);
  def["version"] = "0.6";
  return def;
}

Json engine_json(const EngineProgram& program) {
  Json engine = Json::object();
  if (program.token == "act") engine["activation_function_sets"] = program.activation_sets;
  Json& dma = engine["dma"] = Json::array();
  for (const Transfer& t : program.transfers) {
    Json row = Json::object();
    if (!t.comment.empty()) row["#comment"] = t.comment;
    if (t.at_load) row["at_load"] = true;
    if (t.collective) row["collective"] = collective_json(*t.collective);
    Json& descriptors = row["desc"] = Json::array();
    for (const Descriptor& d : t.descriptors) descriptors.push_back(descriptor_json(d));
    row["id"] = t.id;
    row["queue"] = t.queue;
    if (t.semaphore) row["semaphore"] = *t.semaphore;
    dma.push_back(std::move(row));
  }
  engine["instr"] = program.bin_name;
  engine["name"] = program.json_name;
  return engine;
}

Json tensor_map_json(const Subgraph& s) {
  Json map = Json::object();
  for (const auto& [name, note] : s.tensors) {
    const Variable* v = s.find(name);
    Json& row = map[name] = Json{{"dtype", name_of(note.type)}, {"is_const", note.is_const}};
    if (!note.kind.empty()) row["kind"] = note.kind;
    row["layer_name"] = note.layer.empty() ? name : note.layer;
    row["sim_format"] = note.format;
    row["sim_shape"] = note.shape;
    row["tf_file"] = v && !v->file_name.empty() ? v->file_name : "value_" + name + ".npy";
    row["tf_format"] = note.format;
    row["tf_shape"] = note.shape;
  }
  return map;
}

}  // namespace neuron::neff
