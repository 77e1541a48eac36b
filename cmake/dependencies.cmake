# Libraries come from the distribution's packages, found by pkg-config.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(KAFKA REQUIRED IMPORTED_TARGET rdkafka)
pkg_check_modules(REDIS REQUIRED IMPORTED_TARGET hiredis)
pkg_check_modules(CURL REQUIRED IMPORTED_TARGET libcurl)
pkg_check_modules(JSON REQUIRED IMPORTED_TARGET json-c)
pkg_check_modules(MICROHTTPD REQUIRED IMPORTED_TARGET libmicrohttpd)
pkg_check_modules(GNUTLS REQUIRED IMPORTED_TARGET gnutls)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(YAML REQUIRED IMPORTED_TARGET yaml-0.1)
pkg_check_modules(ZLIB REQUIRED IMPORTED_TARGET zlib)
# Debian 12 calls msgpack-c `msgpack`, later releases `msgpack-c`.
pkg_search_module(MSGPACK REQUIRED IMPORTED_TARGET msgpack-c msgpack)

add_library(cartage_dependencies INTERFACE)
target_link_libraries(cartage_dependencies INTERFACE PkgConfig::KAFKA PkgConfig::REDIS PkgConfig::CURL
                      PkgConfig::JSON PkgConfig::MICROHTTPD PkgConfig::GNUTLS PkgConfig::SODIUM PkgConfig::YAML
                      PkgConfig::ZLIB PkgConfig::MSGPACK Threads::Threads)
