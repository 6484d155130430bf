// A CommonJS program in TypeScript; it is compiled against the installed package and never run.

import sockets = require('berkeley-sockets');
import promises = require('berkeley-sockets/promises');

export const inet: sockets.socket = new sockets.socket(sockets.AF_INET, sockets.SOCK_DGRAM);
export const unix: promises.socket<typeof promises.AF_UNIX> = promises.socketpair()[0];
