#ifndef ACTIUM_SERVER_BASE_SIGNALS_H_
#define ACTIUM_SERVER_BASE_SIGNALS_H_

namespace actium::base {

/// Blocks SIGTERM and SIGINT in this thread and in those it starts later, so that only
/// WaitForShutdownSignal() receives them; ignores SIGPIPE. Call first in main().
void BlockShutdownSignals();

/// Waits for SIGTERM or SIGINT and returns its number.
int WaitForShutdownSignal();

}  // namespace actium::base

#endif  // ACTIUM_SERVER_BASE_SIGNALS_H_
