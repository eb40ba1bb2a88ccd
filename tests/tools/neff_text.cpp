// SPDX-License-Identifier: Apache-2.0
// neff-text: a description on standard input becomes a NEFF on standard output, with whatever lies
// the description asks for. It starts from a small good package; each line changes one thing:
//
//   set PATH POINTER JSON    a value inside a JSON member      unset PATH POINTER
//   text PATH WORDS          a member of these words           zeros PATH COUNT
//   rename PATH NEW          a member under any name           remove PATH
//   type PATH CHARACTER      its tar type: 2 symbolic link     plain         no gzip
//   header FIELD NUMBER      a number of the header            cut COUNT     off the payload's end
//   flip OFFSET              invert a byte of the payload      append TEXT   after the payload
//   byte PATH OFFSET NUMBER  a byte of a member                copy PATH NEW a member under two
//   names
#include <zlib.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <sstream>

#include "base/json.h"
#include "isa/isa.h"
#include "neff/model.h"

using namespace neuron;
using namespace neuron::neff;

namespace {

Model good_model() {
  Model m;
  m.name = "good";
  m.target = "cayman";
  m.nodes.push_back({"x", Executor::Input, "", "", false, {}, {{"x", DType::Float32, {4}}}});
  m.nodes.push_back({"core",
                     Executor::NeuronCore,
                     "__kelf",
                     "kelf-0.json",
                     false,
                     {{0, 0}},
                     {{"y", DType::Float32, {4}}}});
  m.heads = {{1, 0}};
  Subgraph s;
  s.name = "sg00";
  s.node = 1;
  const auto add = [&](const char* name, VariableKind kind, std::uint64_t size) {
    Variable v;
    v.name = name;
    v.id = static_cast<std::uint32_t>(s.variables.size());
    v.kind = kind;
    v.size = size;
    s.variables.push_back(v);
  };
  add("SB", VariableKind::StateBuffer, 0);
  add("x", VariableKind::Input, 16);
  add("y", VariableKind::Output, 16);
  add("w", VariableKind::File, 16);
  s.constants["w"] = Tensor{DType::Float32, {4}, Bytes(16)};
  s.queues.push_back({"qSPIO0", QueueKind::In, 1, "sp", {8}});
  EngineProgram sp;
  sp.token = "sp";
  isa::Sync wait;
  wait.wait_mode = isa::kWaitGreaterEqual;
  wait.wait_semaphore = 8;
  wait.wait_value = 1;
  for (const auto& i :
       {isa::encode({}, isa::pseudo_dma_trigger{"qSPIO0", 0}), isa::encode(wait, isa::nop{})}) {
    Bytes& all = sp.instructions.edit();
    all.insert(all.end(), i.word.begin(), i.word.end());
  }
  const Side from{"x", 0, {1}, {16}, DType::UInt8}, to{"SB", 0, {1}, {16}, DType::UInt8};
  sp.transfers.push_back({0, "qSPIO0", {{DmaOp::Copy, {from}, to, {}, 0}}, 8, ""});
  s.engines.push_back(sp);
  m.subgraphs.push_back(s);
  return m;
}

struct Draft {
  Package package;
  std::map<std::string, char> types;  ///< tar type by path, where it is not a file's
  std::vector<std::pair<std::string, std::uint64_t>> header;
  bool gzip = true, gnu = false, swap = false, digits = false;
  std::string gzip_name;
  std::size_t cut = 0, pad = 1;
  std::vector<std::size_t> flips;
  std::string appended;

  Bytes& member(const std::string& path) {
    for (Member& m : package.members)
      if (m.path == path) return m.bytes.edit();
    return package.members.emplace_back(Member{path, {}}).bytes.edit();
  }
};

void set_text(Bytes& bytes, std::string_view text) {
  const auto part = view_of(text);
  bytes.assign(part.begin(), part.end());
}

void change_json(Draft& d, const std::string& path, const std::string& pointer,
                 const std::string* value) {
  Json json = Json::parse(text_of(ByteView(d.member(path))));
  const Json::json_pointer at(pointer);
  if (value)
    json[at] = Json::parse(*value);
  else
    json.at(at.parent_pointer()).erase(at.back());
  set_text(d.member(path), json::text_of(json));
}

void change(Draft& d, const std::string& line) {
  std::istringstream in(line);
  std::string verb, a, b, rest;
  in >> verb >> a;
  if (verb == "set" || verb == "unset" || verb == "rename" || verb == "type" || verb == "zeros" ||
      verb == "header" || verb == "byte" || verb == "copy")
    in >> b;
  std::getline(in >> std::ws, rest);
  if (verb == "set") change_json(d, a, b, &rest);
  if (verb == "unset") change_json(d, a, b, nullptr);
  if (verb == "text") set_text(d.member(a), rest);
  if (verb == "zeros") d.member(a).assign(std::stoull(b), std::byte{0});
  if (verb == "remove")
    std::erase_if(d.package.members, [&](const Member& m) { return m.path == a; });
  if (verb == "rename")
    for (Member& m : d.package.members)
      if (m.path == a) m.path = b;
  if (verb == "copy") d.member(b) = Bytes(d.member(a));
  if (verb == "byte")
    d.member(a).at(std::stoull(b)) = static_cast<std::byte>(std::stoul(rest, nullptr, 0));
  if (verb == "type") d.types[a] = b[0];
  if (verb == "header") d.header.emplace_back(a, std::stoull(b, nullptr, 0));
  if (verb == "plain") d.gzip = false;
  if (verb == "cut") d.cut = std::stoull(a);
  if (verb == "flip") d.flips.push_back(std::stoull(a));
  if (verb == "append") d.appended = a;
  if (verb == "pad") d.pad = std::stoull(a);
  if (verb == "swap") d.swap = true;
  if (verb == "gnu") d.gnu = true;
  if (verb == "named") d.gzip_name = a;
  if (verb == "digest") d.package.header.pkg_version = std::stoull(a);
  if (verb == "bits") {
    d.package.header.feature_bits = std::stoull(a, nullptr, 0);
    d.package.header.neff_version_major = 2;
  }
  if (verb == "digits") d.digits = true;
}

/// One ustar entry, by hand: the library's writer refuses what these packages need.
void put_entry(Writer& out, const Member& m, char type, bool gnu) {
  if (gnu && m.path.size() > 100) {  // a member of type L holds the name of the next one
    Bytes name(m.path.size() + 1);
    std::memcpy(name.data(), m.path.data(), m.path.size());
    put_entry(out, {"././@LongLink", std::move(name)}, 'L', gnu);
  }
  std::array<char, 512> h{};
  m.path.copy(h.data(), 100);
  const bool has_body = type == '0' || type == 'L';
  const std::size_t size = has_body ? m.bytes.size() : 0;
  std::snprintf(&h[100], 8, "%07o", 0664);
  std::snprintf(&h[108], 8, "%07o", 1000);
  std::snprintf(&h[116], 8, "%07o", 1000);
  std::snprintf(&h[124], 12, "%011zo", size);
  std::snprintf(&h[136], 12, "%011o", 0);
  h[156] = type;
  if (type == '1' || type == '2') std::snprintf(&h[157], 100, "/etc/passwd");
  std::memcpy(&h[257], gnu ? "ustar  \0" : "ustar\00000", 8);
  if (gnu) std::memcpy(&h[265], "ubuntu", 6);
  std::fill(&h[148], &h[156], ' ');
  unsigned sum = 0;
  for (char c : h) sum += static_cast<unsigned char>(c);
  std::snprintf(&h[148], 8, "%06o", sum);
  out.append(std::string_view(h.data(), h.size()));
  if (!has_body) return;
  out.append(m.bytes);
  out.zeros((512 - size % 512) % 512);
}

Bytes gzipped(ByteView bytes, std::string name) {
  z_stream z{};
  deflateInit2(&z, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  gz_header head{};
  head.os = 255;
  head.name = reinterpret_cast<Bytef*>(name.data());
  if (!name.empty()) deflateSetHeader(&z, &head);
  Bytes out(deflateBound(&z, bytes.size()) + 4096);
  z.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(bytes.data()));
  z.avail_in = static_cast<uInt>(bytes.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  deflate(&z, Z_FINISH);
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

Bytes payload_of(const Draft& d) {
  Writer tar;
  for (const Member& m : d.package.members) {
    const auto type = d.types.find(m.path);
    put_entry(tar, m, type == d.types.end() ? '0' : type->second, d.gnu);
  }
  tar.zeros(1024);
  Bytes payload = d.gzip ? gzipped(tar.bytes(), d.gzip_name) : tar.bytes();
  for (std::size_t at : d.flips) payload.at(at) ^= std::byte{0xff};
  payload.resize(payload.size() - std::min(payload.size(), d.cut));
  const auto tail = view_of(d.appended);
  payload.insert(payload.end(), tail.begin(), tail.end());
  payload.resize((payload.size() + d.pad - 1) / d.pad * d.pad);
  return payload;
}

void lie(std::span<std::byte> file, const std::string& field, std::uint64_t value) {
#define NEFF_U64(at, name, doc) \
  if (field == #name) store(file, at, value);
#define NEFF_U32(at, name, doc) \
  if (field == #name) store(file, at, static_cast<std::uint32_t>(value));
#define NEFF_BYTE(at, size, name, doc) \
  if (field == #name) store(file, at, static_cast<std::uint8_t>(value));
#define NEFF_TEXT(at, size, name, doc) NEFF_BYTE(at, size, name, doc)
#include "neff/header.def"
}

}  // namespace

int main() try {
  auto good = package_of(good_model(), {});
  if (!good) throw std::runtime_error(good.error().message);
  Draft draft;
  draft.package = std::move(*good);
  for (std::string line; std::getline(std::cin, line);) change(draft, line);
  auto file = with_header(draft.package.header, payload_of(draft));
  if (!file) throw std::runtime_error(file.error().message);
  constexpr std::size_t kHash = offsetof(Header, hash);
  for (std::size_t at = kHash; draft.swap && at < kHash + 16; at += 4)
    std::reverse(&(*file)[at], &(*file)[at] + 4);
  for (std::size_t at = kHash + 16; draft.digits && at < kHash + 32; ++at)
    (*file)[at] = std::byte{'0'};
  for (const auto& [field, value] : draft.header) lie(*file, field, value);
  std::cout.write(reinterpret_cast<const char*>(file->data()),
                  static_cast<std::streamsize>(file->size()));
  return 0;
} catch (const std::exception& error) {
  std::cerr << "neff-text: " << error.what() << "\n";
  return 1;
}
