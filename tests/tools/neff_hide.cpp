// SPDX-License-Identifier: Apache-2.0
// neff-hide KIND FILE...: the files, as frameworks embed packages, on standard output. KIND is
// pickle (a protocol 2 string, as torch writes it), torchscript (a zip archive with such pickles,
// stored), deflated (the same, compressed), protobuf (bytes in nested messages: a TensorFlow graph,
// a saved model, an HLO module).
#include <archive.h>
#include <archive_entry.h>

#include <iostream>

#include "base/file.h"

using namespace neuron;

namespace {

std::string pickled(std::string_view text) {
  std::string out("\x80\x02X", 3);
  for (int shift = 0; shift < 32; shift += 8) out += static_cast<char>(text.size() >> shift);
  return out + std::string(text) + "q\x01.";
}

std::string field(unsigned number, std::string_view bytes) {
  std::string out(1, static_cast<char>(number << 3 | 2));
  std::size_t size = bytes.size();
  for (; size >= 0x80; size >>= 7) out += static_cast<char>(size | 0x80);
  return out + static_cast<char>(size) + std::string(bytes);
}

/// A NodeDef with its name, its operator, and the package as an attribute.
std::string graph_node(std::string_view text) {
  const std::string value = field(2, text);
  const std::string attribute = field(1, "executable") + field(2, value);
  return field(1, field(1, "neuron_op") + field(2, "NeuronOp") + field(5, attribute));
}

la_ssize_t put(archive*, void* out, const void* bytes, std::size_t size) {
  static_cast<std::string*>(out)->append(static_cast<const char*>(bytes), size);
  return static_cast<la_ssize_t>(size);
}

std::string zipped(const std::vector<std::string>& entries, bool compress) {
  std::string out;
  archive* a = archive_write_new();
  archive_write_set_format_zip(a);
  if (compress)
    archive_write_zip_set_compression_deflate(a);
  else
    archive_write_zip_set_compression_store(a);
  archive_write_open(a, &out, nullptr, put, nullptr);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, fmt::format("model/code/data{}.pkl", i).c_str());
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_size(entry, static_cast<la_int64_t>(entries[i].size()));
    archive_write_header(a, entry);
    archive_write_data(a, entries[i].data(), entries[i].size());
    archive_entry_free(entry);
  }
  archive_write_free(a);
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string kind = argc > 1 ? argv[1] : "";
  std::vector<std::string> entries;
  std::string out;
  for (int i = 2; i < argc; ++i) {
    const auto bytes = read_file(argv[i]);
    if (!bytes) {
      std::cerr << "neff-hide: " << bytes.error().message << "\n";
      return 1;
    }
    const auto text = text_of(ByteView(*bytes));
    entries.push_back(pickled(text));
    out += kind == "protobuf" ? graph_node(text) : entries.back();
  }
  if (kind == "torchscript" || kind == "deflated") out = zipped(entries, kind == "deflated");
  std::cout.write(out.data(), static_cast<std::streamsize>(out.size()));
}
