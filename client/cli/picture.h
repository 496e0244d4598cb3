#ifndef ACTIUM_CLIENT_CLI_PICTURE_H_
#define ACTIUM_CLIENT_CLI_PICTURE_H_

#include <string>

#include "client/cli/image.h"
#include "client/cli/terminal.h"

namespace actium::cli {

/// Returns a picture as lines of text, two pixels above each other in one character.
///
/// The picture is shrunk, with its proportions, until it is at most `most_columns` (>= 1) wide and
/// as many pixels high; it is never enlarged. Without colours, shades are characters from ' '
/// (black) to
/// '@' (white).
std::string RenderPicture(const Image& image, ColorMode colors, int most_columns);

/// Returns a bar of `fraction` (kept in [0, 1]) of `columns` (>= 1), in eighths of a character,
/// padded with blanks to that width.
std::string RenderBar(double fraction, int columns);

}  // namespace actium::cli

#endif  // ACTIUM_CLIENT_CLI_PICTURE_H_
