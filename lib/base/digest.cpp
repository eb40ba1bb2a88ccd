// SPDX-License-Identifier: Apache-2.0
#include "base/digest.h"

#include <openssl/evp.h>

namespace neuron {
namespace {
template <std::size_t N>
std::array<std::byte, N> digest(ByteView bytes, const EVP_MD* kind) {
  std::array<std::byte, N> out{};
  EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(out.data()), nullptr,
             kind, nullptr);
  return out;
}
}  // namespace

std::array<std::byte, 16> md5(ByteView bytes) { return digest<16>(bytes, EVP_md5()); }
std::array<std::byte, 20> sha1(ByteView bytes) { return digest<20>(bytes, EVP_sha1()); }
std::array<std::byte, 32> sha256(ByteView bytes) { return digest<32>(bytes, EVP_sha256()); }

Digest::Digest(Kind kind)
    : state_(EVP_MD_CTX_new(),
             [](void* state) { EVP_MD_CTX_free(static_cast<EVP_MD_CTX*>(state)); }) {
  const EVP_MD* type = kind == Kind::Md5    ? EVP_md5()
                       : kind == Kind::Sha1 ? EVP_sha1()
                                            : EVP_sha256();
  EVP_DigestInit_ex(static_cast<EVP_MD_CTX*>(state_.get()), type, nullptr);
}

void Digest::append(ByteView piece) {
  EVP_DigestUpdate(static_cast<EVP_MD_CTX*>(state_.get()), piece.data(), piece.size());
}

std::array<std::byte, 32> Digest::finish() {
  std::array<std::byte, 32> out{};
  EVP_DigestFinal_ex(static_cast<EVP_MD_CTX*>(state_.get()),
                     reinterpret_cast<unsigned char*>(out.data()), nullptr);
  return out;
}

}  // namespace neuron
