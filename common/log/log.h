// One line a message on stderr, with the <N> prefix that the journal reads as priority. Values are
// quoted and ASCII, so that text from outside cannot forge a line.
#pragma once
#include <initializer_list>
#include <string>
#include <string_view>

namespace bulkhead {

enum class LogLevel { kCritical = 2, kError = 3, kWarning = 4, kNotice = 5, kInfo = 6 };

struct LogField {
  std::string_view key;  // a constant of the program: letters and '_'
  std::string value;
};

// "<4>message key=\"value\"\n". A line longer than kLogLineBytesMax is cut.
std::string formatLogLine(LogLevel level,
                          std::string_view message,
                          std::initializer_list<LogField> fields);
inline constexpr std::size_t kLogLineBytesMax =
    2048;  // the journal's own default line limit is 48 KiB

// Writes the line with one write(), so that lines of several processes do not mix. Keeps errno.
void logLine(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});

}  // namespace bulkhead
