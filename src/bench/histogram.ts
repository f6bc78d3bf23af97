/** Re-exports the one class that is used, so that the bundler can drop the rest. */
export { Int32Histogram as Histogram } from "hdr-histogram-js";
