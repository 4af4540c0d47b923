#include "tools/program.h"

#include "engine/device/arena.h"
#include "engine/device/host_context.h"
#include "engine/version.h"
#ifdef CUUNET_CUDA
#include "engine/device/cuda/cuda_context.h"
#endif
#include "kernels/conv/conv2d.h"
#include "kernels/device/backend.h"
#include "kernels/device/error.h"
#include "tools/command.h"
#include "tools/text/nearest_word.h"
#include "tools/timing/backend_times.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <new>

namespace cuunet {
namespace {

Isa isa_named(const std::string& name) {
  if (name == "baseline") return Isa::baseline;
  if (name == "avx2") return Isa::avx2;
  if (name == "avx512") return Isa::avx512;
  throw UsageError("--max-isa takes baseline, avx2 or avx512, got '{}'", name);
}

void add_shared_options(CLI::App& app, Program& program) {
  app.add_option("--device", program.device, "auto, cpu, cuda, cuda:N (verify also: simt)")->capture_default_str();
  app.add_option("--precision", program.precision, "f32, tf32, bf16 (verify and forward also: f64)")
      ->capture_default_str();
  app.add_option("--conv-backend", program.conv_backend, "on cuda: native, cudnn, or auto, the faster of both")
      ->capture_default_str();
  app.add_option("--threads", program.threads, "CPU threads; 0 = all this process may use")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  app.add_option("--seed", program.seed, "seed of every random draw")->capture_default_str();
  app.add_option("--max-isa", program.max_isa, "widest CPU instructions: baseline, avx2, avx512")
      ->capture_default_str();
  app.add_flag("--json", program.json, "machine-readable output");
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(command->get_name());
  }
  return names;
}

// Answers a word that is no command with the nearest one, else with where to find the list.
UsageError unknown_command(const CLI::App& app, const std::string& word) {
  std::string nearest = nearest_word(word, command_names(app));
  if (!nearest.empty()) return UsageError("unknown command '{}', did you mean '{}'?", word, nearest);
  return UsageError("unknown command '{}'; 'cuunet help' lists the commands", word);
}

bool knows_command(const CLI::App& app, const std::string& word) {
  std::vector<std::string> names = command_names(app);
  return std::find(names.begin(), names.end(), word) != names.end();
}

// Of the whole program, or of one command.
void print_help(const CLI::App& app, const std::string& command) {
  if (command.empty()) {
    std::cout << app.get_formatter()->make_help(&app, app.get_name(), CLI::AppFormatMode::Normal);
    return;
  }
  if (!knows_command(app, command)) throw unknown_command(app, command);
  std::cout << app.get_subcommand(command)->help(app.get_name());
}

// Answers words that no argument or option takes: something misspelt, or one word too many.
UsageError unexpected_words(const CLI::App& app) {
  std::vector<const CLI::App*> apps{&app};
  for (const CLI::App* command : app.get_subcommands()) apps.push_back(command);
  std::vector<std::string> options, words = app.remaining(true);
  for (const CLI::App* each : apps) {
    for (const CLI::Option* option : each->get_options()) options.push_back("--" + option->get_single_name());
  }
  for (const std::string& word : words) {
    if (!word.starts_with("-")) continue;
    std::string nearest = nearest_word(word.substr(0, word.find('=')), options);
    if (nearest.empty()) return UsageError("unknown option '{}'; --help lists what there is", word);
    return UsageError("unknown option '{}', did you mean '{}'?", word, nearest);
  }
  if (apps.size() == 1) return unknown_command(app, words.front());
  return UsageError("{}: '{}' is one word too many; --help shows what it takes", apps.back()->get_name(),
                    words.front());
}

// What reads, fetches or measures files computes on the CPU, whatever the device.
bool uses_device(const std::string& command) {
  return command != "evaluate" && command != "fetch" && command != "inspect" && command != "help";
}

UsageError tf32_on_cpu() {
  return UsageError("--precision tf32 is a format of NVIDIA's tensor cores, the cpu has none; take f32 or bf16");
}

int report(const char* what, int exit_code) {
  std::fflush(stdout);
  fmt::print(stderr, "cuunet: error: {}\n", what);
  return exit_code;
}

}  // namespace

DeviceChoice Program::choose() const {
  if (device == "auto" && precision == "f64") return {};  // the yardstick is the CPU's
  bool asks = device == "auto" || names_gpu(device);
  return choose_device(device, asks ? survey_gpus() : GpuSurvey{});
}

std::unique_ptr<Context> Program::make_context([[maybe_unused]] const std::filesystem::path& backend_times) const {
  require_backend();  // again: a run that is resumed brings its own
  DeviceChoice choice = choose();
  if (precision == "tf32" && choice.device == Device::cpu) throw tf32_on_cpu();
  if (!choice.note.empty()) fmt::print(stderr, "cuunet: {}\n", choice.note);
  std::unique_ptr<Context> context;
#ifdef CUUNET_CUDA
  if (choice.device == Device::cuda) {
    CudaOptions options{.device = choice.gpu, .threads = threads, .widest = isa_named(max_isa)};
    context = std::make_unique<CudaContext>(options);
    Backend backend = backend_named(conv_backend);
    context->state<Backends>().wanted = backend;
    if (backend == Backend::automatic) {
      std::string machine = fmt::format("{}, {}", choice.gpu_name, cudnn_version());
      keep_backend_times(*context, backend_times.empty() ? backend_times_file() : backend_times, machine);
    }
  }
#endif
  if (context == nullptr) {
    HostOptions options{.device = choice.device, .threads = threads, .widest = isa_named(max_isa)};
    context = std::make_unique<HostContext>(options);
  }
  context->allow_tf32 = precision == "tf32";
  return context;
}

void Program::require_usable(const std::string& command) const {
  feature_dtype();
  isa_named(max_isa);
  bool verifies = command == "verify", in_double = verifies || command == "forward";
  if (!uses_device(command)) {
    if (!names_gpu(device)) choose_device(device, {});  // knows the word
    if (device != "auto" && device != "cpu") {
      fmt::print(stderr, "cuunet: {} uses the cpu alone; --device {} changes nothing\n", command, device);
    }
    return;
  }
  if (command == "doctor" && names_gpu(device)) return;  // it says what is wrong with it
  Device chosen = choose().device;
  if (device == "simt" && !verifies) throw UsageError("--device simt is for verify; run with --device cpu");
  if (device == "simt" && !conv2d_forward.built_for(Device::simt)) {
    throw Error("--device simt: this program was built without the host executor; `make build` adds it");
  }
  if (precision == "f64" && !in_double) {
    throw UsageError("--precision f64 is for verify and forward; take f32 or bf16");
  }
  if (precision == "f64" && names_gpu(device)) {
    throw UsageError("--precision f64 is the cpu's yardstick; run with --device cpu");
  }
  if (precision == "tf32" && chosen == Device::cpu) throw tf32_on_cpu();
}

void Program::require_backend() const {
  if (backend_named(conv_backend) == Backend::native) return;
  if (!device.starts_with("cuda")) {
    throw UsageError("--conv-backend {} is for a GPU; add --device cuda, or leave it out", conv_backend);
  }
  std::string obstacle = cudnn_obstacle();
  if (!obstacle.empty()) throw Error("--conv-backend {}: {}", conv_backend, obstacle);
}

DType Program::feature_dtype() const {
  if (precision == "f32" || precision == "tf32") return DType::f32;
  if (precision == "bf16") return DType::bf16;
  if (precision == "f64") return DType::f64;
  throw UsageError("--precision takes f32, tf32, bf16 or f64, got '{}'", precision);
}

int run_program(int argc, char** argv) {
  std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error like a full disk, not the end
  Program program;
  if (argc > 0) program.invoked_as = argv[0];
  CLI::App app("Colourises photographs, and trains the networks that do it.", "cuunet");
  app.set_version_flag("--version", fmt::format("cuunet {}", version));
  app.set_help_all_flag("--help-all", "the help of every command");
  app.fallthrough();
  app.require_subcommand(0, 1);
  add_shared_options(app, program);
  std::string topic;
  Command help(app, "help", "prints this page, or that of a command");
  help.option("command", topic, "what to explain");
  help.calls([&] { print_help(app, topic); });
  app.parse_complete_callback([&] {
    for (const CLI::App* command : app.get_subcommands()) program.require_usable(command->get_name());
    program.require_backend();
  });
  try {
    add_commands(app, program);
    if (argc > 1 && argv[1][0] != '-' && !knows_command(app, argv[1])) throw unknown_command(app, argv[1]);
    app.parse(argc, argv);
    if (app.get_subcommands().empty()) print_help(app, "");
  } catch (const CLI::Success& success) {
    return app.exit(success);
  } catch (const CLI::ExtrasError&) {
    return report(unexpected_words(app).what(), 2);
  } catch (const CLI::ParseError& error) {
    return report(error.what(), 2);
  } catch (const OutOfMemory& error) {
    return report(fmt::format("{}; take a smaller size or batch", error.what()).c_str(), 1);
  } catch (const Error& error) {
    return report(error.what(), error.exit_code());
  } catch (const std::filesystem::filesystem_error& error) {
    return report(fmt::format("{}: {}", error.path1().string(), error.code().message()).c_str(), 1);
  } catch (const std::bad_alloc&) {
    return report("there is not enough memory for this; take a smaller size or batch", 1);
  } catch (const std::exception& error) {
    return report(error.what(), 1);
  }
  return program.exit_code;
}

}  // namespace cuunet
