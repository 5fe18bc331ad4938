// Runs a fuzz target where the compiler has no libFuzzer (GCC): every corpus file once, then seeded
// mutations of them up to a count or a time. It takes libFuzzer's flags: -runs=N -max_total_time=S
// -seed=N, then files or directories. When the target dies, it leaves the input in ./crash-input.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using namespace std::string_view_literals;
using Input = std::string;

constexpr std::size_t InputMax = 48 * 1024;

// The current input, for the signal handler that saves it.
const char* running = nullptr;
std::size_t running_size = 0;

extern "C" void save_running_input(int signal_number) {
  const int file = ::open("crash-input", O_CREAT | O_TRUNC | O_WRONLY, 0644);
  if (file >= 0 && ::write(file, running, running_size) >= 0) ::close(file);
  ::signal(signal_number, SIG_DFL);
  ::raise(signal_number);
}

void run(const Input& input) {
  // An exact copy on the heap, so that a sanitizer sees a read beyond its end.
  const std::vector<std::uint8_t> exact(input.begin(), input.end());
  running = input.data();
  running_size = input.size();
  LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

class Mutator {
 public:
  Mutator(const std::vector<Input>& corpus, std::uint64_t seed) : corpus_(corpus), random_(seed) {}

  Input next() {
    Input input = corpus_[below(corpus_.size())];
    for (std::size_t steps = 1 + below(4); steps > 0; --steps) mutate(input);
    if (input.size() > InputMax) input.resize(InputMax);
    return input;
  }

 private:
  std::size_t below(std::size_t bound) { return bound == 0 ? 0 : random_() % bound; }

  void mutate(Input& input) {
    static constexpr std::string_view Bytes = "\r\n\t :;,\0\x7f\xff_-+0\"xX/"sv;
    const std::size_t at = below(input.size() + 1);
    const Input& other = corpus_[below(corpus_.size())];
    const std::size_t from = below(other.size());
    switch (below(7)) {
      case 0:
        input.insert(at, 1, Bytes[below(Bytes.size())]);
        break;
      case 1:
        if (at < input.size()) input[at] = Bytes[below(Bytes.size())];
        break;
      case 2:
        if (at < input.size()) input[at] = static_cast<char>(input[at] ^ (1 << below(8)));
        break;
      case 3:
        input.erase(at, 1 + below(12));
        break;
      case 4:
        input.insert(at, input.substr(below(input.size()), 1 + below(24)));
        break;
      case 5:
        input.insert(at, other.substr(from, 1 + below(60)));
        break;
      case 6:
        // Now and then it inserts a run long enough to reach a limit.
        input.insert(at, below(8) == 0 ? below(40000) : below(40), Bytes[below(Bytes.size())]);
        break;
    }
  }

  const std::vector<Input>& corpus_;
  std::mt19937_64 random_;
};

Input read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::uint64_t number_after(std::string_view argument, std::string_view flag, std::uint64_t before) {
  if (!argument.starts_with(flag)) return before;
  return std::stoull(std::string(argument.substr(flag.size())));
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t runs = 20'000;
  std::uint64_t seconds = 10;
  std::uint64_t seed = 1;
  std::vector<Input> corpus;
  for (const std::string_view argument : std::vector<std::string_view>(argv + 1, argv + argc)) {
    runs = number_after(argument, "-runs=", runs);
    seconds = number_after(argument, "-max_total_time=", seconds);
    seed = number_after(argument, "-seed=", seed);
    if (argument.starts_with("-")) continue;
    if (!std::filesystem::is_directory(argument)) {
      corpus.push_back(read_file(argument));
      continue;
    }
    std::vector<std::filesystem::path> files(std::filesystem::directory_iterator(argument), {});
    std::sort(files.begin(), files.end());
    for (const auto& file : files) corpus.push_back(read_file(file));
  }
  if (corpus.empty()) {
    std::fprintf(stderr, "usage: %s [-runs=N] [-max_total_time=S] [-seed=N] corpus...\n", argv[0]);
    return 2;
  }
  for (const int deadly : {SIGABRT, SIGSEGV, SIGILL}) std::signal(deadly, save_running_input);

  for (const Input& input : corpus) run(input);
  Mutator mutator(corpus, seed);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  std::uint64_t done = 0;
  for (; done < runs && std::chrono::steady_clock::now() < end; ++done) run(mutator.next());
  std::printf("%zu corpus inputs and %llu mutations, none at fault\n", corpus.size(),
              static_cast<unsigned long long>(done));
  return 0;
}
