// What orders do to stock. Units of an order wait on its fulfilment orders: there they are committed, and were taken from
// what is available. Shipped units are gone; units that are given up go back to what is available, or are gone, as the
// merchant says; units of a cancelled shipment are committed again; goods that come back go where they are put.
//
// One place looks at an order before and after whatever is done to it, and moves the difference. What an item that is
// not tracked or not stocked at the place would hold is not held; a line remembers what it holds (`held`), so no more
// than that is given back.

/** line → Map of location → units that wait to be shipped from there. */
function waitingOf(order) {
  const waiting = new Map();
  for (const fo of order.fulfillmentOrders) {
    if (fo.status === 'CLOSED' || fo.status === 'CANCELLED') continue;
    for (const {lineItem, remaining} of fo.lines) {
      if (!remaining) continue;
      if (!waiting.has(lineItem)) waiting.set(lineItem, new Map());
      const places = waiting.get(lineItem);
      places.set(fo.location, (places.get(fo.location) ?? 0) + remaining);
    }
  }
  return waiting;
}

const levelOf = (line, location) => {
  const item = line.variant?.item;
  if (!item || item.isGone || !item.tracked) return null;
  const level = item.levels.get(location.id);
  return level?.isActive ? level : null;
};

/** Units of a line begin to wait at a location; `isNew` takes them from what is available. */
function hold(store, line, location, units, {isNew = true} = {}) {
  const level = levelOf(line, location);
  if (!level) return;
  line.held = {...line.held, [location.id]: (line.held?.[location.id] ?? 0) + units};
  store.stock.move(level, 'committed', units);
  if (isNew) store.stock.move(level, 'available', -units);
}

/** Units wait no more; `isBack` says that they can be sold again. */
function letGo(store, line, location, units, {isBack}) {
  const level = levelOf(line, location);
  const held = Math.min(units, line.held?.[location.id] ?? 0);
  if (!level || !held) return;
  line.held[location.id] -= held;
  store.stock.move(level, 'committed', -held);
  if (isBack) store.stock.move(level, 'available', held);
}

/** An order was placed: all its units are taken; those that its form says are shipped already are gone. */
export function takeStock(store, order) {
  store.stock.together(() => {
    for (const fo of order.fulfillmentOrders)
      for (const {lineItem, total, remaining} of fo.lines) {
        const level = levelOf(lineItem, fo.location);
        if (!level) continue;
        if (remaining) hold(store, lineItem, fo.location, remaining);
        store.stock.move(level, 'available', remaining - total);
      }
  });
}

const SHIPS = new Set(['fulfil', 'fulfilGroups', 'pay', 'markAsPaid', 'capture']);

/** Does `act` to an order and lets stock follow. */
export function withStock(store, order, action, args, act) {
  const before = waitingOf(order);
  const refunds = order.refunds.length;
  const arrived = new Set(dispositionsOf(order).map(({disposition}) => disposition));
  const result = act();
  store.stock.together(() => {
    const made = order.refunds.slice(refunds);
    const left = follow(store, order, {before, action, args, made});
    for (const refund of made)
      for (const entry of refund.lines) takeBack(store, entry, left.get(entry) ?? entry.quantity);
    for (const {line, disposition} of dispositionsOf(order))
      if (!arrived.has(disposition) && disposition.type === 'RESTOCKED')
        putBack(store, line, disposition.location, disposition.quantity, 'byArrival', 'byRefund');
  });
  return result;
}

const dispositionsOf = order =>
  order.returns.flatMap(made =>
    made.reverse.flatMap(reverse =>
      reverse.lines.flatMap(row =>
        row.dispositions.map(disposition => ({line: row.returnLine.source.lineItem, disposition})),
      ),
    ),
  );

/** Moves what waits more or less than before; answers how many units of each new refund line had been shipped. */
function follow(store, order, {before, action, args, made}) {
  const after = waitingOf(order);
  const shipped = new Map();
  for (const line of new Set([...before.keys(), ...after.keys()])) {
    const entries = made.flatMap(refund => refund.lines).filter(entry => entry.lineItem === line);
    const was = before.get(line) ?? new Map();
    const is = after.get(line) ?? new Map();
    for (const location of new Set([...was.keys(), ...is.keys()])) {
      const more = (is.get(location) ?? 0) - (was.get(location) ?? 0);
      if (more > 0) hold(store, line, location, more, {isNew: action !== 'cancelFulfillment'});
      let less = -more;
      for (const entry of entries) {
        const units = Math.min(less, shipped.get(entry) ?? entry.quantity);
        if (units <= 0) continue;
        letGo(store, line, location, units, {isBack: entry.restock !== 'NO_RESTOCK'});
        shipped.set(entry, (shipped.get(entry) ?? entry.quantity) - units);
        less -= units;
      }
      if (less > 0) letGo(store, line, location, less, {isBack: isBackWithout(action, args)});
    }
  }
  return shipped;
}

/** Units that stop waiting without a refund that says what becomes of them. */
function isBackWithout(action, {restock = false}) {
  if (SHIPS.has(action)) return false;
  return action === 'cancel' || action === 'edit' ? restock : true;
}

/** Shipped units that a refund says came back. */
function takeBack(store, {lineItem, restock, location}, units) {
  if (units > 0 && location && (restock === 'RETURN' || restock === 'LEGACY_RESTOCK'))
    putBack(store, lineItem, location, units, 'byRefund', 'byArrival');
}

/** The refund and the arrival of a return may both say that a unit came back: it comes back once. */
function putBack(store, line, location, units, way, otherWay) {
  line.back ??= {byRefund: 0, byArrival: 0};
  const told = Math.max(0, Math.min(units, line.back[otherWay] - line.back[way]));
  line.back[way] += units;
  const level = levelOf(line, location);
  if (level) store.stock.move(level, 'available', units - told);
}
