// Stacks to run the threads of a block on, and the switch between them.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace cuunet::simt {

struct Stack {
  char* bottom = nullptr;
  size_t size = 0;
};

// Stacks with a guard page below each; given back, they are used again.
class StackPool {
 public:
  StackPool() = default;
  ~StackPool();
  StackPool(const StackPool&) = delete;
  StackPool& operator=(const StackPool&) = delete;

  const Stack* take();
  void give(const Stack* stack) { free_.push_back(stack); }
  // All stacks are free again, whatever was left on them.
  void reset();

 private:
  std::vector<std::unique_ptr<Stack>> stacks_;
  std::vector<const Stack*> free_;
};

// The stack pointer from which a switch enters `entry`, which must never return.
void* fresh_stack_pointer(const Stack& stack, void (*entry)());

// Leaves this stack with its place in *save and goes on at `load`, which lies on `target`. An abandoned stack is not
// returned to.
void switch_stack(void** save, void* load, const Stack& target, bool abandon);
// What a fresh stack does first; tells the bounds of the stack it was entered from.
void arrive_on_fresh_stack(Stack* from);

}  // namespace cuunet::simt
