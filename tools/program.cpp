#include "tools/program.h"

#include "engine/device/host_context.h"
#include "kernels/device/error.h"
#include "tools/text/nearest_word.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <iostream>

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
  app.add_option("--precision", program.precision, "f32, tf32, bf16 (verify also: f64)")->capture_default_str();
  app.add_option("--threads", program.threads, "CPU threads; 0 = all this process may use")->capture_default_str();
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

// A first word that is no command is answered with the nearest one, else with where to find the list.
void require_known_command(const CLI::App& app, const std::string& word) {
  std::vector<std::string> names = command_names(app);
  if (std::find(names.begin(), names.end(), word) != names.end()) return;
  std::string nearest = nearest_word(word, names);
  if (!nearest.empty()) throw UsageError("unknown command '{}', did you mean '{}'?", word, nearest);
  throw UsageError("unknown command '{}'; 'cuunet help' lists the commands", word);
}

int report(const char* what, int exit_code) {
  std::fflush(stdout);
  fmt::print(stderr, "cuunet: error: {}\n", what);
  return exit_code;
}

}  // namespace

std::unique_ptr<Context> Program::make_context() const {
  HostOptions options{.threads = threads, .widest = isa_named(max_isa)};
  if (device == "auto" || device == "cpu") return std::make_unique<HostContext>(options);
  if (device == "simt") {
    options.device = Device::simt;
    return std::make_unique<HostContext>(options);
  }
  if (device.starts_with("cuda")) {
    throw Error("--device {}: this build has no CUDA training yet; run with --device cpu", device);
  }
  throw UsageError("--device takes auto, cpu, cuda, cuda:N or simt, got '{}'", device);
}

DType Program::feature_dtype() const {
  if (precision == "f32" || precision == "tf32") return DType::f32;
  if (precision == "bf16") return DType::bf16;
  if (precision == "f64") return DType::f64;
  throw UsageError("--precision takes f32, tf32, bf16 or f64, got '{}'", precision);
}

int run_program(int argc, char** argv) {
  Program program;
  CLI::App app("Colourises photographs, and trains the networks that do it.", "cuunet");
  app.set_version_flag("--version", "cuunet 0.1.0");
  app.set_help_all_flag("--help-all", "the help of every command");
  app.fallthrough();
  app.require_subcommand(0, 1);
  add_shared_options(app, program);
  app.add_subcommand("help", "prints this page")->callback([&app] { std::cout << app.help(); });
  try {
    add_commands(app, program);
    if (argc > 1 && argv[1][0] != '-') require_known_command(app, argv[1]);
    app.parse(argc, argv);
    if (app.get_subcommands().empty()) std::cout << app.help();
  } catch (const CLI::Success& success) {
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    return report(error.what(), 2);
  } catch (const Error& error) {
    return report(error.what(), error.exit_code());
  } catch (const std::exception& error) {
    return report(error.what(), 1);
  }
  return program.exit_code;
}

}  // namespace cuunet
