#include "tools/fetching/sha256.h"

#include <doctest/doctest.h>

#include <string>

namespace cuunet {
namespace {

std::string sha256_of_text(const std::string& text) {
  Sha256 sum;
  sum.add(std::as_bytes(std::span(text)));
  return sum.hex();
}

}  // namespace

TEST_CASE("sha256: the examples of FIPS 180-4") {
  CHECK(sha256_of_text("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256_of_text("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256_of_text("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(sha256_of_text(std::string(1'000'000, 'a')) ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("sha256: in whatever pieces the bytes come") {
  std::string text;
  for (int i = 0; i < 300; ++i) text += static_cast<char>(i * 7);
  // hashlib.sha256(bytes(i * 7 % 256 for i in range(300))).hexdigest()
  std::string whole = "9a76b8af8f16f19d60de2b3999c22f9d10be4395c90ea3bfc5eb6cd6254243af";
  for (size_t piece : {1, 3, 55, 56, 63, 64, 65, 128, 299}) {
    Sha256 sum;
    for (size_t at = 0; at < text.size(); at += piece)
      sum.add(std::as_bytes(std::span(text)).subspan(at).first(std::min(piece, text.size() - at)));
    CHECK(sum.hex() == whole);
  }
}

}  // namespace cuunet
