#ifndef ACTIUM_TESTS_SUPPORT_NPY_FILE_H_
#define ACTIUM_TESTS_SUPPORT_NPY_FILE_H_

#include <string>

namespace actium::test {

/// Returns the bytes of a .npy file. description: NumPy's, as "<f4"; shape: its tuple, as "(3, 2)".
inline std::string NpyFile(const std::string& description, const std::string& shape,
                           const std::string& contents) {
  const std::string dictionary =
      "{'descr': '" + description + "', 'fortran_order': False, 'shape': " + shape + ", }\n";
  std::string bytes = "\x93NUMPY\x01";
  bytes += '\0';
  bytes += static_cast<char>(dictionary.size() & 0xff);
  bytes += static_cast<char>(dictionary.size() >> 8);
  return bytes + dictionary + contents;
}

}  // namespace actium::test

#endif  // ACTIUM_TESTS_SUPPORT_NPY_FILE_H_
