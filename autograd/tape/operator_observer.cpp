#include "autograd/tape/operator_observer.h"

#include <utility>

namespace cuunet {
namespace {

thread_local const OperatorObserver::See* observer = nullptr;

}  // namespace

OperatorObserver::OperatorObserver(See see) : see_(std::move(see)), before_(std::exchange(observer, &see_)) {}
OperatorObserver::~OperatorObserver() { observer = before_; }

void OperatorObserver::show(const OperatorCall& call) {
  if (observer != nullptr) (*observer)(call);
}

}  // namespace cuunet
