// Requires the modules that its arguments name; they are the same as with import.

const assert = require('node:assert/strict');

async function main() {
  const names = process.argv.slice(2);
  for (const name of names) {
    const module = require(name);
    const imported = await import(name);
    for (const key of Object.keys(imported)) assert.equal(module[key], imported[key], key);
    assert.ok(Object.keys(imported).length > 0);
  }
  const { socketpair } = require('berkeley-sockets');
  const [left, right] = socketpair();
  left.sendall(Buffer.from('required'));
  assert.equal(right.recv(10).toString(), 'required');
  left.close();
  right.close();
  console.log(`done with ${names.length} modules`);
}

void main();
