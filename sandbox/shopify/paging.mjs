// Pages of a list: cursors are positions by sort value and id (`{"last_id", "last_value"}` in base64), so that
// they hold against rows coming and going, and mean nothing under another sort.
import {FieldError} from './plan.mjs';
import {compare} from './store.mjs';

/**
 * A page of `rows`, which are sorted by (keyOf, idOf). `toNode` turns a row into its node.
 * `args`: first | last, after, before, reverse.
 */
export function pageOf(rows, args, {keyOf, idOf, toNode = row => row, idText = idOf}) {
  let list = args.reverse ? [...rows].reverse() : rows;
  const direction = args.reverse ? -1 : 1;
  const side = (row, position) => direction * (compare(keyOf(row), position.value) || idOf(row) - position.id);
  if (args.after) list = list.slice(firstWhere(list, row => side(row, positionOf(args.after, 'after')) > 0));
  if (args.before)
    list = list.slice(
      0,
      firstWhere(list, row => side(row, positionOf(args.before, 'before')) >= 0),
    );
  const size = args.first ?? args.last ?? list.length;
  const page =
    args.first !== undefined && args.first !== null ? list.slice(0, size) : list.slice(Math.max(0, list.length - size));
  const forward = args.first !== undefined && args.first !== null;
  return new Page(
    page,
    {
      hasNextPage: forward ? list.length > page.length : Boolean(args.before),
      hasPreviousPage: forward ? Boolean(args.after) : list.length > page.length,
    },
    {keyOf, toNode, idText},
  );
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

function positionOf(cursor, argument) {
  try {
    const {last_id: id, last_value: value} = JSON.parse(Buffer.from(cursor, 'base64').toString('utf8'));
    if (typeof id === 'number') return {id, value};
  } catch {
    /* said below */
  }
  throw new FieldError('INVALID_CURSOR', `Invalid cursor for current pagination sort.`, {argument});
}

function firstWhere(list, holds) {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(list[middle])) high = middle;
    else low = middle + 1;
  }
  return low;
}
