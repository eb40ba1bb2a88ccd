// SPDX-License-Identifier: Apache-2.0
#include <link.h>

#include <cstring>

#include "base/digest.h"
#include "compile/cache.h"

namespace neuron::compile {
namespace {

std::string hex_of(ByteView bytes) {
  std::string text;
  for (const std::byte b : bytes) text += fmt::format("{:02x}", std::to_integer<unsigned>(b));
  return text;
}

/// The build ID that the linker gave this program: other code, other packages.
int find_build_id(dl_phdr_info* program, std::size_t, void* out) {
  constexpr std::size_t kWord = 4;
  const auto padded = [](std::size_t size) { return (size + kWord - 1) / kWord * kWord; };
  for (int i = 0; i < program->dlpi_phnum; ++i) {
    const auto& part = program->dlpi_phdr[i];
    if (part.p_type != PT_NOTE) continue;
    const auto* at = reinterpret_cast<const std::byte*>(program->dlpi_addr + part.p_vaddr);
    ByteView notes(at, part.p_memsz);
    while (notes.size() >= sizeof(ElfW(Nhdr))) {
      const auto head = load<ElfW(Nhdr)>(notes, 0);
      const std::size_t name = sizeof(head), text = name + padded(head.n_namesz);
      const std::size_t end = text + padded(head.n_descsz);
      if (end > notes.size()) break;
      if (head.n_type == NT_GNU_BUILD_ID)
        *static_cast<std::string*>(out) = hex_of(notes.subspan(text, head.n_descsz));
      notes = notes.subspan(end);
    }
  }
  return 1;  // the first is the program itself
}

std::string build_identity() {
  std::string id;
  dl_iterate_phdr(find_build_id, &id);
  return id;
}

/// The digest of a graph, byte for byte: nothing that differs falls together.
class GraphDigest {
 public:
  void number(std::uint64_t value) { digest_.append(std::as_bytes(std::span(&value, 1))); }
  void text(std::string_view value) {
    number(value.size());
    digest_.append(view_of(value));
  }
  void tensor(const Tensor& t) {
    number(static_cast<std::uint64_t>(t.type));
    shape(t.shape);
    number(t.bytes.size());
    digest_.append(t.bytes);
  }
  void shape(const Shape& s) {
    number(s.size());
    digest_.append(std::as_bytes(std::span(s)));
  }
  void attribute(const Attribute& a) {
    number(a.index());
    if (const auto* i = std::get_if<std::int64_t>(&a)) number(static_cast<std::uint64_t>(*i));
    if (const auto* f = std::get_if<float>(&a)) digest_.append(std::as_bytes(std::span(f, 1)));
    if (const auto* s = std::get_if<std::string>(&a)) text(*s);
    if (const auto* is = std::get_if<std::vector<std::int64_t>>(&a)) shape(*is);
    if (const auto* fs = std::get_if<std::vector<float>>(&a)) {
      number(fs->size());
      digest_.append(std::as_bytes(std::span(*fs)));
    }
    if (const auto* t = std::get_if<Tensor>(&a)) tensor(*t);
  }
  void value(const Value& v) {
    text(v.name);
    number(static_cast<std::uint64_t>(v.type));
    shape(v.shape);
    number(v.constant.has_value());
    if (v.constant) tensor(*v.constant);
  }
  void node(const Node& n) {
    for (const std::string* word : {&n.op, &n.name, &n.layer}) text(*word);
    number(n.inputs.size());
    for (const auto& input : n.inputs) number(input ? input->value + std::uint64_t{1} : 0);
    ids(n.outputs);
    number(n.attributes.size());
    for (const auto& [name, a] : n.attributes) {
      text(name);
      attribute(a);
    }
  }
  void ids(const std::vector<ValueId>& list) {
    number(list.size());
    for (ValueId id : list) number(id.value);
  }
  std::string hex() { return hex_of(digest_.finish()); }

 private:
  Digest digest_{Digest::Kind::Sha256};
};

}  // namespace

std::string key_of(const Graph& graph, const std::string& options) {
  GraphDigest digest;
  digest.text(build_identity());
  digest.text(options);
  digest.text(graph.name);
  digest.number(graph.values.size());
  for (const Value& v : graph.values) digest.value(v);
  digest.number(graph.nodes.size());
  for (const Node& n : graph.nodes) digest.node(n);
  digest.ids(graph.inputs);
  digest.ids(graph.outputs);
  return digest.hex();
}

}  // namespace neuron::compile
