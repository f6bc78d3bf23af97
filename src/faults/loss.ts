/** `loss` and `duplicate`: what networks do to datagrams. Streams are left as they are. */
import { Fault, type Piece } from "./fault.ts";

export class Loss extends Fault<{ probability: number }> {
  override async put(message: Piece): Promise<void> {
    const { place } = this;
    const { peer, framing } = place.connection;
    const isLost = framing === "message" && place.random() < place.attributes.probability;
    if (!isLost) return await place.next.put(message);
    place.emit(`dropped a message of ${message.data.length} bytes to ${peer}`);
  }
}

export class Duplicate extends Fault<{ probability: number }> {
  override async put(message: Piece): Promise<void> {
    const { place } = this;
    const { peer, framing } = place.connection;
    await place.next.put(message);
    if (framing === "stream" || place.random() >= place.attributes.probability) return;
    place.emit(`doubled a message of ${message.data.length} bytes to ${peer}`);
    await place.next.put(message);
  }
}
