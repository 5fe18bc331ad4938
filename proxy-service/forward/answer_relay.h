#pragma once

#include "proxy-service/completion/relay.h"
#include "proxy-service/forward/answer_usage.h"

namespace vdm::proxy {

/// Relays an answer as it comes, whatever it is, one piece in flight: a slow client slows the
/// provider down. Nothing of it is held back but its head, until the body's first bytes are there.
/// The tap gets what `usage` reads, at the end. How it went is set in `relayed`. Thread: its
/// IoThread.
Task<void> relay_answer(RelayParts parts, AnswerUsage& usage, bool with_model,
                        RelayResult& relayed);

}  // namespace vdm::proxy
