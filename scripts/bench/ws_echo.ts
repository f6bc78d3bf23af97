/** An echo by the `ws` package, for Node. Its compression is set as coax's is. */
import process from "node:process";
import { type WebSocket as NodeSocket, WebSocketServer } from "ws";

const server = new WebSocketServer({
  host: "127.0.0.1",
  port: Number(process.argv[2]),
  perMessageDeflate: {
    threshold: 1024,
    serverNoContextTakeover: true,
    clientNoContextTakeover: true,
    zlibDeflateOptions: { level: 3 },
  },
});
server.on("connection", (socket: NodeSocket) => {
  socket.on("message", (data: Uint8Array, binary: boolean) => socket.send(data, { binary }));
});
