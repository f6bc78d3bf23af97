/** The server behind every relay of UDP. */
import { echoDatagrams } from "./system_socket.ts";

echoDatagrams(Number(Deno.args[0]));
