// The only door to Pistache. Its headers redefine TRY() and unreachable(), which break our Result
// and kj: both are put back here, so that this header may be included in any order.
#pragma once
#pragma push_macro("TRY")
#pragma push_macro("unreachable")
#undef TRY
#undef unreachable

#include <pistache/peer.h>
#include <pistache/reactor.h>
#include <pistache/tcp.h>
#include <pistache/transport.h>

#undef TRY
#undef unreachable
#pragma pop_macro("unreachable")
#pragma pop_macro("TRY")
