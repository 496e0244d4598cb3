# Where cmake/setup.sh keeps what it fetches, by the same rule: ACTIUM_CACHE_DIR.
if(DEFINED ENV{ACTIUM_CACHE})
  set(ACTIUM_CACHE_DIR $ENV{ACTIUM_CACHE})
elseif(DEFINED ENV{XDG_CACHE_HOME})
  set(ACTIUM_CACHE_DIR $ENV{XDG_CACHE_HOME}/actium)
else()
  set(ACTIUM_CACHE_DIR $ENV{HOME}/.cache/actium)
endif()
