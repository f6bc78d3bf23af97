/**
 * Items that come and go all the time, in the order they came. A `Set` replaces its table at every
 * few additions, and V8 links the old table to the new one: once a table has grown old, whatever
 * was in those after it stays in memory until the next full garbage collection, and is copied there
 * by those before. With a set of open connections that was most of what collecting cost.
 */

/** An item's place in a list. */
export class Place<T> {
  /** Undefined once it has been removed: then nothing leads from here to the list or the item. */
  item: T | undefined;
  previous: Place<T> | undefined;
  next: Place<T> | undefined;

  constructor(item: T, private list: LinkedList<T> | undefined) {
    this.item = item;
  }

  /** Takes the item out of its list. Returns whether it was in there. */
  remove(): boolean {
    const { list, previous, next } = this;
    if (!list) return false;
    if (previous) previous.next = next;
    else list.first = next;
    if (next) next.previous = previous;
    else list.last = previous;
    list.length--;
    this.list = undefined;
    this.item = undefined;
    this.previous = undefined;
    this.next = undefined;
    return true;
  }
}

/** A doubly linked list. Only `add` and `Place.remove` change it. */
export class LinkedList<T> implements Iterable<T> {
  first: Place<T> | undefined;
  last: Place<T> | undefined;
  length = 0;

  /** Adds an item behind all others. */
  add(item: T): Place<T> {
    const place = new Place(item, this);
    place.previous = this.last;
    if (this.last) this.last.next = place;
    else this.first = place;
    this.last = place;
    this.length++;
    return place;
  }

  /** From the oldest to the newest item. Copy them first where one may be removed meanwhile. */
  *[Symbol.iterator](): Generator<T> {
    for (let place = this.first; place; place = place.next) yield place.item!;
  }
}
