/** What is used of hdr-histogram-js, so that loading the rest can be left to the bundler. */
export { Int32Histogram as Histogram } from "hdr-histogram-js";
