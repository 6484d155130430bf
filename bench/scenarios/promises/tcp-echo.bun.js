// Echoes whatever comes over any number of TCP connections; runs under Bun.

const { port } = Bun.listen({
  hostname: '127.0.0.1',
  port: 0,
  socket: {
    data(connection, data) {
      connection.write(data);
    },
  },
});
console.log(JSON.stringify({ port }));
