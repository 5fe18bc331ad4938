#include "metrics-service/store/sqlite.h"

#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include <sqlite3.h>

namespace vdm::metrics::sqlite {
namespace {

bool holds_anything(const std::string& path) {
  std::error_code absent;
  const auto bytes = std::filesystem::file_size(path, absent);
  return !absent && bytes > 0;
}

/// Escapes a path for use in a URI.
std::string escaped(const std::string& path) {
  std::string text;
  for (const char byte : path) {
    if (byte == '%') {
      text += "%25";
    } else if (byte == '?') {
      text += "%3f";
    } else if (byte == '#') {
      text += "%23";
    } else {
      text += byte;
    }
  }
  return text;
}

}  // namespace

bool Error::damaged() const {
  return code == SQLITE_CORRUPT || code == SQLITE_NOTADB || code == SQLITE_FORMAT ||
         code == SQLITE_SCHEMA || code == SQLITE_ERROR;
}

Error Error::damage(std::string message) { return Error{SQLITE_CORRUPT, std::move(message)}; }

Result<Database> Database::open(const std::string& name, int flags) {
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(name.c_str(), &handle, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  Database database(handle);
  if (code != SQLITE_OK) return Error{code & 0xff, sqlite3_errstr(code)};
  sqlite3_busy_timeout(handle, 1000);
  return database;
}

Result<Database> Database::open(const std::string& path) {
  return open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
}

Result<Database> Database::open_unaltered(const std::string& path) {
  // SQLite must roll an unfinished transaction back before it can read anything.
  if (holds_anything(path + "-journal")) return open(path, SQLITE_OPEN_READWRITE);
  // SQLite reads commits in the write-ahead log from there and leaves them there.
  if (holds_anything(path + "-wal")) return open(path, SQLITE_OPEN_READONLY);
  // Without a log beside it the file is opened as immutable: otherwise SQLite would create a log.
  return open("file:" + escaped(path) + "?immutable=1", SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
}

Result<Database> Database::open_shared(const std::string& path) {
  return open(path, SQLITE_OPEN_READONLY);
}

Database::Database(Database&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
Database& Database::operator=(Database&& other) noexcept {
  std::swap(handle_, other.handle_);
  return *this;
}
Database::~Database() { sqlite3_close_v2(handle_); }

Error Database::last_error() const {
  return Error{sqlite3_errcode(handle_) & 0xff, sqlite3_errmsg(handle_)};
}

int Database::changes() const { return sqlite3_changes(handle_); }

Result<void> Database::run(const char* sql) {
  if (sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) return last_error();
  return {};
}

Result<Statement> Statement::prepare(Database& database, std::string_view sql) {
  sqlite3_stmt* handle = nullptr;
  const int code = sqlite3_prepare_v2(database.handle(), sql.data(), static_cast<int>(sql.size()),
                                      &handle, nullptr);
  Statement statement(handle);
  if (code != SQLITE_OK) return database.last_error();
  return statement;
}

Statement::Statement(Statement&& other) noexcept
    : handle_(std::exchange(other.handle_, nullptr)),
      next_parameter_(other.next_parameter_),
      next_column_(other.next_column_),
      check_(other.check_) {}
Statement& Statement::operator=(Statement&& other) noexcept {
  std::swap(handle_, other.handle_);
  return *this;
}
Statement::~Statement() { sqlite3_finalize(handle_); }

Statement& Statement::text(std::string_view value) {
  sqlite3_bind_text64(handle_, next_parameter_++, value.data() ? value.data() : "", value.size(),
                      SQLITE_STATIC, SQLITE_UTF8);
  if (check_) check_->text(value);
  return *this;
}
Statement& Statement::number(std::int64_t value) {
  sqlite3_bind_int64(handle_, next_parameter_++, value);
  if (check_) check_->number(value);
  return *this;
}
Statement& Statement::number(std::optional<std::int64_t> value) {
  return value ? number(*value) : nothing();
}
Statement& Statement::nothing() {
  sqlite3_bind_null(handle_, next_parameter_++);
  if (check_) check_->null();
  return *this;
}
Statement& Statement::check() {
  const std::int64_t value = check_ ? check_->value() : 0;
  check_.reset();
  return number(value);
}
std::int64_t Statement::check_of(int first, int count) const {
  RowCheck check;
  for (int column = first; column < first + count; ++column) {
    switch (sqlite3_column_type(handle_, column)) {
      case SQLITE_NULL:
        check.null();
        break;
      case SQLITE_INTEGER:
        check.number(sqlite3_column_int64(handle_, column));
        break;
      default: {
        const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
        const auto size = static_cast<std::size_t>(sqlite3_column_bytes(handle_, column));
        check.text(bytes ? std::string_view(bytes, size) : std::string_view());
      }
    }
  }
  return check.value();
}

Result<Statement::Step> Statement::step() {
  next_column_ = 0;
  const int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW) return Step::Row;
  if (code == SQLITE_DONE) return Step::Done;
  sqlite3* database = sqlite3_db_handle(handle_);
  return Error{code & 0xff, sqlite3_errmsg(database)};
}

void Statement::reset() {
  sqlite3_reset(handle_);
  check_.reset();
  next_parameter_ = 1;
  next_column_ = 0;
}

std::string Statement::read_text() {
  const int column = next_column_++;
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(handle_, column));
  return bytes ? std::string(bytes, size) : std::string();
}
std::int64_t Statement::read_number() { return sqlite3_column_int64(handle_, next_column_++); }
std::optional<std::int64_t> Statement::read_optional() {
  if (sqlite3_column_type(handle_, next_column_) == SQLITE_NULL) {
    ++next_column_;
    return std::nullopt;
  }
  return read_number();
}
std::optional<std::string> Statement::read_optional_text() {
  if (sqlite3_column_type(handle_, next_column_) == SQLITE_NULL) {
    ++next_column_;
    return std::nullopt;
  }
  return read_text();
}

}  // namespace vdm::metrics::sqlite
