// FillingStore: a real store whose disk is full after so many more writes; the last thing that each
// of them notices, when what else it does is done.
#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <utility>

#include "tests/support/store_kinds.h"

namespace bulkhead::testing {

class FillingStore final : public api::Store {
 public:
  static constexpr int kNever = 1 << 30;

  explicit FillingStore(api::Store& inner, std::atomic<int>& writesLeft)
      : inner_(inner), writesLeft_(writesLeft) {}
  std::uint64_t changes() const override { return inner_.changes(); }

 protected:
  Result<Ok> writeTransaction(const std::function<Result<Ok>(api::Tables&)>& work) override {
    const bool full = writesLeft_.fetch_sub(1) <= 0;
    return inner_.write([&](api::Tables& tables) -> Result<Ok> {
      TRY(work(tables));
      if (full) return Error{Code::kUnavailable, "storage is full", ""};
      return Ok{};
    });
  }
  Result<Ok> readTransaction(const std::function<Result<Ok>(const api::Tables&)>& work) override {
    return inner_.read([&](const api::Tables& tables) { return work(tables); });
  }

 private:
  api::Store& inner_;
  std::atomic<int>& writesLeft_;
};

class FillingUnderTest final : public StoreUnderTest {
 public:
  explicit FillingUnderTest(std::unique_ptr<StoreUnderTest> inner) : inner_(std::move(inner)) {
    wrap();
  }
  api::Store& store() override { return *store_; }
  void reopen() override {
    store_.reset();
    inner_->reopen();
    wrap();
  }
  std::atomic<int> writesLeft = FillingStore::kNever;

 private:
  void wrap() { store_ = std::make_unique<FillingStore>(inner_->store(), writesLeft); }

  std::unique_ptr<StoreUnderTest> inner_;
  std::unique_ptr<FillingStore> store_;
};

}  // namespace bulkhead::testing
