/// <reference lib="dom" />
import { useLayoutEffect, useRef } from "preact/hooks";

/** Pixels from the end that still count as being there. */
const NEAR = 8;

/**
 * Keeps a box that grows at its end, unless its reader has scrolled away from there.
 *
 * @param beginsThere Whether it begins at its end.
 */
export function useEnd(beginsThere = true) {
  const box = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(beginsThere);
  useLayoutEffect(() => {
    if (isAtEnd.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  });
  const scrolled = ({ currentTarget }: { readonly currentTarget: HTMLElement }) => {
    const { scrollTop, scrollHeight, clientHeight } = currentTarget;
    isAtEnd.current = scrollTop + clientHeight > scrollHeight - NEAR;
  };
  return { box, scrolled };
}
