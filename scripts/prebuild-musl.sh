#!/bin/sh
# Makes prebuilds/linux-ARCHITECTURE-musl and tests it; run it in a container of Alpine's with Node.js:
#
#   docker run --rm --volume "$PWD:/sources" --workdir /sources node:20-alpine sh scripts/prebuild-musl.sh
set -eu

apk add --no-cache g++ make python3 binutils linux-headers iproute2 >/dev/null
npm ci
# The containers of those who install it may have no libstdc++.
LDFLAGS='-static-libstdc++ -static-libgcc -Wl,--exclude-libs,ALL -Wl,--as-needed' npm run build

target="prebuilds/linux-$(node -p process.arch)-musl"
mkdir -p "$target"
cp build/Release/berkeley_sockets.node "$target/"
strip --strip-unneeded "$target/berkeley_sockets.node"
if readelf -d "$target/berkeley_sockets.node" | grep -q 'NEEDED.*libstdc++'; then
  echo "$target needs libstdc++" >&2
  exit 1
fi

# It is the tested binary without its symbols, and loads without them, too.
node -e 'process.dlopen({ exports: {} }, process.argv[1])' "$target/berkeley_sockets.node"
node scripts/run-tests.mjs
