// A document in memory of its own, mapped and not from the heap: the program needs no other.
#pragma once
#include <sys/mman.h>

#include <cstddef>
#include <string_view>

#include "common/cpapi/outcome.h"

namespace bulkhead::cpapi {

// 200,000 domains with their PHP have some 60 MB; a larger answer is none of ours.
inline constexpr std::size_t kDocumentBytesMax = 128U << 20U;

class Document {
 public:
  Document() = default;
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;
  ~Document() {
    if (bytes_ != nullptr) (void)::munmap(bytes_, capacity_);  // ignoring: the program ends anyhow
  }

  // False without memory, or when it would be larger than any answer of ours.
  bool reserve(std::size_t capacity) {
    if (capacity <= capacity_) return true;
    if (capacity > kDocumentBytesMax) return false;
    void* const bytes = bytes_ == nullptr ? ::mmap(nullptr, capacity, PROT_READ | PROT_WRITE,
                                                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
                                          : ::mremap(bytes_, capacity_, capacity, MREMAP_MAYMOVE);
    if (bytes == MAP_FAILED) return false;
    bytes_ = static_cast<char*>(bytes);
    capacity_ = capacity;
    return true;
  }
  // The room behind what is there.
  char* end() { return bytes_ + used_; }
  std::size_t room() const { return capacity_ - used_; }
  void grew(std::size_t size) { used_ += size; }
  std::size_t size() const { return used_; }
  // From here on the document is `size` bytes behind `start`.
  void cut(std::size_t start, std::size_t size) {
    start_ = start;
    used_ = start + size;
  }
  char* begin() { return bytes_; }
  void clear() { start_ = used_ = 0; }
  std::string_view view() const { return std::string_view(bytes_, used_).substr(start_); }

  Outcome outcome = Outcome::kInternal;

 private:
  char* bytes_ = nullptr;
  std::size_t capacity_ = 0;
  std::size_t start_ = 0;
  std::size_t used_ = 0;
};

}  // namespace bulkhead::cpapi
