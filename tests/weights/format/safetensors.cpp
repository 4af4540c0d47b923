#include "weights/format/safetensors.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>

#include "kernels/device/error.h"
#include "kernels/device/philox.h"
#include "tests/weights/format/damage.h"
#include "tests/weights/format/temporary_folder.h"

namespace cuunet {
namespace {

namespace fs = std::filesystem;

std::string with_length(uint64_t length, const std::string& rest) {
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &length, 8);
  return bytes + rest;
}

std::string file_of(const std::string& header, size_t data_bytes) {
  return with_length(header.size(), header) + std::string(data_bytes, 'x');
}

std::string why_refused(const fs::path& path) {
  try {
    SafetensorsFile file(path);
  } catch (const FileError& error) {
    std::string prefix = path.string() + ": not a valid safetensors file: ";
    std::string text = error.what();
    return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
  }
  return "accepted";
}

TEST_CASE("safetensors: every element type survives writing and reading") {
  TemporaryFolder folder("safetensors");
  fs::path path = folder.path / "all.safetensors";
  std::vector<double> f64{0.1, -3e200};
  std::vector<float> f32{1.5f, -0.25f, 3e38f, 0, 7, 8};
  std::vector<bfloat16> bf16{bfloat16(1.0f), bfloat16(-2.5f)};
  std::vector<int64_t> i64{int64_t{1} << 53, -5};
  std::vector<uint8_t> u8{0, 255, 7};
  std::vector<uint16_t> f16{0x3C00, 0xC500, 0x0001, 0x7C00, 0x03FF};  // 1, -5, 2^-24, inf, the largest subnormal
  std::vector<int32_t> i32{-70000};
  std::vector<int16_t> i16{-300};
  std::vector<int8_t> i8{-3};
  std::vector<uint8_t> boolean{0, 1};
  std::vector<float> none;
  auto raw = [](const char* name, StoredType type, const auto& values) {
    return StoredTensor{name, type, {static_cast<int64_t>(values.size())}, std::as_bytes(std::span(values))};
  };
  write_safetensors(
      path,
      {stored_tensor("u8", {3}, u8), stored_tensor("f32", {2, 3}, f32), stored_tensor("f64", {2}, f64),
       stored_tensor("bf16", {1, 2}, bf16), stored_tensor("i64", {2}, i64), stored_tensor("e", {0, 4}, none),
       raw("f16", StoredType::f16, f16), raw("i32", StoredType::i32, i32), raw("i16", StoredType::i16, i16),
       raw("i8", StoredType::i8, i8), raw("bool", StoredType::boolean, boolean)},
      {{"format", "pt"}, {"note", "a \"quoted\" line\nand another"}});

  SafetensorsFile file(path);
  CHECK(file.tensors().size() == 11);
  CHECK(file.metadata().at("note") == "a \"quoted\" line\nand another");
  CHECK(file.at("f32").shape == std::vector<int64_t>{2, 3});
  CHECK(to_floats(file.at("f32")) == f32);
  CHECK(to_doubles(file.at("f64")) == f64);
  CHECK(to_doubles(file.at("bf16")) == std::vector<double>{1, -2.5});
  CHECK(to_doubles(file.at("i64")) == std::vector<double>{0x1p53, -5});
  CHECK(to_doubles(file.at("u8")) == std::vector<double>{0, 255, 7});
  CHECK(to_doubles(file.at("f16")) ==
        std::vector<double>{1, -5, 0x1p-24, std::numeric_limits<double>::infinity(), 1023 * 0x1p-24});
  CHECK(to_doubles(file.at("i32")) == std::vector<double>{-70000});
  CHECK(to_doubles(file.at("i16")) == std::vector<double>{-300});
  CHECK(to_doubles(file.at("i8")) == std::vector<double>{-3});
  CHECK(to_doubles(file.at("bool")) == std::vector<double>{0, 1});
  CHECK(to_floats(file.at("e")).empty());
  CHECK(file.find("nothing") == nullptr);
  CHECK_THROWS_WITH_AS(file.at("nothing"),
                       fmt::format("{}: holds no tensor 'nothing' among its 11", path.string()).c_str(), FileError);
  for (const StoredTensor& tensor : file.tensors()) {
    CHECK(reinterpret_cast<uintptr_t>(tensor.bytes.data()) % size_of(tensor.type) == 0);
  }
}

TEST_CASE("safetensors: half precision has infinities, NaN and signed zero") {
  CHECK(half_to_float(0xFC00) == -std::numeric_limits<float>::infinity());
  CHECK(std::isnan(half_to_float(0x7E00)));
  CHECK(std::signbit(half_to_float(0x8000)));
  CHECK(half_to_float(0x7BFF) == 65504.0f);
}

TEST_CASE("safetensors: entries may stand in any order, with spaces and other fields' order") {
  TemporaryFolder folder("safetensors");
  fs::path path = folder.path / "unordered.safetensors";
  std::string header = R"({ "b": {"shape":[1], "data_offsets":[2,6], "dtype":"F32"}, "a":{"dtype":"U8","shape":[2],)"
                       R"("data_offsets":[0,2]} }  )";
  write_bytes(path, with_length(header.size(), header) + std::string("\x01\x02", 2) + std::string("\0\0\x80\x3f", 4));
  SafetensorsFile file(path);
  CHECK(file.tensors()[0].name == "a");
  CHECK(to_floats(file.at("b")) == std::vector<float>{1});  // at an odd address
}

TEST_CASE("safetensors: a file that contradicts itself is refused with one line") {
  struct Row {
    std::string bytes;
    const char* reason;
  };
  std::string a = R"("a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]})";
  const Row rows[] = {
      {"", "0 bytes, too short for the header's length"},
      {"1234567", "7 bytes, too short for the header's length"},
      {with_length(5000, "{}"),
       "the header's length is 5000, but only 2 bytes follow; the file is cut short or of another format"},
      {with_length(~uint64_t{7}, "{}"),
       "the header's length is 18446744073709551608, but only 2 bytes follow; the file is cut short or of another "
       "format"},
      {with_length(0, ""), "the header does not begin with '{'"},
      {file_of("[]", 0), "the header does not begin with '{'"},
      {file_of("{" + a, 8), "the header is not JSON (byte 54 of it)"},
      {file_of("{} x", 0), "the header is not JSON (byte 4 of it)"},
      {file_of(R"({"a":1e999})", 0), "the header holds a number beyond 1.8e308"},
      {file_of("{\"\xff\":1}", 0), "the header is not JSON (byte 3 of it)"},
      {file_of("{\"a\":" + std::string(50000, '['), 0), "the header is nested too deeply"},
      {file_of("{" + a + "," + a + "}", 8), "\"a\" stands in the header twice"},
      {file_of(R"({"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 8),
       "\"dtype\" stands in the header twice"},
      {file_of("{" + a + R"(,"b":{"dtype":"U8","shape":[8],"data_offsets":[4,12]}})", 12),
       "\"b\" overlaps the tensor before it"},
      {file_of("{" + a + R"(,"b":{"dtype":"U8","shape":[1],"data_offsets":[12,13]}})", 13),
       "4 bytes before \"b\" belong to no tensor"},
      {file_of("{" + a + "}", 12), "4 bytes after the last tensor belong to none"},
      {file_of("{" + a + "}", 7),
       "\"a\": data_offsets [0, 8] are not inside the 7 bytes of data; the file is cut short or damaged"},
      {file_of(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})", 8),
       "\"a\": data_offsets [8, 0] are not inside the 8 bytes of data; the file is cut short or damaged"},
      {file_of(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}})", 8),
       "\"a\": data_offsets holds -8; expected a whole number"},
      {file_of(R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})", 8),
       "\"a\": the shape needs 12 bytes of F32, data_offsets span 8"},
      {file_of(R"({"a":{"dtype":"F32","shape":[-1,-2],"data_offsets":[0,8]}})", 8),
       "\"a\": shape holds -1; expected a whole number"},
      {file_of(R"({"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}})", 8),
       "\"a\": shape holds 2.0; expected a whole number"},
      {file_of(R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}})", 0),
       "\"a\": the shape's product overflows"},
      {file_of(R"({"a\nb":{"dtype":"Q4_0","shape":[2],"data_offsets":[0,8]}})", 8),
       "\"a\\nb\" has element type \"Q4_0\"; expected one of F64 F32 F16 BF16 I64 I32 I16 I8 U8 BOOL"},
      {file_of(R"({"a":{"dtype":"F32","shape":[2]}})", 8), "\"a\" has no list 'data_offsets'"},
      {file_of(R"({"a":{"shape":[2],"data_offsets":[0,8]}})", 8), "\"a\" has no 'dtype'"},
      {file_of(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4,8]}})", 8),
       "\"a\": data_offsets has 3 numbers; expected 2"},
      {file_of(R"({"a":3})", 0), "\"a\" is not an object"},
      {file_of(R"({"__metadata__":{"n":1}})", 0), "__metadata__: \"n\" is not a string"},
      {file_of(R"({"__metadata__":"n"})", 0), "__metadata__ is not an object"},
  };
  TemporaryFolder folder("safetensors");
  fs::path path = folder.path / "bad.safetensors";
  for (const Row& row : rows) {
    write_bytes(path, row.bytes);
    CHECK(why_refused(path) == row.reason);
  }
  CHECK(why_refused(folder.path / "missing") ==
        (folder.path / "missing").string() + ": cannot open it: No such file or directory");
  CHECK(why_refused(folder.path) == folder.path.string() + ": is a folder; expected a file");
}

TEST_CASE("safetensors: the writer refuses what it could not read back") {
  TemporaryFolder folder("safetensors");
  fs::path path = folder.path / "out.safetensors";
  std::vector<float> x{1, 2};
  CHECK_THROWS_WITH_AS(write_safetensors(path, {stored_tensor("a", {2}, x), stored_tensor("a", {2}, x)}),
                       "safetensors: two tensors would be named 'a'", Error);
  CHECK_THROWS_WITH_AS(write_safetensors(path, {stored_tensor("a", {3}, x)}),
                       "safetensors: 'a': the shape needs 12 bytes, 8 were given", Error);
  CHECK_FALSE(fs::exists(path));
  write_safetensors(path, {stored_tensor("a", {2}, x)});
  CHECK_THROWS_AS(write_safetensors(path, {}, {}, Existing::refuse), FileError);
  CHECK(SafetensorsFile(path).tensors().size() == 1);
}

TEST_CASE("safetensors: cut and bit-flipped files are read or refused, never worse") {
  TemporaryFolder folder("safetensors");
  fs::path path = folder.path / "good.safetensors", broken = folder.path / "broken.safetensors";
  std::vector<float> x{1, 2, 3};
  std::vector<uint8_t> y{1, 2, 3};
  write_safetensors(path, {stored_tensor("layers.0.weight", {3}, x), stored_tensor("y", {3, 1}, y)}, {{"k", "v"}});
  const std::string good = read_bytes(path);
  int refused = 0;
  auto attempt = [&](const std::string& bytes) {
    write_bytes(broken, bytes);
    try {
      SafetensorsFile file(broken);
      for (const StoredTensor& tensor : file.tensors()) to_doubles(tensor);
    } catch (const FileError&) {
      ++refused;
    }
  };
  for (size_t length = 0; length < good.size(); ++length) attempt(good.substr(0, length));
  CHECK(refused == static_cast<int>(good.size()));  // no prefix of the file is a file
  RandomStream random(11, Purpose::split);
  for (int round = 0; round < 1000; ++round) {
    std::string bytes = good;
    flip_bits(bytes, random);
    attempt(bytes);
  }
  CHECK(refused > static_cast<int>(good.size()) + 500);
}

}  // namespace
}  // namespace cuunet
