#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vdm::cli {

enum class Align { Left, Right };
enum class Colour { Never, Always };

struct Column {
  std::string name;
  Align align = Align::Left;
};

/// Aligned columns for a person. Widths count characters, not bytes; control characters in cells
/// are shown as '?', so that no name can move the cursor or colour the screen. The header is bold
/// when colour is on. Thread: one at a time.
class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  void add(std::vector<std::string> cells);
  /// The lines with their line ends; without rows only the header.
  std::string text(Colour colour) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

/// Foreign text with what a terminal would act on replaced.
std::string printable(std::string_view text);

std::string count_text(std::uint64_t count);  ///< "1,234,567"
std::string duration_text(std::uint64_t us);  ///< "850ms", "12.3s", "4m05s", "3h12m"
std::string rate_text(double per_second);     ///< "42.1"; "-" for none
std::string or_dash(std::string_view text);

}  // namespace vdm::cli
