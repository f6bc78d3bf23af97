/** Re-exports what is used of the NATS packages: a bundle can load them by static imports only. */
export { connect, type NatsConnection } from "@nats-io/transport-node";
export {
  type ConsumerMessages,
  jetstream,
  type JetStreamClient,
  jetstreamManager,
  type JsMsg,
} from "@nats-io/jetstream";
