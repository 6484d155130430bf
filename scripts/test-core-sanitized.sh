#!/usr/bin/env bash
# Runs the unit tests of the native core, built with sanitizers: address,undefined unless others are
# named.
set -euo pipefail
cd "$(dirname "$0")/.."

sanitizers=${1:-address,undefined}
directory=build-core-${sanitizers//,/-}
cmake -S . -B "$directory" -DBERKELEY_SOCKETS_TESTS=ON "-DBERKELEY_SOCKETS_SANITIZE=$sanitizers"
cmake --build "$directory" --parallel
ctest --test-dir "$directory" --output-on-failure
