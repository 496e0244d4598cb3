#ifndef ACTIUM_CLIENT_CLI_COMPARISON_PAGE_H_
#define ACTIUM_CLIENT_CLI_COMPARISON_PAGE_H_

#include <string>

#include "client/cli/comparison_run.h"
#include "client/cli/session.h"

namespace actium::cli {

/// Returns the results as an HTML page that stands alone, with what is known of this run: command
/// line, date, data, machine and server. Reads the pictures that it shows from the data again, and
/// makes large ones smaller. A server that does not tell about itself is left out.
std::string MakeComparisonPage(Session& session, const ComparisonResults& results);

}  // namespace actium::cli

#endif  // ACTIUM_CLIENT_CLI_COMPARISON_PAGE_H_
