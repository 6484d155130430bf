// Makes the binaries that the package carries: prebuilds/linux-x64 and, with Debian's cross compiler,
// prebuilds/linux-arm64. Names of architectures may be given; both are made without.
//
// The binaries need nothing of libstdc++ and no newer glibc than 2.31 (Debian 11), which is checked.

import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { copyPackage } from './variant.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const NEWEST_GLIBC = [2, 31];
/** The prefix of the tools for an architecture. */
const TOOLS = { x64: 'x86_64-linux-gnu-', arm64: 'aarch64-linux-gnu-' };

/** The symbols of the C library that the binary asks for, each with its version. */
function versionedSymbols(tools, file) {
  const table = execFileSync(`${tools}objdump`, ['-T', file], { encoding: 'utf8' });
  return Array.from(
    table.matchAll(/\((\w+?)_(\d+(?:\.\d+)*)\) (\w+)/g),
    ([, set, version, name]) => ({
      set,
      version: version.split('.').map(Number),
      name,
    }),
  );
}

function isNewer([major, minor = 0], [otherMajor, otherMinor]) {
  return major > otherMajor || (major === otherMajor && minor > otherMinor);
}

function check(tools, file) {
  const bad = versionedSymbols(tools, file).filter(
    ({ set, version }) =>
      set.startsWith('GLIBCXX') || (set === 'GLIBC' && isNewer(version, NEWEST_GLIBC)),
  );
  if (bad.length > 0) {
    const names = bad.map(({ set, version, name }) => `${name} (${set} ${version.join('.')})`);
    throw new Error(`${file} needs too new a system: ${names.join(', ')}`);
  }
}

function make(architecture) {
  const tools = TOOLS[architecture];
  if (tools === undefined) throw new Error(`no prebuilt binary is made for ${architecture}`);
  const copy = copyPackage(`build-prebuild/${architecture}`);
  const env = {
    ...process.env,
    CC: `${tools}gcc`,
    CXX: `${tools}g++`,
    AR: `${tools}ar`,
    CXXFLAGS: '-DBERKELEY_SOCKETS_PREBUILD',
    LDFLAGS: '-static-libstdc++ -Wl,--exclude-libs,ALL -Wl,--as-needed',
  };
  const options = ['--loglevel=error', '--silent', `--arch=${architecture}`];
  execFileSync('npx', ['node-gyp', 'rebuild', ...options], { cwd: copy, stdio: 'inherit', env });
  const directory = join(root, 'prebuilds', `linux-${architecture}`);
  mkdirSync(directory, { recursive: true });
  const target = join(directory, 'berkeley_sockets.node');
  copyFileSync(join(copy, 'build/Release/berkeley_sockets.node'), target);
  execFileSync(`${tools}strip`, ['--strip-unneeded', target]);
  check(tools, target);
  console.log(`${target}: ${Math.round(statSync(target).size / 1024)} KiB`);
}

const wanted = process.argv.slice(2);
for (const architecture of wanted.length > 0 ? wanted : Object.keys(TOOLS)) make(architecture);
