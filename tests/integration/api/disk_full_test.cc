// A full disk is a typed refusal: nothing half-done, and work goes on when there is room again.
// Runs on a 1 MiB tmpfs in a mount namespace of its own.
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>

#include "common/os/fd.h"
#include "tests/support/child.h"
#include "tests/support/panel_world.h"

namespace bulkhead::api {
namespace {

class OnGivenPath final : public testing::StoreUnderTest {
 public:
  explicit OnGivenPath(std::string path) : path_(std::move(path)) { reopen(); }
  Store& store() override { return *store_; }
  void reopen() override {
    store_.reset();
    store_ = std::move(sqlite::SqliteStore::open(path_)).value();
  }

 private:
  std::string path_;
  std::unique_ptr<sqlite::SqliteStore> store_;
};

// Root needs a mount namespace only; anybody else becomes root of a user namespace first.
bool enterSmallDisk(const std::string& directory) {
  const uid_t uid = ::geteuid();
  if (uid != 0) {
    if (::unshare(CLONE_NEWUSER) != 0) return false;
    std::ofstream("/proc/self/uid_map") << "0 " << uid << " 1\n";
  }
  return ::unshare(CLONE_NEWNS) == 0 &&
         ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         ::mount("tmpfs", directory.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, "size=1m,mode=700") ==
             0;
}

void fill(const std::string& path) {
  const Fd file(::open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
  const std::string block(4096, 'x');
  while (::write(file.get(), block.data(), block.size()) > 0) {
  }
}

void body(const std::string& directory) {
  ASSERT_TRUE(enterSmallDisk(directory));
  testing::PanelWorld world(std::make_unique<OnGivenPath>(directory + "/panel.db"));
  world.addPlan();
  ASSERT_EQ(world.create("alice", "alice.example")->state, JobState::kSucceeded);
  fill(directory + "/filler");
  // What room there is inside the files already is used up first.
  Error last{Code::kInternal, "never refused", ""};
  int made = 0;
  for (; made < 1000; ++made) {
    const std::string name = "u" + std::to_string(made);
    auto started = world.panel().createAccount(
        testing::PanelWorld::actor(), {name, "basic", name + ".example", false}, Mode::kDo);
    if (started.ok()) continue;
    last = started.error();
    break;
  }
  EXPECT_EQ(last.code, Code::kUnavailable);
  EXPECT_EQ(last.message, "storage is full");
  // Nothing half-done: each account that was accepted has its domain and its job, the refused one
  // has neither.
  std::size_t accounts = 0;
  PageQuery query{"", 200};
  do {
    const auto page = world.panel().accounts(query);
    ASSERT_TRUE(page.ok());
    accounts += page->items.size();
    for (const auto& account : page->items)
      EXPECT_EQ(world.panel().domains(account.id, {})->items.size(), 1U);
    query.cursor = page->nextCursor;
  } while (!query.cursor.empty());
  EXPECT_EQ(accounts, static_cast<std::size_t>(made) + 1);
  EXPECT_EQ(world.panel().account("u" + std::to_string(made)).error().code, Code::kNotFound);
  std::filesystem::remove(directory + "/filler");
  const auto jobs = world.panel().jobs({"", 200});
  for (const auto& job : jobs->items)
    EXPECT_EQ(world.panel().waitForJob(job.id, std::chrono::seconds(20))->state,
              JobState::kSucceeded);
  EXPECT_EQ(world.create("later", "later.example")->state, JobState::kSucceeded);
}

// The disk fills up between two steps: what was done cannot be noted, so the job waits and repeats
// it.
void fillInTheMiddle(const std::string& directory) {
  ASSERT_TRUE(enterSmallDisk(directory));
  testing::PanelWorld world(std::make_unique<OnGivenPath>(directory + "/panel.db"));
  world.addPlan();
  std::atomic<int> asked = 0;
  world.agent().beforeCall = [&](const std::string& call) {
    if (call.starts_with("engine.ensure") && asked++ == 0) {
      fill(directory + "/filler");
    }
  };
  auto started = world.panel().createAccount(testing::PanelWorld::actor(),
                                             {"alice", "basic", "a.example", false}, Mode::kDo);
  ASSERT_TRUE(started.ok());
  const std::string id = std::get<Job>(*started).id;
  for (int i = 0; i < 1000 && asked < 3; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_GE(asked, 3);
  EXPECT_FALSE(world.panel().job(id)->ended());
  std::filesystem::remove(directory + "/filler");
  EXPECT_EQ(world.panel().waitForJob(id, std::chrono::seconds(20))->state, JobState::kSucceeded);
}

TEST(DiskFull, AJobThatCannotNoteItsProgressWaitsForRoom) {
  const testing::TempDir directory;
  const int status = testing::inChild([&] { fillInTheMiddle(directory.path()); });
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

TEST(DiskFull, IsRefusedWithNothingHalfDoneAndPasses) {
  const testing::TempDir directory;
  const int status = testing::inChild([&] { body(directory.path()); });
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

}  // namespace
}  // namespace bulkhead::api
