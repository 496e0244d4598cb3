#include "client/report/assets.h"

// The assembler puts a file's bytes into read-only data, between two names. Paths come from
// CMakeLists.txt, which also rebuilds this file when one of them changes.
#define ACTIUM_EMBED(name, path)                        \
  asm(".section .rodata\n"                              \
      ".global actium_report_" #name                    \
      "_begin\n"                                        \
      ".global actium_report_" #name                    \
      "_end\n"                                          \
      "actium_report_" #name                            \
      "_begin:\n"                                       \
      ".incbin \"" path                                 \
      "\"\n"                                            \
      "actium_report_" #name                            \
      "_end:\n"                                         \
      ".previous\n");                                   \
  extern "C" const char actium_report_##name##_begin[]; \
  extern "C" const char actium_report_##name##_end[];   \
  static_assert(true)  // For the caller's semicolon.

#define ACTIUM_EMBEDDED(name)                    \
  std::string_view(actium_report_##name##_begin, \
                   static_cast<size_t>(actium_report_##name##_end - actium_report_##name##_begin))

ACTIUM_EMBED(vega, ACTIUM_REPORT_VEGA);
ACTIUM_EMBED(vega_lite, ACTIUM_REPORT_VEGA_LITE);
ACTIUM_EMBED(vega_embed, ACTIUM_REPORT_VEGA_EMBED);
ACTIUM_EMBED(page_script, ACTIUM_REPORT_FOLDER "/page.js");
ACTIUM_EMBED(page_style, ACTIUM_REPORT_FOLDER "/page.css");
ACTIUM_EMBED(licences, ACTIUM_REPORT_FOLDER "/licences.txt");

namespace actium::report {

std::string_view VegaScript() { return ACTIUM_EMBEDDED(vega); }
std::string_view VegaLiteScript() { return ACTIUM_EMBEDDED(vega_lite); }
std::string_view VegaEmbedScript() { return ACTIUM_EMBEDDED(vega_embed); }
std::string_view PageScript() { return ACTIUM_EMBEDDED(page_script); }
std::string_view PageStyle() { return ACTIUM_EMBEDDED(page_style); }
std::string_view Licences() { return ACTIUM_EMBEDDED(licences); }

}  // namespace actium::report
