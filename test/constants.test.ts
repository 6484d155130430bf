// The constants and enumerations against the numbers of Python's socket module on this machine.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, test } from 'node:test';

import * as constants from '#lib/constants.js';
import {
  AddressFamily,
  AddressInfo,
  constantName,
  MsgFlag,
  SocketKind,
} from '#lib/enumerations.js';

interface PythonSurface {
  version: [number, number];
  constants: Record<string, number | string>;
  enumerations: Record<string, Record<string, number>>;
  names: Record<string, Record<string, string>>;
}

const program = `
import json, re, socket, sys
def is_constant(name, value):
    if isinstance(value, bool) or not re.match(r'[A-Z]', name):
        return False
    return isinstance(value, int) or (isinstance(value, str) and name.startswith('BDADDR_'))
kinds = ('AddressFamily', 'SocketKind', 'MsgFlag', 'AddressInfo')
members = {kind: getattr(socket, kind).__members__ for kind in kinds}
print(json.dumps({
    'version': sys.version_info[:2],
    'constants': {n: v if isinstance(v, str) else int(v)
                  for n, v in vars(socket).items() if is_constant(n, v)},
    'enumerations': {k: {n: int(m) for n, m in all.items()} for k, all in members.items()},
    'names': {k: {int(m): m.name for m in all.values()} for k, all in members.items()},
}))
`;

/** What Python has, or why it cannot be asked. */
function askPython(): PythonSurface | string {
  try {
    const output = execFileSync('python3', ['-c', program], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const surface = JSON.parse(output) as PythonSurface;
    const [major, minor] = surface.version;
    return major === 3 && minor >= 8 ? surface : `python3 is only ${major}.${minor}`;
  } catch {
    return 'there is no python3 with a socket module';
  }
}

const python = askPython();
const skip = typeof python === 'string' ? python : false;
const surface = python as PythonSurface;
const all: Readonly<Record<string, unknown>> = constants;
const enumerations: Readonly<Record<string, Readonly<Record<string | number, unknown>>>> = {
  AddressFamily,
  SocketKind,
  MsgFlag,
  AddressInfo,
};

/** The queue's length is a default of the C library's headers, and grew from 128 to 4096. */
const differsByHeaders = new Set(['SOMAXCONN']);

describe('constants', () => {
  test('each constant has the value that Python gives it', { skip }, () => {
    const differing = Object.entries(surface.constants)
      .filter(([name]) => all[name] !== undefined && !differsByHeaders.has(name))
      .filter(([name, value]) => all[name] !== value)
      .map(([name, value]) => `${name}: ${all[name]}, in Python ${value}`);
    assert.deepEqual(differing, []);
  });

  test('each constant of Python up to 3.14 on Linux is there', {
    skip:
      skip ||
      (process.platform !== 'linux' && 'other systems have constants of their own') ||
      (surface.version[1] > 14 && 'this Python is newer than the list'),
  }, () => {
    const missing = Object.keys(surface.constants).filter((name) => all[name] === undefined);
    assert.deepEqual(missing, []);
  });

  test('each exported constant is a number or a string on Linux', {
    skip: process.platform !== 'linux' && 'the list has fallback values for Linux only',
  }, () => {
    const exported = Object.entries(all);
    assert.ok(exported.length > 1000, `only ${exported.length} constants`);
    for (const [name, value] of exported) {
      const valid = typeof value === 'string' ? value !== '' : Number.isSafeInteger(value);
      assert.ok(valid, `${name} is ${String(value)}`);
    }
  });

  test('numbers beyond 31 bits and negative ones keep sign and size', {
    skip: process.platform !== 'linux' && 'these are the numbers of Linux',
  }, () => {
    assert.equal(constants.INADDR_BROADCAST, 4294967295);
    assert.equal(constants.VMADDR_CID_ANY, 4294967295);
    assert.equal(constants.CAN_EFF_FLAG, 2147483648);
    assert.equal(constants.TIPC_WAIT_FOREVER, -1);
    assert.equal(constants.EAI_NONAME, -2);
    assert.equal(constants.BDADDR_LOCAL, '00:00:00:FF:FF:FF');
  });

  test('the addresses and ports that no header decides are there on every system', () => {
    assert.equal(constants.INADDR_LOOPBACK, 0x7f000001);
    assert.equal(constants.IPPORT_RESERVED, 1024);
    assert.equal(constants.BDADDR_ANY, '00:00:00:00:00:00');
  });
});

describe('enumerations', () => {
  for (const [kind, map] of Object.entries(enumerations)) {
    test(`${kind} has the members of Python's and gives each number Python's name`, {
      skip: skip || (process.platform !== 'linux' && 'other systems have names of their own'),
    }, () => {
      for (const [name, value] of Object.entries(surface.enumerations[kind])) {
        assert.equal(map[name], value, name);
      }
      for (const [value, name] of Object.entries(surface.names[kind])) {
        assert.equal(map[value], name, value);
      }
    });

    test(`${kind} maps each name to its constant and each number to one of its names`, () => {
      const keys = Object.keys(map);
      assert.ok(keys.length > 0);
      for (const key of keys) {
        const value = map[key];
        if (typeof value === 'number') {
          assert.equal(value, all[key], key);
          assert.equal(typeof map[value], 'string', key);
        } else {
          assert.equal(map[value as string], Number(key), key);
        }
      }
    });

    test(`${kind} cannot be changed`, () => {
      assert.ok(Object.isFrozen(map));
    });
  }

  test('a number of an address family gives its first name, an unknown one undefined', () => {
    assert.equal(AddressFamily.AF_INET, constants.AF_INET);
    assert.equal(AddressFamily[constants.AF_INET], 'AF_INET');
    assert.equal(AddressFamily[999], undefined);
  });

  test('a number with two names has the one that Python gives', {
    skip: process.platform !== 'linux' && 'these are the numbers of Linux',
  }, () => {
    assert.equal(constants.AF_ROUTE, constants.AF_NETLINK);
    assert.equal(AddressFamily[constants.AF_ROUTE], 'AF_NETLINK');
    assert.equal(MsgFlag[constants.MSG_TRYHARD], 'MSG_DONTROUTE');
  });

  test('constantName gives the name, or the digits of a number without a name', () => {
    assert.equal(constantName(SocketKind, constants.SOCK_DGRAM), 'SOCK_DGRAM');
    assert.equal(constantName(SocketKind, 999), '999');
    assert.equal(constantName(AddressInfo, constants.AI_PASSIVE), 'AI_PASSIVE');
  });
});
