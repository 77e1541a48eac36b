// Pieces of the property texts that several sets share.

/** An address block: `city T30` … with a prefix, as `shipToCity T30`. */
export const block = (prefix, names) =>
  names.map(([name, kind]) => `${prefix ? prefix + name[0].toUpperCase() + name.slice(1) : name} ${kind}`);

/** A text without some of its properties. */
export const without = (text, ...names) =>
  text
    .split('\n')
    .filter(line => !names.includes(line.trim().split(' ')[0]))
    .join('\n');
