/** The pages for browsers that are in the binary. */
export interface Page {
  /** Relative to the root, with a slash at its end. */
  readonly folder: string;
  readonly program: string;
}

export const PAGES: readonly Page[] = [
  { folder: "src/chat/page/", program: "main.ts" },
  { folder: "src/control/panel/", program: "main.tsx" },
];
