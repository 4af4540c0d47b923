// The times behind --conv-backend auto, kept from one run of the program to the next: the same choices give the same
// bits, and nothing is timed twice. A JSON file that the user may look at and delete:
//
//   {"machine": "NVIDIA H100 80GB HBM3, cuDNN 9.19.0",
//    "times_us": {"conv2d_forward bf16 [8, 64, 64, 64] …": {"native": 21.4, "library": 19.8}}}
#pragma once

#include "kernels/device/context.h"

#include <filesystem>
#include <string>

namespace cuunet {

// Takes what the file holds for this machine into the context's Backends, and writes the file anew whenever they
// measure something. A file of another machine counts as empty. FileError: not a file of this kind, or it cannot be
// written.
void keep_backend_times(Context& context, const std::filesystem::path& file, const std::string& machine);

// backend_times.json in cache_folder(), for commands that have no folder of their own.
std::filesystem::path backend_times_file();

}  // namespace cuunet
