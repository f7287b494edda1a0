// Runs a fuzz target without libFuzzer: the files that are named or stand in the folders that are
// named, then inputs of its own.
#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes current;  // for the handler

// Only what a handler may call.
void Keep(int signal) {
  const int file = open("crash-input", O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (file >= 0) {
    if (write(file, current.data(), current.size()) >= 0) close(file);
    constexpr char kText[] = "the input is in ./crash-input\n";
    if (write(STDERR_FILENO, kText, sizeof(kText) - 1) < 0) _exit(1);
  }
  std::signal(signal, SIG_DFL);
  raise(signal);
}

void Run(Bytes input) {
  current = std::move(input);
  LLVMFuzzerTestOneInput(current.data(), current.size());
}

Bytes ReadFile(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return Bytes(std::istreambuf_iterator<char>(in), {});
}

// Bytes that mean something to a reader of choices: small ones more often than others.
Bytes Make(std::mt19937_64& random) {
  Bytes bytes(random() % (random() % 4 == 0 ? 4096 : 256));
  const std::uint64_t kind = random() % 3;
  for (std::uint8_t& byte : bytes) {
    const std::uint64_t any = random();
    byte = static_cast<std::uint8_t>(kind == 0   ? any
                                     : kind == 1 ? any % 32
                                                 : (any % 5 == 0 ? any >> 8 : 32 + any % 96));
  }
  return bytes;
}

Bytes Mutate(Bytes bytes, std::mt19937_64& random) {
  for (std::uint64_t i = random() % 8; i > 0 && !bytes.empty(); --i) {
    const std::size_t at = random() % bytes.size();
    switch (random() % 3) {
      case 0:
        bytes[at] ^= static_cast<std::uint8_t>(1u << random() % 8);
        break;
      case 1:
        bytes.insert(bytes.begin() + at, static_cast<std::uint8_t>(random()));
        break;
      default:
        bytes.erase(bytes.begin() + at);
    }
  }
  return bytes;
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t seed = std::random_device()();
  long seconds = 0;
  std::vector<Bytes> corpus;
  for (int i = 1; i < argc; ++i) {
    if (std::strncmp(argv[i], "--seed=", 7) == 0) {
      seed = std::strtoull(argv[i] + 7, nullptr, 10);
    } else if (std::strncmp(argv[i], "--seconds=", 10) == 0) {
      seconds = std::strtol(argv[i] + 10, nullptr, 10);
    } else if (std::filesystem::is_directory(argv[i])) {
      for (const auto& file : std::filesystem::directory_iterator(argv[i])) {
        corpus.push_back(ReadFile(file.path()));
      }
    } else {
      corpus.push_back(ReadFile(argv[i]));
    }
  }
  for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL}) std::signal(signal, Keep);
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  std::fflush(stdout);
  for (const Bytes& input : corpus) Run(input);
  std::mt19937_64 random(seed);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  long inputs = 0;
  Run({});
  for (; seconds > 0 && std::chrono::steady_clock::now() < end; ++inputs) {
    const bool known = !corpus.empty() && random() % 4 == 0;
    Run(known ? Mutate(corpus[random() % corpus.size()], random) : Make(random));
  }
  std::printf("%zu files and %ld inputs\n", corpus.size(), inputs);
  return 0;
}
