// HTTP/1.0 by hand: a server for one request, and a client (RFC 1945).

import * as socket from 'berkeley-sockets';

const [, , port] = process.argv;
if (port === undefined) {
  using listener = socket.create_server(['127.0.0.1', 0]);
  console.log(listener.getsockname()[1]);
  const [accepted] = listener.accept();
  using connection = accepted;
  using file = connection.makefile('rwb');
  const request = file.readline().toString();
  const [method, path] = request.split(' ');
  while (file.readline().length > 2);
  const body = Buffer.from(`${method} of ${path}`);
  const head =
    'HTTP/1.0 200 OK\r\n' +
    'Content-Type: text/plain\r\n' +
    `Content-Length: ${body.length}\r\n\r\n`;
  file.write(Buffer.concat([Buffer.from(head), body]));
} else {
  const address = ['127.0.0.1', Number(port)] as const;
  using sock = socket.create_connection(address);
  const request =
    'GET /index.html HTTP/1.0\r\nHost: localhost\r\n\r\n';
  sock.sendall(Buffer.from(request));
  const chunks: Buffer[] = [];
  for (;;) {
    const data = sock.recv(4096);
    if (data.length === 0) break;
    chunks.push(data);
  }
  const response = Buffer.concat(chunks).toString();
  const [head = '', body] = response.split('\r\n\r\n');
  const [status, ...fields] = head.split('\r\n');
  const headers = new Map(
    fields.map((field) => {
      const [name = '', value = ''] = field.split(': ');
      return [name.toLowerCase(), value];
    }),
  );
  console.log(status);
  console.log(headers.get('content-length'), body);
}
