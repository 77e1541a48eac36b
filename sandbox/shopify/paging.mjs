// Pages of a list: cursors are positions by sort value and id (`{"last_id", "last_value"}` in base64), so that
// they hold against rows coming and going, and mean nothing under another sort.
import {FieldError} from './plan.mjs';
import {compare} from './store.mjs';

/**
 * A page of `rows`, which are sorted by (keyOf, idOf). `toNode` turns a row into its node; `isBehind` says that the list
 * may be longer than it looks, which makes a full page promise a next one that may turn out to be empty.
 * `args`: first | last, after, before, reverse. `depth`: nobody pages beyond so many rows of a list.
 */
export function pageOf(rows, args, {keyOf, idOf, toNode = row => row, idText = idOf, isBehind = false, depth = Infinity}) {
  let list = args.reverse ? [...rows].reverse() : rows;
  const direction = args.reverse ? -1 : 1;
  const side = position => row =>
    direction * (compare(keyOf(row), valueLike(keyOf(row), position)) || idOf(row) - position.id);
  if (args.after) list = list.slice(firstWhere(list, side(positionOf(args.after)), way => way > 0));
  if (args.before)
    list = list.slice(
      0,
      firstWhere(list, side(positionOf(args.before)), way => way >= 0),
    );
  const forward = args.last === undefined || args.last === null;
  const size = (forward ? args.first : args.last) ?? list.length;
  const left = Math.max(0, depth - (rows.length - list.length));
  const page = forward ? list.slice(0, Math.min(size, left)) : list.slice(Math.max(0, list.length - size));
  const isCut = list.length > page.length && page.length < left;
  const info = forward
    ? {
        hasNextPage: isCut || (isBehind && page.length < left && page.length > 0 && page.length === size),
        hasPreviousPage: Boolean(args.after),
      }
    : {hasNextPage: Boolean(args.before), hasPreviousPage: isCut};
  return new Page(page, info, {keyOf, toNode, idText});
}

/** The rows of a list by id, as a plain page (line items, addresses, variants). */
export const pageById = (rows, args) =>
  pageOf(rows, args, {keyOf: row => row.id, idOf: row => Number(row.id), idText: row => row.id});

class Page {
  constructor(rows, info, how) {
    this.rows = rows;
    this.info = info;
    this.how = how;
  }

  get nodes() {
    return this.rows.map(this.how.toNode);
  }

  get edges() {
    return this.rows.map(row => ({cursor: this.#cursor(row), node: this.how.toNode(row)}));
  }

  get pageInfo() {
    const [first, last] = [this.rows[0], this.rows.at(-1)];
    return {...this.info, startCursor: first ? this.#cursor(first) : null, endCursor: last ? this.#cursor(last) : null};
  }

  #cursor(row) {
    const value = this.how.keyOf(row);
    const text = `{"last_id":${this.how.idText(row)},"last_value":${JSON.stringify(typeof value === 'string' ? value : String(value))}}`;
    return Buffer.from(text).toString('base64');
  }
}

function positionOf(cursor) {
  try {
    const {last_id: id, last_value: value} = JSON.parse(Buffer.from(cursor, 'base64').toString('utf8'));
    if (typeof id === 'number') return {id, value};
  } catch {
    // said below
  }
  throw new FieldError('INVALID_CURSOR', 'Invalid cursor for current pagination sort.');
}

/** A cursor keeps its value as text: of a number it has to be one again, or the row itself would stand behind it. */
const valueLike = (key, {value}) => (typeof key === 'number' ? Number(value) : value);

/** Where in a sorted list the rows begin whose side of the position is as wanted. */
function firstWhere(list, sideOf, isWanted) {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isWanted(sideOf(list[middle]))) high = middle;
    else low = middle + 1;
  }
  return low;
}
