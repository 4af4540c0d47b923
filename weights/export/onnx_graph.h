// A graph of ONNX operators, opset 17, and its file. github.com/onnx/onnx: onnx/onnx.proto, docs/Operators.md
//
//   OnnxGraph graph;
//   graph.input("input", {"batch", 3, "height", "width"});
//   std::string y = graph.node("layers.1", "Relu", {"input"});
//   graph.output(y, "output", {"batch", 3, "height", "width"});
//   graph.write("model.onnx", {}, Existing::refuse);
//
// Values, constants and nodes are known by name; a name that is taken gets a number behind it.
#pragma once

#include "engine/io/atomic_file.h"
#include "engine/tensor/tensor.h"

#include <map>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace cuunet {

struct OnnxAttribute {
  std::string name;
  std::variant<int64_t, float, std::string, std::vector<int64_t>> value;
};

using OnnxDimension = std::variant<int64_t, std::string>;  // a size, or the name of one that is not known

class OnnxGraph {
 public:
  void input(const std::string& name, const std::vector<OnnxDimension>& shape);
  // `value` becomes an output of the graph, under `name`.
  void output(const std::string& value, const std::string& name, const std::vector<OnnxDimension>& shape);
  // The name of the one output; `place`, a layer's path, stands before it. An empty input is an optional one.
  std::string node(const std::string& place, const std::string& operation, const std::vector<std::string>& inputs,
                   const std::vector<OnnxAttribute>& attributes = {});
  // f32 in the file. The tensor's values are read by write().
  std::string constant(const std::string& name, const Tensor& tensor);
  std::string constant(const std::string& name, const std::vector<float>& values);
  std::string constant(const std::string& name, const std::vector<int64_t>& values);

  struct Header {
    std::string name, text;                       // of the network; what a reader of the graph has to know
    std::map<std::string, std::string> metadata;  // for programs
  };
  // Atomically. FileError: 2 GiB or more, which Protocol Buffers do not hold, and what AtomicFile says.
  void write(const std::filesystem::path& path, const Header& header, Existing existing) const;

  size_t nodes() const { return nodes_.size(); }
  size_t constants() const { return constants_.size(); }

 private:
  struct Port {
    std::string name;
    std::vector<OnnxDimension> shape;
  };
  struct Node {
    std::string operation, output;
    std::vector<std::string> inputs;
    std::vector<OnnxAttribute> attributes;
  };
  struct Constant {
    std::string name;
    std::vector<int64_t> shape;
    int64_t type;              // a TensorProto's data_type
    Tensor tensor;             // its values
    std::string bytes;         // or these, if it is not there
    std::string head() const;  // a TensorProto up to the values
    uint64_t value_bytes() const;
    uint64_t file_bytes() const { return head().size() + value_bytes(); }
  };
  std::string unused(const std::string& name);
  std::string add(Constant constant);
  std::string graph_head(const std::string& name) const;  // a GraphProto up to the constants

  std::vector<Port> inputs_, outputs_;
  std::vector<Node> nodes_;
  std::vector<Constant> constants_;
  std::set<std::string> names_;
};

inline constexpr int onnx_opset = 17;

}  // namespace cuunet
