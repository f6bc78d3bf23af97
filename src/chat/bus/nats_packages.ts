/**
 * The names that are used from the NATS packages, which a bundle can only load by static imports.
 */
export { connect, type NatsConnection } from "@nats-io/transport-node";
export {
  type ConsumerMessages,
  jetstream,
  type JetStreamClient,
  jetstreamManager,
  type JsMsg,
} from "@nats-io/jetstream";
