"""Runs conformance cases on the host executor in three thread orders: all pass, and every number has the same bits.

usage: thread_orders.py PROGRAM BUILD PRECISION CASES...    (BUILD names the executor's build in the printed line)
"""

import json
import subprocess
import sys

ORDERS = ("forward", "reverse", "shuffled")


def verify(program: str, order: str, precision: str, cases: list[str]) -> dict:
    command = [program, "verify", *cases, "--device", "simt", "--precision", precision, "--thread-order", order]
    done = subprocess.run([*command, "--json"], stdout=subprocess.PIPE, text=True, check=False)
    # A case that failed is in the report; a mistake that stopped the program is not.
    if done.returncode not in (0, 1) or not done.stdout:
        sys.exit(f"{' '.join(command)}: exit status {done.returncode}")
    return json.loads(done.stdout)


def problems_of(report: dict):
    yield from report["problems"]
    for case in report["cases"]:
        if case["passed"]:
            continue
        wrong = [f"{t['name']} by {t['share_of_tolerance']} of its tolerance" for t in case["tensors"] if not t["passed"]]
        yield f"{case['case']}: {case['problem'] or ', '.join(wrong)}"


def bits_of(report: dict) -> dict:
    return {(case["case"], tensor["name"]): tensor["bits"] for case in report["cases"] for tensor in case["tensors"]}


def main(program: str, build: str, precision: str, *cases: str) -> int:
    reports = {order: verify(program, order, precision, list(cases)) for order in ORDERS}
    wrong = [f"{order}: {problem}" for order, report in reports.items() for problem in problems_of(report)]
    forward = bits_of(reports["forward"])
    for order in ORDERS[1:]:
        bits = bits_of(reports[order])
        keys = sorted(forward.keys() | bits.keys())
        wrong += [f"{order}: {case}: {tensor}: other bits than forward" for case, tensor in keys
                  if forward.get((case, tensor)) != bits.get((case, tensor))]
    print("\n".join(wrong), end="\n" if wrong else "")
    counts = ", ".join(f"{f['passed']} of {f['cases']}" for f in reports["forward"]["families"])
    print(f"host executor, {build}, {precision}: {counts} cases passed, " +
          (f"{len(wrong)} problems" if wrong else f"{len(forward)} tensors with the same bits in {', '.join(ORDERS)} order"))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
