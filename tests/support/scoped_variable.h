#ifndef ACTIUM_TESTS_SUPPORT_SCOPED_VARIABLE_H_
#define ACTIUM_TESTS_SUPPORT_SCOPED_VARIABLE_H_

#include <cstdlib>
#include <string>

namespace actium::test {

/// Sets a variable of the environment while it lives; afterwards there is none of that name. Not
/// while other threads read the environment.
class ScopedVariable {
 public:
  ScopedVariable(const char* name, const std::string& value) : name_(name) {
    setenv(name, value.c_str(), /*overwrite=*/1);
  }
  ~ScopedVariable() { unsetenv(name_); }
  ScopedVariable(const ScopedVariable&) = delete;
  ScopedVariable& operator=(const ScopedVariable&) = delete;

 private:
  const char* const name_;
};

}  // namespace actium::test

#endif  // ACTIUM_TESTS_SUPPORT_SCOPED_VARIABLE_H_
