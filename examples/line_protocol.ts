// A protocol of lines with makefile: one end asks for sums, the other end answers line by line.

import * as socket from 'berkeley-sockets';

const { AF_INET, SHUT_WR, SOCK_STREAM } = socket;

/** Reads `add 1 2` and the like until the end, and writes a line for each. */
function serve(connection: socket.socket): void {
  // A text file over the socket, whose lines end with CR LF, as most Internet protocols want it:
  // a '\n' that is written becomes one, and a line that is read has one at its end.
  using file = connection.makefile('rw', { encoding: 'utf-8', newline: '\r\n' });
  for (const line of file) {
    const [command, ...numbers] = line.trim().split(' ');
    if (command === 'add') {
      file.write(`= ${numbers.reduce((sum, number) => sum + Number(number), 0)}\n`);
    } else {
      file.write(`? what is '${command}'\n`);
    }
  }
  // What is written is collected; closing the file, as `using` does here, flushes it.
}

using listener = socket.create_server(['127.0.0.1', 0]);
using client = new socket.socket(AF_INET, SOCK_STREAM);
client.settimeout(10);
client.connect(listener.getsockname());
const [accepted] = listener.accept();
using connection = accepted;
connection.settimeout(10);

using questions = client.makefile('w', { newline: '\r\n' });
questions.writelines(['add 1 2\n', 'add 20 20 2\n', 'mul 6 7\n']);
questions.flush();
client.shutdown(SHUT_WR);

serve(connection);
// A socket ends when it and all its files are closed; then the client sees the end of the answers.
connection.close();

using answers = client.makefile('r');
for (const line of answers) console.log(line.trimEnd());
