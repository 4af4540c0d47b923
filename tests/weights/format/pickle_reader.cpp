#include "weights/format/pickle_reader.h"

#include "kernels/device/error.h"
#include "weights/format/pickle_builder.h"

#include <doctest/doctest.h>

namespace cuunet {
namespace {

Pickle read(const std::string& bytes) { return read_pickle(std::as_bytes(std::span(bytes)), "p"); }

// A literal with its zeros.
template <size_t n>
std::string raw(const char (&text)[n]) {
  return {text, n - 1};
}

std::string why_refused(const std::string& opcodes) {
  try {
    read("\x80\x02" + opcodes);
  } catch (const FileError& error) {
    return error.what();
  }
  return "read";
}

TEST_CASE("pickle: numbers and text of every width") {
  std::string bytes =
      raw("\x80\x02]("
          "K\xff"
          "M\xff\xff"
          "J\xff\xff\xff\xff"
          "\x8a\x00"
          "\x8a\x02\x00\x80"
          "\x8a\x08\x01\x00\x00\x00\x00\x00\x20\x00"
          "G\x3f\xb9\x99\x99\x99\x99\x99\x9a"
          "N\x88\x89"
          "X\x02\x00\x00\x00\xc3\xa9"
          "\x8c\x01"
          "a"
          "U\x01"
          "b"
          "e.");
  Pickle pickle = read(bytes);
  const PickleValue& list = pickle.at(pickle.root);
  auto at = [&](size_t i) { return pickle.at(list.items.at(i)); };
  CHECK(list.kind == PickleKind::list);
  CHECK(at(0).integer == 255);
  CHECK(at(1).integer == 65535);
  CHECK(at(2).integer == -1);
  CHECK(at(3).integer == 0);
  CHECK(at(4).integer == -32768);
  CHECK(at(5).integer == 0x20000000000001);
  CHECK(at(6).real == 0.1);
  CHECK(at(7).kind == PickleKind::none);
  CHECK(at(8).integer == 1);
  CHECK(at(9).kind == PickleKind::boolean);
  CHECK(at(10).text == "é");
  CHECK(at(11).text == "a");
  CHECK(at(12).text == "b");
  CHECK(pickle.length == bytes.size());
}

TEST_CASE("pickle: integers beyond 64 bits as digits") {
  auto text = [](std::string_view bytes) { return big_integer_text(bytes); };
  CHECK(text(std::string_view("\0\0\0\0\0\0\0\0\x40", 9)) == "1180591620717411303424");
  CHECK(text(std::string_view("\0\0\0\0\0\0\0\0\xc0", 9)) == "-1180591620717411303424");
  CHECK(text("\xff\xff\xff\xff\xff\xff\xff\xff\xff") == "-1");
  CHECK(text(std::string_view("\0", 1)) == "0");
}

TEST_CASE("pickle: the memo shares values, also in a cycle") {
  Pickle pickle = read(raw("\x80\x02]q\x01(h\x01h\x01j\x01\0\0\0e."));
  const PickleValue& list = pickle.at(pickle.root);
  CHECK(list.items == std::vector<PickleIndex>(3, pickle.root));
}

TEST_CASE("pickle: sets, counters and ordered dictionaries, of both Pythons' names") {
  Pickle pickle = read(
      "\x80\x02(c__builtin__\nset\n](K\1K\2e\x85R"
      "ccollections\nCounter\n}U\1aK\3s\x85R"
      "ccollections\nOrderedDict\n]U\1bK\4\x86"
      "a\x85R"
      "ccollections\nOrderedDict\n)R}U\x09_metadataNsb"
      "ctorch\nSize\nK\5\x85\x85Rt.");
  const PickleValue& all = pickle.at(pickle.root);
  std::vector<PickleKind> kinds;
  std::vector<size_t> counts;
  for (PickleIndex item : all.items) {
    kinds.push_back(pickle.at(item).kind);
    counts.push_back(pickle.at(item).items.size());
  }
  using enum PickleKind;
  CHECK(kinds == std::vector{set, dict, dict, dict, tuple});
  CHECK(counts == std::vector<size_t>{2, 2, 2, 0, 1});
}

TEST_CASE("pickle: what torch.save does not write is refused by name, on one line") {
  struct Row {
    std::string opcodes;
    const char* reason;
  };
  const Row rows[] = {
      {"cposix\nsystem\n.", "it needs \"posix.system\", which is not among"},
      {"ctorch._utils\nos.system\n.", "it needs \"torch._utils.os.system\""},
      {"\x8c\x05posix\x8c\x06sys\nem\x93.", "it needs \"posix.sys\\nem\""},
      {"c__builtin__\nint\nU\1a\x85R.", "it calls __builtin__.int, which is known by its name only"},
      {"U\1a)R.", "it calls text"},
      {"i", "opcode 0x69, which torch.save does not use"},
      {"0.", "takes 1 values, the stack has 0"},
      {"(K\1(0.", "it ends with 1 values and 1 open marks"},
      {"N", "it ends without STOP"},
      {"\x80\x09.", "it has protocol 9"},
      {"U\x05"
       "abc",
       "5 bytes are announced, 3 are left"},
      {"U\1\xff.", "the text \"\xEF\xBF\xBD\" is not UTF-8"},
      {"U\x03\xed\xa0\x80.", "is not UTF-8"},
      {"h\5.", "it refers to value 5, which was not stored"},
      {"}u.", "it needs a MARK"},
      {"}(K\1u.", "a key without a value"},
      {"}]K\1s.", "a dictionary's key is a list"},
      {"NK\1a.", "it adds an element to what is no list"},
      {"]K\1K\1s.", "it sets a key of what is no dictionary"},
      {"}(U\1aK\1U\1aK\2u.", "a dictionary has the key \"a\" twice"},
      {"}(K\1K\1K\1K\2u.", "a dictionary has the key 1 twice"},
      {"]}b.", "it gives a list a state"},
      {"U\1aQ.", "a persistent id is text"},
      {"(U\6modulet"
       "Q.",
       "a persistent id is not a storage's"},
      {"(U\7storagetQ.", "a storage's id has 1 fields"},
      {"(U\7storagectorch\nSize\nU\1"
       "0U\3cpuK\1tQ.",
       "torch.Size is not the class of a storage"},
      {"(U\7storagectorch\nFloatStorage\nU\1"
       "0U\3cpuJ\xff\xff\xff\xfftQ.",
       "number of elements is -1"},
  };
  for (const Row& row : rows) {
    std::string found = why_refused(row.opcodes);
    INFO(found);
    CHECK(found.starts_with("p: "));
    CHECK(found.find(row.reason) != std::string::npos);
    CHECK(found.find('\n') == std::string::npos);
  }
}

TEST_CASE("pickle: memory ends where the opcodes or the copies do") {
  CHECK(why_refused(std::string(most_opcodes, 'N')).find("longer than 8000000 opcodes") != std::string::npos);
  // A list of a thousand pairs, made into a dictionary again and again.
  std::string pairs = "](", calls;
  for (int i = 0; i < 1000; ++i) pairs += "NN\x86";
  for (int i = 0; i < 10000; ++i) calls += "h\1h\2R0";
  std::string bomb = "ccollections\nOrderedDict\nq\1" + pairs + "e\x85q\2" + calls + "N.";
  CHECK(why_refused(bomb) == "p: its calls repeat more than 8000000 values");
}

}  // namespace
}  // namespace cuunet
