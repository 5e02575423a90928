#include "common/log/log.h"

#include <unistd.h>

#include <cerrno>

#include "common/core/escape.h"

namespace bulkhead {

std::string formatLogLine(LogLevel level,
                          std::string_view message,
                          std::initializer_list<LogField> fields) {
  std::string line = "<" + std::to_string(static_cast<int>(level)) + ">";
  const std::string quoted = quoteAscii(message);
  line.append(quoted, 1, quoted.size() - 2);
  for (const auto& field : fields) {
    line += ' ';
    line += field.key;
    line += '=';
    line += quoteAscii(field.value);
  }
  if (line.size() >= kLogLineBytesMax) {
    line.resize(kLogLineBytesMax - 4);
    line += "...";
  }
  line += '\n';
  return line;
}

void logLine(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  const int saved = errno;
  const std::string line = formatLogLine(level, message, fields);
  // Ignoring the result: there is nowhere left to complain.
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
  errno = saved;
}

}  // namespace bulkhead
