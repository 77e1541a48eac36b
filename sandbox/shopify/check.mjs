// Do an order's figures agree? Reckoned from its lines, refunds and transactions another way than totals.mjs does it: what
// was sold less what left is what is there, to the last unit, in both currencies.

/** What is wrong with an order, as sentences; [] when all agrees. */
export function faultsOf(order) {
  const found = [];
  for (const column of [0, 1])
    checkMoney(order, column, message =>
      found.push(`${order.name}, ${column ? 'presentment' : 'shop'} money: ${message}`),
    );
  checkUnits(order, message => found.push(`${order.name}: ${message}`));
  return found;
}

const sum = (list, of) => list.reduce((result, entry) => result + of(entry), 0);

function checkMoney(order, c, say) {
  const {totals, refunds, transactions, lines} = order;
  const same = (what, is, wanted) => is === wanted || say(`${what} is ${is}, not ${wanted}`);
  const discount = entry => sum(entry.discounts, row => row.amount[c]);
  const tax = entry => sum(entry.taxLines, row => row.amount[c]);
  const gross = line => line.price[c] * line.quantity - discount(line);
  const staying = order.shippingLines.filter(line => !line.isRemoved);
  const goods = lines.filter(line => !line.tip);
  const onTop = amount => (order.taxesIncluded ? 0 : amount);

  const taxes = sum(lines, tax) + sum(staying, tax);
  const shipping = sum(staying, line => line.price[c] - discount(line));
  const extras = order.duties[c] + sum(order.fees, fee => fee.amount[c]);
  same('subtotal', totals.subtotal[c], sum(goods, gross));
  same('tax', totals.tax[c], taxes);
  same('discounts', totals.discounts[c], sum(lines, discount) + sum(staying, discount));
  same('total', totals.total[c], sum(lines, gross) + shipping + extras + onTop(taxes));

  const refundLines = refunds.flatMap(refund => refund.lines);
  const refundShipping = refunds.flatMap(refund => refund.shippingLines).filter(row => !row.shippingLine.isRemoved);
  const goneTax = sum(refundLines, row => row.tax[c]) + sum(refundShipping, row => row.tax[c]);
  const gone = sum(refundLines, row => row.subtotal[c]) + sum(refundShipping, row => row.amount[c]) + onTop(goneTax);
  if (!order.isEmpty) {
    same('current total', totals.currentTotal[c], totals.total[c] - gone);
    same('current tax', totals.currentTax[c], taxes - goneTax);
    same(
      'current subtotal',
      totals.currentSubtotal[c],
      totals.subtotal[c] -
        sum(
          refundLines.filter(row => !row.lineItem.tip),
          row => row.subtotal[c],
        ),
    );
    same('current shipping', totals.currentShipping[c], shipping - sum(refundShipping, row => row.amount[c]));
  } else same('current total', totals.currentTotal[c], 0);

  const paid = (kinds, states) =>
    sum(
      transactions.filter(row => kinds.includes(row.kind) && states.includes(row.status)),
      row => row.amount[c],
    );
  same('received', totals.received[c], paid(['SALE', 'CAPTURE'], ['SUCCESS']));
  same('refunded', totals.refunded[c], paid(['REFUND'], ['SUCCESS']));
  for (const refund of refunds) {
    const money = sum(refund.transactions, row => row.amount[c]);
    const worth =
      sum(refund.lines, row => row.subtotal[c] + onTop(row.tax[c])) +
      sum(refund.shippingLines, row => row.amount[c] + onTop(row.tax[c]));
    if (refund.isEdit) same('money of an edit', money, 0);
    else if (!refund.return) same('money of a refund', money, worth - refund.adjustment[c]);
    if (refund.transactions.some(row => row.refund !== refund || !transactions.includes(row)))
      say("a refund has a transaction that is not the order's");
  }
  if (c === 0 && totals.received[0] - paid(['REFUND'], ['SUCCESS', 'PENDING']) < 0)
    say('more was given back than was received');
  const adjusted = sum(refunds, refund => refund.adjustment[c]);
  if (!order.cancelledAt)
    same(
      'outstanding',
      totals.outstanding[c],
      totals.currentTotal[c] - totals.received[c] + totals.refunded[c] + adjusted,
    );
}

function checkUnits(order, say) {
  for (const [i, line] of order.lines.entries()) {
    const gone = sum(
      order.refunds.flatMap(refund => refund.lines).filter(row => row.lineItem === line),
      row => row.quantity,
    );
    const wanted = order.isEmpty ? 0 : line.quantity - gone;
    if (line.currentQuantity !== wanted) say(`line ${i} has ${line.currentQuantity} units, not ${wanted}`);
    if (line.currentQuantity < 0 || line.currentQuantity > line.quantity)
      say(`line ${i} has ${line.currentQuantity} of ${line.quantity} units`);
    const made = order.fulfillments.filter(entry => entry.status === 'SUCCESS').flatMap(entry => entry.lines);
    const shipped = sum(
      made.filter(row => row.lineItem === line),
      row => row.quantity,
    );
    const open = order.fulfillmentOrders.filter(fo => fo.status !== 'CLOSED').flatMap(fo => fo.lines);
    const waiting = sum(
      open.filter(row => row.lineItem === line),
      row => row.remaining,
    );
    if (shipped + waiting > line.quantity)
      say(`line ${i}: ${shipped} shipped and ${waiting} to ship of ${line.quantity}`);
  }
  for (const fo of order.fulfillmentOrders)
    for (const row of fo.lines)
      if (row.remaining < 0 || row.remaining > row.total)
        say(`fulfilment order ${fo.id}: ${row.remaining} of ${row.total} remain`);
  for (const entry of order.returns)
    for (const line of entry.lines)
      if (line.refunded > line.quantity) say(`${entry.name}: ${line.refunded} of ${line.quantity} refunded`);
}

// ---- stock -------------------------------------------------------------------------------------

/** What is wrong with a store's stock: what is committed is what waits to be shipped, and no more than it is held. */
export function stockFaultsOf(store) {
  const found = [];
  const held = new Map(); // level → units that lines say they hold
  for (const order of store.objects.values()) {
    if (order.__typename !== 'Order') continue;
    for (const line of order.lines)
      for (const [place, units] of Object.entries(line.held ?? {})) {
        const level = line.variant?.item.levels.get(place);
        if (!level) continue;
        held.set(level, (held.get(level) ?? 0) + units);
        const waiting = sum(order.fulfillmentOrders, fo =>
          fo.location.id === place && !['CLOSED', 'CANCELLED'].includes(fo.status)
            ? sum(fo.lines, entry => (entry.lineItem === line ? entry.remaining : 0))
            : 0,
        );
        if (units !== waiting)
          found.push(`${order.name}: ${line.sku} holds ${units} at ${place}, ${waiting} wait there`);
      }
  }
  for (const location of store.locations)
    for (const level of store.stock.levelsAt(location))
      if (level.committed !== (held.get(level) ?? 0))
        found.push(
          `${level.item.variant.sku} at ${location.name}: ${level.committed} committed, ${held.get(level) ?? 0} held`,
        );
  return found;
}
