// Every limit of the HTTP transport, each with its reason. Tests shrink them; the product uses the
// defaults.
#pragma once
#include <chrono>
#include <cstddef>

namespace bulkhead::api {

using Millis = std::chrono::milliseconds;

// Request line and headers together: twice what the gateway lets through (4 x 8 KiB buffers, but a
// browser sends < 4 KiB).
inline constexpr std::size_t kHeadBytesMax = 16U * 1024U;
// Browsers send about 20, the gateway adds 6; a flood of tiny headers costs one allocation each.
inline constexpr std::size_t kHeaderCountMax = 64;
// Longest route plus a cursor and filters stays below 1 KiB.
inline constexpr std::size_t kTargetBytesMax = 4096;
// Duplicate checks are quadratic in this; the longest list route takes 8.
inline constexpr std::size_t kQueryPairsMax = 32;
// /v1/accounts/{name}/domains/{domain}/actions/{verb} has 7.
inline constexpr std::size_t kPathSegmentsMax = 16;
// JSON only, no uploads: the largest body (a zone import) is some 200 KiB. The JSON parser has the
// same limit.
inline constexpr std::size_t kBodyBytesMax = 1U << 20U;
// Longest request id taken over from the caller: a UUID is 36, Nginx's $request_id 32.
inline constexpr std::size_t kRequestIdBytesMax = 64;
// Memory is bounded by connections x (head + body): some 270 MiB in the worst case, which needs the
// gateway to misbehave; the socket of the scripts adds 20.
inline constexpr std::size_t kConnectionsMax = 512;
// Handlers hold no lock while they wait, so threads beyond the cores are useful; each costs about
// 20 KiB when idle.
inline constexpr std::size_t kWorkerThreads = 8;
// Requests that asked to wait for a job; their own threads, so that they can never starve the
// others.
inline constexpr std::size_t kWaitingThreads = 32;
// Requests of the control panel interface: as many documents of many megabytes are built at once,
// and as many of the store's connections are taken, whoever floods that socket.
inline constexpr std::size_t kScriptThreads = 2;
// Connections of that socket, out of all: half, so that the gateway always finds room.
inline constexpr std::size_t kScriptConnectionsMax = 256;
// Of them, those of one user: a page of a control panel starts some four scripts at once; more than
// a fifteenth of the room is nobody's.
inline constexpr std::size_t kScriptConnectionsOfUserMax = 16;
// A script's arguments: the client sends no more than this, and nobody else is listened to longer.
inline constexpr std::size_t kScriptBodyBytesMax = 64U * 1024U;
// Streams that are open at once: an eighth of the connections. A browser has one a page, a billing
// system one.
inline constexpr std::size_t kStreamsMax = 64;
// Of them, those of whoever reaches a part of the panel only: administrators always find one.
inline constexpr std::size_t kTenantStreamsMax = 48;
// Of one caller: some pages that are left open.
inline constexpr std::size_t kStreamsOfCallerMax = 8;
// What waits for one reader before nothing more is read for it.
inline constexpr std::size_t kStreamBytesMax = 64U * 1024U;
// Queue in front of each set of threads; a longer one would only be answered after its caller gave
// up.
inline constexpr std::size_t kQueuedRequestsMax = 256;
// Read and write only; two saturate a gateway on this kind of machine.
inline constexpr std::size_t kIoThreads = 2;

// Times of one connection, by phase. Absolute per phase: a drip of single bytes does not extend
// them.
inline constexpr Millis kHeadTime{
    5'000};  // first byte (or accept) to end of head; the gateway sends it in one piece
inline constexpr Millis kBodyTime{15'000};  // 1 MiB from a gateway that has buffered it already
inline constexpr Millis kIdleTime{
    75'000};  // between requests; longer than the gateway's keepalive_timeout (60 s)
inline constexpr Millis kHandlerTime{
    60'000};  // "Prefer: wait" ends at 30 s; beyond this the handler is stuck: 504
inline constexpr Millis kWriteTime{30'000};  // a whole answer to a reader that stalls or drips
inline constexpr Millis kLingerTime{
    1'000};                              // after an error: let the peer read it before the close
inline constexpr Millis kTickTime{250};  // how exactly the above are kept
inline constexpr Millis kShutdownTime{
    35'000};  // a waiting request may end in peace; below systemd's 90 s

struct Limits {
  std::size_t headBytes = kHeadBytesMax;
  std::size_t headerCount = kHeaderCountMax;
  std::size_t targetBytes = kTargetBytesMax;
  std::size_t bodyBytes = kBodyBytesMax;
  std::size_t connections = kConnectionsMax;
  std::size_t queuedRequests = kQueuedRequestsMax;
  Millis headTime = kHeadTime;
  Millis bodyTime = kBodyTime;
  Millis idleTime = kIdleTime;
  Millis handlerTime = kHandlerTime;
  Millis writeTime = kWriteTime;
  Millis lingerTime = kLingerTime;
  Millis tick = kTickTime;
  Millis shutdownTime = kShutdownTime;
};

}  // namespace bulkhead::api
