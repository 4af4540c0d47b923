#include "autograd/ops/shape.h"

#include "tests/checks/operator_check.h"

#include <doctest/doctest.h>

using namespace cuunet;

TEST_CASE("reshape and flatten") {
  for (const OperatorCase& row : {
           OperatorCase{"reshape/turned",
                        {{{2, 3, 4, 5}}},
                        [](const Vars& in) {
                          return reshape(in[0], {4, 5, 3, 2});
                        }},
           OperatorCase{"flatten/map", {{{2, 99, 3, 2}}}, [](const Vars& in) { return flatten(in[0]); }},
           OperatorCase{"flatten/pixel", {{{3, 70, 1, 1}}}, [](const Vars& in) { return flatten(in[0]); }},
       }) {
    check_operator(row);
  }
}
