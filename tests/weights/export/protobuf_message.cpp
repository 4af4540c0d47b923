#include "weights/export/protobuf_message.h"

#include <doctest/doctest.h>

using namespace cuunet;
using namespace std::string_literals;

TEST_CASE("protobuf: fields have the bytes of the encoding's own examples") {
  CHECK(ProtobufMessage().integer(1, 150).bytes() == "\x08\x96\x01"s);
  CHECK(ProtobufMessage().text(2, "testing").bytes() == "\x12\x07testing"s);
  CHECK(ProtobufMessage().message(3, ProtobufMessage().integer(1, 150)).bytes() == "\x1a\x03\x08\x96\x01"s);
  CHECK(ProtobufMessage().integer(1, -2).bytes() == "\x08\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01"s);
  CHECK(ProtobufMessage().real(2, 1.0f).bytes() == "\x15\x00\x00\x80\x3f"s);
  CHECK(ProtobufMessage().integer(20, 0).bytes() == "\xa0\x01\x00"s);
  CHECK(ProtobufMessage().begin(9, 300).bytes() == "\x4a\xac\x02"s);
}
