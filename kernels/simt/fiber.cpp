#include "kernels/simt/fiber.h"

#include "kernels/device/error.h"
#include "kernels/simt/sanitizer.h"

#include <sys/mman.h>

#include <cstdint>

#ifndef __x86_64__
#error "the host executor switches stacks in x86-64 assembly; configure with -DCUUNET_SIMT=OFF on other processors"
#endif

// Saves the registers that a call preserves (System V ABI), exchanges the stack pointers, and jumps.
asm(R"(
.text
.p2align 4
.globl cuunet_simt_switch
.type cuunet_simt_switch, @function
cuunet_simt_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  popq %rcx
  jmpq *%rcx
.size cuunet_simt_switch, .-cuunet_simt_switch
)");
extern "C" void cuunet_simt_switch(void** save, void* load);

namespace cuunet::simt {
namespace {

constexpr size_t page = 4096;
#ifdef CUUNET_ADDRESS_SANITIZER
constexpr size_t stack_bytes = 256 * 1024;  // instrumented frames are several times larger
#else
constexpr size_t stack_bytes = 64 * 1024;
#endif

}  // namespace

StackPool::~StackPool() {
  for (auto& stack : stacks_) munmap(stack->bottom - page, stack->size + page);
}

const Stack* StackPool::take() {
  if (free_.empty()) {
    void* memory = mmap(nullptr, stack_bytes + page, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (memory == MAP_FAILED || mprotect(memory, page, PROT_NONE) != 0) {
      throw Error("simt: the system gives no memory for stack number {}", stacks_.size() + 1);
    }
    stacks_.push_back(std::make_unique<Stack>(Stack{static_cast<char*>(memory) + page, stack_bytes}));
    return stacks_.back().get();
  }
  const Stack* stack = free_.back();
  free_.pop_back();
  allow_access(stack->bottom, stack->size);  // frames that were left without returning marked it
  return stack;
}

void StackPool::reset() {
  free_.clear();
  for (auto& stack : stacks_) free_.push_back(stack.get());
}

void* fresh_stack_pointer(const Stack& stack, void (*entry)()) {
  uintptr_t* top = reinterpret_cast<uintptr_t*>(stack.bottom + stack.size);
  top[-1] = 0;  // where entry's return address would be
  top[-2] = reinterpret_cast<uintptr_t>(entry);
  for (int i = 3; i <= 8; ++i) top[-i] = 0;
  return top - 8;
}

void switch_stack(void** save, void* load, [[maybe_unused]] const Stack& target, [[maybe_unused]] bool abandon) {
#ifdef CUUNET_ADDRESS_SANITIZER
  void* fake_stack = nullptr;
  __sanitizer_start_switch_fiber(abandon ? nullptr : &fake_stack, target.bottom, target.size);
  cuunet_simt_switch(save, load);
  __sanitizer_finish_switch_fiber(fake_stack, nullptr, nullptr);
#else
  cuunet_simt_switch(save, load);
#endif
}

void arrive_on_fresh_stack([[maybe_unused]] Stack* from) {
#ifdef CUUNET_ADDRESS_SANITIZER
  const void* bottom = nullptr;
  size_t size = 0;
  __sanitizer_finish_switch_fiber(nullptr, &bottom, &size);
  *from = {static_cast<char*>(const_cast<void*>(bottom)), size};
#endif
}

}  // namespace cuunet::simt
