#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "metrics-service/store/row_check.h"

struct sqlite3;
struct sqlite3_stmt;

namespace vdm::metrics::sqlite {

/// The part of SQLite that the store uses: a database, a prepared statement, and errors as values.
/// Thread: one at a time.

struct Error {
  int code = 0;  ///< SQLite's primary result code
  std::string message;
  /// Whether the file's contents are damaged, so that trying again cannot help.
  bool damaged() const;
  static Error damage(std::string message);
};

template <class T>
using Result = boost::system::result<T, Error>;

[[noreturn]] inline void throw_exception_from_error(const Error&, const boost::source_location&) {
  std::abort();  // the caller must check a Result before it takes the value
}

class Database {
 public:
  /// Opens for reading and writing; creates the file when it is missing.
  static Result<Database> open(const std::string& path);
  /// Opens for reading without changing a byte of the file. Commits that a dead writer left in a
  /// log beside it are read from there; only an unfinished transaction is rolled back.
  static Result<Database> open_unaltered(const std::string& path);
  /// Opens for reading while another connection may write.
  static Result<Database> open_shared(const std::string& path);
  Database(Database&& other) noexcept;
  Database& operator=(Database&& other) noexcept;
  ~Database();

  Result<void> run(const char* sql);
  sqlite3* handle() const { return handle_; }
  /// How many rows the last statement changed.
  int changes() const;
  Error last_error() const;

 private:
  explicit Database(sqlite3* handle) : handle_(handle) {}
  static Result<Database> open(const std::string& name, int flags);
  sqlite3* handle_ = nullptr;
};

class Statement {
 public:
  static Result<Statement> prepare(Database& database, std::string_view sql);
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;
  ~Statement();

  /// Binds to the next parameter; the text must outlive step().
  Statement& text(std::string_view value);
  Statement& number(std::int64_t value);
  Statement& number(std::uint64_t value) { return number(static_cast<std::int64_t>(value)); }
  Statement& number(std::uint32_t value) { return number(static_cast<std::int64_t>(value)); }
  Statement& number(std::optional<std::int64_t> value);
  Statement& nothing();
  /// The values bound from here on are hashed; check() binds the hash as the next parameter.
  void begin_check() { check_.emplace(); }
  Statement& check();

  enum class Step { Row, Done };
  /// Row: a row can be read, starting at its first column.
  Result<Step> step();
  void reset();

  /// The hash of `count` columns of the row, the first one having that number.
  std::int64_t check_of(int first, int count) const;
  std::string read_text();
  std::int64_t read_number();
  std::optional<std::int64_t> read_optional();
  std::optional<std::string> read_optional_text();
  template <class Number>
  Number read_as() {
    return static_cast<Number>(read_number());
  }

 private:
  explicit Statement(sqlite3_stmt* handle) : handle_(handle) {}
  sqlite3_stmt* handle_ = nullptr;
  int next_parameter_ = 1;
  int next_column_ = 0;
  std::optional<RowCheck> check_;
};

}  // namespace vdm::metrics::sqlite
