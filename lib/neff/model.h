// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <map>
#include <optional>

#include "base/dtype.h"
#include "base/tensor.h"
#include "neff/neff.h"

/// What the members of a package say: nodes, subgraphs, variables, queues, transfers, programs.
///   auto model = TRY(neff::model_of(package));
///   for (const Subgraph& s : model.subgraphs) fmt::print("{}: {} variables\n", s.name,
///   s.variables.size());
/// The same structs are what a compiler fills and package_of() turns into members.
namespace neuron::neff {

enum class Executor { Input, NeuronCore, Cpu };

/// One output slot of a node of neff.json.
struct Slot {
  std::string name;
  DType type = DType::Unknown;
  Shape shape;
};
struct Edge {
  std::uint32_t node = 0, output = 0;  ///< an output slot of an earlier node
};
/// A node of neff.json. Under LNC 2 the outputs of a NeuronCore node repeat; names tell.
struct Node {
  std::string name;
  Executor executor = Executor::Input;
  std::string function;   ///< symbol in cpu.so for a CPU node, "__kelf" for a NeuronCore node
  std::string kelf;       ///< member that lists the subgraphs of a NeuronCore node
  bool is_param = false;  ///< an input whose value travels in cpu.params
  std::vector<Edge> inputs;
  std::vector<Slot> outputs;
};

enum class VariableKind {
  StateBuffer,
  Input,
  Output,
  File,
  TmpBuf,
  Virtual,
  Pointer,
  DgeTable,
  Remote
};

/// An entry of "var" in def.json. Ids are what descriptors and instructions name.
struct Variable {
  std::string name;
  std::uint32_t id = 0;
  VariableKind kind = VariableKind::StateBuffer;
  std::uint64_t size = 0;  ///< bytes; 0 where def.json gives none
  std::uint64_t alignment = 0;
  std::string file_name;                    ///< File: member beside def.json
  std::uint64_t file_offset = 0;            ///< File: first byte in a raw member (after optimize)
  std::uint64_t backing_offset = 0;         ///< Virtual: place in the shared scratchpad
  std::optional<std::uint32_t> referenced;  ///< Pointer: variable id
  std::vector<std::uint32_t> list;          ///< DgeTable: variable ids
};

enum class QueueKind { In, Out, Data, EmbeddingUpdate, Dynamic };

struct Queue {
  std::string name;
  QueueKind kind = QueueKind::Data;
  std::uint32_t rings = 1;  ///< num_queues, 1 to 16
  std::string owner;        ///< engine token: "sp"
  std::vector<std::uint32_t> semaphores;
};

enum class DmaOp { Copy, Cast, Add, Min, Max, Fma, Transpose };

/// One side of a descriptor: bytes of a variable by steps, innermost first; all in bytes.
struct Side {
  std::string variable;
  std::int64_t offset = 0;
  std::vector<std::int64_t> steps, sizes;  ///< at most 4, of equal length
  DType type = DType::UInt8;
};
struct Descriptor {
  DmaOp op = DmaOp::Copy;
  std::vector<Side> from;  ///< one, or up to 16 for Add, Min, Max, Fma
  Side to;
  std::array<std::int64_t, 4> transpose_shape{};  ///< Transpose: [W, Z, Y, X]
  std::int64_t transpose_element_size = 0;
};
enum class CollectiveOp { AllGather, AllReduce, ReduceScatter, AllToAll, Permute, SendReceive };
/// Our extension of an entry of "dma": what the ranks of a replica group do together, from the
/// source of its only descriptor to its destination. No public package shows how others say it.
struct Collective {
  CollectiveOp op = CollectiveOp::AllGather;
  std::string reduction = "add";  ///< add, max or min
  DType type = DType::UInt8;
  std::vector<std::vector<std::uint32_t>> replica_groups;  ///< as many ranks in each
  std::vector<std::vector<std::uint32_t>> pairs;           ///< Permute, SendReceive: [from, to]
  std::uint32_t stream = 0;
};

/// An entry of "dma" in {Engine}.json, started by a PSEUDO_DMA_TRIGGER of the same queue and id.
/// Our extension `at_load`: nobody starts it; it fills SBUF with constants when its core takes up
/// the program, and they stay there from execution to execution.
struct Transfer {
  std::uint32_t id = 0;
  std::string queue;
  std::vector<Descriptor> descriptors;
  std::optional<std::uint32_t> semaphore;  ///< grows by the queue's rings on completion
  std::string comment;
  std::optional<Collective> collective = {};
  bool at_load = false;
};

/// The program of one engine.
struct EngineProgram {
  std::string token;      ///< "pe", "act", "pool", "dve" or "sp"
  std::string json_name;  ///< member that def.json names: "PE.json"
  std::string bin_name;   ///< member with the instructions: "PE.bin"
  SharedBytes instructions;
  std::vector<Transfer> transfers;
  std::vector<std::string> activation_sets;  ///< "act" only
  /// From the debug files, one per instruction; all empty where there are none.
  std::vector<std::string> backend_names, layers, op_types;
  /// Lines of the kernel or of the framework's program, one per instruction; a line 0 is none.
  struct SourceLine {
    std::uint32_t file = 0, line = 0;  ///< index in source_files
  };
  std::vector<SourceLine> source_lines;
  std::vector<std::string> source_files;
  /// "kernel.py:58", or nothing where the debug files do not tell.
  std::string source_of(std::size_t instruction) const;
};

/// A row of tensor_map.json: what `packager info` shows beside a variable.
struct TensorNote {
  DType type = DType::Unknown;
  std::string format;  ///< "NC", "NCHW", "CRSM"
  Shape shape;
  bool is_const = false;
  std::string kind;  ///< "input", "output" or ""
  std::string layer;
};

struct Subgraph {
  std::string name;                           ///< "sg00"
  std::uint32_t node = 0;                     ///< node of neff.json that runs it
  std::string directory;                      ///< of its members, with slash: "sg00/"
  std::string definition = "def.json";        ///< the member there that describes it
  std::vector<Variable> variables;            ///< by id
  std::vector<Queue> queues;                  ///< by name
  std::vector<EngineProgram> engines;         ///< those that def.json names
  std::map<std::string, TensorNote> tensors;  ///< empty after `optimize`
  std::vector<std::string> features;          ///< neff_features of def.json
  std::map<std::string, Tensor>
      constants;  ///< only filled by a compiler; readers use constant_of()
  const Variable* find(std::string_view variable) const;
};

/// Numbers of hlo_stats.json that metrics use.
struct HloStats {
  std::uint64_t mac_count = 0, traffic = 0;
};

struct Model {
  std::string name;
  std::string target;  ///< "sunda", "cayman", "mariana"; empty in old packages
  std::string tool_version;
  std::vector<Node> nodes;
  std::vector<Edge> heads;
  std::vector<Subgraph> subgraphs;
  std::optional<HloStats> stats;
};

/// Reads and checks all members: every name resolves, every size fits, ids are unique.
Result<Model> model_of(const Package& package);
/// Names and shapes only: for tools that must not trip over a damaged program.
Result<std::vector<Node>> nodes_of(const Package& package);

/// The bytes that a File variable starts with: an .npy's data, or the raw member.
Result<SharedBytes> constant_of(const Package& package, const Subgraph& subgraph,
                                const Variable& file);

/// A line of debug text that maps an instruction back: layer, operator, source.
struct DebugNote {
  std::string instruction;  ///< "I-50-0"
  std::string layer;        ///< name of the node in the source model
  std::string op_type;
};
/// What package_of() needs beside the model.
struct BuildInfo {
  std::uint32_t lnc_size = 1;
  std::uint64_t feature_bits = 0;
  std::string framework_file;                           ///< name of the source model, no path
  std::map<std::string, std::vector<DebugNote>> notes;  ///< by engine token, one per instruction
  std::map<std::string, double> metrics;                ///< into metrics.json
  std::map<std::string, std::int64_t> hlo;              ///< into hlo_stats.json
};
/// All members of the real layout: info.json, kelf-0.json, neff.json, sgNN/..., debug files.
/// A model that is given away goes over into them piece by piece.
Result<Package> package_of(Model model, const BuildInfo& build);

}  // namespace neuron::neff
