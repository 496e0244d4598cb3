#ifndef ACTIUM_CLIENT_REPORT_ASSETS_H_
#define ACTIUM_CLIENT_REPORT_ASSETS_H_

#include <string_view>

/// Files that are embedded into the program when it is built. They live as long as it runs.
namespace actium::report {

std::string_view VegaScript();       ///< Vega, minified.
std::string_view VegaLiteScript();   ///< Vega-Lite, minified.
std::string_view VegaEmbedScript();  ///< vega-embed, minified.
std::string_view PageScript();       ///< page.js
std::string_view PageStyle();        ///< page.css
std::string_view Licences();         ///< licences.txt: of the three libraries and what is in them.

}  // namespace actium::report

#endif  // ACTIUM_CLIENT_REPORT_ASSETS_H_
