// Packs the package as for publishing, and checks what is in it and how large it is.

import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { folder, manifest, npm, root, run } from './workshop.mjs';

const MOST_BYTES = 1024 * 1024;

/** The binaries that are never missing; a release adds those that only other machines can make. */
const TARGETS = ['linux-x64', 'linux-arm64'];
const BINARY = 'berkeley_sockets.node';

/** All that may be in it. */
const ALLOWED = [
  /^dist\/[\w/-]+\.(js|d\.ts)$/,
  /^prebuilds\/[\w-]+\/berkeley_sockets\.node$/,
  /^docs\/[\w-]+\.md$/,
];
const BESIDE = ['CHANGELOG.md', 'LICENSE', 'README.md', 'SECURITY.md', 'package.json'];

function newest(path) {
  const status = statSync(path);
  if (!status.isDirectory()) return status.mtimeMs;
  return Math.max(...readdirSync(path).map((name) => newest(join(path, name))));
}

/** Makes the binaries that are missing, or older than their sources. */
export function makeBinaries() {
  const changed = Math.max(...['native', 'binding.gyp'].map((name) => newest(join(root, name))));
  const stale = TARGETS.filter((target) => {
    const file = join(root, 'prebuilds', target, BINARY);
    return !existsSync(file) || statSync(file).mtimeMs < changed;
  });
  if (stale.length === 0) return;
  const architectures = stale.map((target) => target.slice(target.indexOf('-') + 1));
  execFileSync(process.execPath, [join(root, 'scripts/prebuild.mjs'), ...architectures], {
    stdio: 'inherit',
  });
}

/** Packs the package; gives the path of the file. */
export function pack() {
  const target = folder('tarball');
  const args = [npm, 'pack', '--silent', `--pack-destination=${target}`];
  run(root, process.execPath, args, { hasTools: true });
  return join(target, readdirSync(target)[0]);
}

/** Unpacks the file with tar; gives the folder of the package. */
export function unpack(tarball, target) {
  run(target, 'tar', ['-xzf', tarball], { hasTools: true });
  return join(target, 'package');
}

function filesBelow(directory) {
  return readdirSync(directory, { recursive: true })
    .filter((name) => statSync(join(directory, name)).isFile())
    .sort();
}

/** Fails if something is missing, is too much or too large; says how large it is. */
export function checkContents(tarball) {
  const directory = unpack(tarball, folder('contents'));
  const files = filesBelow(directory);
  const surplus = files.filter(
    (name) => !BESIDE.includes(name) && !ALLOWED.some((pattern) => pattern.test(name)),
  );
  if (surplus.length > 0) throw new Error(`not needed: ${surplus.join(', ')}`);
  const exported = Object.values(manifest.exports).flatMap((target) =>
    typeof target === 'string' ? [] : Object.values(target),
  );
  const wanted = [
    ...BESIDE,
    ...exported.map((name) => name.slice('./'.length)),
    ...TARGETS.map((target) => `prebuilds/${target}/${BINARY}`),
    ...filesBelow(join(root, 'docs')).map((name) => `docs/${name}`),
  ];
  const missing = wanted.filter((name) => !files.includes(name));
  if (missing.length > 0) throw new Error(`missing: ${missing.join(', ')}`);
  const mapped = files.filter(
    (name) =>
      name.endsWith('.js') && readFileSync(join(directory, name), 'utf8').includes('sourceMapping'),
  );
  if (mapped.length > 0) throw new Error(`they name maps: ${mapped.join(', ')}`);
  const { size } = statSync(tarball);
  if (size >= MOST_BYTES) throw new Error(`${size} bytes, and ${MOST_BYTES} are too many`);
  const targets = readdirSync(join(directory, 'prebuilds'));
  return `${files.length} files, ${Math.round(size / 1024)} KiB packed, with ${targets.join(', ')}`;
}
